import ConvonetCore
internal import JSONText
import OperatingSystem

/// An event as a line of the syslog protocol (RFC 5424).
enum SyslogLine {
    /// Security and authorization messages (10, table 1).
    private static let facility = 10

    static func text(_ event: AuditEvent) -> String {
        // Error, warning, notice (table 2). What went past the functions is no everyday thing.
        let isNotable = event.outcome != "done" || event.action.hasPrefix("direct_")
        let severity = event.outcome == "failed" ? 3 : isNotable ? 4 : 5
        // The largest that meta's sequenceId can have (7.3.1), after which it begins again.
        let number = (event.sequence - 1) % 2_147_483_647 + 1
        // HOSTNAME and PROCID are not known of whoever acted: the database server says neither.
        return
            "<\(facility * 8 + severity)>1 \(event.occurredAt.rfc3339) - \(Program.name) - \(event.action.prefix(32)) "
            + "[meta sequenceId=\"\(number)\"][origin software=\"\(Program.name)\" swVersion=\"\(Program.version)\"] "
            + event.json.text
    }
}
