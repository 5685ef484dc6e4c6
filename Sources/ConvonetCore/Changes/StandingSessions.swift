/// What a change does to whoever is signed in: the application checks its tokens, and may or may not ask whether they still count.
public enum StandingSessions {
    /// What becomes of devices that are signed in.
    public static let note =
        "Devices that are signed in are signed out at once or when their session expires, depending on the application."

    /// What is added where the change took longer than `grace` to be certain.
    static let lateNote = "\(meanwhile) Sign the person out everywhere once more."
    /// The same where it is not known whether it was made.
    static let ifMade = "If it was made: \(meanwhile) Then sign the person out everywhere once more."

    private static let meanwhile = "Whoever signed in before it was certain may stay signed in."

    /// How long after a change by staff tokens are still taken to be from before: the application sees it a round trip later. Less
    /// than the database's two seconds.
    static let grace = Duration.milliseconds(1500)
}
