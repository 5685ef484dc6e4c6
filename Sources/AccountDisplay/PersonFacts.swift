package import ConvonetCore
package import ConvonetDatabase
import OperatingSystem
import PostgresClient
package import TerminalKit

/// What is known of one person: the account as it was read last, and what goes with it.
package struct PersonFacts: Equatable, Sendable {
    package var account: Account
    package var isGone = false
    /// What was done here, newest first.
    package var history = Reading<[HistoryEntry]>.loading
    package var teams = Reading<[TeamMembership]>.loading
    /// The links to set a password that were sent, newest first.
    package var links = Reading<[ResetLink]>.loading
    /// The codes that were read out, newest first.
    package var codes = Reading<[IssuedCode]>.loading
    /// What to say where a link is queued and no program takes its mail.
    package var mailWarning: String?
    /// What was asked of a second person and can still be decided or used, newest first; none while it is not known.
    package var approvals: [ApprovalRequest] = []
    /// The resets that this operator could take back, newest first; nil while that is not known.
    package var undoable: [UndoableChange]?
    /// What holds up the caller, as far as it is known.
    package var obstacles: AccountObstacles?
    /// The temporary password that they have, as far as it is known.
    package var temporaryPassword: TemporaryPassword?
    /// What a caller has proven, as far as it is known.
    package var caller: CallerState?
    /// Whether every change needs a second person, as far as it is known.
    package var isProtected = false

    /// Something that goes with a person, as far as it was read.
    package enum Reading<Value: Equatable & Sendable>: Equatable, Sendable {
        case loading
        case known(Value)
        /// It may not be seen, or could not be read; the reason is a sentence.
        case unavailable(String)

        package var value: Value? { if case .known(let value) = self { value } else { nil } }

        /// Takes what was read; what is known stays where only the reading failed.
        package mutating func take(_ result: Result<Value, AdminError>, forbidden: String) {
            switch result {
            case .success(let value): self = .known(value)
            case .failure(.notPermitted): self = .unavailable(forbidden)
            case .failure(let error): if value == nil { self = .unavailable(error.description) }
            }
        }
    }

    package init(_ account: Account) { self.account = account }

    package var name: String { account.fullName.isEmpty ? account.email : account.fullName }

    /// What was done here, as far as it is known.
    package var entries: [HistoryEntry] { history.value ?? [] }

    /// What was last done to the account by staff or the person, as far as it is known.
    package var lastChange: HistoryEntry? {
        entries.first { $0.outcome == "done" && ActionName.changesAccount($0.action) }
    }

    /// Whether a link or code to set a password can be used or is on its way; nil while that is not known.
    package var hasOpenLink: Bool? {
        guard let links = links.value, let codes = codes.value else { return nil }
        return links.contains { $0.state == .queued || $0.state == .sent } || codes.contains { $0.state.isOpen }
    }

    /// Takes what was read; the account's own failure is the caller's to say.
    package mutating func take(_ dossier: AccountDossier, mayReadLog: Bool) {
        switch dossier.account {
        case .success(let found?): account = found
        case .success(nil): isGone = true
        case .failure: break
        }
        teams.take(dossier.teams, forbidden: "Your rights do not include these.")
        links.take(dossier.links, forbidden: "Your rights do not include these.")
        codes.take(dossier.codes, forbidden: "Your rights do not include these.")
        history.take(
            dossier.history,
            forbidden: mayReadLog
                ? "Press a for the log of this account." : "Your rights do not include recent activity.")
        mailWarning = (try? dossier.mailState?.get())?.warning
        approvals = (try? dossier.approvals.get()) ?? []
        caller = try? dossier.caller.get()
        undoable = try? dossier.undoable.get()
        obstacles = try? dossier.obstacles.get()
        temporaryPassword = try? dossier.temporaryPassword.get()
        isProtected = (try? dossier.isProtected.get()) ?? isProtected
    }

    /// Takes the account as it is after a change from here, before it was read again.
    package mutating func take(changed account: Account) {
        self.account = account
        undoable = nil
        if !account.isFrozen { obstacles?.freeze = nil }
    }

    /// This operator's approval that is still good for an action of the log; nil where there is none.
    package func grant(for concerns: (String) -> Bool) -> ApprovalRequest? {
        approvals.first { $0.isOwn && $0.state == .approved && concerns($0.action) }
    }
}

extension [HistoryEntry] {
    /// What was done to the account within the hour, newest first; asking for it and deciding on it is not doing it, nor is
    /// finding out who calls.
    package func withinTheHour(_ times: Times) -> [HistoryEntry] {
        filter {
            $0.outcome == "done" && times.now.seconds(since: $0.occurredAt) < 3600
                && ActionName.changesAccount($0.action)
        }
    }
}
