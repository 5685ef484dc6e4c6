internal import ArgumentParser
import ConvonetCore
import FoundationEssentials
import Glibc

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Reads and verifies the log of changes.",
        discussion: "Example: \(Program.name) audit list --account anna@example.org --limit 10",
        subcommands: [List.self, Show.self, Verify.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists events, newest first.")

        @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number")) var limit = 50
        @Option(name: .long, help: "Only events of this account (e-mail address, username or id).") var account: String?
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit takes a number from 1.") }
        }

        func run() async throws {
            let session = try await common.session()
            let id = try await accountID(session)
            var remaining = limit
            var last: Int?
            while remaining > 0 {
                let events = try await session.audit.newest(before: last, account: id, limit: min(remaining, 1000))
                if events.isEmpty { break }
                for event in events {
                    if common.json {
                        try Output.data(JSONForms.event(event).text)
                    } else {
                        try Output.line(TextForms.eventLine(event))
                    }
                }
                remaining -= events.count
                last = events.last?.sequence
            }
            if last == nil, !common.json { Output.say("The log has no such events.") }
        }

        /// An id is taken as it is: the account may be gone from the table, and its events are not.
        private func accountID(_ session: AdminSession) async throws -> UUID? {
            guard let account else { return nil }
            if let id = UUID(uuidString: account) { return id }
            return try await session.accounts.find(account).id
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one event in full.")

        @Argument(help: "The receipt number, or the event's id.") var event: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let reference: AuditLog.Reference
            if let number = Int(event) {
                reference = .sequence(number)
            } else if let id = UUID(uuidString: event) {
                reference = .id(id)
            } else {
                throw CommandFailure(.usage, "An event is named by its receipt number or its id.")
            }
            guard let found = try await common.session().audit.event(reference) else {
                throw CommandFailure(.refused, "The log has no event \(event). See “\(Program.name) audit list”.")
            }
            if common.json {
                try Output.data(JSONForms.event(found).text)
            } else {
                try Output.data(TextForms.event(found))
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes the log's chain and says where it breaks first.",
            discussion: """
                Finds edited, missing, renumbered and replaced events and a wrong head. A chain without a key cannot \
                show that everything was rewritten, or that its end was cut off and the head set back.
                """)

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let showsProgress = isatty(STDERR_FILENO) == 1 && !common.json
            let found = try await common.session().audit.verify { count in
                if showsProgress, count >= 50_000, count % 50_000 < 5000 { Output.say("\(count) events…") }
            }
            if common.json {
                try Output.data(JSONForms.verification(found).text)
            } else if let problem = found.problem {
                try Output.line("The log is BROKEN at event \(problem.sequence): \(problem.text).")
            } else {
                try Output.line("The log holds together: \(found.events) events, head \(found.head.hexadecimal).")
            }
            if found.problem != nil { throw CommandFailure.silent(.refused) }
        }
    }
}
