import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient

/// One event in full: of the log, or as operators see it in somebody's recent activity.
struct EventPage: Sendable {
    /// A group of fields under a heading.
    struct Group: Sendable {
        var title: String
        var fields: [(label: String, text: String?)]
    }

    let sequence: Int
    let groups: [Group]
    /// The person whose history it was opened from.
    let account: Account?
    /// First line on the screen.
    var top = 0

    private static func seen(
        _ sequence: Int, _ moment: Timestamp, _ action: String, _ outcome: String, _ rule: String?,
        _ more: [(label: String, text: String?)]
    ) -> Group {
        Group(
            title: "Seen by the server",
            fields: [
                ("Receipt", String(sequence)), ("When", moment.localText), ("What", ActionName.words(action)),
                ("Outcome", outcome), ("Rule", rule.map { "\(RuleName.words($0)) (\($0))" }),
            ] + more)
    }

    init(_ event: AuditEvent, of account: Account?, _ viewer: Viewer) {
        func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        sequence = event.sequence
        self.account = account
        groups = [
            Self.seen(
                event.sequence, event.occurredAt, event.action, event.outcome, event.rule,
                [
                    ("E-mail", event.accountEmail), ("Username", event.accountUsername),
                    ("Account id", id(event.accountID)),
                    ("Database user", viewer.name(event.dbUser)), ("Client address", event.clientAddress),
                ]),
            Group(
                title: "Given by the operator",
                fields: [
                    ("Reason", event.reason), ("Ticket", event.ticket), ("Verified by", event.verifiedBy),
                ]),
            Group(
                title: "Claimed by the program",
                fields: [
                    ("System user", event.operatorName), ("uid", event.uid.map(String.init)),
                    ("Login uid", event.loginUID.map(String.init)), ("Host", event.host), ("tty", event.tty),
                    ("SSH", event.sshOrigin), ("Program", event.application),
                ]),
            Group(
                title: "In the log",
                fields: [
                    ("Detail", event.detail), ("Event id", id(event.eventID)), ("Request id", id(event.requestID)),
                    ("Hash", event.hash.hexadecimal), ("Previous hash", event.previousHash.hexadecimal),
                ]),
        ]
    }

    init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        sequence = entry.sequence
        self.account = account
        groups = [
            Self.seen(
                entry.sequence, entry.occurredAt, entry.action, entry.outcome, entry.rule,
                [("Account", account.email), ("By", viewer.words(entry.actor))]),
            Group(title: "Given by the operator", fields: [("Reason", entry.reason), ("Ticket", entry.ticket)]),
        ]
    }
}
