extension ChangeKind {
    /// A reset of the last minutes is taken back.
    public static let undo = ChangeKind(
        "undo", title: "Take back a reset", meaning: "has the password or PIN from before again",
        related: ChangeKind.password.related + ChangeKind.voicePIN.related, actions: [.undo],
        refusals: [
            RefusalRule(
                "undo_missing", "not a reset",
                "This receipt is of no reset of a password or PIN of this person. Check the number."),
            RefusalRule("undo_done", "taken back already", "This reset was taken back already."),
            RefusalRule("undo_of_undo", "itself an undo", undoneStays),
            RefusalRule(
                "undo_expired", "too late to take back",
                "This can no longer be taken back: its time is over, or the person has set another since. Reset "
                    + "it again if need be."),
            RefusalRule(
                "undo_covered", "reset again since",
                "A later reset took the place of this one. Take that back first."),
            RefusalRule(
                "undo_foreign", "somebody else's reset",
                "Only the operator who made this reset, or a supervisor, can take it back."),
            RefusalRule(
                "undo_outdated", "used or changed since",
                "The person has signed in since, or the account changed otherwise: what is valid now stays. "
                    + "Reset it again if need be."),
            RefusalRule("undo_pin_taken", "old PIN taken", "Someone else has the old PIN by now. Issue a new one."),
        ])

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
