import Credentials

/// Short words for the rules by which a change was refused, as a list shows them.
public enum RuleName {
    /// The rule in a few words, as after “refused: ”; one without words of its own is shown with spaces for underscores.
    ///
    /// `action` is the log's name of what was refused: of some rules only that says what they mean.
    public static func words(_ rule: String, of action: String? = nil) -> String {
        if rule == "already_so" {
            return action.flatMap(AccountAction.named)?.words.alreadySo?.brief ?? "nothing to change"
        }
        if PINPattern.allCases.contains(where: { $0.rule == rule }) { return "PIN easy to guess" }
        if let refusal = RefusalRule.named(rule) { return refusal.brief }
        return words[rule] ?? rule.replacing("_", with: " ")
    }

    private static let words = [
        "account_changed": "account changed meanwhile", "policy_changed": "policy changed meanwhile",
        "request_id_reused": "request id already used", "refusal_limit": "too many to log each",
        "reason_required": "reason missing", "ticket_required": "ticket missing", "ticket_malformed": "invalid ticket",
        "verification_required": "caller not verified",
        "caller_unproven": "caller unproven", "code_limit": "code limit reached", "code_missing": "no code",
        "code_wrong": "wrong code", "code_tries": "too many wrong codes", "code_used": "code used",
        "code_expired": "code expired", "code_replaced": "code replaced", "code_outdated": "code outdated",
        "code_not_sent": "code not sent", "code_unchecked": "code could not be checked",
        "no_phone_number": "no telephone", "external_sign_in": "SSO account",
        "operator_budget": "operator's reset limit reached", "account_budget": "account's reset limit reached",
        "state_budget": "operator's status change limit reached",
        "settings_changed_by_trigger": "a trigger changed a setting",
        "account_protected": "protected account", "approval_required": "needs approval",
        "typed_not_allowed": "typing not allowed",
        "pin_empty": "empty PIN",
        "frozen": "account frozen",
        "links_only": "only by link or code",
        "mail_queue_full": "mail queue full",
        "approvals_waiting": "too many requests open",
        "reset_codes_open": "too many codes open", "reset_code_tries": "too many wrong codes",
        "reset_code_wrong": "wrong code", "link_used": "already used", "link_void": "revoked or replaced",
        "link_outdated": "account changed since", "link_expired": "expired",
        "overridden_by_trigger": "a trigger changed the value",
        "database_error": "database error", "password_common": "common password",
        "password_contains_name": "contains the person's name",
        "password_contains_organisation_word": "contains an organisation word",
        "password_breached": "leaked password", "password_organisation_list": "blocked password",
        "password_too_short": "too short",
        "password_too_long": "too long", "password_too_weak": "too weak", "pin_wrong_length": "wrong length",
        "pin_not_digits": "not all digits", "password_unchecked": "not checked for leaks",
        "password_control_character": "control character",
        "password_invisible_end": "invisible character at start or end",
    ]
}
