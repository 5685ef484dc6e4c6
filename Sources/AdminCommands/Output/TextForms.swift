import ConvonetCore
import Credentials
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

/// The text that people read.
enum TextForms {
    /// The states of an account in words.
    static func states(_ account: Account) -> String {
        [
            account.isFrozen ? "FROZEN" : nil, account.isActive ? "active" : "INACTIVE",
            account.isVerified ? nil : "unverified",
            account.signIn == .external ? "SSO" : nil, account.hasVoicePIN ? "PIN" : "no PIN",
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// An account; `standing` says what holds the caller up.
    static func account(
        _ account: Account, freeze: AccountObstacles.Freeze? = nil, standing: [Line.Fact] = []
    ) -> String {
        let signIn =
            switch account.signIn {
            case .password: "local password"
            case .external: "SSO" + (account.externalMarker.map { " (\($0))" } ?? "")
            }
        let frozen =
            account.isFrozen
            ? "YES\(freeze.map { ", \($0.words)" } ?? ""); nobody may change it until a supervisor unfreezes it"
            : nil
        let lines: [(String, String?)] = [
            ("Frozen", frozen), ("Name", account.fullName), ("E-mail", account.email), ("Username", account.username),
            ("ID", account.idText),
            ("State", account.isActive ? "active" : "INACTIVE: cannot sign in"),
            ("Verified", account.isVerified ? "yes" : "no"), ("Sign-in", signIn),
            ("Voice PIN", account.hasVoicePIN ? "set" : "not set"), ("Created", account.createdAt.localText),
            ("Changed", account.updatedAt.localText), ("Last sign-in", account.lastLoginAt?.localText ?? "never"),
        ]
        return fields(
            lines.compactMap { line in line.1.map { (line.0, $0) } } + standing.map { ($0.label, $0.text) })
    }

    /// A result in words: what was done for whom, when, and the receipt number.
    static func result(
        _ result: ChangeResult, action: AccountAction, in label: EnvironmentLabel?, alphabet: SpellingAlphabet
    ) -> String {
        let (person, place) = (who(result.account), place(label))
        switch result.outcome {
        case .done:
            var lines = ["\(action.words.done): \(person)."]
            let moment = result.receipt?.occurredAt
            let receipt = result.receipt.map { "Receipt \($0.sequence), " } ?? ""
            lines.append("\(receipt)\((moment ?? result.account.updatedAt).localText)\(place).")
            if result.receipt?.isReplayed == true {
                lines.append("Already done by an earlier call with this request id.")
            }
            if !result.account.isActive { lines.append(inactiveNote) }
            if action.endsSessions { lines.append(StandingSessions.note) }
            if let until = result.receipt?.temporaryUntil {
                lines.append("Temporary: it works until \(until.localText) unless the person changes it.")
            }
            if let message = result.message { lines.append(message) }
            if action.suggestsSignOut {
                lines.append(
                    "Somebody else may be signed in? “\(Program.name) sign-out \(DisplayText.visible(result.account.email))” signs "
                        + "out everywhere.")
            }
            if let secret = result.newSecret { lines += newSecret(secret, of: action.value, alphabet) }
            if action.sendsMail {
                lines.append(
                    "It will be e-mailed to \(DisplayText.visible(result.account.email)). To follow it: “\(Program.name) "
                        + "reset-links \(DisplayText.visible(result.account.email))”.")
            }
            return lines.joined(separator: "\n")
        case .wouldDo:
            let open = action.value == .typedPIN ? " Whether the PIN is available shows only when it is set." : ""
            let inactive = result.account.isActive ? "" : "\n" + inactiveNote
            let note = result.message.map { " " + $0 } ?? ""
            return "Dry run: would \(action.words.order(person)). Nothing was changed\(place).\(note)\(open)\(inactive)"
        case .refused, .conflict, .failed, .unknown:
            let receipt = result.receipt.map { " Receipt \($0.sequence)." } ?? ""
            let message = RefusalHint.message(of: result) ?? "no reason given"
            return "\(heading(result.outcome)): \(message)\(receipt)\nAccount: \(person)\(place)."
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
            ("Caller", event.callerWords ?? "-"),
            ("Program", event.application ?? "-"), ("Details", event.detail ?? "-"),
            ("Hash", event.hash.hexadecimal),
        ])
    }

    static func eventLine(_ event: AuditEvent) -> String {
        let target = event.accountEmail.map { " for \($0)" } ?? ""
        let why = [event.ticket, event.reason.map { "“\($0)”" }].compactMap { $0 }.joined(separator: "  ")
        return DisplayText.visible(
            "\(event.sequence)  \(event.occurredAt.localText)  \(ActionName.words(event.action))\(target)  "
                + "\(outcome(event))  by \(event.actor)\(why.isEmpty ? "" : "  " + why)")
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
}
