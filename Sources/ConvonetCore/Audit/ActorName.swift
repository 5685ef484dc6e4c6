/// Who did something, in words: first the database user, whom the server checked; what the program claims stands beside
/// it as a claim.
public enum ActorName {
    /// Such as `desk1 (claims system user root)`; the user alone where nothing or the same is claimed.
    public static func words(databaseUser user: String, claimedSystemUser claimed: String?) -> String {
        guard let claimed, claimed != user else { return user }
        return "\(user) (claims system user \(claimed))"
    }
}

extension ActorName {
    /// The database user alone, of what `words` says.
    public static func user(of words: String) -> String {
        words.firstRange(of: " (claims").map { String(words[..<$0.lowerBound]) } ?? words
    }
}

extension AuditEvent {
    /// Who did it, in words; of what people do for themselves the database user is that of self-service.
    public var actor: String {
        actorKind == "self"
            ? "the person, via \(dbUser)"
            : ActorName.words(databaseUser: dbUser, claimedSystemUser: operatorName)
    }
}
