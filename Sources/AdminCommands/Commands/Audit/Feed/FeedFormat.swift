internal import ArgumentParser
import ConvonetCore
internal import JSONText

/// How `audit follow` writes an event, each on a line of its own.
enum FeedFormat: String, CaseIterable, ExpressibleByArgument {
    /// As `audit export` does: enough to check the log without the database.
    case jsonl
    /// Open Cybersecurity Schema Framework 1.8.
    case ocsf
    /// A line of the syslog protocol (RFC 5424), with the event as JSON for its message.
    case rfc5424

    func line(_ event: AuditEvent, of log: LogIdentity) -> String {
        switch self {
        case .jsonl: event.json.text
        case .ocsf: OCSFEvent.object(event, of: log).text
        case .rfc5424: SyslogLine.text(event)
        }
    }
}
