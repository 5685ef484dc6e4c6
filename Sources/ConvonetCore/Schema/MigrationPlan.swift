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
        if let version = found.installedVersion, version < SchemaSource.version {
            try plan.upgrade(from: version, request.usersTable, found, roles)
        } else if found.installedVersion == nil {
            try plan.install(request, found, roles)
        }
        if !found.areViewsCurrent || found.installedVersion.map({ $0 < SchemaSource.version }) ?? false {
            plan.attachViews(request.usersTable, found, roles)
        }
        try plan.grantRoles(request, found, roles)
        plan.watchDirectChanges(request, found, roles)
        return plan
    }

    /// The SQL that takes away what the application's table depends on, so that it may be altered.
    public static func detachScript(_ users: QualifiedName) -> String {
        """
        \(dropViews)
        \(DirectChangeTrigger.drop(from: users))
        """
    }

    private static let dropViews = """
        DROP VIEW IF EXISTS convonet_admin.account_pieces, convonet_admin.account_search, convonet_admin.accounts,
            convonet_admin.account_teams;
        """

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
        return found.mayCreateRoles && found.mayGrantOnUsersTable && mayUseOwner ? roles : nil
    }

    private mutating func install(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        guard found.mayCreateSchema, found.mayUseUsersTable else { throw .notPermitted(.migrate) }
        if roles == nil, found.isSuperuser {
            throw .cannotMigrate(
                "Without roles everything would belong to the superuser \(found.currentUser), and a trigger of the "
                    + "application would run with its rights. Run migrate as the database's owner, or let it make roles."
            )
        }
        let users = request.usersTable
        summary.append("Installs the schema convonet_admin, version \(SchemaSource.version), for \(users).")
        if let roles {
            summary.append(
                "Makes the roles \(roles.owner) and \(roles.prefix)"
                    + "{\(RoleNames.Kind.allCases.map(\.rawValue).joined(separator: ","))}.")
            summary.append("Lets \(roles.owner) read \(users) and change its five columns of credentials and states.")
            add(ownerScript(users, found, roles))
        } else {
            summary.append(
                "Works without roles: \(request.withoutRoles ? "as asked" : "\(found.currentUser) may not make them"). "
                    + "Everything belongs to \(found.currentUser), who can also go around it.")
            add("CREATE SCHEMA convonet_admin;")
        }
        addSchema(from: 0, users, roles)
        let prefix = roles.map { QualifiedName.literal($0.prefix) } ?? "NULL"
        add(
            """
            INSERT INTO convonet_admin.installation (schema_version, users_table, role_prefix)
            VALUES (\(SchemaSource.version), \(QualifiedName.literal(users.quoted)), \(prefix));
            """)
        if roles != nil { add("SET LOCAL ROLE NONE;") }
    }

    /// Brings an older schema up to date; its views are taken away, to be made anew.
    private mutating func upgrade(
        from version: Int, _ users: QualifiedName, _ found: SchemaInspection, _ roles: RoleNames?
    ) throws(AdminError) {
        summary.append("Brings the schema convonet_admin from version \(version) to \(SchemaSource.version).")
        if let roles {
            let missing = RoleNames.Kind.allCases.map(roles.name).filter { !found.existingRoles.contains($0) }
            if !missing.isEmpty {
                guard found.mayCreateRoles else { throw .notPermitted(.migrate) }
                summary.append("Makes the role\(missing.count > 1 ? "s" : "") \(missing.joined(separator: ", ")).")
            }
            guard found.isSuperuser || found.rolesHeld.contains(roles.owner) else { throw .notPermitted(.migrate) }
            for role in missing { add("CREATE ROLE \(QualifiedName.quote(role)) NOLOGIN;") }
            add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));")
        }
        add(Self.dropViews)
        addSchema(from: version, users, roles)
        add("UPDATE convonet_admin.installation SET schema_version = \(SchemaSource.version);")
        if roles != nil { add("SET LOCAL ROLE NONE;") }
    }

    /// What belongs to the schema's owner: tables, functions, rights, the table of refused PINs.
    private mutating func addSchema(from version: Int, _ users: QualifiedName, _ roles: RoleNames?) {
        for file in SchemaSource.files(from: version) { add(SchemaSource.text(file, users: users, roles: roles)) }
        add(
            """
            REVOKE ALL ON ALL FUNCTIONS IN SCHEMA convonet_admin FROM PUBLIC;
            REVOKE ALL ON ALL TABLES IN SCHEMA convonet_admin FROM PUBLIC;
            REVOKE ALL ON SCHEMA convonet_admin FROM PUBLIC;
            """)
        add(SchemaSource.hardening)
        if let roles { add(SchemaSource.text(SchemaSource.grants, users: users, roles: roles)) }
        add("DELETE FROM convonet_admin.refused_pin;")
        add(SchemaSource.refusedPINs)
        add("ANALYZE convonet_admin.refused_pin;")
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

    private mutating func attachViews(_ users: QualifiedName, _ found: SchemaInspection, _ roles: RoleNames?) {
        let views = SchemaSource.views + (found.areTeamsThere ? [SchemaSource.teamsView] : [])
        let names =
            "convonet_admin.accounts, convonet_admin.account_search, convonet_admin.account_pieces"
            + (found.areTeamsThere ? ", convonet_admin.account_teams" : "")
        summary.append("\(found.isViewThere ? "Renews" : "Makes") the views \(names).")
        if let roles {
            let owner = QualifiedName.quote(roles.owner)
            if found.areTeamsThere {
                add("GRANT SELECT ON \(users.teams.quoted), \(users.memberships.quoted) TO \(owner);")
            }
            add("SET LOCAL ROLE \(owner);")
        }
        if found.isViewThere { add(Self.dropViews) }
        for view in views { add(SchemaSource.text(view, users: users, roles: roles)) }
        if let roles {
            let groups = RoleNames.Kind.allCases.filter(\.seesAccounts).map { QualifiedName.quote(roles.name($0)) }
                .joined(separator: ", ")
            add("GRANT SELECT ON \(names) TO \(groups);\nSET LOCAL ROLE NONE;")
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
            summary.append("Makes \(grant.role) a member of \(roles.name(grant.kind)).")
            add("GRANT \(QualifiedName.quote(roles.name(grant.kind))) TO \(QualifiedName.quote(grant.role));")
        }
    }

    /// Makes or removes the trigger where that was asked for, and puts it back where it was taken away.
    private mutating func watchDirectChanges(
        _ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?
    ) {
        let isWanted = request.watchesDirectChanges ?? found.watchesDirectChanges
        if isWanted != found.watchesDirectChanges {
            summary.append(isWanted ? "Watches direct changes from now on." : "Watches direct changes no longer.")
            if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
            add("UPDATE convonet_admin.installation SET watches_direct_changes = \(isWanted);")
            if roles != nil { add("SET LOCAL ROLE NONE;") }
        }
        guard isWanted != found.isTriggerThere else { return }
        let users = request.usersTable
        summary.append(
            isWanted
                ? "Makes a trigger on \(users), which notes credentials and states that are changed past the console."
                : "Removes the trigger on \(users).")
        // The application must not wait behind a migration that waits.
        add("SET LOCAL lock_timeout = '5s';")
        add(
            isWanted
                ? DirectChangeTrigger.create(on: users, roles: roles) : DirectChangeTrigger.drop(from: users))
    }

    private mutating func add(_ sql: String) {
        script += sql
        if !script.hasSuffix("\n") { script += "\n" }
    }
}
