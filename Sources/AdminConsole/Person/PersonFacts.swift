import ConvonetCore
import ConvonetDatabase
import PostgresClient

/// What is known of one person: the account as it was read last, and what goes with it.
struct PersonFacts: Equatable, Sendable {
    var account: Account
    var isGone = false
    /// Whether what goes with the account was read.
    private(set) var isComplete = false
    var history: History = .loading
    /// The teams; none while they are not known.
    var teams: [TeamMembership] = []
    /// The links to set a password that were sent, newest first; none while they are not known.
    var links: [ResetLink] = []
    /// What to say where a link is queued and no program takes its mail.
    var mailWarning: String?
    /// What was asked of a second person and can still be decided or used, newest first; none while it is not known.
    var approvals: [ApprovalRequest] = []
    /// Whether every change needs a second person, as far as it is known.
    var isProtected = false

    enum History: Equatable, Sendable {
        case loading
        /// Newest first.
        case entries([HistoryEntry])
        /// It may not be seen, or could not be read; the reason is a sentence.
        case unavailable(String)
    }

    init(_ account: Account) { self.account = account }

    var name: String { account.fullName.isEmpty ? account.email : account.fullName }

    /// What was done here, as far as it is known.
    var entries: [HistoryEntry] { if case .entries(let entries) = history { entries } else { [] } }

    /// Takes what was read; the account's own failure is the caller's to say.
    mutating func take(_ dossier: AccountDossier, mayReadLog: Bool) {
        switch dossier.account {
        case .success(let found?): account = found
        case .success(nil): isGone = true
        case .failure: break
        }
        isComplete = (try? dossier.links.get()) != nil
        teams = (try? dossier.teams.get()) ?? []
        links = (try? dossier.links.get()) ?? []
        mailWarning = (try? dossier.mailState.get())?.warning
        approvals = (try? dossier.approvals.get()) ?? []
        isProtected = (try? dossier.isProtected.get()) ?? isProtected
        switch dossier.history {
        case .success(let entries): history = .entries(entries)
        case .failure(.notPermitted):
            history = .unavailable(
                mayReadLog ? "Press a for the log of this account." : "Your rights do not include recent activity.")
        case .failure(let error): history = .unavailable(error.description)
        }
    }

    /// This operator's approval that is still good for an action of the log; nil where there is none.
    func grant(for concerns: (String) -> Bool) -> ApprovalRequest? {
        approvals.first { $0.isOwn && $0.state == .approved && concerns($0.action) }
    }
}

extension [HistoryEntry] {
    /// What was done to the account within the hour, newest first; asking for it and deciding on it is not doing it.
    func withinTheHour(_ times: Times) -> [HistoryEntry] {
        filter {
            $0.outcome == "done" && times.now.seconds(since: $0.occurredAt) < 3600
                && !["request_approval", "approve", "deny"].contains($0.action)
        }
    }
}
