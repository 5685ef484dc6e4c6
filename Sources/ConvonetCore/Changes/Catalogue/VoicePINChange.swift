internal import AccountPolicy
import Credentials

extension ChangeKind {
    /// Another voice PIN, or none.
    public static let voicePIN = ChangeKind(
        "voice_pin", title: "Reset voice PIN", noun: "voice PIN", counted: "voice PIN", related: ["send_pin_link"],
        actions: [.issuePIN, .setPIN, .clearPIN],
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
            words: words, refusal: refusal, apply: { $0.hasVoicePIN = value != .none })
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
