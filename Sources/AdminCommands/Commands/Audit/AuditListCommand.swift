internal import ArgumentParser
import ConvonetCore
internal import JSONText

struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List events, newest first.",
        discussion: "Example: \(Program.name) audit list --operator anna --outcome refused --since 7d")

    @Option(name: .long, help: ArgumentHelp("Maximum number of results.", valueName: "number")) var limit = 50
    @OptionGroup var selecting: AuditSelectionOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    }

    func run() async throws {
        let session = try await common.session()
        let selection = try await selecting.selection(session)
        var remaining = limit
        var last: Int?
        while remaining > 0 {
            let events = try await session.audit.newest(before: last, matching: selection, limit: min(remaining, 1000))
            if events.isEmpty { break }
            for event in events {
                if common.json {
                    try Output.data(event.json.text)
                } else {
                    try Output.line(TextForms.eventLine(event))
                }
            }
            remaining -= events.count
            last = events.last?.sequence
        }
        if last == nil, !common.json { Output.say("No matching events.") }
    }
}
