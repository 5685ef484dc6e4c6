/// What `migrate` was asked to do.
public struct MigrationRequest: Equatable, Sendable {
    /// The application's table of people.
    public var usersTable: QualifiedName
    /// The prefix of the roles' names.
    public var rolePrefix: String
    /// Installs without roles even where they could be made.
    public var withoutRoles: Bool
    /// Existing database roles, and the group that each is put into.
    public var grants: [Grant]

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
        withoutRoles: Bool = false, grants: [Grant] = []
    ) {
        self.usersTable = usersTable
        self.rolePrefix = rolePrefix
        self.withoutRoles = withoutRoles
        self.grants = grants
    }
}

/// What `migrate` will do to one database: a summary to read, and the SQL.
public struct MigrationPlan: Equatable, Sendable {
    /// A few lines for the person who decides.
    public var summary: [String]
    /// The statements, in order; to be run in one transaction.
    public var script: String
    /// Whether there is anything to do.
    public var isEmpty: Bool { script.isEmpty }

    /// Derives the plan from what is there; throws `AdminError` where it cannot be done.
    static func make(_ request: MigrationRequest, _ found: SchemaInspection) throws(AdminError) -> MigrationPlan {
        guard found.serverVersion >= 130_000 else { throw .serverTooOld(version: found.serverVersion) }
        guard found.isUsersTableThere, found.missingColumns.isEmpty else {
            throw .usersTableMissing(request.usersTable.description)
        }
        if let version = found.installedVersion, version > SchemaSource.version {
            throw .schemaNewer(found: version, known: SchemaSource.version)
        }
        if let table = found.installedUsersTable, table != request.usersTable.quoted {
            throw .cannotMigrate(
                "The schema is installed for the table \(table). Uninstall it first, or correct users_table.")
        }
        let roles = try chosenRoles(request, found)
        var plan = MigrationPlan(summary: [], script: "")
        if found.installedVersion == nil { try plan.install(request, found, roles) }
        if !found.isViewThere { plan.attachView(request.usersTable, roles) }
        try plan.grantRoles(request, found, roles)
        return plan
    }

    /// The SQL that takes the view away, so that the application may alter its table.
    public static let detachScript = "DROP VIEW IF EXISTS convonet_admin.accounts;"

    private static func chosenRoles(_ request: MigrationRequest, _ found: SchemaInspection) throws(AdminError)
        -> RoleNames?
    {
        if found.installedVersion != nil {
            guard let prefix = found.installedRolePrefix else { return nil }
            return try RoleNames(prefix: prefix)
        }
        let roles = try RoleNames(prefix: request.rolePrefix)
        if request.withoutRoles { return nil }
        let mayUseOwner =
            found.isSuperuser || !found.existingRoles.contains(roles.owner) || found.rolesHeld.contains(roles.owner)
        return found.mayCreateRoles && mayUseOwner ? roles : nil
    }

    private mutating func install(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        // With a right to read but none to pass on, GRANT only warns, and what is installed would not work.
        guard found.mayCreateSchema, found.mayGrantOnUsersTable else { throw .notPermitted(.migrate) }
        if roles == nil, found.isSuperuser {
            throw .cannotMigrate(
                "Without roles everything would belong to the superuser \(found.currentUser), and a trigger of the "
                    + "application would run with its rights. Run migrate as the database's owner, or let it make roles."
            )
        }
        let users = request.usersTable
        summary.append("Installs the schema convonet_admin, version \(SchemaSource.version), for \(users).")
        if let roles {
            summary.append("Makes the roles \(roles.owner) and \(roles.prefix){viewer,operator,auditor,supervisor}.")
            summary.append("Lets \(roles.owner) read \(users) and change its five columns of credentials and states.")
            add(ownerScript(users, found, roles))
        } else {
            summary.append(
                "Works without roles: \(request.withoutRoles ? "as asked" : "\(found.currentUser) may not make any"). "
                    + "Everything belongs to \(found.currentUser), who can also go around it.")
            add("CREATE SCHEMA convonet_admin;")
        }
        for file in SchemaSource.steps[1] ?? [] { add(SchemaSource.text(file, users: users, roles: roles)) }
        let prefix = roles.map { QualifiedName.literal($0.prefix) } ?? "NULL"
        add(
            """
            INSERT INTO convonet_admin.installation (schema_version, users_table, role_prefix)
            VALUES (\(SchemaSource.version), \(QualifiedName.literal(users.quoted)), \(prefix));
            REVOKE ALL ON ALL FUNCTIONS IN SCHEMA convonet_admin FROM PUBLIC;
            REVOKE ALL ON ALL TABLES IN SCHEMA convonet_admin FROM PUBLIC;
            REVOKE ALL ON SCHEMA convonet_admin FROM PUBLIC;
            """)
        if let roles { add(SchemaSource.text(SchemaSource.grants, users: users, roles: roles)) }
        add(SchemaSource.refusedPINs)
        add("ANALYZE convonet_admin.refused_pin;")
        if roles != nil { add("SET LOCAL ROLE NONE;") }
    }

    private func ownerScript(_ users: QualifiedName, _ found: SchemaInspection, _ roles: RoleNames) -> String {
        let owner = QualifiedName.quote(roles.owner)
        let missing = ([roles.owner] + RoleNames.Kind.allCases.map(roles.name)).filter {
            !found.existingRoles.contains($0)
        }
        let joining =
            found.isSuperuser || found.rolesHeld.contains(roles.owner)
            ? [] : ["GRANT \(owner) TO \(QualifiedName.quote(found.currentUser));"]
        return
            (missing.map { "CREATE ROLE \(QualifiedName.quote($0)) NOLOGIN;" } + joining + [
                "GRANT \(QualifiedName.quote(roles.name(.viewer))) TO \(QualifiedName.quote(roles.name(.operator)));",
                "GRANT USAGE ON SCHEMA \(QualifiedName.quote(users.schema)) TO \(owner);",
                "GRANT SELECT, UPDATE (password_hash, voice_pin, is_active, is_verified, updated_at) ON \(users.quoted) TO \(owner);",
                "CREATE SCHEMA convonet_admin AUTHORIZATION \(owner);",
                "SET LOCAL ROLE \(owner);",
            ]).joined(separator: "\n")
    }

    private mutating func attachView(_ users: QualifiedName, _ roles: RoleNames?) {
        summary.append("Makes the view convonet_admin.accounts.")
        if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
        add(SchemaSource.text(SchemaSource.view, users: users, roles: roles))
        if let roles {
            let names = RoleNames.Kind.allCases.map { QualifiedName.quote(roles.name($0)) }.joined(separator: ", ")
            add("GRANT SELECT ON convonet_admin.accounts TO \(names);\nSET LOCAL ROLE NONE;")
        }
    }

    private mutating func grantRoles(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        guard !request.grants.isEmpty else { return }
        guard let roles else {
            throw .cannotMigrate(
                "There are no roles to grant: this installation works without. "
                    + "Every user who may log in as \(found.currentUser) has all its rights.")
        }
        if let missing = found.missingGrantees.first {
            throw .cannotMigrate(
                "The server has no role “\(missing)”. Make it first: "
                    + "CREATE ROLE \(QualifiedName.quote(missing)) LOGIN; then run migrate again.")
        }
        for grant in request.grants {
            guard found.existingRoles.contains(grant.role) else {
                throw .cannotMigrate(
                    "The server has no role \(grant.role). Make it first, such as with CREATE ROLE … LOGIN, "
                        + "and write its name as the server has it.")
            }
            summary.append("Makes \(grant.role) a member of \(roles.name(grant.kind)).")
            add("GRANT \(QualifiedName.quote(roles.name(grant.kind))) TO \(QualifiedName.quote(grant.role));")
        }
    }

    private mutating func add(_ sql: String) {
        script += sql
        if !script.hasSuffix("\n") { script += "\n" }
    }
}
