extension MigrationPlan {
    /// Whether the current user can do what the plan needs, and our roles are such as the schema can rest on.
    mutating func checkRights(_ found: SchemaInspection, _ roles: RoleNames?) throws(AdminError) {
        guard let roles else {
            if found.isSuperuser {
                throw .cannotMigrate(
                    "Without roles everything would belong to the superuser \(found.currentUser), and a trigger of the "
                        + "application would run with its rights. Run migrate as the database's owner, or let it make roles."
                )
            }
            guard found.table.mayUse, found.installed != nil || found.mayCreateSchema else {
                throw .notPermitted(.migrate)
            }
            return
        }
        guard found.table.mayGrant, found.installed != nil || found.mayCreateSchema else {
            throw .notPermitted(.migrate)
        }
        for name in [roles.owner, roles.hand] {
            guard let role = found.role(name) else { continue }
            guard role.isWithinReach else {
                throw .cannotMigrate(
                    "The role \(name) belongs to somebody else's installation on this server. Choose other names with "
                        + "--role-prefix, or have its administrator run: GRANT \(QualifiedName.quote(name)) TO "
                        + "\(QualifiedName.quote(found.currentUser)) WITH ADMIN OPTION;")
            }
            if !role.attributes.isEmpty || !role.memberships.isEmpty {
                let excess = role.attributes.map { "has \($0)" } + role.memberships.map { "is a member of \($0)" }
                throw .cannotMigrate(
                    "The role \(name) \(excess.joined(separator: " and ")). It has to be a name for rights and nothing else: "
                        + role.attributes.map { "ALTER ROLE \(QualifiedName.quote(name)) NO\($0); " }.joined()
                        + role.memberships.map {
                            "REVOKE \(QualifiedName.quote($0)) FROM \(QualifiedName.quote(name)); "
                        }.joined()
                        + "Then run migrate again.")
            }
        }
        try requireOwnSchema(found, roles)
    }

    /// Row-level security that hides people from us, or runs somebody's expression on each, is a reason to stop.
    static func checkRowSecurity(_ found: SchemaInspection, _ roles: RoleNames?) throws(AdminError) {
        guard let roles else { return }
        if found.table.hasRowSecurity, !found.table.admits(roles.hand) {
            throw .cannotMigrate(
                "\(found.table.name) has row-level security, and no policy lets \(roles.hand) see and change everybody. "
                    + "Make one, and run migrate again: CREATE POLICY convonet_admin ON \(found.table.name.quoted) TO "
                    + "\(QualifiedName.quote(roles.hand)) USING (true) WITH CHECK (true);"
                    + (found.role(roles.hand) == nil
                        ? " The role has to be made first: CREATE ROLE \(QualifiedName.quote(roles.hand)) NOLOGIN;"
                        : ""))
        }
    }

    /// Takes whoever is a member of the two roles out of them; before an installation it is a reason not to begin.
    ///
    /// The statements are for the end: the current user may be one of them, and needs it until then.
    mutating func endMemberships(_ roles: RoleNames?, _ found: SchemaInspection) throws(AdminError) -> [String] {
        guard let roles else { return [] }
        var statements: [String] = []
        for name in [roles.owner, roles.hand] {
            guard let role = found.role(name), !role.members.isEmpty else { continue }
            let members = role.members.map(QualifiedName.quote).joined(separator: ", ")
            let revoke = "REVOKE \(QualifiedName.quote(name)) FROM \(members);"
            guard found.installed != nil else {
                throw .cannotMigrate(
                    "The role \(name) exists and has members: \(role.members.joined(separator: ", ")). They would own the log. "
                        + "\(revoke) Then run migrate again.")
            }
            guard role.isWithinReach else { throw .notPermitted(.migrate) }
            summary.append(
                "Takes \(role.members.joined(separator: ", ")) out of \(name): nobody is to have its rights.")
            statements.append(revoke)
        }
        return statements
    }

    /// A schema of the two roles belongs to the owner; after a restore, to whoever restored it.
    private func requireOwnSchema(_ found: SchemaInspection, _ roles: RoleNames) throws(AdminError) {
        guard let owner = found.schemaOwner, owner != roles.owner, owner != found.currentUser else { return }
        throw .cannotMigrate(
            "The schema convonet_admin belongs to \(owner) and not to \(roles.owner). If a restore made it so, run migrate as "
                + "\(owner); else find out who made it, and drop it.")
    }

    /// What the two roles own elsewhere would go on with their rights, whatever is made anew here.
    static func checkStrayObjects(_ found: SchemaInspection) throws(AdminError) {
        guard !found.strayObjects.isEmpty else { return }
        throw .cannotMigrate(
            "These have the rights of the log's owner or of the hand, and are none of this program's: "
                + found.strayObjects.prefix(10).joined(separator: "; ")
                + ". Find out who made them, drop them as a superuser (for default privileges: DROP OWNED BY, after an "
                + "export of the log), and run migrate again.")
    }

    /// The application's own user keeps its look at password changes, which was granted by hand until there was a group for it.
    mutating func keepReaders(_ found: SchemaInspection, _ roles: RoleNames?) {
        guard let roles else { return }
        let group = roles.name(.application)
        for reader in found.readersOfPasswordChanges where reader != group {
            summary.append("Makes \(reader), who may read password_changes, a member of \(group).")
            add("GRANT \(QualifiedName.quote(group)) TO \(QualifiedName.quote(reader));")
        }
    }

    mutating func grantRoles(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
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
    mutating func watchDirectChanges(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?) {
        let isWatching = found.installed?.watchesDirectChanges ?? false
        let isWanted = request.watchesDirectChanges ?? isWatching
        if isWanted != isWatching {
            summary.append(isWanted ? "Watches direct changes from now on." : "Watches direct changes no longer.")
            if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
            add("UPDATE convonet_admin.installation SET watches_direct_changes = \(isWanted);")
            if roles != nil { add(found.backToCurrentUser) }
        }
        // A trigger of an earlier version knows our changes by another role.
        let isOutdated = found.isTriggerThere && found.installed.map { $0.version < SchemaSource.version } ?? false
        guard isWanted != found.isTriggerThere || isWanted && isOutdated else { return }
        let users = request.usersTable
        summary.append(
            isWanted
                ? "Makes a trigger on \(users), which notes credentials and states that are changed past the console."
                : "Removes the trigger on \(users).")
        if isWanted {
            summary.append(
                "With that trigger a dump of one schema (pg_dump -n \(users.schema)) can be restored only where the schema "
                    + "convonet_admin is: dump both (-n \(users.schema) -n convonet_admin), or restore by a list without the "
                    + "trigger (pg_restore -l, -L).")
        }
        // The application must not wait behind a migration that waits.
        add("SET LOCAL lock_timeout = '5s';")
        add(
            isWanted
                ? DirectChangeTrigger.create(on: users, roles: roles) : DirectChangeTrigger.drop(from: users))
    }
}
