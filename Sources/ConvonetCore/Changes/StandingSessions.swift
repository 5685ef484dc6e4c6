/// What a change does to whoever is signed in: the application checks its tokens, and may or may not ask whether they still count.
public enum StandingSessions {
    /// What becomes of devices that are signed in.
    public static let note =
        "Devices that are signed in are signed out at once or when their session expires, depending on the application."
}
