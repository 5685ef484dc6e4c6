import ConvonetDatabase

/// What migrate does with roles of its prefix that exist before anything is installed: roles belong to the whole server.
extension MigrationPlan {
    /// Refuses roles that are another installation's or a person's: whoever is in their groups would have rights here, and
    /// whoever administers them would say who. Those of an installation in somebody else's database may be shared where
    /// their prefix was asked for by name.
    static func checkExistingRoles(
        _ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames
    ) throws(AdminError) {
        for role in found.roles {
            guard role.isWithinReach, found.mayCreateRoles else {
                throw taken(role.name, "belongs to another installation on this server", found)
            }
            if !request.insistsOnPrefix, let database = role.foreignDatabases.first {
                throw taken(
                    role.name, "belongs to the installation in the database “\(database)”", found,
                    orElse: "share these on purpose (--role-prefix \(roles.prefix))")
            }
            let isGroup = !roles.owning.contains(role.name)
            if isGroup, let attribute = role.attributes.first {
                throw taken(role.name, "is not a group, since it has \(attribute)", found)
            }
        }
    }

    /// Refuses a role that has rights of its own before it becomes our owner or reader: it is the site's, whatever it is called.
    static func checkForeignRights(_ found: SchemaInspection, _ roles: RoleNames) throws(AdminError) {
        let known = found.installed?.version ?? 0
        let names = [known == 0 ? roles.owner : nil, known < SchemaVersion.withReader ? roles.reader : nil]
        guard let first = found.foreignRights.first(where: { names.contains($0.role) }) else { return }
        let rights = found.foreignRights.filter { $0.role == first.role }
        throw .cannotMigrate(
            "The role \(first.role) already exists and has rights that this program would lend to others' code: "
                + rights.prefix(5).map(\.object).joined(separator: ", ") + (rights.count > 5 ? " and more" : "")
                + ". If it is yours, rename it (ALTER ROLE \(QualifiedName.quote(first.role)) RENAME TO …;)"
                + (known == 0 ? ", or choose other role names with --role-prefix PREFIX" : "")
                + ". If nobody needs these rights, run: " + rights.prefix(5).map(\.revocation).joined(separator: " ")
                + " Then run migrate again.")
    }

    /// Says whose rights come with roles that exist already; nil where there are none of them.
    static func existingRolesNote(_ found: SchemaInspection) -> String? {
        guard found.installed == nil, !found.roles.isEmpty else { return nil }
        let names = found.roles.map(\.name).joined(separator: ", ")
        let members = Set(found.roles.flatMap(\.members).map(\.role)).sorted().joined(separator: ", ")
        return "Use the existing role\(found.roles.count > 1 ? "s" : "") \(names). "
            + (members.isEmpty ? "No members yet. " : "The members get rights here too: \(members). ")
            + "For separate roles, use --role-prefix."
    }

    private static func taken(
        _ name: String, _ why: String, _ found: SchemaInspection,
        orElse way: String = "install without roles (--without-roles)"
    ) -> AdminError {
        let right =
            found.mayCreateRoles
            ? "" : " (needs CREATEROLE: ALTER ROLE \(QualifiedName.quote(found.currentUser)) CREATEROLE;)"
        return .cannotMigrate(
            "The role \(name) already exists and \(why). Choose other role names with --role-prefix PREFIX\(right), or \(way)."
        )
    }
}
