import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// What differs from what `migrate` installed: owners, rights, functions and their settings, guards, and tables that are
    /// no longer those that the views read.
    static func installed(
        _ connection: PostgresConnection, _ schema: SchemaReading, _ installation: Installation
    ) async throws -> [Finding] {
        guard installation.version == SchemaVersion.current, installation.isViewThere else { return [] }
        if installation.isNewer {
            return [
                Finding(
                    "installed", .warning,
                    "A newer convonet-admin installed the schema: this one cannot tell what was changed.",
                    mend: "Run doctor of the newer version.")
            ]
        }
        let differences = try await InstalledState.differences(
            users: installation.usersTable, roles: installation.roles, connection, schema)
        guard !differences.isEmpty else {
            return [Finding("installed", "Owners, rights and definitions are as installed.")]
        }
        return differences.prefix(20).map { found in
            if InstalledState.isServerVersion(found.line) {
                return Finding(
                    "installed", .warning,
                    "\(found.isMissing ? "It was installed with" : "It is looked at with") \(found.line): what changed meanwhile is not seen.",
                    mend: "Run “convonet-admin migrate”, which records it again.")
            }
            return Finding(
                "installed", .problem,
                found.isMissing ? "Missing or changed: \(found.line)." : "Not as installed: \(found.line).",
                mend: found.isOfTable
                    ? "Find out who changed it and why, and restore it as a superuser. migrate does not change tables."
                    : "Find out who changed it and why. “convonet-admin migrate” restores it.")
        }
    }

    /// The application's table: its kind, its columns, and whether row-level security hides people.
    static func usersTable(
        _ connection: PostgresConnection, _ table: QualifiedName, hand: String?
    ) async throws -> [Finding] {
        let found = try await UsersTableInspection.inspect(connection, table)
        guard found.isThere else { return [] }
        var faults = found.faults.map {
            Finding("users-table", .problem, $0, mend: "Then run “convonet-admin migrate”.")
        }
        if !found.missingColumns.isEmpty {
            faults.append(
                Finding(
                    "users-table", .problem,
                    AdminError.usersTableMissing(table.description, columns: found.missingColumns).description,
                    mend: "Ask the application's team to restore it, or set users_table to the right table."))
        }
        if !found.arePINsUnique, !found.missingColumns.contains("voice_pin") {
            faults.append(
                Finding(
                    "users-table", .warning,
                    "No unique index on voice_pin of \(table): two people could get the same PIN, and the phone line knows a "
                        + "caller by it alone.",
                    mend:
                        "Ask the application's team to create it: CREATE UNIQUE INDEX CONCURRENTLY ON \(table.quoted) "
                        + "(voice_pin);"))
        }
        if let hand, !found.admits(hand) {
            faults.append(
                Finding(
                    "users-table", .problem,
                    "\(table) has row-level security without a policy for \(hand): people are hidden, and lists look empty.",
                    mend:
                        "As the table's owner: CREATE POLICY convonet_admin ON \(table.quoted) TO \(QualifiedName.quote(hand)) "
                        + "USING (true) WITH CHECK (true);"))
        }
        faults += found.children.map {
            Finding(
                "users-table", .problem,
                "\($0) inherits from \(table): its people are listed and changed with the others, but no trigger logs who "
                    + "changes them, and two people may have the same PIN.",
                mend: "Ask the application's team to separate it: ALTER TABLE \($0) NO INHERIT \(table.quoted);")
        }
        return faults.isEmpty ? [Finding("users-table", "\(table) has all columns with the right types.")] : faults
    }

    /// The roles to whom everything belongs: names for rights, which nobody can be.
    static func owners(_ connection: PostgresConnection, _ installation: Installation?) async throws -> [Finding] {
        guard let roles = installation?.roles else { return [] }
        let found = try await SchemaInspection.RoleInspection.inspect(connection, roles)
        var faults: [Finding] = []
        for name in roles.owning {
            guard let role = found.first(where: { $0.name == name }) else {
                faults.append(
                    Finding(
                        "owners", .problem, "The role \(name) is missing.",
                        mend: "Run “convonet-admin migrate” to create it again."))
                continue
            }
            let quoted = QualifiedName.quote(name)
            faults += role.attributes.map {
                Finding("owners", .problem, "The role \(name) has \($0).", mend: "ALTER ROLE \(quoted) NO\($0);")
            }
            faults += role.memberships.map {
                Finding(
                    "owners", .problem, "The role \(name) is a member of \($0.role).", mend: "\($0.revocation);")
            }
            faults += role.members.map {
                Finding(
                    "owners", .problem, "\($0.role) is a member of \(name) and can \(Self.might(of: name, roles)).",
                    mend: "\($0.revocation); “convonet-admin migrate” also does this.")
            }
        }
        for role in found where !roles.owning.contains(role.name) {
            faults += role.memberships.filter { roles.all.contains($0.role) }.map {
                Finding(
                    "owners", .problem,
                    "The group \(role.name) is a member of \($0.role), and everybody in it has its rights.",
                    mend: "\($0.revocation); “convonet-admin migrate” also does this."
                )
            }
        }
        faults += try await StrayObjects.inspect(connection, roles).map {
            Finding(
                "owners", .problem,
                "This has the rights of one of the roles that own the schema, but is not part of this program: \($0).",
                mend: $0.contains(" (ours: ")
                    ? "Find out who moved it, and move it back as a superuser."
                    : "Find out who created it, and drop it as a superuser.")
        }
        faults += try await DefaultPrivileges.inspect(connection, roles).map {
            Finding(
                "owners", .problem, "What the roles that own the schema make is given away: \($0).",
                mend: "Find out who did it and why; “convonet-admin migrate” takes it back.")
        }
        if let users = installation?.usersTable {
            faults += try await ForeignRights.inspect(connection, users, roles).map {
                Finding(
                    "owners", .problem,
                    "\($0.role) has a right on \($0.object), and so has others' code that runs as that role.",
                    mend: $0.revocation)
            }
        }
        faults += try await schemasCalledAsRoles(connection, roles)
        return faults.isEmpty
            ? [Finding("owners", "Nobody can act as \(roles.owner), \(roles.hand) or \(roles.reader).")] : faults
    }

    private static func schemasCalledAsRoles(
        _ connection: PostgresConnection, _ roles: RoleNames
    ) async throws -> [Finding] {
        try await connection.query(
            "SELECT n.nspname::text FROM pg_namespace n WHERE n.nspname = ANY (\(roles.owning)) ORDER BY 1",
            limit: .seconds(10)
        ).map { row in
            let schema = QualifiedName.quote(try row.text(0))
            return Finding(
                "owners", .problem,
                "There is a schema \(schema), called as a role of ours: code with \"$user\" in its search_path looks there first.",
                mend: "Find out who created it, and rename it: ALTER SCHEMA \(schema) RENAME TO …;")
        }
    }

    /// What whoever is a member of a role could do by it.
    private static func might(of role: String, _ roles: RoleNames) -> String {
        switch role {
        case roles.hand: "read and change everybody past the log"
        case roles.reader: "read everybody's telephone number"
        default: "rewrite the log"
        }
    }
}
