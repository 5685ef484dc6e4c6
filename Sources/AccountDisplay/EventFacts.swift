package import ConvonetCore
import FoundationEssentials
import OperatingSystem
import PostgresClient
internal import SSHAccess
package import TerminalKit

/// What is shown of one event, in groups by who says so; docs/AUDIT.md has that for each field.
package struct EventFacts: Sendable {
    package typealias Field = (label: String, text: String?)

    /// What stands above the group.
    package var title: String
    package var fields: [Field]

    /// An event of the log.
    package static func groups(of event: AuditEvent, _ times: Times, _ viewer: Viewer) -> [EventFacts] {
        func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        let account: [Field] = [
            ("Account", event.accountEmail), ("Username", event.accountUsername), ("Account id", id(event.accountID)),
        ]
        let rest: [Field] = [
            ("Done by", ActorKind.words(event.actorKind)), ("Database user", viewer.name(event.dbUser)),
            ("Client address", event.clientAddress ?? "none: a Unix socket"), ("Event id", id(event.eventID)),
            ("Hash", event.hash.hexadecimal), ("Previous hash", event.previousHash.hexadecimal),
        ]
        let origin = event.sshOrigin.map(SSHOrigin.init(claim:))
        let keys: [Field] = origin?.signIn?.fields.map { ($0, $1) } ?? []
        let claims: [Field] = [
            ("Reason", event.reason), ("Ticket", event.ticket), ("Verified by", event.verifiedBy),
            ("System user", event.operatorName), ("uid", event.uid.map(String.init)),
            ("Login uid", event.loginUID.map(String.init)), ("Host", event.host), ("tty", event.tty),
            ("SSH", origin?.place),
        ]
        let about: [Field] = [
            ("Program", event.application), ("Request id", id(event.requestID)),
            ("Detail", event.detail),
        ]
        let result = (event.action, event.outcome, event.rule)
        return [
            seen(event.sequence, event.occurredAt, result, account + known("Caller", event.callerWords) + rest, times),
            EventFacts(title: claimed, fields: claims + keys + about),
        ]
    }

    /// A line of somebody's recent activity.
    package static func groups(of entry: HistoryEntry, _ account: Account, _ times: Times, _ viewer: Viewer)
        -> [EventFacts]
    {
        let who: [Field] = [("Account", account.email), ("By", viewer.words(entry.actor))]
        let result = (entry.action, entry.outcome, entry.rule)
        let undone = known("Takes back", entry.takesBack.map { "receipt \($0)" })
        return [
            seen(entry.sequence, entry.occurredAt, result, undone + who, times),
            EventFacts(title: claimed, fields: [("Reason", entry.reason), ("Ticket", entry.ticket)]),
        ]
    }

    private static let claimed = "Claimed by the program"

    /// A field that is there only where it says something.
    private static func known(_ label: String, _ text: String?) -> [Field] { text.map { [(label, $0)] } ?? [] }

    private static func seen(
        _ sequence: Int, _ moment: Timestamp, _ result: (action: String, outcome: String, rule: String?),
        _ more: [Field],
        _ times: Times
    ) -> EventFacts {
        let ago = times.display == .relative ? " (\(Age.shortAgo(moment, now: times.now)))" : ""
        let first: [Field] = [
            ("Receipt", String(sequence)), ("When", times.second(moment) + ago),
            ("What", ActionName.words(result.action)), ("Outcome", result.outcome),
        ]
        let rule = known("Rule", result.rule.map { "\(RuleName.words($0)) (\($0))" })
        return EventFacts(title: "Seen by the server", fields: first + rule + more)
    }
}
