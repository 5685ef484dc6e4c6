/// What a change does not reach: the application's tokens, which it checks without asking the database.
public enum StandingSessions {
    /// That somebody who is signed in stays so.
    public static let note = "Devices already signed in stay signed in until their session expires."

    /// Whether that has to be said of a change that is done.
    public static func remain(after action: AccountChange.Action) -> Bool {
        switch action {
        case .generatePassword, .setPassword, .setActive(false): true
        case .issuePIN, .setPIN, .clearPIN, .sendResetLink, .revokeResetLinks, .setActive(true), .setVerified: false
        }
    }
}
