/// Who did something: first the database user, whom the server checked; what the program claims stands beside it as a claim.
public struct ActorName: Equatable, Sendable {
    /// The database user.
    public var databaseUser: String
    /// The system user at the keyboard, where the program claims one.
    public var claimedSystemUser: String?

    /// Somebody's names.
    public init(databaseUser: String, claimedSystemUser: String? = nil) {
        self.databaseUser = databaseUser
        self.claimedSystemUser = claimedSystemUser
    }

    /// Such as `desk1 (claims system user root)`; the user alone where nothing or the same is claimed.
    public var words: String {
        guard let claimedSystemUser, claimedSystemUser != databaseUser else { return databaseUser }
        return "\(databaseUser) (claims system user \(claimedSystemUser))"
    }
}

extension AuditEvent {
    /// Who did it, in words. What people do for themselves has the database user of self-service; what is done because its time has
    /// come has that of whoever ran `tidy`.
    public var actor: String {
        switch actorKind {
        case "self": "the person, via \(dbUser)"
        case "schedule": "schedule, via \(dbUser)"
        default: ActorName(databaseUser: dbUser, claimedSystemUser: operatorName).words
        }
    }

    /// The same in a word; nil where it is the database user who did it.
    public var actorWord: String? { ["self": "the person", "schedule": "schedule"][actorKind] }
}

/// Who an event says did it, by kind.
public enum ActorKind {
    /// `actor_kind` in words.
    public static func words(_ kind: String) -> String {
        switch kind {
        case "operator": "an operator"
        case "self": "the person, by self-service"
        case "schedule": "the schedule: its time had come"
        case "outside": "somebody outside the console"
        default: kind
        }
    }
}
