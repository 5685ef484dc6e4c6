internal import ArgumentParser
import ConvonetCore

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export events, oldest first, as JSON Lines or CSV.",
        discussion: """
            JSON Lines hold everything needed to verify the log (see docs/AUDIT.md). In CSV every field is quoted, and a \
            field that a spreadsheet would run as a formula starts with an apostrophe. For Excel, add --bom.

            Example: \(Program.name) audit export --format csv --since 2026-01-01 --output log.csv
            """)

    @Option(name: .long, help: ArgumentHelp("Output format: jsonl or csv.", valueName: "format")) var format =
        AuditExport.Format.jsonl
    @Option(
        name: .long,
        help: ArgumentHelp(
            "New file to write, readable by you only; - or none: standard output.", valueName: "file"),
        completion: .file())
    var output: String?
    @Flag(name: .long, help: "Start CSV with a byte order mark, for Excel.") var bom = false
    @OptionGroup var selecting: AuditSelectionOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if common.json, format == .csv { throw ValidationError("Use either --json or --format csv.") }
        if bom, format != .csv { throw ValidationError("--bom needs --format csv.") }
    }

    func run() async throws {
        let session = try await common.session()
        let selection = try await selecting.selection(session)
        // Before a file is made that would stay empty.
        _ = try await session.audit.head()
        let sink = try DataSink(path: output)
        let summary = try await AuditExport(format: format, selection: selection, hasByteOrderMark: bom)
            .write(session.audit, to: sink)
        if let output, sink.isFile { Output.say("\(summary.events) events written to \(output).") }
    }
}
