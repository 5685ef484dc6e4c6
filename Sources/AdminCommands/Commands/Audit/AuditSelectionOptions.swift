internal import ArgumentParser
import ConvonetCore
import FoundationEssentials
import PostgresClient

/// Which events of the log are wanted, as `audit list` and `audit export` take it.
struct AuditSelectionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Only about this account: e-mail address, username or id.", valueName: "account"))
    var account: String?
    @Option(
        name: .customLong("operator"),
        help: ArgumentHelp("Only by this one: the database user, or the system user claimed.", valueName: "name"))
    var operatorName: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Only this, such as reset_password, issue_voice_pin, set_policy.", valueName: "action"))
    var action: String?
    @Option(name: .long, help: ArgumentHelp("Only done, refused, conflict or failed.", valueName: "outcome"))
    var outcome: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "From then on: 2026-01-31, 2026-01-31T09:30:00Z, or 7d, 24h, 30m ago by the server's clock.",
            valueName: "time"))
    var since: String?
    @Option(
        name: .long, help: ArgumentHelp("Before then, written alike; a date is meant with its day.", valueName: "time"))
    var until: String?
    @Option(name: .long, help: ArgumentHelp("Only with this ticket.", valueName: "id")) var ticket: String?

    private static let outcomes = ["done", "refused", "conflict", "failed"]

    func validate() throws {
        if let outcome, !Self.outcomes.contains(outcome) {
            throw ValidationError("--outcome takes done, refused, conflict or failed.")
        }
        if let action, !ActionName.known.contains(where: { $0.0 == action }) {
            throw ValidationError("--action takes one of \(ActionName.known.map(\.0).joined(separator: ", ")).")
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
            until: until.flatMap { MomentText(parsing: $0)?.end(now: session.clock.now) }, ticket: ticket)
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
