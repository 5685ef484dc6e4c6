/// Short words for the rules by which a change was refused, as a list shows them.
public enum RuleName {
    /// The rule in a few words; one without words of its own is shown with spaces for underscores.
    public static func words(_ rule: String) -> String {
        words[rule] ?? PINPattern.allCases.first { $0.rule == rule }.map { _ in "easily guessed" }
            ?? rule.replacing("_", with: " ")
    }

    private static let words = [
        "account_changed": "the account had changed", "policy_changed": "the policy had changed",
        "request_id_reused": "request id used before",
        "reason_required": "reason missing", "ticket_required": "ticket missing", "ticket_malformed": "not a ticket",
        "verification_required": "caller not verified", "external_sign_in": "signs in elsewhere",
        "operator_budget": "operator's budget used up", "account_budget": "account's budget used up",
        "state_budget": "operator's budget of states used up", "pin_answer_limit": "too many PINs in the hour",
        "settings_changed_by_trigger": "a trigger left a setting changed",
        "account_protected": "account is protected", "approval_required": "needs an approval",
        "typed_not_allowed": "typing is not allowed", "already_so": "was so already",
        "pin_unavailable": "PIN cannot be had", "typed_pin_limit": "too many typed PINs",
        "no_voice_pin": "had no PIN", "overridden_by_trigger": "overridden by a trigger",
        "database_error": "could not be written", "password_common": "a common password",
        "password_contains_name": "contains a name", "password_contains_organisation_word": "contains our name",
        "password_organisation_list": "on the blocked list", "password_too_short": "too short",
        "password_too_long": "too long", "password_too_weak": "too weak", "pin_wrong_length": "wrong length",
        "pin_not_digits": "not only digits", "password_control_character": "has a control character",
        "password_invisible_end": "unseen character at an end",
    ]
}
