import FoundationEssentials
public import JSONText
import OperatingSystem
import PostgresClient

extension AuditEvent {
    /// A field as it leaves the database.
    enum Exported: Equatable, Sendable {
        case number(Int?)
        case text(String?)
    }

    /// Every field under its column's name, in the order of docs/AUDIT.md.
    var exported: [(name: String, value: Exported)] {
        [
            ("format", .number(format)), ("sequence", .number(sequence)),
            ("event_id", .text(eventID.lowercaseText)),
            ("request_id", .text(requestID?.lowercaseText)), ("occurred_at", .text(occurredAt.rfc3339)),
            ("actor_kind", .text(actorKind)), ("action", .text(action)), ("outcome", .text(outcome)),
            ("rule", .text(rule)), ("account_id", .text(accountID?.lowercaseText)),
            ("account_email", .text(accountEmail)), ("account_username", .text(accountUsername)),
            ("operator", .text(operatorName)), ("db_user", .text(dbUser)), ("uid", .number(uid)),
            ("login_uid", .number(loginUID)), ("host", .text(host)), ("tty", .text(tty)),
            ("ssh_origin", .text(sshOrigin)), ("client_address", .text(clientAddress)), ("reason", .text(reason)),
            ("ticket", .text(ticket)), ("verified_by", .text(verifiedBy)), ("application", .text(application)),
            ("detail", .text(detail)), ("previous_hash", .text(previousHash.hexadecimal)),
            ("hash", .text(hash.hexadecimal)),
        ]
    }

    /// The event as a JSON object; with all the others it is enough to check the log without the database.
    public var json: JSONObject {
        var object = JSONObject()
        for (name, value) in exported {
            switch value {
            case .number(let number): object.add(name, number)
            case .text(let text): object.add(name, text)
            }
        }
        return object
    }
}
