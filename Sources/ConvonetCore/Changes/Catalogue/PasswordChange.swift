extension ChangeKind {
    /// Another password.
    public static let password = ChangeKind(
        "password", title: "Reset password", noun: "password", counted: "password",
        related: ["change_password", "send_reset_link", "revoke_reset_links", "enter_reset_code"],
        actions: [.generatePassword, .setPassword, .issueResetCode])
}

extension AccountAction {
    /// A password that the program makes up.
    public static let generatePassword = passwordReset(
        method: "generated", option: "Generate", value: .generatedPassword)
    /// A password that somebody types.
    public static let setPassword = passwordReset(method: "typed", option: "Type", value: .typedPassword)

    /// A code that is read out, and by which the person sets a password themselves.
    public static let issueResetCode = AccountAction(
        "issue_reset_code", method: "code", option: "Code", title: "Read out a code", value: .generatedCode,
        givesPassword: true,
        rules: ActionRules(applies: "apply_reset_code", budget: .credential, isNotified: true, needsProof: true),
        words: ActionWords(
            attempt: "issue reset code", done: "Reset code issued",
            question: "Read this person a code to set a password with?", order: { "issue a reset code for \($0)" },
            result: { _ in
                "The person enters it with their e-mail address or username on the page that reset links lead to, and "
                    + "chooses a password. The old one works until then."
            }),
        refusal: { $0.isActive ? needsLocalPassword($0, $1) : "link_to_inactive" })

    private static func passwordReset(method: String, option: String, value: NewValue) -> AccountAction {
        AccountAction(
            "reset_password", method: method, option: option, value: value, givesPassword: true,
            rules: ActionRules(
                applies: "apply_password", column: .passwordHash, budget: .credential, replacesCredential: true,
                isNotified: true,
                typing: .unlessGenerated, onlyByLink: .passwords, needsProof: true, endsSessions: true),
            words: ActionWords(
                attempt: "reset password", done: "Password reset", question: "Reset this person's password?",
                order: { "reset the password of \($0)" },
                result: {
                    "The new password works now\($0.signIn == .password ? "; the old one does not" : ""). \(StandingSessions.note)"
                }),
            refusal: Self.needsLocalPassword,
            apply: { account, _ in
                account.signIn = .password
                account.externalMarker = nil
            })
    }

    /// That somebody signs in with SSO and does not want a local password.
    static func needsLocalPassword(_ account: Account, _ context: ChangeContext) -> String? {
        account.signIn == .external && !context.wantsLocalPassword ? "external_sign_in" : nil
    }
}
