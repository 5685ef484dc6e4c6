import AccountDisplay
package import AccountPolicy
import ConsoleRequests
package import ConvonetCore
package import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// Shown if the form was confirmed before the database answered.
    package static let checking = "Checking the account…"

    /// Reads the account as it is now, and what goes with it: on opening, and after a conflict.
    package func readAccount(_ shared: inout Shared) {
        ask(DossierQuery(id: account.id, reader: .dialog), &shared) { dialog, result, shared in
            if case .success(let dossier) = result { dialog.take(dossier, &shared) }
        }
    }

    private mutating func take(_ dossier: AccountDossier, _ shared: inout Shared) {
        if case .success(let policy) = dossier.policy, let before = shared.adopt(policy) {
            adapt(from: before, &shared)
        }
        shared.note(dossier)
        guard stage == .form else { return }
        facts = facts ?? PersonFacts(account)
        facts?.take(dossier, mayReadLog: shared.context.mayReadLog)
        learnDecision(shared)
        // The database decides; without an answer, what is asked for is the more careful of the two.
        let needsApproval = !chosen.standsAlone && (try? dossier.isProtected.get()) ?? true
        let isNewlyProtected = needsApproval && isProtected != true
        isProtected = needsApproval
        if isNewlyProtected { form.setText(.confirmation, "") }
        switch dossier.account {
        case .success(let found?):
            let changes = AccountChanges.between(account, found, now: shared.now)
            account = found
            if !changes.isEmpty || problem != nil && problem != Self.checking {
                self.changes = changes
                form.setText(.confirmation, "")
            }
            if let reasonWithoutEffect { problem = reasonWithoutEffect }
        case .success(nil):
            // It stays open until it is closed: what is being typed must not fall into what lies below.
            stage = .gone
            wipeSecrets()
        case .failure(let error): problem = error.inConsole
        }
        let isConfirmed = isConfirmedEarly
        isConfirmedEarly = false
        if isConfirmed, problem == Self.checking { problem = nil }
        assess(shared.context)
        if stage == .gone || !changes.isEmpty || problem != nil || isNewlyProtected {
            shared.awaitPaint()
        } else if isConfirmed {
            // Nothing new is to be read: what was confirmed holds.
            submit(&shared)
        }
    }

    /// That the request is on its way, and how it goes on.
    private func waitingWords(_ result: ChangeResult, _ shared: Shared) -> String {
        let minutes = Int64(shared.context.policy.approvalMinutes)
        let end = shared.times.until(Timestamp(microseconds: shared.now.microseconds + minutes * 60_000_000))
        let key = ConsoleAction.allCases.first { $0.changes.contains(kind) }?.firstKeyText
        return PendingWords.asked(result)
            + " Once it is approved, Enter carries it out here\(key.map { ", or \($0) on the page" } ?? ""), until \(end)."
    }

    /// Goes on with what a second person decided of the request that was made from here.
    private mutating func learnDecision(_ shared: Shared) {
        if decision?.isApproval == true, grant == nil { decision = nil }
        guard let asked else { return }
        if let grant {
            decision = Decision(
                isApproval: true, words: "Approved\(shared.viewer.by(grant.decidedBy)): Enter carries it out.")
            // It was typed for this person and this change.
            form.setText(.confirmation, account.username)
        } else if let entry = facts?.entries.first(where: { $0.sequence > asked && $0.action == "deny" }) {
            let reason = entry.reason.map { ": “\($0)”" } ?? "."
            decision = Decision(
                isApproval: false, words: "Denied\(shared.viewer.by(entry.actor.databaseUser))\(reason)")
        } else {
            return
        }
        (self.asked, problem, form.focus) = (nil, nil, .confirmation)
    }

    /// Asks for what the policy asks for now, and offers what it offers.
    package mutating func adapt(from before: Policy, _ shared: inout Shared) {
        let policy = shared.context.policy
        // What was chosen is a place in a list that may be another one now.
        if policy.verificationMethods != before.verificationMethods { form.choose(.verifiedBy, nil) }
        guard stage == .form else { return }
        if !kind.actions(under: policy).contains(chosen) { chooseFirst() }
        assess(shared.context)
        form.setText(.confirmation, "")
        shared.awaitPaint()
    }

    package mutating func take(_ result: Result<ChangeResult, AdminError>, _ shared: inout Shared) {
        work = nil
        stage = .form
        form.setText(.confirmation, "")
        form.focus = .confirmation
        defer { shared.awaitPaint() }
        switch result {
        case .failure(.accountUnknown):
            stage = .gone
            wipeSecrets()
        case .failure(let error): problem = error.inConsole
        case .success(let result): take(result, &shared)
        }
    }

    private mutating func take(_ result: ChangeResult, _ shared: inout Shared) {
        if result.receipt != nil { wasAnswered = true }
        switch result.outcome {
        case .done:
            wipeSecrets()
            account = result.account
            // It is another row now, by our own doing; which version it has is not known before it is read.
            account.version = ""
            receiptLine = nil
            stage = .receipt(result, .open)
            // What comes while nobody is there is wiped like what was there before.
            if shared.isCovered { wipe() } else { showSecret(shared.uptime) }
        case .unknown, .failed: stage = .ended(result)
        case .conflict:
            problem = result.message
            readAccount(&shared)
        case .refused, .wouldDo:
            problem = result.message
            asked = result.rule == "approval_required" ? result.receipt?.sequence : nil
            if asked != nil { problem = waitingWords(result, shared) }
            if chosen.value.isTyped { form.focus = .secret }
            // What was found out here is known on the page, too.
            if asked != nil { shared.readPending() }
            shared.tell(.approvalsChanged)
        }
    }
}
