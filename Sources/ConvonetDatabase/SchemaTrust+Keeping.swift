package import PostgresClient

/// The look at the schema by somebody whose rights others could want: what was judged is what is read.
extension SchemaTrust {
    /// Looks at the schema in a transaction, before these tables of it are read; nil for all.
    ///
    /// For a superuser they are locked first. Who could become one, and so could be made to, cannot lock the schema's name, and
    /// reads nothing; nor does a superuser on a standby, where no lock stops what comes from the primary.
    package static func look(_ connection: PostgresConnection, reading tables: [String]?) async throws -> SchemaTrust {
        let rows = try await connection.query(
            "SELECT \(mightiest), r.rolsuper, pg_is_in_recovery(), session_user::text FROM pg_roles r WHERE r.rolname = current_user",
            limit: .seconds(30))
        guard let row = rows.first, let mighty = try row.optional(0, row.text) else {
            return try await look(connection).reading { .present(SchemaReading(owner: $0, kept: nil)) }
        }
        let (isSuperuser, isStandby) = (try row.bool(1), try row.bool(2))
        if isSuperuser, !isStandby {
            try await keep(tables, name: "LOCK TABLE pg_catalog.pg_namespace IN SHARE MODE;", connection)
            return try await lookAtKept(connection)
        }
        let power = power(of: try row.text(3), isSuperuser: isSuperuser, becoming: mighty)
        return try await look(connection).reading { _ in
            .notForAsker(
                isSuperuser
                    ? "\(power), and on a standby nothing keeps the schema as it is while it is read. Sign in to the primary, or as "
                        + "an ordinary user"
                    : "\(power), and code of whoever once owned the schema could run with these rights. Sign in as a superuser, or "
                        + "as an ordinary user")
        }
    }

    /// Keeps these tables of the schema as they are until the transaction ends, or all of them. `name` is what keeps the schema's
    /// own name from becoming another's (ALTER SCHEMA … RENAME), which no lock of a table does.
    ///
    /// The lock is the weakest that is in the way of all by which code comes to a table: a view in its place, an index, statistics,
    /// a trigger, a child. It is in nobody's way who changes accounts.
    package static func keep(_ tables: [String]? = nil, name: String, _ connection: PostgresConnection) async throws {
        try await connection.run(script: "SET LOCAL lock_timeout = '5s';\n\(name)", limit: .seconds(30))
        let there = try await connection.query(
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relkind = 'r' AND (\(tables == nil) OR c.relname = ANY (\(tables ?? [])))
                AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
            ORDER BY 1
            """, limit: .seconds(30)
        ).map { "ONLY convonet_admin.\(QualifiedName.quote(try $0.text(0)))" }
        let lock =
            there.isEmpty ? "" : "LOCK TABLE \(there.joined(separator: ", ")) IN SHARE UPDATE EXCLUSIVE MODE;\n"
        try await connection.run(script: "\(lock)SET LOCAL lock_timeout TO DEFAULT;", limit: .seconds(120))
    }

    /// Looks, and says which tables are kept: those that still have the name by which they were locked.
    package static func lookAtKept(_ connection: PostgresConnection) async throws -> SchemaTrust {
        let found = try await look(connection)
        let tables = try await connection.query(
            """
            SELECT c.relname::text, EXISTS (
                SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.locktype = 'relation' AND l.granted
                    AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid = pg_backend_pid()
                    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relkind = 'r'
            """, limit: .seconds(30)
        ).map { (name: try $0.text(0), isKept: try $0.bool(1)) }
        return found.reading { owner in
            .present(
                SchemaReading(
                    owner: owner, kept: Set(tables.filter(\.isKept).map(\.name)),
                    others: Set(tables.filter { !$0.isKept }.map(\.name))))
        }
    }

    /// What becomes of it where it is there, by its owner.
    private func reading(_ found: (String) -> SchemaTrust) -> SchemaTrust {
        if case .present(let reading) = self { found(reading.owner) } else { self }
    }

    /// What a statement finds in tables of the schema; nil where that is not to be read.
    package static func rows(
        of statement: Statement, in tables: [String], _ connection: PostgresConnection
    ) async throws -> QueryResult? {
        guard case .present(let reading) = try await look(connection, reading: tables) else { return nil }
        return try await reading.query(statement, of: tables, connection)
    }
}
