extension ChangeKind {
    /// Nobody changes the account until that is lifted.
    public static let freeze = ChangeKind(
        "freeze", title: "Freeze the account",
        meaning: "nobody changes it until a supervisor lifts that; the person can sign in as before",
        related: ["unfreeze"], actions: [.freeze])

    /// The account can be changed again.
    public static let unfreeze = ChangeKind(
        "unfreeze", title: "Unfreeze the account", meaning: "can be changed again", related: ["freeze"],
        actions: [.unfreeze],
        refusals: [
            RefusalRule("not_frozen", "not frozen", "This account is not frozen."),
            RefusalRule(
                "report_unanswered", "reported by the person",
                "The person reported: that was not me. Find out what happened, and unfreeze the account with "
                    + "that as the reason."),
        ])

    /// Wrong old passwords are forgotten.
    public static let unblocking = ChangeKind(
        "unblock", title: "Unblock",
        meaning: "wrong old passwords are forgotten: the person can set a new password again at once",
        actions: [.unblock],
        refusals: [
            RefusalRule("not_blocked", "not blocked", "No wrong old passwords block this person.")
        ])
}

extension AccountAction {
    /// Nobody changes the account until a supervisor lifts it; the reason is shown to whoever comes upon it.
    public static let freeze = AccountAction(
        "freeze", function: "freeze_account", needsReason: true, isSupervisors: true,
        rules: ActionRules(applies: "apply_freeze", budget: .state, standsAlone: true),
        words: ActionWords(
            attempt: "freeze", done: "Frozen", question: "Freeze this account?", order: { "freeze \($0)" },
            result: { _ in "Frozen: nobody changes this account until a supervisor unfreezes it." }),
        apply: { account, _ in account.isFrozen = true })

    /// The account can be changed again.
    public static let unfreeze = AccountAction(
        "unfreeze", function: "unfreeze_account", isSupervisors: true,
        rules: ActionRules(applies: "apply_unfreeze", budget: .state, standsAlone: true),
        words: ActionWords(
            attempt: "unfreeze", done: "Unfrozen", question: "Unfreeze this account?", order: { "unfreeze \($0)" },
            result: { _ in "The account can be changed again." }),
        apply: { account, _ in account.isFrozen = false })

    /// Wrong old passwords, which hold up whoever sets another one, are forgotten.
    public static let unblock = AccountAction(
        "unblock", function: "unblock_account", rules: ActionRules(applies: "apply_unblock", budget: .state),
        words: ActionWords(
            attempt: "unblock", done: "Unblocked", question: "Unblock this person?", order: { "unblock \($0)" },
            result: { _ in "Wrong old passwords are forgotten: the person can set a new password again at once." }))
}
