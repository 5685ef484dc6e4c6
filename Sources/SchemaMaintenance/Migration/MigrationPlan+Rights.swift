import ConvonetDatabase

extension MigrationPlan {
    /// Whether the current user can do what the plan needs, and our roles are such as the schema can rest on.
    mutating func checkRights(_ found: SchemaInspection, _ roles: RoleNames?) throws(AdminError) {
        guard let roles else {
            if found.isSuperuser {
                throw .cannotMigrate(
                    "Without roles, everything would belong to the superuser \(found.currentUser), and triggers of the "
                        + "application would run with its rights. Run migrate as the database's owner, or leave out "
                        + "--without-roles."
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
        if let fault = found.teamsFault { throw .cannotMigrate(fault) }
        try Self.checkForeignRights(found, roles)
        for name in roles.owning {
            guard let role = found.role(name) else { continue }
            guard role.isWithinReach else {
                throw .cannotMigrate(
                    "The role \(name) belongs to another installation on this server. Ask its administrator to run: "
                        + (found.serverVersion < 160_000
                            ? "GRANT \(QualifiedName.quote(name)) TO \(QualifiedName.quote(found.currentUser)) WITH ADMIN OPTION;"
                            : OwnerAccess.admission([name], found.currentUser))
                )
            }
            if !role.attributes.isEmpty || !role.memberships.isEmpty {
                let excess = role.attributes.map { "has \($0)" } + role.memberships.map { "is a member of \($0.role)" }
                throw .cannotMigrate(
                    "The role \(name) \(excess.joined(separator: " and ")). It must only hold rights. Run: "
                        + role.attributes.map { "ALTER ROLE \(QualifiedName.quote(name)) NO\($0); " }.joined()
                        + role.memberships.map { "\($0.revocation); " }.joined()
                        + "Then run migrate again.")
            }
        }
    }

    /// Row-level security that hides people from us, or runs somebody's expression on each, is a reason to stop.
    static func checkRowSecurity(_ found: SchemaInspection, _ roles: RoleNames?) throws(AdminError) {
        guard let roles else { return }
        if found.table.hasRowSecurity, !found.table.admits(roles.hand) {
            throw .cannotMigrate(
                "\(found.table.name) has row-level security, and no policy lets \(roles.hand) see and change everyone. "
                    + "Create one, and run migrate again: CREATE POLICY convonet_admin ON \(found.table.name.quoted) TO "
                    + "\(QualifiedName.quote(roles.hand)) USING (true) WITH CHECK (true);"
                    + (found.role(roles.hand) == nil
                        ? " Create the role first: CREATE ROLE \(QualifiedName.quote(roles.hand)) NOLOGIN;"
                        : ""))
        }
    }

    /// Takes whoever is a member of the roles that own something out of them; before an installation it is a reason not to begin.
    ///
    /// The statements are for the end: the current user may be one of them, and needs it until then.
    mutating func endMemberships(_ roles: RoleNames?, _ found: SchemaInspection) throws(AdminError) -> [String] {
        guard let roles else { return [] }
        var ended: [SchemaInspection.Membership] = []
        for name in roles.owning {
            guard let role = found.role(name), !role.members.isEmpty else { continue }
            let members = Set(role.members.map(\.role)).sorted().joined(separator: ", ")
            // Or is new in this version: a session that acts as the role goes on doing so.
            guard let installed = found.installed, name != roles.reader || installed.version >= SchemaVersion.withReader
            else {
                throw .cannotMigrate(
                    "The role \(name) already exists and has members, who would have its rights: \(members). Choose other role names "
                        + "with --role-prefix, or run: \(role.members.map { "\($0.revocation); " }.joined())Then run migrate again."
                )
            }
            guard role.isWithinReach else { throw .notPermitted(.migrate) }
            summary.append("Remove \(members) from \(name): nobody may have its rights.")
            ended += role.members
        }
        for role in found.roles where !roles.owning.contains(role.name) {
            for other in role.memberships where roles.all.contains(other.role) {
                summary.append(
                    "Remove the group \(role.name) from \(other.role): its members would have these rights too.")
                ended.append(other)
            }
        }
        if let first = ended.first(where: { !$0.isRevocable }) {
            throw .cannotMigrate(
                "Somebody else than \(found.currentUser) made members of roles that nobody may be a member of, and only they or a "
                    + "superuser can end that. Run first: \(first.revocation);")
        }
        return ended.map { "\($0.revocation);" }
    }

    /// A schema with roles belongs to their owner, and one without roles to whoever runs this; after a restore, to whoever
    /// restored it. What the schema says of itself, such as that it is complete, counts only then.
    static func requireOwnSchema(_ found: SchemaInspection, _ roles: RoleNames?) throws(AdminError) {
        guard let owner = found.schemaOwner, owner != roles?.owner, owner != found.currentUser else {
            try found.roleEvidence?.requireHand(of: roles)
            return
        }
        throw .cannotMigrate(
            "The schema convonet_admin belongs to \(owner), not to \(roles?.owner ?? found.currentUser). If it was restored from "
                + "a backup, run migrate as \(owner). If not, find out whose it is, and do not drop it: it may hold your log."
        )
    }

    /// What holds data is not made anew, for that would be lost: whoever changed it has to be found.
    static func checkTables(_ differences: [InstalledState.Difference], ownedBy owner: String) throws(AdminError) {
        // What somebody else put beside ours is named, with whose it is, when it is in the way.
        let added = differences.filter { !$0.isMissing }.compactMap(\.relation)
        let ours = differences.filter(\.isMissing).compactMap(\.relation)
        let foreign = added.filter { relation in
            relation.owner != owner && !ours.contains { $0.name == relation.name }
        }
        let changed = differences.filter { difference in
            difference.isOfTable && !foreign.contains { difference.line.hasPrefix("in \($0.name): ") }
        }
        guard !changed.isEmpty else { return }
        throw .cannotMigrate(
            "Tables of convonet_admin are not as this program makes them, and migrate does not change tables back:\n"
                + changed.prefix(10).map { "  \($0.isMissing ? "missing" : "not ours"): \($0.line)" }.joined(
                    separator: "\n")
                + (changed.count > 10 ? "\n  and \(changed.count - 10) more" : "")
                + "\nFind out who changed them and why, check the log (audit verify), restore them with ALTER as a superuser "
                + "or as \(owner), and run migrate again.")
    }

    /// What these roles own elsewhere would go on with their rights, whatever is made anew here.
    static func checkStrayObjects(_ stray: [String]) throws(AdminError) {
        guard !stray.isEmpty else { return }
        throw .cannotMigrate(
            "These have the rights of the roles that migrate creates, but are not part of this program: "
                + stray.prefix(10).joined(separator: "; ")
                + ". Find out who created or moved them. As a superuser, move back what is ours, with the statement behind it, drop "
                + "the others, and run migrate again.")
    }

    /// Takes back what these roles would give away with all that is made below.
    mutating func takeDefaultPrivileges(_ found: SchemaInspection, _ roles: RoleNames?) {
        guard let roles, !found.defaultPrivileges.isEmpty else { return }
        summary += found.defaultPrivileges.map { "Revoke \($0)." }
        for role in roles.owning where found.role(role) != nil {
            add("SET LOCAL ROLE \(QualifiedName.quote(role));")
            add(DefaultPrivileges.takeBack)
            add(found.backToCurrentUser)
        }
    }

    /// The application's own user keeps its look at password changes, which was granted by hand until there was a group for it.
    mutating func keepReaders(_ found: SchemaInspection, _ roles: RoleNames?) {
        guard let roles else { return }
        let group = roles.name(.application)
        for reader in found.readersOfPasswordChanges where reader != group {
            summary.append("Make \(reader), which may read password_changes, a member of \(group).")
            add("GRANT \(QualifiedName.quote(group)) TO \(QualifiedName.quote(reader));")
        }
    }

    mutating func grantRoles(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        guard !request.grants.isEmpty else { return }
        guard let roles else {
            throw .cannotMigrate(
                "This installation has no roles to grant. Everyone who signs in as \(found.currentUser) has all rights."
            )
        }
        if let missing = found.missingGrantees.first {
            throw .cannotMigrate(
                "The server has no role “\(missing)”. Create it first: "
                    + "CREATE ROLE \(QualifiedName.quote(missing)) LOGIN; then run migrate again.")
        }
        for grant in request.grants {
            summary.append("Make \(grant.role) a member of \(roles.name(grant.kind)).")
            add("GRANT \(QualifiedName.quote(roles.name(grant.kind))) TO \(QualifiedName.quote(grant.role));")
        }
    }

    /// Makes or removes the trigger where that was asked for, and makes it anew where it was taken away, or all is made anew:
    /// one of an earlier version knows our changes by another role, and its owner may have changed it. Whether it did.
    mutating func watchDirectChanges(
        _ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?, isBuilding: Bool
    ) -> Bool {
        let isWatching = found.installed?.watchesDirectChanges ?? false
        // Only --unwatch ends it: whoever had the owner's rights may have written that nobody wants it.
        let isWanted = request.watchesDirectChanges ?? (isWatching || found.isTriggerThere)
        if isWanted != isWatching {
            summary.append(isWanted ? "Start watching direct changes." : "Stop watching direct changes.")
            if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
            add("UPDATE convonet_admin.installation SET watches_direct_changes = \(isWanted);")
            if roles != nil { add(found.backToCurrentUser) }
        }
        if isWanted { notes += found.watchGaps.map { "\($0.message) \($0.mend)" } }
        guard isWanted ? !found.isTriggerThere || isBuilding : found.isTriggerThere || isWatching else { return false }
        let users = request.usersTable
        summary.append(
            isWanted
                ? "Create a trigger on \(users) that logs passwords, PINs and status changed outside the console"
                    + (found.table.isPartitioned ? "." : ", and people deleted.")
                : "Remove the trigger on \(users).")
        if isWanted {
            summary.append(
                "Note for backups: with the trigger, a dump of one schema (pg_dump -n \(users.schema)) can be restored only where "
                    + "the schema convonet_admin exists. Dump both (-n \(users.schema) -n convonet_admin), or restore without "
                    + "the trigger (pg_restore -l, -L).")
        }
        add(
            isWanted
                ? DirectChangeTrigger.create(on: found.table) : DirectChangeTrigger.drop(from: users))
        if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
        add(DirectChangeTrigger.rights(on: users, isWanted: isWanted))
        if roles != nil { add(found.backToCurrentUser) }
        return true
    }
}
