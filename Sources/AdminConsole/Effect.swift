public import ConvonetCore
public import FoundationEssentials
public import TerminalKit

/// What the console wants done outside of itself; plain data, so that tests can compare it.
public enum Effect: Equatable, Sendable {
    /// Read a window of the list; a read that is still running is cancelled, on the server too.
    case loadPage(request: Int, AccountSelection, from: ListOrigin<Account>, limit: Int)
    /// Find out how many accounts there are; likewise. `isUnfiltered`: beside another count, how many there would be without
    /// filters.
    case countAccounts(request: Int, AccountSelection, isUnfiltered: Bool)
    /// Fetch one account as it is now.
    case loadAccount(request: Int, UUID)
    /// Fetch an account as it is now, with all that its page shows and the policy; that of a preview takes the place of one
    /// for a preview that is still running.
    case loadPerson(request: Int, UUID, isPreview: Bool)
    /// Find out the teams of these people.
    case loadTeams(request: Int, [UUID])
    /// Find out what this operator submitted in the last minutes.
    case loadOwnChanges(minutes: Int)
    /// Find out what waits for a second person.
    case loadPending(request: Int)
    /// Read a window of the requests for a second person, newest first; `all`: those that are over too.
    case loadApprovals(request: Int, all: Bool, from: ListOrigin<ApprovalRequest>, limit: Int)
    /// Find out how many there are; likewise.
    case countApprovals(request: Int, all: Bool)
    /// Approve or deny one. Once it runs nothing cancels it.
    case decide(request: Int, ApprovalRequest, ApprovalDesk.Decision, reason: String?)
    /// Read a window of the log, newest first; a read of the log that is still running is cancelled.
    case loadEvents(request: Int, AuditSelection, from: ListOrigin<AuditEvent>, limit: Int)
    /// Find out how many events there are; likewise.
    case countEvents(request: Int, AuditSelection)
    /// Recompute the log's chain.
    case verifyLog(request: Int)
    /// End that.
    case stopVerifying
    /// Find out whether the policy takes a ticket.
    case checkTicket(String)
    /// Carry a change out. Once it runs nothing cancels it.
    case change(request: Int, Account, AccountChange.Action, ChangeContext)
    /// Send an identifier to the terminal's clipboard.
    case copy(String)
    /// Keep which columns of the list are shown, for the next time.
    case keepColumns([String])
    /// Say when what is painted next has been shown by the terminal, however far away that is.
    case awaitPaint
    /// Paint everything again.
    case redraw
    /// Stop the process until the shell continues it.
    case suspend
    /// End the console.
    case quit
    /// End the console, as the signal with this number asked for.
    case end(signal: Int32)
}

/// What came of an effect. Each carries the number of its request, so that a stale one can be dropped.
public enum Answer: Sendable {
    /// A window of the list.
    case page(request: Int, Result<ListPage<Account>, AdminError>)
    /// How many accounts there are.
    case accountCount(request: Int, Result<ListCount, AdminError>)
    /// One account, or nil where it is gone.
    case account(request: Int, Result<Account?, AdminError>)
    /// An account with all that its page shows, and the policy as it is now.
    case person(request: Int, AccountDossier)
    /// The teams of people in the list.
    case teams(request: Int, Result<[UUID: [TeamMembership]], AdminError>)
    /// What this operator submitted lately, newest first.
    case ownChanges(Result<[RecentChange], AdminError>)
    /// What waits for a second person.
    case pending(request: Int, Result<PendingApprovals, AdminError>)
    /// A window of the requests for a second person.
    case approvals(request: Int, Result<ListPage<ApprovalRequest>, AdminError>)
    /// How many there are.
    case approvalCount(request: Int, Result<ListCount, AdminError>)
    /// How a decision ended.
    case decided(request: Int, Result<ApprovalDesk.Result, AdminError>)
    /// A window of the log.
    case events(request: Int, Result<ListPage<AuditEvent>, AdminError>)
    /// How many events there are.
    case eventCount(request: Int, Result<ListCount, AdminError>)
    /// How far the log's verification has come.
    case verifying(request: Int, sequence: Int, of: Int)
    /// What the log's verification found.
    case verified(request: Int, Result<AuditLog.Verification, AdminError>)
    /// Whether the policy takes a ticket; good where that could not be found out, for the database decides.
    case ticket(String, isGood: Bool)
    /// The columns of the list were kept for the next time, or why not.
    case kept(problem: String?)
    /// The id of a change that runs, and, where it takes longer than usual, what is happening.
    case changing(request: Int, id: UUID, words: String?)
    /// How a change ended.
    case changed(request: Int, Result<ChangeResult, AdminError>)
}
