extension ChangeKind {
    /// A reset of the last minutes is taken back.
    public static let undo = ChangeKind(
        "undo", title: "Take back a reset", meaning: "has the password or PIN from before again",
        related: ChangeKind.password.related + ChangeKind.voicePIN.related, actions: [.undo])

    /// Why a change of this kind cannot itself be taken back.
    public static let undoneStays = "What was taken back cannot be taken back again. Reset it anew."
}

extension AccountAction {
    /// The password or PIN from before a reset comes back.
    public static let undo = AccountAction(
        "undo", value: .replaced, function: "undo_change",
        rules: ActionRules(applies: "apply_undo", replacesCredential: true, isNotified: true, standsAlone: true),
        words: ActionWords(
            attempt: "take back", done: "Taken back", question: "Take this reset back?",
            order: { "take back the reset of \($0)" },
            result: { _ in "Taken back: what was there before the reset is valid again. What was issued is not." }))
}
