extension ChangeKind {
    /// No token of theirs is good any more.
    public static let signOut = ChangeKind(
        "sign_out", title: "Sign out everywhere", meaning: "has to sign in again on every device", actions: [.signOut])
}

extension AccountAction {
    /// The application's tokens from before end; the password and the PIN stay.
    public static let signOut = AccountAction(
        "sign_out", rules: ActionRules(applies: "apply_sign_out", budget: .state, endsSessions: true),
        words: ActionWords(
            attempt: "sign out", done: "Signed out everywhere", question: "Sign this person out on every device?",
            order: { "sign out on every device: \($0)" },
            result: { _ in "\(StandingSessions.note) Password and PIN still work." }))
}
