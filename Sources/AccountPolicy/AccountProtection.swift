/// Whose accounts the policy protects: every change of them needs a second person.
///
/// Who is meant the database alone decides, since it depends on the application's teams.
public struct AccountProtection: Equatable, Sendable {
    /// Domains of e-mail addresses, their subdomains included.
    public var domains: [String]
    /// E-mail addresses, usernames or ids; an id stays with a person whose address changes.
    public var accounts: [String]
    /// Roles in the application's teams, such as `owner`.
    public var teamRoles: [String]

    /// A protection; of nobody, unless told.
    public init(domains: [String] = [], accounts: [String] = [], teamRoles: [String] = []) {
        self.domains = domains
        self.accounts = accounts
        self.teamRoles = teamRoles
    }

    /// Whether nobody is protected.
    public var isEmpty: Bool { self == AccountProtection() }
}
