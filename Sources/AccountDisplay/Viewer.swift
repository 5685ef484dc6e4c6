package import ConvonetCore

/// Who looks: what they did themselves is said to be done by “you”.
public struct Viewer: Equatable, Sendable {
    /// The database user of the session, whom the log names.
    public var databaseUser: String
    /// The system user at the keyboard, as the program claims it.
    public var systemUser: String

    /// Somebody who looks.
    public init(databaseUser: String, systemUser: String) {
        self.databaseUser = databaseUser
        self.systemUser = systemUser
    }

    /// What a database user is called: “you”, or by name.
    package func name(_ user: String) -> String { user == databaseUser ? "you" : user }

    /// The same with the system user that is claimed beside it, where that is another.
    package func words(_ actor: ActorName) -> String {
        guard actor.databaseUser == databaseUser else { return actor.words }
        let claimed = actor.claimedSystemUser.flatMap { [systemUser, databaseUser].contains($0) ? nil : $0 }
        return ActorName(databaseUser: "you", claimedSystemUser: claimed).words
    }

    /// ` by ` and who, where it is known who.
    package func by(_ user: String?) -> String { user.map { " by " + name($0) } ?? "" }
}
