public import ConvonetCore
public import FoundationEssentials

/// What the console wants done outside of itself; plain data, so that tests can compare it.
public enum Effect: Equatable, Sendable {
    /// Fetch a window of the list; a fetch that is still running is cancelled, on the server too.
    case loadPage(request: Int, AccountSelection, from: PageOrigin, limit: Int)
    /// Find out how many accounts there are.
    case countAccounts
    /// Fetch one account as it is now.
    case loadAccount(request: Int, UUID)
    /// Fetch an account as it is now, its teams and what was done to it; the answers are those three.
    case loadPerson(request: Int, UUID)
    /// Find out what this operator submitted in the last minutes.
    case loadOwnChanges(minutes: Int)
    /// Fetch events of the log, newest first, those before a place in it, perhaps of one account only.
    case loadEvents(request: Int, account: UUID?, before: Int?, limit: Int)
    /// Carry a change out. Once it runs nothing cancels it.
    case change(request: Int, Account, CredentialChange.Action, ChangeContext)
    /// Send an identifier to the terminal's clipboard.
    case copy(String)
    /// Drop the keys that arrived before the next paint.
    case discardTypeAhead
    /// Paint everything again.
    case redraw
    /// Stop the process until the shell continues it.
    case suspend
    /// End the console.
    case quit
}

/// Where a window of the list begins or ends.
public enum PageOrigin: Equatable, Sendable {
    /// After this account; nil is the beginning.
    case after(Account?)
    /// At this account and after it.
    case from(Account)
    /// Before this account; nil is the end.
    case before(Account?)
}

/// How many accounts there are in all.
public struct Total: Equatable, Sendable {
    /// The number.
    public var count: Int
    /// Whether it was counted; else it is the server's estimate.
    public var isExact: Bool

    /// A total.
    public init(count: Int, isExact: Bool) {
        self.count = count
        self.isExact = isExact
    }
}

/// What came of an effect. Each carries the number of its request, so that a stale one can be dropped.
public enum Answer: Sendable {
    /// A window of the list.
    case page(request: Int, Result<AccountDirectory.Page, AdminError>)
    /// How many accounts there are.
    case count(Result<Total, AdminError>)
    /// One account, or nil where it is gone.
    case account(request: Int, Result<Account?, AdminError>)
    /// What was done to an account, newest first.
    case history(request: Int, Result<[HistoryEntry], AdminError>)
    /// The teams of an account.
    case teams(request: Int, Result<[TeamMembership], AdminError>)
    /// What this operator submitted lately, newest first.
    case ownChanges(Result<[RecentChange], AdminError>)
    /// Events of the log, newest first.
    case events(request: Int, Result<[AuditEvent], AdminError>)
    /// How a change ended.
    case changed(request: Int, Result<CredentialResult, AdminError>)
}
