/// The words for what the database refuses: why, and the next step. What this program refuses itself brings its own.
///
/// They name neither keys nor options, since every front end shows them; the command line adds its options to them.
enum RefusalText {
    static func message(
        rule: String?, detail policy: Policy, action: AccountChange.Action? = nil, approval: Int? = nil,
        changed: [String] = []
    ) -> String {
        if let pattern = PINPattern.allCases.first(where: { $0.rule == rule }) { return pattern.message }
        return switch rule {
        case "account_changed":
            "The account changed since you saw it\(changed.isEmpty ? "" : ": " + changed.joined(separator: "; ")). "
                + "Nothing was done; look at it again and confirm."
        case "policy_changed":
            "The policy was changed, and the password was judged by the one before. Nothing was done; do it again by the "
                + "rules that are in force now."
        case "request_id_missing": "The request has no id. Try again."
        case "request_id_reused": "This request id was used for something else. Use a new one."
        case "reason_required": "The policy asks for a reason. Give one."
        case "ticket_required": "The policy asks for a ticket. Give one."
        case "ticket_malformed":
            "The ticket does not have the form that the policy asks for: \(policy.ticketPattern)."
        case "verification_required":
            "The policy asks how the caller was verified. Choose one of: "
                + policy.verificationMethods.map(\.name).joined(separator: ", ") + "."
        case "external_sign_in":
            "This person signs in elsewhere and has no password here. Reset it there; only if they want a local "
                + "password as well, say so."
        case "hash_malformed": "The database does not take this password hash. This is a defect; please report it."
        case "pin_malformed":
            "A voice PIN has \(policy.pinLengths.lowerBound) to \(policy.pinLengths.upperBound) digits, 0 to 9."
        case "pin_unavailable": "This PIN cannot be had. Issue one instead, or type another."
        case "typed_pin_limit":
            "Too many typed PINs were refused within the hour. Issue one instead."
        case "no_free_pin": "No free PIN was found. Set issued_pin_length to 6 in the policy, or clear unused PINs."
        case "no_voice_pin": "This person has no voice PIN to clear."
        case "already_so": alreadySo(action)
        case "typed_not_allowed":
            switch action {
            case .setPIN: "The policy lets nobody type a PIN. Issue one."
            default: "The policy lets nobody type a password. Generate one."
            }
        case "operator_budget":
            "The policy lets an operator reset \(policy.resetsPerOperatorHour) credentials an hour, and you did. "
                + "Wait, or ask a colleague."
        case "state_budget":
            "The policy lets an operator set \(policy.statesPerOperatorHour) states an hour, and you did. Wait, or ask a "
                + "colleague."
        case "pin_answer_limit":
            "The policy lets \(policy.pinAnswersPerHour) PINs be issued or tried within an hour (pin_answers_per_hour), and you "
                + "had as many. Wait, or ask a colleague."
        case "account_budget":
            "The policy lets one account be reset \(policy.resetsPerAccountDay) time\(policy.resetsPerAccountDay == 1 ? "" : "s") a day, and it was. See what was done "
                + "in its history before anything else; it can be reset again a day after the first."
        case "account_protected":
            "This account is protected, and needs a second person for every change. An installation without roles cannot "
                + "tell two people apart: ask the database's owner, or the application's team."
        case "approval_required":
            "This account is protected. A supervisor has to approve "
                + "\(approval.map { "request \($0)" } ?? "it"); then do the same again within \(policy.approvalMinutes) minutes."
        case "approval_denied":
            "A supervisor denied this\(approval.map { " (request \($0))" } ?? ""). The requests that are over say why."
        case "own_request": "This is your own request. Somebody else, a supervisor, has to decide it."
        case "already_decided": "This request was decided already; look at it again."
        case "approval_expired":
            "This request has expired. Let the operator send the change again, and decide the new one."
        case "approval_outdated":
            "The account changed since this was asked for. Let the operator look at it and send the change again."
        case "links_only":
            "The policy lets passwords be reset only by a link that the person is sent. Send one."
        case "link_to_inactive":
            "This account is inactive, and a link would not let the person in. Activate it first."
        case "no_reset_link": "This person has no link that is still good. There is nothing to revoke."
        case "overridden_by_trigger":
            "A trigger of the application's table changed the new value, so nothing was kept. Ask the application's team."
        case "settings_changed_by_trigger":
            "A trigger of the application's table changed a setting of the session and left it so. Nothing was changed. Ask "
                + "the application's team: its function needs a SET clause of its own."
        case "pin_taken": "Somebody got this PIN at the same moment. Nothing was changed; try again."
        case "database_error":
            "The database could not write the change. Nothing was changed; the server's log says why."
        default: "The database refused it (\(rule ?? "no reason given"))."
        }
    }

    private static func alreadySo(_ action: AccountChange.Action?) -> String {
        switch action {
        case .setActive(true): "This account is active already."
        case .setActive(false): "This account is inactive already."
        case .setVerified(true): "This account is marked as verified already."
        case .setVerified(false): "This account is not marked as verified."
        default: "It is so already."
        }
    }
}
