extension ChangeKind {
    /// May sign in again.
    public static let activation = ChangeKind(
        "activate", title: "Activate the account", meaning: "can sign in again", related: ["deactivate"],
        actions: [.activate], reasonWithoutEffect: { $0.isActive ? "This account is already active." : nil })

    /// May not sign in any more.
    public static let deactivation = ChangeKind(
        "deactivate", title: "Deactivate the account", meaning: "cannot sign in. \(StandingSessions.note)",
        related: ["activate"], actions: [.deactivate], shows: { $0.isActive ? ("State", "active") : nil },
        reasonWithoutEffect: { $0.isActive ? nil : "This account is already inactive." })

    /// Marked as verified.
    public static let verification = ChangeKind(
        "verify", title: "Mark as verified", meaning: "is marked as verified", related: ["unverify"],
        actions: [.verify], shows: { ("Verified", $0.isVerified ? "yes" : "no") },
        reasonWithoutEffect: { $0.isVerified ? "This account is already verified." : nil })

    /// Not marked as verified any more.
    public static let unverification = ChangeKind(
        "unverify", title: "Mark as unverified", meaning: "is marked as unverified", related: ["verify"],
        actions: [.unverify], shows: { ("Verified", $0.isVerified ? "yes" : "no") },
        reasonWithoutEffect: { $0.isVerified ? nil : "This account is already unverified." })
}

extension AccountAction {
    /// May sign in again.
    public static let activate = state(
        "activate", true, column: .isActive, \.isActive, adjective: "active",
        words: ("activate", "Activated", "Activate this account?"), order: { "activate \($0)" },
        result: "The account is active: the person can sign in again.")

    /// May not sign in any more.
    public static let deactivate = state(
        "deactivate", false, column: .isActive, \.isActive, adjective: "inactive",
        words: ("deactivate", "Deactivated", "Deactivate this account?"), order: { "deactivate \($0)" },
        result: "The account is inactive: the person cannot sign in. \(StandingSessions.note)")

    /// Marked as verified.
    public static let verify = state(
        "verify", true, column: .isVerified, \.isVerified, adjective: "verified",
        words: ("mark verified", "Marked as verified", "Mark this account as verified?"),
        order: { "mark as verified: \($0)" }, result: "Marked as verified.")

    /// Not marked as verified any more.
    public static let unverify = state(
        "unverify", false, column: .isVerified, \.isVerified, adjective: "unverified",
        words: ("mark unverified", "Marked as unverified", "Mark this account as unverified?"),
        order: { "mark as unverified: \($0)" }, result: "Marked as unverified.")

    private static func state(
        _ name: String, _ value: Bool, column: WrittenColumn, _ property: any WritableKeyPath<Account, Bool> & Sendable,
        adjective: String, words: (attempt: String, done: String, question: String),
        order: @escaping @Sendable (String) -> String, result: String
    ) -> AccountAction {
        AccountAction(
            name, value: .state(value), function: column == .isActive ? "set_account_active" : "set_account_verified",
            rules: ActionRules(
                applies: "apply_state", column: column, value: String(value), budget: .state, needsProof: value,
                endsSessions: name == "deactivate"),
            words: ActionWords(
                attempt: words.attempt, done: words.done, question: words.question, order: order,
                result: { _ in result },
                alreadySo: ("already \(adjective)", "This account is already \(adjective).")),
            apply: { account, _ in account[keyPath: property] = value })
    }
}
