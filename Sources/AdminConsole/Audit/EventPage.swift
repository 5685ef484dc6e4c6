import AccountDisplay
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

/// One event in full: of the log, or as operators see it in somebody's recent activity.
struct EventPage: Sendable {
    /// A group of fields under a heading.
    struct Group: Sendable {
        var title: String
        var fields: [(label: String, text: String?)]
    }

    let sequence: Int
    /// What it says, with its moment as moments are shown now.
    let groups: @Sendable (Times) -> [Group]
    /// The person whose history it was opened from.
    let account: Account?
    /// First line on the screen.
    var top = 0

    init(_ event: AuditEvent, of account: Account?, _ viewer: Viewer) {
        @Sendable func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        sequence = event.sequence
        self.account = account
        groups = { times in
            [
                Self.seen(
                    event.sequence, times.event(event.occurredAt), event.action, event.outcome, event.rule,
                    [
                        ("E-mail", event.accountEmail), ("Username", event.accountUsername),
                        ("Account id", id(event.accountID)),
                        ("Caller", event.callerWords), ("Database user", viewer.name(event.dbUser)),
                        ("Client address", event.clientAddress),
                    ]),
                Group(
                    title: "Given by the operator",
                    fields: [("Reason", event.reason), ("Ticket", event.ticket), ("Verified by", event.verifiedBy)]),
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
    }

    init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        sequence = entry.sequence
        self.account = account
        groups = { times in
            [
                Self.seen(
                    entry.sequence, times.event(entry.occurredAt), entry.action, entry.outcome, entry.rule,
                    [
                        ("Takes back", entry.takesBack.map { "receipt \($0)" }), ("Account", account.email),
                        ("By", viewer.words(entry.actor)),
                    ]),
                Group(title: "Given by the operator", fields: [("Reason", entry.reason), ("Ticket", entry.ticket)]),
            ]
        }
    }

    private static func seen(
        _ sequence: Int, _ moment: String, _ action: String, _ outcome: String, _ rule: String?,
        _ more: [(label: String, text: String?)]
    ) -> Group {
        Group(
            title: "Seen by the server",
            fields: [
                ("Receipt", String(sequence)), ("When", moment), ("What", ActionName.words(action)),
                ("Outcome", outcome), ("Rule", rule.map { "\(RuleName.words($0)) (\($0))" }),
            ] + more)
    }
}

extension Times {
    /// For one event alone: `2026-01-31 10:30:07 (3 d ago)`, or without its age.
    fileprivate func event(_ moment: Timestamp) -> String {
        second(moment) + (display == .relative ? " (\(Age.shortAgo(moment, now: now)))" : "")
    }
}
