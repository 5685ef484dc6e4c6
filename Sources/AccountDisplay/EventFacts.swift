package import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
package import TerminalKit

/// What is to be said of one event: of the log, or as operators see it in somebody's recent activity.
package struct EventFacts: Sendable {
    /// A group of fields under a heading.
    struct Group: Sendable {
        var title: String
        var fields: [(label: String, text: String?)]
    }

    package let sequence: Int
    /// What it says, with its moment as moments are shown now.
    let groups: @Sendable (Times) -> [Group]
    private static let labelColumns = 15

    package init(_ event: AuditEvent, _ viewer: Viewer) {
        @Sendable func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        sequence = event.sequence
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

    package init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        sequence = entry.sequence
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

    /// All of it; what only the program claims stands in a group that says so.
    package func lines(columns: Int, _ times: Times) -> [Line] {
        groups(times).enumerated().flatMap { place, group in
            (place == 0 ? [] : [Line.blank]) + [Line(group.title, .title)]
                + Line.facts(
                    group.fields.map { Line.Fact($0.label, $0.text ?? "-") }, labels: Self.labelColumns,
                    columns: columns - 2)
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
