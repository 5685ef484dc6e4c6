internal import ArgumentParser
internal import AuditStatistics
import ConvonetCore
internal import ConvonetDatabase
internal import JSONText
import OperatingSystem

extension AuditGrouping: ExpressibleByArgument {}

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count the log's events by what was done, operator, hour, rule or method.",
        discussion: """
            On a terminal with bars: what was done, and lighter what was not. Without --since, the last 30 days.

            Example: \(Program.name) stats --by operator --since 7d
            """)

    @Option(name: .long, help: ArgumentHelp("Count by action, operator, hour, rule or method.", valueName: "group"))
    var by = AuditGrouping.action
    @OptionGroup var selecting: AuditSelectionOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try common.settings()
        let session = try await common.session(by: settings)
        var selection = try await selecting.selection(session)
        let since =
            selection.since ?? MomentText.ago(microseconds: 30 * 86_400_000_000).beginning(now: session.clock.now)
        selection.since = since
        let tallies = try await session.audit.tallies(of: selection, by: by)
        if common.json {
            for tally in tallies { try Output.data(tally.json(by: by, format: JSONForms.format).text) }
            return
        }
        let count = tallies.reduce(0) { $0 + $1.events }
        if count > 0 {
            try Output.data(
                TallyTable(terminalColumns: TerminalWidth.ofStandardOutput, lines: settings.lines).text(tallies, by: by)
            )
        }
        Output.say("\(count) event\(count == 1 ? "" : "s") since \(since.localText).")
    }
}
