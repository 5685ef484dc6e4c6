extension MigrationPlan {
    /// What `build` will do, in words.
    mutating func describe(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?) {
        let users = request.usersTable
        if let version = found.installed?.version {
            if version < SchemaSource.version {
                summary.append("Brings the schema convonet_admin from version \(version) to \(SchemaSource.version).")
            } else if found.isViewThere, found.areViewsCurrent {
                summary.append("Mends what differs from what was installed:")
                summary += found.differences.prefix(20).map { "  \($0)" }
                if found.differences.count > 20 { summary.append("  and \(found.differences.count - 20) more") }
            }
        } else {
            summary.append("Installs the schema convonet_admin, version \(SchemaSource.version), for \(users).")
        }
        if found.installed == nil {
            summary.append(
                "Whoever makes backups by pg_dump without owning everything cannot read the new schema: give them "
                    + "pg_read_all_data (PostgreSQL 14 and later), or let them leave it out with -N convonet_admin and have "
                    + "somebody who may dump it, since the log is in it.")
        }
        if let roles {
            let missing = roles.all.filter { found.role($0) == nil }
            if !missing.isEmpty {
                summary.append("Makes the role\(missing.count > 1 ? "s" : "") \(missing.joined(separator: ", ")).")
            }
            if found.installed.map({ $0.version < 4 }) ?? true {
                summary.append(
                    "Lets \(roles.hand) read \(users) and change its five columns of credentials and states.")
            }
        } else if found.installed == nil {
            summary.append(
                "Works without roles: \(request.withoutRoles ? "as asked" : "\(found.currentUser) may not make them"). "
                    + "Everything belongs to \(found.currentUser): whoever owns the application's table, or signs in as "
                    + "\(found.currentUser), can also go around the console and rewrite its log.")
        }
        if !found.areViewsCurrent || found.installed?.version != SchemaSource.version {
            let names =
                ["accounts", "account_search", "account_pieces"] + (found.table.areTeamsThere ? ["account_teams"] : [])
            summary.append(
                "\(found.isViewThere ? "Renews" : "Makes") the views "
                    + names.map { "convonet_admin.\($0)" }.joined(separator: ", ") + ".")
        }
    }
}
