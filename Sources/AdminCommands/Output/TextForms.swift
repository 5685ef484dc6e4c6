import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

/// The text that people read.
enum TextForms {
    /// The states of an account in words.
    static func states(_ account: Account) -> String {
        [
            account.isActive ? "active" : "INACTIVE", account.isVerified ? nil : "unverified",
            account.signIn == .external ? "SSO" : nil, account.hasVoicePIN ? "PIN" : "no PIN",
        ].compactMap { $0 }.joined(separator: ", ")
    }

    static func account(_ account: Account) -> String {
        let signIn =
            switch account.signIn {
            case .password: "local password"
            case .external: "SSO" + (account.externalMarker.map { " (\($0))" } ?? "")
            }
        let lines = [
            ("Name", account.fullName), ("E-mail", account.email), ("Username", account.username),
            ("ID", account.idText),
            ("State", account.isActive ? "active" : "INACTIVE: cannot sign in"),
            ("Verified", account.isVerified ? "yes" : "no"), ("Sign-in", signIn),
            ("Voice PIN", account.hasVoicePIN ? "set" : "not set"), ("Created", account.createdAt.localText),
            ("Changed", account.updatedAt.localText), ("Last sign-in", account.lastLoginAt?.localText ?? "never"),
        ]
        return fields(lines)
    }

    /// What is asked before a change.
    static func question(_ action: AccountChange.Action) -> String {
        switch action {
        case .generatePassword, .setPassword: "Reset this person's password?"
        case .issuePIN: "Issue this person a new voice PIN?"
        case .setPIN: "Set this person's voice PIN?"
        case .clearPIN: "Clear this person's voice PIN?"
        case .setActive(true): "Activate this account?"
        case .setActive(false): "Deactivate this account?"
        case .setVerified(true): "Mark this account as verified?"
        case .setVerified(false): "Mark this account as unverified?"
        case .sendResetLink: "E-mail this person a reset link?"
        case .revokeResetLinks: "Revoke this person's reset links?"
        }
    }

    /// A result in words: what was done for whom, when, and the receipt number.
    static func result(_ result: ChangeResult, action: AccountChange.Action, alphabet: SpellingAlphabet) -> String {
        let person = who(result.account)
        switch result.outcome {
        case .done:
            var lines = ["\(done(action)): \(person)."]
            // A link changes nothing of the account.
            let isAboutLink = action == .sendResetLink || action == .revokeResetLinks
            let moment = isAboutLink ? result.receipt?.occurredAt : result.account.updatedAt
            let receipt = result.receipt.map { "Receipt \($0.sequence), " } ?? ""
            lines.append("\(receipt)\((moment ?? result.account.updatedAt).localText).")
            if result.receipt?.isReplayed == true {
                lines.append("Already done by an earlier call with this request id.")
            }
            if !result.account.isActive { lines.append(inactiveNote) }
            if StandingSessions.remain(after: action) { lines.append(StandingSessions.note) }
            if let message = result.message { lines.append(message) }
            if let secret = result.newSecret { lines += newSecret(secret, isPIN: isPIN(action), alphabet) }
            if action == .sendResetLink {
                lines.append(
                    "It will be e-mailed to \(DisplayText.visible(result.account.email)). To follow it: “\(Program.name) "
                        + "reset-links \(DisplayText.visible(result.account.email))”.")
            }
            return lines.joined(separator: "\n")
        case .wouldDo:
            let open = isTypedPIN(action) ? " Whether the PIN is available shows only when it is set." : ""
            let inactive = result.account.isActive ? "" : "\n" + inactiveNote
            return "Dry run: would \(todo(action, person)). Nothing was changed.\(open)\(inactive)"
        case .refused, .conflict, .failed, .unknown:
            let receipt = result.receipt.map { " Receipt \($0.sequence)." } ?? ""
            let message = RefusalHint.message(of: result) ?? "no reason given"
            return "\(heading(result.outcome)): \(message)\(receipt)\nAccount: \(person)."
        }
    }

    /// A person in full, on one line.
    static func who(_ account: Account) -> String {
        DisplayText.visible(
            "\(account.fullName) <\(account.email)>, username \(account.username), id \(account.idText)")
    }

    static func event(_ event: AuditEvent) -> String {
        fields([
            ("Receipt", String(event.sequence)), ("Event", event.eventID.uuidString.lowercased()),
            ("Request", event.requestID?.uuidString.lowercased() ?? "-"), ("Time", event.occurredAt.localText),
            ("Action", "\(ActionName.words(event.action)) (\(event.action))"),
            ("Outcome", outcome(event) + (event.rule.map { " (\($0))" } ?? "")),
            (
                "Account",
                [event.accountEmail, event.accountUsername, event.accountID?.uuidString.lowercased()].compactMap { $0 }
                    .joined(separator: ", ")
            ),
            (
                "By",
                "database user \(event.dbUser); claims system user \(event.operatorName ?? "-"), uid \(event.uid.map(String.init) ?? "-"), login uid \(event.loginUID.map(String.init) ?? "-")"
            ),
            (
                "From",
                "client address \(event.clientAddress ?? "local"); claims host \(event.host ?? "-"), \(event.tty ?? "no terminal"), SSH from \(event.sshOrigin ?? "-")"
            ),
            ("Reason", event.reason ?? "-"), ("Ticket", event.ticket ?? "-"), ("Verified by", event.verifiedBy ?? "-"),
            ("Program", event.application ?? "-"), ("Details", event.detail ?? "-"),
            ("Hash", event.hash.hexadecimal),
        ])
    }

    static func eventLine(_ event: AuditEvent) -> String {
        let target = event.accountEmail.map { " for \($0)" } ?? ""
        return DisplayText.visible(
            "\(event.sequence)  \(event.occurredAt.localText)  \(ActionName.words(event.action))\(target)  "
                + "\(outcome(event))  by \(event.actor)")
    }

    static func fields(_ lines: [(String, String)]) -> String {
        let width = lines.map { TextWidth.columns(of: $0.0) }.max() ?? 0
        return lines.map { pad($0.0, width + 2) + DisplayText.visible($0.1) }.joined(separator: "\n")
    }

    private static func outcome(_ event: AuditEvent) -> String {
        event.rule.map { "\(event.outcome): \(RuleName.words($0, of: event.action))" } ?? event.outcome
    }

    private static let inactiveNote = "The account is inactive: this person cannot sign in until it is activated."

    static func pad(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - TextWidth.columns(of: text)))
    }

    private static func heading(_ outcome: ChangeResult.Outcome) -> String {
        switch outcome {
        case .conflict: "Not changed"
        case .failed: "Failed"
        case .unknown: "Outcome unknown"
        default: "Refused"
        }
    }

    private static func done(_ action: AccountChange.Action) -> String {
        switch action {
        case .generatePassword, .setPassword: "Password reset"
        case .issuePIN: "Voice PIN issued"
        case .setPIN: "Voice PIN set"
        case .clearPIN: "Voice PIN cleared"
        case .setActive(let isActive): isActive ? "Activated" : "Deactivated"
        case .setVerified(let isVerified): isVerified ? "Marked as verified" : "Marked as unverified"
        case .sendResetLink: "Reset link queued"
        case .revokeResetLinks: "Reset links revoked"
        }
    }

    /// What a rehearsal says, after “would”.
    private static func todo(_ action: AccountChange.Action, _ person: String) -> String {
        switch action {
        case .generatePassword, .setPassword: "reset the password of \(person)"
        case .issuePIN: "issue a voice PIN for \(person)"
        case .setPIN: "set the voice PIN of \(person)"
        case .clearPIN: "clear the voice PIN of \(person)"
        case .setActive(let isActive): "\(isActive ? "activate" : "deactivate") \(person)"
        case .setVerified(let isVerified): "mark as \(isVerified ? "verified" : "unverified"): \(person)"
        case .sendResetLink: "e-mail a reset link to \(person)"
        case .revokeResetLinks: "revoke the reset links of \(person)"
        }
    }

    private static func isTypedPIN(_ action: AccountChange.Action) -> Bool {
        if case .setPIN = action { true } else { false }
    }

    private static func isPIN(_ action: AccountChange.Action) -> Bool { action == .issuePIN }
}
