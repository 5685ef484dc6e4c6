/// What a change does not reach: the application's tokens, which it checks without asking the database.
public enum StandingSessions {
    /// That somebody who is signed in stays so.
    public static let note = "Devices already signed in stay signed in until their session expires."
}
