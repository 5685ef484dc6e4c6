import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

/// The text that people read.
enum TextForms {
    /// The states of an account in words.
    static func states(_ account: Account) -> String {
        [
            account.isActive ? "active" : "INACTIVE", account.isVerified ? nil : "not verified",
            account.signIn == .external ? "signs in elsewhere" : nil, account.hasVoicePIN ? "PIN" : "no PIN",
        ].compactMap { $0 }.joined(separator: ", ")
    }

    static func account(_ account: Account) -> String {
        let signIn =
            switch account.signIn {
            case .password: "with a password here"
            case .external: "elsewhere" + (account.externalMarker.map { " (\($0))" } ?? "")
            }
        let lines = [
            ("Name", account.fullName), ("E-mail", account.email), ("Username", account.username),
            ("Id", account.idText),
            ("State", account.isActive ? "active" : "INACTIVE: cannot sign in"),
            ("Verified", account.isVerified ? "yes" : "no"), ("Signs in", signIn),
            ("Voice PIN", account.hasVoicePIN ? "set" : "not set"), ("Created", account.createdAt.localText),
            ("Changed", account.updatedAt.localText), ("Signed in", account.lastLoginAt?.localText ?? "never"),
        ]
        return fields(lines)
    }

    /// What is asked before a change.
    static func question(_ action: AccountChange.Action) -> String {
        switch action {
        case .generatePassword, .setPassword: "Reset the password of this person?"
        case .issuePIN: "Issue a new voice PIN to this person?"
        case .setPIN: "Set the voice PIN of this person?"
        case .clearPIN: "Clear the voice PIN of this person?"
        case .setActive(true): "Let this person sign in?"
        case .setActive(false): "Keep this person from signing in?"
        case .setVerified(true): "Mark this person as verified?"
        case .setVerified(false): "Mark this person as not verified?"
        case .sendResetLink: "Send this person a link to set a password?"
        case .revokeResetLinks: "Revoke the open links of this person?"
        }
    }

    /// A result in words: what was done for whom, when, and the receipt number.
    static func result(_ result: ChangeResult, action: AccountChange.Action) -> String {
        let person = who(result.account)
        switch result.outcome {
        case .done:
            var lines = ["\(done(action)): \(person)."]
            // A link changes nothing of the account.
            let isAboutLink = action == .sendResetLink || action == .revokeResetLinks
            let moment = isAboutLink ? result.receipt?.occurredAt : result.account.updatedAt
            var facts = ["\(isAboutLink ? "Noted" : "Changed") at \((moment ?? result.account.updatedAt).localText)"]
            if let receipt = result.receipt { facts.append("receipt number \(receipt.sequence)") }
            if result.receipt?.isReplayed == true { facts.append("done by an earlier call with the same request id") }
            lines.append(facts.joined(separator: "; ") + ".")
            if !result.account.isActive { lines.append("The account is inactive: this person cannot sign in.") }
            if StandingSessions.remain(after: action) { lines.append(StandingSessions.note) }
            if let message = result.message { lines.append(message) }
            if let secret = result.newSecret {
                lines.append("\(isPIN(action) ? "New voice PIN" : "New password"): \(secret.revealedText())")
            }
            if action == .sendResetLink {
                lines.append(
                    "Its mail goes to \(DisplayText.visible(result.account.email)). What becomes of it: “reset-links”.")
            }
            return lines.joined(separator: "\n")
        case .wouldDo:
            let open = isTypedPIN(action) ? " Whether the PIN can be had shows only when it is set." : ""
            let inactive = result.account.isActive ? "" : "\nThe account is inactive: this person cannot sign in."
            return "Would do: \(done(action)): \(person).\(open) Nothing was changed.\(inactive)"
        case .refused, .conflict, .failed, .unknown:
            let receipt = result.receipt.map { " Receipt number \($0.sequence)." } ?? ""
            let message = RefusalHint.message(of: result) ?? "no reason given"
            return "\(heading(result.outcome)): \(message)\(receipt)\nFor: \(person)."
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
            ("Request", event.requestID?.uuidString.lowercased() ?? "-"), ("At", event.occurredAt.localText),
            ("Action", event.action),
            ("Outcome", event.outcome + (event.rule.map { " (\($0))" } ?? "")),
            (
                "For",
                [event.accountEmail, event.accountUsername, event.accountID?.uuidString.lowercased()].compactMap { $0 }
                    .joined(separator: ", ")
            ),
            (
                "By",
                "database user \(event.dbUser); claimed: system user \(event.operatorName ?? "-"), uid \(event.uid.map(String.init) ?? "-"), login uid \(event.loginUID.map(String.init) ?? "-")"
            ),
            (
                "From",
                "client address \(event.clientAddress ?? "local"); claimed: host \(event.host ?? "-"), \(event.tty ?? "no terminal"), SSH from \(event.sshOrigin ?? "-")"
            ),
            ("Reason", event.reason ?? "-"), ("Ticket", event.ticket ?? "-"), ("Verified by", event.verifiedBy ?? "-"),
            ("Program", event.application ?? "-"), ("Detail", event.detail ?? "-"),
            ("Hash", event.hash.hexadecimal),
        ])
    }

    static func eventLine(_ event: AuditEvent) -> String {
        let outcome = event.outcome + (event.rule.map { " (\($0))" } ?? "")
        let target = event.accountEmail.map { " for \($0)" } ?? ""
        return DisplayText.visible(
            "\(event.sequence)  \(event.occurredAt.localText)  \(event.action)\(target): \(outcome), "
                + "by \(event.actor)")
    }

    static func fields(_ lines: [(String, String)]) -> String {
        lines.map { pad($0.0, 12) + DisplayText.visible($0.1) }.joined(separator: "\n")
    }

    private static func pad(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - TextWidth.columns(of: text)))
    }

    private static func heading(_ outcome: ChangeResult.Outcome) -> String {
        switch outcome {
        case .conflict: "Not done, the account changed meanwhile"
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
        case .setVerified(let isVerified): isVerified ? "Marked as verified" : "Marked as not verified"
        case .sendResetLink: "Link to set a password queued"
        case .revokeResetLinks: "Open links revoked"
        }
    }

    private static func isTypedPIN(_ action: AccountChange.Action) -> Bool {
        if case .setPIN = action { true } else { false }
    }

    private static func isPIN(_ action: AccountChange.Action) -> Bool { action == .issuePIN }
}
