extension Account {
    /// Something that counts for a change of an account and became different between two readings, in words.
    public struct Difference: Equatable, Sendable {
        /// What it is, such as `e-mail address`.
        public var name: String
        /// What it was.
        public var before: String
        /// What it is now.
        public var after: String
    }

    /// What counts for a change of the account and is different now.
    public func differences(from now: Account) -> [Difference] {
        func difference(_ name: String, _ isSame: Bool, _ words: (Account) -> String) -> Difference? {
            isSame ? nil : Difference(name: name, before: words(self), after: words(now))
        }
        // PostgreSQL tells an accent from a letter with one; Swift's == does not.
        func isSame(_ one: String, _ other: String) -> Bool { one.unicodeScalars.elementsEqual(other.unicodeScalars) }
        let all = [
            difference("e-mail address", isSame(email, now.email), \.email),
            difference("username", isSame(username, now.username), \.username),
            difference("name", isSame(firstName, now.firstName) && isSame(lastName, now.lastName), \.fullName),
            difference(
                "sign-in method", signIn == now.signIn && externalMarker == now.externalMarker, \.signInWords),
            difference("voice PIN", hasVoicePIN == now.hasVoicePIN) { $0.hasVoicePIN ? "set" : "not set" },
            difference("active or inactive", isActive == now.isActive) { $0.isActive ? "active" : "inactive" },
            difference("verified or not", isVerified == now.isVerified) { $0.isVerified ? "verified" : "not verified" },
        ]
        return all.compactMap { $0 }
    }

    private var signInWords: String {
        signIn == .external ? "SSO" + (externalMarker.map { " (\($0))" } ?? "") : "local password"
    }
}
