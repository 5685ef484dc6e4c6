internal import ArgumentParser
import ConvonetCore

struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes events, oldest first, as JSON Lines or CSV.",
        discussion: """
            JSON Lines carry everything that a check of the log needs; docs/AUDIT.md says how. In CSV every field is in \
            quotes, and one that a spreadsheet would take for a formula gets an apostrophe in front. Excel needs --bom to \
            read letters beyond ASCII.

            Example: \(Program.name) audit export --format csv --since 2026-01-01 --output log.csv
            """)

    @Option(name: .long, help: ArgumentHelp("jsonl or csv.", valueName: "format")) var format = AuditExport.Format.jsonl
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A new file, for you alone to read; without it, or with -, standard output.", valueName: "file"),
        completion: .file())
    var output: String?
    @Flag(name: .long, help: "Begin CSV with a byte order mark, for Excel.") var bom = false
    @OptionGroup var selecting: AuditSelectionOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if common.json, format == .csv { throw ValidationError("--json and --format csv exclude each other.") }
        if bom, format != .csv { throw ValidationError("--bom goes with --format csv.") }
    }

    func run() async throws {
        let session = try await common.session()
        let selection = try await selecting.selection(session)
        // Before a file is made that would stay empty.
        _ = try await session.audit.head()
        let sink = try DataSink(path: output)
        let summary = try await AuditExport(format: format, selection: selection, hasByteOrderMark: bom)
            .write(session.audit, to: sink)
        if let output, sink.isFile { Output.say("\(summary.events) events were written to \(output).") }
    }
}
