import ConvonetCore
import ConvonetDatabase
import PostgresClient
import ProgramStart
import SchemaMaintenance
import TerminalKit

/// Builds and drops the search index, with questions and progress.
struct SearchIndexMigration {
    let index: SearchIndex
    let label: EnvironmentLabel?
    let yes: Bool
    let print: Bool
    let json: Bool

    /// Tells how it ended: an outcome for programs, words for people.
    typealias Report = (_ outcome: String, _ words: String) throws(CommandFailure) -> Void

    func build(_ report: Report) async throws {
        let plan = try await index.plan()
        if print { return try Output.data(plan.statements.joined(separator: "\n")) }
        guard !plan.isEmpty else {
            return try report("nothing to do", "Nothing to do: the search index is up to date.")
        }
        Output.say(plan.summary.map { "- \($0)" }.joined(separator: "\n"))
        try Confirmation.ask("Continue?", in: label, yes: yes)
        let line = ProgressLine("Building", unit: "pages", isWanted: !json)
        defer { line.clear() }
        do {
            let index = index
            try await Interruption.cancelling {
                try await index.build { pass, done, total in line.show(done, of: total, pass: pass) }
            }
        } catch let interrupted as Interrupted {
            guard case AdminError.database(.cancelled) = interrupted.underlying else { throw interrupted.underlying }
            line.clear()
            Output.say("Interrupted. The unfinished index was dropped; run this again at any time.")
            throw CommandFailure.ended(by: interrupted.signal)
        }
        line.clear()
        try report("done", "Done. Consoles use the index after their next start.")
    }

    func drop(_ report: Report) async throws {
        if print { return try Output.data(try await index.droppingStatement()) }
        Output.say("- Drop the search index; searches then read the whole table.")
        try Confirmation.ask("Continue?", in: label, yes: yes)
        let wasThere = try await index.drop()
        try report(wasThere ? "done" : "nothing to do", wasThere ? "Done." : "Nothing to do: there is no search index.")
    }
}
