import ConvonetCore
import PostgresClient
import TerminalKit

extension Console {
    /// What a dialog says that was confirmed before what is asked of the database was answered.
    static let checking = "Checking the account…"

    /// The account as it is now, and what goes with it: on opening, and after a conflict.
    mutating func takeDossierForReset(_ dossier: AccountDossier) -> [Effect] {
        guard var dialog = reset, dialog.stage == .form else { return [] }
        dialog.reading = nil
        dialog.facts = dialog.facts ?? PersonFacts(dialog.account)
        dialog.facts?.take(dossier, mayReadLog: context.mayReadLog)
        let wasProtected = dialog.isProtected
        // The database decides; without an answer, what is asked for is the more careful of the two.
        dialog.isProtected = (try? dossier.isProtected.get()) ?? true
        if dialog.isProtected == true, wasProtected != true { dialog.form.setText(.confirmation, "") }
        switch dossier.account {
        case .success(let account?):
            let changes = AccountChanges.between(dialog.account, account, now: now)
            dialog.account = account
            list.window.replace(account)
            if !changes.isEmpty || dialog.problem != nil && dialog.problem != Self.checking {
                dialog.changes = changes
                dialog.form.setText(.confirmation, "")
            }
            if let idleness = dialog.idleness { dialog.problem = idleness }
        case .success(nil):
            // It stays open until it is closed: what is being typed must not fall into what lies below.
            dialog.stage = .gone
            dialog.wipeSecrets()
        case .failure(let error):
            dialog.problem = error.description
        }
        let isConfirmed = dialog.isConfirmedEarly
        if isConfirmed {
            dialog.isConfirmedEarly = false
            if dialog.problem == Self.checking { dialog.problem = nil }
        }
        dialog.assess(context)
        reset = dialog
        let isNewlyProtected = dialog.isProtected == true && wasProtected != true
        if changesNeedReading(dialog) || isNewlyProtected { return [.awaitPaint] }
        // Nothing new is to be read: what was confirmed holds.
        return isConfirmed ? submit() : []
    }

    /// The policy as it is now: a dialog asks for what it asks for, and offers what it offers.
    mutating func takePolicy(_ policy: Policy) -> [Effect] {
        guard policy != context.policy else { return [] }
        // What was chosen is a place in a list that may be another one now.
        if policy.verificationMethods != context.policy.verificationMethods {
            reset?.form.choose(.verifiedBy, nil)
        }
        context.policy = policy
        guard var dialog = reset, dialog.stage == .form else { return [] }
        if !dialog.kind.actions(under: policy).contains(dialog.chosen) { dialog.chooseFirst() }
        dialog.assess(context)
        dialog.form.setText(.confirmation, "")
        reset = dialog
        return [.awaitPaint]
    }

    private func changesNeedReading(_ dialog: ResetDialog) -> Bool {
        dialog.stage == .gone || !dialog.changes.isEmpty || dialog.problem != nil
    }

    mutating func takeChange(_ request: Int, _ result: Result<ChangeResult, AdminError>) -> [Effect] {
        guard var dialog = reset, dialog.work?.request == request else { return takeLeftChange(request, result) }
        dialog.work = nil
        dialog.stage = .form
        dialog.form.setText(.confirmation, "")
        dialog.form.focus = .confirmation
        defer { reset = dialog }
        switch result {
        case .failure(.accountUnknown):
            dialog.stage = .gone
            dialog.wipeSecrets()
        case .failure(let error):
            dialog.problem = error.description
        case .success(let result):
            switch result.outcome {
            case .done:
                dialog.wipeSecrets()
                dialog.account = result.account
                // It is another row now, by our own doing; which version it has is not known before it is read.
                dialog.account.version = ""
                dialog.receiptLine = nil
                dialog.stage = .receipt(result, .open)
                // What comes while nobody is there is wiped like what was there before.
                if quietStage == .covered { dialog.wipeEverySecret() } else { dialog.showSecret(uptime) }
            case .unknown, .failed:
                dialog.stage = .ended(result)
            case .conflict:
                dialog.problem = result.message
                let request = requests.next()
                dialog.reading = request
                return [readPerson(dialog.account.id, for: .dialog, as: request), .awaitPaint]
            case .refused, .wouldDo:
                dialog.problem = result.message
                dialog.waitsForApproval = result.rule == "approval_required"
                if dialog.chosen.value.isTyped { dialog.form.focus = .secret }
                // What was asked for is known on the page, too.
                if dialog.waitsForApproval { return readPending() + reloadPerson() + [.awaitPaint] }
            }
        }
        return [.awaitPaint]
    }
}

/// What became different between two readings of one account.
enum AccountChanges {
    /// An old reading without a version is one's own change of a moment ago.
    static func between(_ old: Account, _ new: Account, now: Timestamp) -> [String] {
        guard old.version != new.version else { return [] }
        var changes: [String] = []
        func note(_ what: String, _ before: String, _ after: String) {
            if before != after { changes.append("\(what) is now \(after); it was \(before)") }
        }
        note("the name", old.fullName, new.fullName)
        note("the e-mail address", old.email, new.email)
        note("the username", old.username, new.username)
        if let login = new.lastLoginAt, login != old.lastLoginAt {
            changes.append("signed in \(Age.ago(login, now: now))")
        }
        if old.isActive != new.isActive { changes.append(new.isActive ? "was activated" : "was deactivated") }
        if old.isVerified != new.isVerified {
            changes.append(new.isVerified ? "was verified" : "is no longer verified")
        }
        if old.signIn != new.signIn {
            changes.append(new.signIn == .external ? "signs in by SSO now" : "has a local password now")
        }
        if old.hasVoicePIN != new.hasVoicePIN {
            changes.append(new.hasVoicePIN ? "got a voice PIN" : "lost the voice PIN")
        }
        let isOwn = old.version.isEmpty && old.updatedAt == new.updatedAt
        if changes.isEmpty, !isOwn { changes.append("was changed \(Age.ago(new.updatedAt, now: now))") }
        return changes
    }
}
