import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// What this user may do: too little, or more than the console needs.
    static func rights(_ connection: PostgresConnection, _ table: QualifiedName, _ installation: Installation?)
        async throws
        -> [Finding]
    {
        let owner = installation?.roles?.owner
        let rows = try await connection.query(
            """
            SELECT r.rolsuper, coalesce(pg_has_role(current_user, c.relowner, 'USAGE'), false),
                   has_any_column_privilege(c.oid, 'SELECT'), has_any_column_privilege(c.oid, 'UPDATE'),
                   has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE'),
                   EXISTS (SELECT FROM pg_roles o WHERE o.rolname = \(owner ?? "") AND pg_has_role(current_user, o.oid, 'MEMBER')),
                   (SELECT bool_or(has_column_privilege(c.oid, a.attnum, 'SELECT')) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname IN ('password_hash', 'voice_pin') AND NOT a.attisdropped)
            FROM pg_roles r, pg_class c WHERE r.rolname = current_user AND c.oid = \(table.catalogued)
            """, limit: .seconds(10))
        guard let row = rows.first else {
            return [
                Finding(
                    "rights", .problem, "This database has no table \(table).",
                    mend: "Check the database name, or set users_table under [schema] in the settings.")
            ]
        }
        let excess = [
            try row.bool(0) ? "is a superuser" : nil, try row.bool(1) ? "owns the users table" : nil,
            try row.bool(5) ? "is a member of \(owner ?? "the schema's owner"), which owns the log" : nil,
            try row.optional(6, row.bool) ?? false ? "can read password hashes and PINs" : nil,
            try row.bool(3) || row.bool(4) ? "can change or delete people without logging" : nil,
        ].compactMap { $0 }
        if !excess.isEmpty {
            let list =
                excess.count == 1
                ? excess[0] : excess.dropLast().joined(separator: ", ") + " and " + excess[excess.count - 1]
            return [
                Finding(
                    "rights", .warning, "This database user has more rights than the console needs: it \(list).",
                    mend: "Give each operator a database user of their own (CREATE ROLE … LOGIN) and "
                        + "“convonet-admin migrate --grant-operator NAME”; keep this one for migrate.")
            ]
        }
        return [Finding("rights", "This database user has no rights on \(table) itself.")]
    }

    /// Who was put into the groups, in the whole cluster.
    static func roles(_ connection: PostgresConnection, _ installation: Installation?) async throws -> [Finding] {
        guard let roles = installation?.roles else { return [] }
        let names = roles.all
        let rows = try await connection.query(
            """
            SELECT g.rolname::text, string_agg(m.rolname, ', ' ORDER BY m.rolname)
            FROM pg_auth_members b JOIN pg_roles g ON g.oid = b.roleid JOIN pg_roles m ON m.oid = b.member
            WHERE g.rolname = ANY (\(names)) AND NOT m.rolname = ANY (\(names)) AND \(Statement(trusted: SchemaTrust.usable("b")))
            GROUP BY 1
            """, limit: .seconds(10))
        var members: [String: String] = [:]
        for row in rows { members[try row.text(0)] = try row.text(1) }
        let groups = RoleNames.Kind.allCases.map { "\($0.rawValue): \(members[roles.name($0)] ?? "nobody")" }
        return [
            Finding(
                "roles",
                "On this server, in every database with the role prefix “\(roles.prefix)”: \(groups.joined(separator: "; "))."
            )
        ]
    }

    /// Whether changes past the functions are noted, as was asked for.
    static func directChanges(
        _ connection: PostgresConnection, _ schema: SchemaReading, _ table: QualifiedName, _ installation: Installation?
    ) async throws -> [Finding] {
        let rows = try await schema.query(
            """
            SELECT i.watches_direct_changes, \(DirectChangeTrigger.isThere(on: table)) FROM convonet_admin.installation i
            """, of: ["installation"], connection, limit: .seconds(10))
        guard let row = rows.first else { return [] }
        switch (try row.bool(0), try row.bool(1)) {
        case (true, true):
            let gaps = try await WatchGap.inspect(connection, table)
            guard gaps.isEmpty else {
                return gaps.map {
                    Finding("direct-changes", $0.isBlind ? .problem : .warning, $0.message, mend: $0.mend)
                }
            }
            return [Finding("direct-changes", "Changes made outside the console are logged.")]
        case (true, false) where installation?.isViewThere == false:
            return [
                Finding(
                    "direct-changes",
                    "Changes made outside the console are not logged while it is detached; “convonet-admin migrate” restores "
                        + "the trigger.")
            ]
        case (true, false):
            return [
                Finding(
                    "direct-changes", .problem,
                    "The trigger that logs changes made outside the console is off, missing or replaced, perhaps in a partition; or "
                        + "the table has a new owner, who cannot create partitions.",
                    mend: "Find out who changed it and why. “convonet-admin migrate” restores it.")
            ]
        case (false, _):
            return [
                Finding(
                    "direct-changes",
                    "Changes made outside the console are not logged. To log them: “convonet-admin migrate --watch-direct-changes”."
                )
            ]
        }
    }

    /// Triggers of the application, which run within each of our changes.
    static func triggers(_ connection: PostgresConnection, _ table: QualifiedName) async throws -> [Finding] {
        // Bit 4 of tgtype: fires on UPDATE (pg_trigger.h).
        let rows = try await connection.query(
            """
            SELECT t.tgname::text || ' (' || p.proname || ')'
                   || CASE WHEN t.tgrelid <> \(table.catalogued) THEN ' on ' || t.tgrelid::regclass::text ELSE '' END
            FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE (t.tgrelid = \(table.catalogued)
                   OR t.tgparentid = 0 AND t.tgrelid IN (SELECT r.relid FROM pg_partition_tree(\(table.catalogued)) r))
            AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 <> 0
            AND t.tgname <> \(DirectChangeTrigger.name)
            ORDER BY 1
            """, limit: .seconds(10))
        guard !rows.isEmpty else { return [Finding("triggers", "No trigger of the application runs on a change.")] }
        let names = try rows.map { try $0.text(0) }.joined(separator: ", ")
        return [
            Finding(
                "triggers", .warning,
                "Triggers of the application run on each change and see the new hash or PIN: \(names).",
                mend: "Check their functions: they must not store or change the new values.")
        ]
    }
}
