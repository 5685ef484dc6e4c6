import AccountDisplay
import ConvonetCore
internal import JSONText
import OperatingSystem
internal import PostgresClient
import TerminalKit

extension DisplayContext {
    /// For what the command line says of an account: the steps are its commands.
    init(_ session: AdminSession, _ account: Account) {
        let viewer = Viewer(
            databaseUser: session.connection.user, systemUser: session.operatorIdentity.name)
        let rights = session.rights
        self.init(
            Times(now: .now, display: .local), viewer, mayDecide: rights.mayDecide
        ) { step in
            let command: String? =
                switch step {
                case .verifyCaller: "verify-caller \(account.email)"
                case .unblock: "unblock \(account.email)"
                case .sendLink: "send-reset-link \(account.email)"
                case .undo(let receipt): "undo \(receipt)"
                case .decide, .change: nil
                }
            return rights.mayChange ? command.map { "“\(Program.name) \($0)”" } : nil
        }
    }
}

extension JSONForms {
    /// One account alone, with what the list does not show: what holds up the caller, or whoever wants to help them. What may not
    /// be seen is null.
    static func account(_ facts: PersonFacts) -> JSONObject {
        var object = account(facts.account)
        let (obstacles, freeze, temporary) = (facts.obstacles, facts.obstacles?.freeze, facts.temporaryPassword)
        object.add("frozen_at", freeze?.at.rfc3339)
        object.add("frozen_by", freeze.map { $0.isReported ? "the person" : $0.databaseUser })
        object.add("frozen_note", freeze?.note)
        object.add("must_change_password", temporary != nil)
        object.add("temporary_until", temporary?.until.rfc3339)
        object.add("password_expired_at", temporary?.expiredAt?.rfc3339)
        object.add("blocked_until", obstacles?.blockedUntil?.rfc3339)
        object.add("wrong_passwords", obstacles?.wrongPasswords)
        object.add("links_asked", obstacles?.linksAsked)
        object.add("links_most", obstacles?.linksMost)
        object.add("last_mail_state", obstacles?.lastMail?.state)
        object.add("last_mail_at", obstacles?.lastMail?.at.rfc3339)
        object.add("last_mail_error", obstacles?.lastMail?.unsent?.reason)
        object.add("last_mail_tries", obstacles?.lastMail?.unsent?.tries)
        let code = facts.codes.value?.first { $0.state.isOpen }
        object.add("code_state", code?.state.rawValue)
        object.add("code_expires_at", code?.expiresAt.rfc3339)
        addCaller(facts.caller, to: &object)
        let undoable = obstacles?.freeze == nil ? facts.undoable?.first : nil
        object.add("undo_receipt", undoable?.receipt)
        object.add("undo_action", undoable?.action)
        object.add("undo_until", undoable?.until.rfc3339)
        return object
    }

    private static func addCaller(_ caller: CallerState?, to object: inout JSONObject) {
        let proof = caller?.proof
        let seconds = proof?.until.seconds(since: .now)
        object.add("points", caller.map { _ in proof?.points ?? 0 })
        object.add("points_needed", caller?.needed)
        object.add("ways", proof?.ways)
        object.add("proven_until", proof?.until.rfc3339)
        object.add("proven_minutes_left", seconds.map { max(0, $0 / 60) })
        let code = caller?.code.flatMap { $0.isOpen ? $0 : nil }
        object.add("caller_code_state", code?.state.rawValue)
        object.add("caller_code_way", code?.way.rawValue)
        object.add("caller_code_until", code?.until?.rfc3339)
        object.add("caller_code_tries_left", code?.triesLeft)
    }
}
