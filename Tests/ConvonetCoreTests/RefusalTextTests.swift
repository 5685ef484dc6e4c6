import AccountPolicy
import Testing

@testable import ConvonetCore

@Suite struct RefusalTextTests {
    private static let rules = [
        "account_changed", "request_id_missing", "request_id_reused", "reason_required", "ticket_required",
        "ticket_malformed", "verification_required", "external_sign_in", "hash_malformed", "pin_malformed",
        "pin_unavailable", "typed_pin_limit", "no_free_pin", "no_voice_pin", "already_so", "typed_not_allowed",
        "operator_budget", "account_budget", "account_protected", "approval_required", "approval_denied", "own_request",
        "already_decided", "approval_expired", "approval_outdated", "links_only", "pins_by_link_only",
        "link_to_inactive", "no_reset_link",
        "overridden_by_trigger", "database_error", "policy_changed",
    ]

    /// The console shows the same words, and has no options.
    @Test(arguments: rules)
    func aRefusalNamesNoOptionAndNoCommand(rule: String) {
        for action in [AccountAction.generatePassword, .setPIN, .activate] {
            let text = RefusalText.message(rule: rule, detail: .standard, action: action, approval: 7)
            #expect(!text.contains("--") && !text.contains("convonet-admin") && text.hasSuffix("."), "\(text)")
        }
    }
}
