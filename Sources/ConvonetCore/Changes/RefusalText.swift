import AccountPolicy
import Credentials

/// The words for what the database refuses: why, and the next step. What this program refuses itself brings its own, as does
/// a kind of change for what only it is refused for (``RefusalRule``).
///
/// They name neither keys nor options, since every front end shows them; the command line adds its options to them.
enum RefusalText {
    static func message(
        rule: String?, detail policy: Policy, action: AccountAction? = nil, approval: Int? = nil,
        changed: [String] = []
    ) -> String {
        if let pattern = PINPattern.allCases.first(where: { $0.rule == rule }) { return pattern.message }
        if let refusal = rule.flatMap(RefusalRule.named) { return refusal.sentence(policy) }
        if let sentence = rule.flatMap({ sentences[$0] }) { return sentence }
        return switch rule {
        case "account_changed":
            "The account changed since you saw it\(changed.isEmpty ? "" : ": " + changed.joined(separator: ", ")). "
                + "Nothing was changed. Check the account and try again."
        case "ticket_malformed":
            "The ticket is not in the form that the policy requires: \(policy.ticketPattern). Correct it."
        case "verification_required":
            "The policy requires the caller to be verified. Choose how: "
                + policy.verificationMethods.map(\.name).joined(separator: ", ") + "."
        case "already_so": action?.words.alreadySo?.sentence ?? "There is nothing to change."
        case "typed_not_allowed":
            typedNotAllowed(action)
        case "operator_budget":
            "Limit reached: you reset passwords or PINs \(times(policy.resetsPerOperatorHour)) within an hour. Wait, or ask a "
                + "colleague."
        case "state_budget":
            "Limit reached: you changed accounts' status \(times(policy.statesPerOperatorHour)) within an hour. Wait, or ask a "
                + "colleague."
        case "account_budget":
            "Limit reached: reset \(times(policy.resetsPerAccountDay)) in 24 hours. Check the account's history first; it can be "
                + "reset again 24 hours after the first of them."
        case "approval_required":
            "This account is protected. Ask a supervisor to approve \(approval.map { "request \($0)" } ?? "the change"), then "
                + "repeat it within \(policy.approvalMinutes) minutes."
        case "approval_denied":
            "A supervisor denied \(approval.map { "request \($0)" } ?? "this"). The list of past requests says why."
        default: "The database refused the change (\(rule ?? "no reason given"))."
        }
    }

    /// Of those rules that mean the same whatever the policy says.
    private static let sentences = [
        "caller_unproven":
            "The caller has to prove who they are first. Send them a code, enter what they read back, and repeat this.",
        "code_limit": "Limit reached: three codes were sent for this account within the hour. Wait.",
        "no_phone_number": "No code can be sent to a telephone of this person now. Send it by mail.",
        "code_missing": "You have sent no code to this person. Send one.",
        "code_malformed": "A code has six digits. Enter what the caller reads.",
        "code_wrong": "The code is wrong. Ask the caller to read it again.",
        "code_tries": "This code was entered wrong five times and is void. Send another.",
        "code_used": "This code has been used. Send another if the caller has to prove it again.",
        "code_expired": "This code has expired: it was valid for ten minutes. Send another.",
        "code_replaced": "You have sent another code since, and only the last one is valid. Enter that one.",
        "code_outdated":
            "The account's e-mail address or number changed, or the person reported something, after the code was sent. Send another.",
        "code_not_sent": "The mail with the code has not been sent yet. Wait for it.",
        "code_unchecked":
            "The person's telephone number cannot be read now, so this code cannot be checked. Try again, or send one by mail.",
        "code_elsewhere":
            "This code was asked for by another program of yours, or before it was restarted. Send another from here.",
        "policy_changed":
            "The policy changed after the password was checked. Nothing was changed. Try again: the new rules now apply.",
        "request_id_missing": "The request has no id. Try again.",
        "request_id_reused":
            "This request id was already used for another change. Use a new one.",
        "reason_required": "A reason is required. Give one.",
        "ticket_required": "The policy requires a ticket. Give one.",
        "external_sign_in":
            "This person signs in with SSO and has no local password. Reset the password there, or set a local one only if "
            + "they want it.",
        "hash_malformed": "The database rejected the password hash. This is a bug; please report it.",
        "account_protected":
            "This account is protected: every change needs a second person, and an installation without roles cannot tell two "
            + "people apart. Ask the database's owner or the application's team.",
        "own_request": "This is your own request. Ask another supervisor to decide it.",
        "already_decided": "This request has already been decided. Look at it again.",
        "approval_expired":
            "This request has expired. Ask the operator to repeat the change, and decide the new request.",
        "approval_outdated":
            "The account changed since this request. Ask the operator to check it and repeat the change.",
        "links_only": "The policy allows password resets only by e-mailed link or by a code. Send or issue one.",
        "address_unusable": "This account has no e-mail address. Set one in the application first.",
        "mail_queue_full":
            "The mail queue is full, and nothing was queued. Have the mail program looked at, or do it without mail: by a code.",
        "approvals_waiting": "Fifty requests of yours wait for approval. Have them decided first.",
        "reset_codes_open": "As many codes are open as there can be. Wait some minutes, or send a link.",
        "reset_code_tries": "This code was entered wrong too often and is void. Issue another.",
        "reset_code_wrong": "The code that was entered is wrong.",
        "link_used": "It was used.", "link_void": "It was revoked or replaced.",
        "link_outdated": "The password, PIN, address or username changed after it was given.",
        "link_expired": "Its time was over.",
        "frozen": "This account is frozen. Ask a supervisor to unfreeze it.",
        "overridden_by_trigger":
            "A trigger on the application's table changed the new value. Nothing was saved. Ask the application's team.",
        "settings_changed_by_trigger":
            "A trigger on the application's table changed a session setting and did not restore it. Nothing was changed. Ask "
            + "the application's team to add a SET clause to its function.",
        "database_error": "The database could not save the change. Nothing was changed. The server's log says why.",
    ]

    private static func typedNotAllowed(_ action: AccountAction?) -> String {
        let kind = action.flatMap { ChangeKind.of(action: $0.name) }
        let other = kind?.actions.first { !$0.value.isTyped && $0.value != .none }
        return "The policy does not allow a typed \(kind?.noun ?? "value")."
            + (other.map { " \($0.option) one instead." } ?? "")
    }

    private static func times(_ count: Int) -> String {
        switch count {
        case 1: "once"
        case 2: "twice"
        default: "\(count) times"
        }
    }
}
