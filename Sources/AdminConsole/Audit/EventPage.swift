import AccountDisplay
import ConsoleParts
import ConvonetCore
import FoundationEssentials
import TerminalKit

/// One event in full: of the log, or as operators see it in somebody's recent activity.
struct EventPage: Sendable {
    let sequence: Int
    /// What it says, with its moment as moments are shown now.
    let groups: @Sendable (Times) -> [EventFacts]
    /// The person whose history it was opened from.
    let account: Account?
    /// Whom it is about.
    let accountID: UUID?
    /// First line on the screen.
    var top = 0
    var openingKeys: [Key]?

    init(_ event: AuditEvent, of account: Account?, _ viewer: Viewer) {
        (sequence, self.account, accountID) = (event.sequence, account, event.accountID)
        groups = { EventFacts.groups(of: event, $0, viewer) }
    }

    init(_ entry: HistoryEntry, of account: Account, _ viewer: Viewer) {
        (sequence, self.account, accountID) = (entry.sequence, account, account.id)
        groups = { EventFacts.groups(of: entry, account, $0, viewer) }
    }
}
