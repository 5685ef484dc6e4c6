public import ConvonetDatabase

/// What `migrate` was asked to do.
public struct MigrationRequest: Equatable, Sendable {
    /// The application's table of people.
    public var usersTable: QualifiedName
    /// The prefix of the roles' names.
    public var rolePrefix: String
    /// Whether that prefix was asked for by name, so that an installation without it is not what was wanted.
    public var insistsOnPrefix: Bool
    /// Installs without roles even where they could be made.
    public var withoutRoles: Bool
    /// Existing database roles, and the group that each is put into.
    public var grants: [Grant]
    /// Whether a trigger on the users' table notes changes that come past us; nil: as it is.
    public var watchesDirectChanges: Bool?
    /// Makes functions, views and rights anew though they look as they were installed, for who does not trust what says so.
    public var rebuilds: Bool
    /// Lets a log's head that is behind its events follow them.
    public var followsLog: Bool

    /// A role and the group that it joins.
    public struct Grant: Equatable, Sendable {
        /// The group.
        public var kind: RoleNames.Kind
        /// The role, which must exist.
        public var role: String

        /// A grant.
        public init(kind: RoleNames.Kind, role: String) {
            self.kind = kind
            self.role = role
        }
    }

    /// A request; for the application's own table, with roles if they can be made.
    public init(
        usersTable: QualifiedName = .usersConvonet, rolePrefix: String = RoleNames.standardPrefix,
        insistsOnPrefix: Bool = false, withoutRoles: Bool = false, grants: [Grant] = [],
        watchesDirectChanges: Bool? = nil, rebuilds: Bool = false, followsLog: Bool = false
    ) {
        self.usersTable = usersTable
        self.rolePrefix = rolePrefix
        self.insistsOnPrefix = insistsOnPrefix
        self.withoutRoles = withoutRoles
        self.grants = grants
        self.watchesDirectChanges = watchesDirectChanges
        self.rebuilds = rebuilds
        self.followsLog = followsLog
    }
}
