/// What a change does not reach: the application's tokens, which it checks without asking the database.
public enum StandingSessions {
    /// That somebody who is signed in stays so.
    public static let note = "Where they are signed in already they stay so until their token ends."

    /// Whether that has to be said of a change that is done.
    public static func remain(after action: AccountChange.Action) -> Bool {
        switch action {
        case .generatePassword, .setPassword, .setActive(false): true
        case .issuePIN, .setPIN, .clearPIN, .sendResetLink, .revokeResetLinks, .setActive(true), .setVerified: false
        }
    }
}
