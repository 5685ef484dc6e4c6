import ConvonetCore
import FoundationEssentials
import PostgresClient

/// One event in full: of the log, or as operators see it in somebody's recent activity.
struct EventPage: Equatable, Sendable {
    /// A group of fields under a heading.
    struct Group: Equatable, Sendable {
        var title: String
        var fields: [(label: String, text: String?)]

        static func == (one: Group, other: Group) -> Bool {
            one.title == other.title && one.fields.elementsEqual(other.fields, by: ==)
        }
    }

    let sequence: Int
    let groups: [Group]
    /// The person whose history it was opened from.
    let account: Account?
    /// First line on the screen.
    var top = 0

    init(_ event: AuditEvent, of account: Account?) {
        func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        sequence = event.sequence
        self.account = account
        groups = [
            Group(
                title: "Seen by the server",
                fields: [
                    ("Receipt", String(event.sequence)), ("When", event.occurredAt.localText),
                    ("What", ActionName.words(event.action)), ("Outcome", event.outcome),
                    ("Rule", event.rule.map { "\(RuleName.words($0)) (\($0))" }),
                    ("E-mail", event.accountEmail), ("Username", event.accountUsername),
                    ("Account id", id(event.accountID)),
                    ("Database user", event.dbUser), ("Client address", event.clientAddress),
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

    init(_ entry: HistoryEntry, of account: Account) {
        sequence = entry.sequence
        self.account = account
        groups = [
            Group(
                title: "Seen by the server",
                fields: [
                    ("Receipt", String(entry.sequence)), ("When", entry.occurredAt.localText),
                    ("What", ActionName.words(entry.action)), ("Outcome", entry.outcome),
                    ("Rule", entry.rule.map { "\(RuleName.words($0)) (\($0))" }),
                    ("Account", account.email), ("By", entry.operatorName),
                ]),
            Group(title: "Given by the operator", fields: [("Reason", entry.reason), ("Ticket", entry.ticket)]),
        ]
    }
}
