import AccountDisplay
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

/// One event in full: of the log, or as operators see it in somebody's recent activity.
struct EventPage: Sendable {
    typealias Field = (label: String, text: String?)

    /// A group of fields under a heading.
    struct Group: Sendable {
        var title: String
        var fields: [Field]
    }

    let sequence: Int
    /// What it says, with its moment as moments are shown now.
    let groups: @Sendable (Times) -> [Group]
    /// The person whose history it was opened from.
    let account: Account?
    /// Whom it is about.
    let accountID: UUID?
    /// First line on the screen.
    var top = 0
    var openingKeys: [Key]?

    /// In two groups, by who says so: docs/AUDIT.md has it for each field.
    init(_ event: AuditEvent, of account: Account?, _ viewer: Viewer) {
        @Sendable func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        sequence = event.sequence
        self.account = account
        accountID = event.accountID
        groups = { times in
            let account: [Field] = [
                ("Account", event.accountEmail), ("Username", event.accountUsername),
                ("Account id", id(event.accountID)),
            ]
            let rest: [Field] = [
                ("Done by", ActorKind.words(event.actorKind)), ("Database user", viewer.name(event.dbUser)),
                ("Client address", event.clientAddress ?? "none: a Unix socket"), ("Event id", id(event.eventID)),
                ("Hash", event.hash.hexadecimal), ("Previous hash", event.previousHash.hexadecimal),
            ]
            let claims: [Field] = [
                ("Reason", event.reason), ("Ticket", event.ticket), ("Verified by", event.verifiedBy),
                ("System user", event.operatorName), ("uid", event.uid.map(String.init)),
                ("Login uid", event.loginUID.map(String.init)), ("Host", event.host), ("tty", event.tty),
                ("SSH", event.sshOrigin), ("Program", event.application), ("Request id", id(event.requestID)),
                ("Detail", event.detail),
            ]
            return [
                Self.seen(
                    event.sequence, times.event(event.occurredAt), event.action, event.outcome, event.rule,
                    account + Self.known("Caller", event.callerWords) + rest),
                Group(title: Self.claimed, fields: claims),
            ]
        }
    }

    init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        sequence = entry.sequence
        self.account = account
        accountID = account.id
        let who: [Field] = [("Account", account.email), ("By", viewer.words(entry.actor))]
        groups = { times in
            [
                Self.seen(
                    entry.sequence, times.event(entry.occurredAt), entry.action, entry.outcome, entry.rule,
                    Self.known("Takes back", entry.takesBack.map { "receipt \($0)" }) + who),
                Group(title: Self.claimed, fields: [("Reason", entry.reason), ("Ticket", entry.ticket)]),
            ]
        }
    }

    private static let claimed = "Claimed by the program"

    /// A field that is there only where it says something.
    private static func known(_ label: String, _ text: String?) -> [Field] {
        text.map { [(label, $0)] } ?? []
    }

    private static func seen(
        _ sequence: Int, _ moment: String, _ action: String, _ outcome: String, _ rule: String?,
        _ more: [Field]
    ) -> Group {
        let first: [Field] = [
            ("Receipt", String(sequence)), ("When", moment), ("What", ActionName.words(action)), ("Outcome", outcome),
        ]
        return Group(
            title: "Seen by the server",
            fields: first + known("Rule", rule.map { "\(RuleName.words($0)) (\($0))" }) + more)
    }
}

extension Times {
    /// For one event alone: `2026-01-31 10:30:07 (3 d ago)`, or without its age.
    fileprivate func event(_ moment: Timestamp) -> String {
        second(moment) + (display == .relative ? " (\(Age.shortAgo(moment, now: now)))" : "")
    }
}
