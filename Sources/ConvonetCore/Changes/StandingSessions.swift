/// What a change does not reach: the application's tokens, which it checks without asking the database.
public enum StandingSessions {
    /// That somebody who is signed in stays so.
    public static let note = "Devices already signed in stay signed in until their session expires."
    /// That nobody stays signed in, as soon as the application looks.
    public static let ended =
        "Every device has to sign in again, once the application asks tokens_not_before whether a token still counts."
}
