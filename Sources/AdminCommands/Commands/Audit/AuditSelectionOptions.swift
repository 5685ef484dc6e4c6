internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient

/// Which events of the log are wanted, as `audit list` and `audit export` take it.
struct AuditSelectionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Only this account, by e-mail address, username or id.", valueName: "account"))
    var account: String?
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("Only this operator, by database user or claimed system user.", valueName: "name"))
    var operatorName: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Only this action, such as reset_password or issue_voice_pin.", valueName: "action"))
    var action: String?
    @Option(
        name: .long, help: ArgumentHelp("Only this outcome: done, refused, conflict or failed.", valueName: "outcome"))
    var outcome: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "From this time on: 2026-01-31, 2026-01-31T09:30:00Z, or 7d, 24h, 30m ago.",
            valueName: "time"))
    var since: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Until this time, in the same forms; a date includes that day.", valueName: "time"))
    var until: String?
    @Option(name: .long, help: ArgumentHelp("Only this ticket.", valueName: "id")) var ticket: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only events with all of these words in account, ticket, reason or operator, or with this receipt number.",
            valueName: "text"))
    var search: String?
    @Flag(name: .long, help: "Only changes made on somebody's word: the caller had not proven who they are.")
    var unproven = false

    private static let outcomes = ["done", "refused", "conflict", "failed"]

    func validate() throws {
        if let search, AuditSelection(text: search).words.isEmpty {
            throw ValidationError("--search needs at least one word to search for.")
        }
        if let outcome, !Self.outcomes.contains(outcome) {
            throw ValidationError("--outcome must be done, refused, conflict or failed.")
        }
        if let action, !ActionName.known.contains(where: { $0.0 == action }) {
            throw ValidationError("--action must be one of \(ActionName.known.map(\.0).joined(separator: ", ")).")
        }
        for (name, text) in [("--since", since), ("--until", until)] {
            if let text, MomentText(parsing: text) == nil { throw ValidationError(MomentText.complaint(name)) }
        }
    }

    /// The selection; an account is looked for among those that are there, and else by the name that the log holds.
    func selection(_ session: AdminSession) async throws -> AuditSelection {
        AuditSelection(
            account: try await subject(session), operatorName: operatorName, action: action, outcome: outcome,
            since: since.flatMap { MomentText(parsing: $0)?.beginning(now: session.clock.now) },
            until: until.flatMap { MomentText(parsing: $0)?.end(now: session.clock.now) }, ticket: ticket,
            isUnproven: unproven, text: search ?? "")
    }

    private func subject(_ session: AdminSession) async throws -> AuditSelection.Subject? {
        guard let account else { return nil }
        if let id = UUID(uuidString: account) { return .id(id) }
        do {
            return .id(try await session.accounts.find(account).id)
        } catch AdminError.accountUnknown {
            return .name(account)
        }
    }
}
