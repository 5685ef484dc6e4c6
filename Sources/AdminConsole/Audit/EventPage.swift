import ConvonetCore

/// One event of the log in full.
struct EventPage: Equatable, Sendable {
    var event: AuditEvent
    /// The person whose history it was opened from.
    var account: Account?
    /// First line on the screen.
    var top = 0
}
