import FoundationEssentials
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

/// The log as comma-separated values (RFC 4180), for reading in a spreadsheet.
public enum AuditCSV {
    /// The names of the columns, with the line's end.
    public static let header = columns.joined(separator: ",") + lineEnd

    /// One event, with the line's end.
    public static func record(_ event: AuditEvent) -> String {
        event.exported.map { _, value in
            switch value {
            case .number(let number): number.map(String.init) ?? ""
            case .text(let text): text.map(field) ?? ""
            }
        }.joined(separator: ",") + lineEnd
    }

    private static let lineEnd = "\r\n"

    private static let columns = AuditEvent.columns.sql.split(separator: ",").map {
        String($0.drop { $0 == " " })
    }

    /// What a spreadsheet would take for a formula gets an apostrophe in front; see OWASP's page on CSV injection.
    static func field(_ text: String) -> String {
        let isFormula = text.utf8.first.map { "=+-@\t\r\n".utf8.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        // A semicolon and a tab separate fields where the spreadsheet is set up so.
        guard safe.utf8.contains(where: { ",;\"\t\r\n".utf8.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
