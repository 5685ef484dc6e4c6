extension ChangeKind {
    /// A link by which the person sets a password themselves, or gets a voice PIN.
    public static let link = ChangeKind(
        "link", title: "Send a reset link", counted: "reset link",
        meaning: "a link goes to the e-mail address above; until it is used, password and PIN stay as they are",
        related: ["reset_password", "change_password", "issue_voice_pin", "revoke_reset_links"],
        actions: [.sendResetLink, .sendPINLink],
        refusals: [
            RefusalRule(
                "link_to_inactive", "account inactive",
                "This account is inactive: the person could not use it. Activate it first."),
            RefusalRule(
                "links_sent", "too many links sent",
                "You sent ten links to this person within the hour. Wait, or issue a code."),
        ],
        reasonWithoutEffect: {
            $0.isActive
                ? nil : "This account is inactive: a link would not let the person in. Activate it first."
        })

    /// No link of theirs is good any more.
    public static let revocation = ChangeKind(
        "revoke_links", title: "Revoke reset links and codes", counted: "reset link",
        meaning: "all open links and codes are void", needsOpenLink: true,
        related: ["reset_password", "change_password", "send_reset_link", "send_pin_link"],
        actions: [.revokeResetLinks],
        refusals: [
            RefusalRule(
                "no_reset_link", "no valid link",
                "This person has no valid link or code. There is nothing to revoke.")
        ])
}

extension AccountAction {
    /// A link to the account's address, by which the person sets a password themselves.
    public static let sendResetLink = AccountAction(
        "send_reset_link", option: "Password link", givesPassword: true, sendsMail: true,
        rules: ActionRules(applies: "apply_link", budget: .credential),
        words: ActionWords(
            attempt: "send reset link", done: "Reset link queued", question: "E-mail this person a reset link?",
            order: { "e-mail a reset link to \($0)" },
            result: { _ in "The mail with the link is queued. The person's page shows what becomes of it." }),
        refusal: { $0.isActive ? needsLocalPassword($0, $1) : "link_to_inactive" })

    /// A link to the account's address, by which the person gets a voice PIN that nobody else sees.
    public static let sendPINLink = AccountAction(
        "send_pin_link", option: "PIN link", title: "Send a PIN link", sendsMail: true,
        rules: ActionRules(applies: "apply_pin_link", budget: .credential, needsProof: true),
        words: ActionWords(
            attempt: "send PIN link", done: "PIN link queued",
            question: "E-mail this person a link to a new voice PIN?",
            order: { "e-mail a link to a new voice PIN to \($0)" },
            result: { _ in
                "The mail with the link is queued. The person's page shows what becomes of it; a PIN that they have works until "
                    + "then."
            }),
        refusal: { account, _ in account.isActive ? nil : "link_to_inactive" })

    /// Whatever links are open become void.
    public static let revokeResetLinks = AccountAction(
        "revoke_reset_links", rules: ActionRules(applies: "apply_revoked_links", budget: .state),
        words: ActionWords(
            attempt: "revoke reset links", done: "Reset links revoked",
            question: "Revoke this person's reset links and codes?",
            order: { "revoke the reset links and codes of \($0)" },
            result: { _ in "All open links and codes are void." }))
}
