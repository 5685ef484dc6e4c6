internal import AccountPolicy
import Credentials

extension ChangeKind {
    /// Another voice PIN, or none.
    public static let voicePIN = ChangeKind(
        "voice_pin", title: "Reset voice PIN", noun: "voice PIN", counted: "voice PIN", related: ["send_pin_link"],
        actions: [.issuePIN, .setPIN, .clearPIN],
        refusals: [
            RefusalRule("no_voice_pin", "no PIN set", "This person has no voice PIN to clear."),
            RefusalRule(
                "no_free_pin", "no free PIN",
                "No free PIN was found. Set issued_pin_length to 6 in the policy, or clear PINs that nobody uses."),
            RefusalRule(
                "pin_unavailable", "unavailable",
                "This PIN is not available. Issue one instead, or type another."),
            RefusalRule(
                "pin_taken", "PIN just taken",
                "Someone else got this PIN at the same moment. Nothing was changed; try again."),
            RefusalRule(
                "pins_by_link_only", "only by link",
                "The policy allows new voice PINs only by e-mailed link. Send a PIN link."),
            RefusalRule("pin_malformed", brief: "invalid PIN") {
                "A voice PIN has \($0.pinLengths.lowerBound) to \($0.pinLengths.upperBound) digits (0 to 9). Enter it again."
            },
            RefusalRule("typed_pin_limit", brief: "typed PIN limit reached") {
                $0.typedPINLimit == 0
                    ? "The policy does not allow typed PINs. Issue one instead."
                    : "Limit reached: too many typed PINs were refused within the hour. Issue one instead."
            },
            RefusalRule("pin_answer_limit", brief: "PIN limit reached") {
                "Limit reached: \($0.pinAnswersPerHour) PIN\($0.pinAnswersPerHour == 1 ? "" : "s") issued or tried within an "
                    + "hour (pin_answers_per_hour). Wait, or ask a colleague."
            },
        ],
        shows: { ("Voice PIN", $0.hasVoicePIN ? "set" : "not set") })
}

extension AccountAction {
    /// A voice PIN that the database draws.
    public static let issuePIN = pinReset(
        "issue_voice_pin", method: "issued", option: "Issue", value: .drawnPIN, applies: "apply_issued_pin",
        words: ActionWords(
            attempt: "issue voice PIN", done: "Voice PIN issued", question: "Issue this person a new voice PIN?",
            order: { "issue a voice PIN for \($0)" }, result: newPIN))

    /// A voice PIN that somebody types.
    public static let setPIN = pinReset(
        "set_voice_pin", method: "typed", option: "Type", value: .typedPIN, applies: "apply_typed_pin", typing: .always,
        words: ActionWords(
            attempt: "set voice PIN", done: "Voice PIN set", question: "Set this person's voice PIN?",
            order: { "set the voice PIN of \($0)" }, result: newPIN))

    /// No voice PIN any more.
    public static let clearPIN = pinReset(
        "clear_voice_pin", method: "cleared", option: "Clear", title: "Clear the voice PIN", value: .none,
        applies: "apply_cleared_pin",
        words: ActionWords(
            attempt: "clear voice PIN", done: "Voice PIN cleared", question: "Clear this person's voice PIN?",
            order: { "clear the voice PIN of \($0)" }, result: { _ in "The voice PIN was cleared." }),
        onlyByLink: nil, refusal: { account, _ in account.hasVoicePIN ? nil : "no_voice_pin" })

    @Sendable private static func newPIN(before: Account) -> String {
        "The new voice PIN works now" + (before.hasVoicePIN ? "; the old one does not." : ".")
    }

    private static func pinReset(
        _ name: String, method: String, option: String, title: String? = nil, value: NewValue, applies: String,
        typing: ActionRules.Typing? = nil, words: ActionWords, onlyByLink: ActionRules.OnlyByLink? = .voicePINs,
        refusal: @escaping @Sendable (Account, ChangeContext) -> String? = { _, _ in nil }
    ) -> AccountAction {
        AccountAction(
            name, method: method, option: option, title: title, value: value,
            rules: ActionRules(
                applies: applies, column: .voicePIN, budget: .credential, replacesCredential: true, isNotified: true,
                typing: typing, onlyByLink: onlyByLink, needsProof: true),
            words: words, refusal: refusal, apply: { account, _ in account.hasVoicePIN = value != .none })
    }
}

extension NewValue {
    private static let malformedPIN = ["pin_empty", "pin_not_digits", "pin_not_ascii_digits", "pin_wrong_length"]

    /// A voice PIN that somebody types.
    public static let typedPIN = NewValue.typedText(
        TypedText(
            name: "voice PIN", praise: "Not easy to guess.", malformed: malformedPIN,
            rules: PINPattern.allCases.map(\.rule)
        ) { digits, policy in
            do throws(CredentialFailure) {
                let pin = try VoicePIN(parsing: digits, lengths: policy.pinLengths)
                return PINRules.weakness(of: pin).map { CredentialFailure(rule: $0.rule, message: $0.message) }
            } catch {
                return error
            }
        })
}
