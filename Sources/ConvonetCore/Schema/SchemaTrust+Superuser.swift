import PostgresClient

extension SchemaTrust {
    /// For a superuser, on whom every line of somebody else's code is a line too much: everything in the schema belongs to
    /// the two roles, and reading the users' table runs no function but the server's own.
    ///
    /// Throws `AdminError.schemaNotTrusted`.
    static func require(of connection: PostgresConnection) async throws {
        switch try await look(connection) {
        case .absent: return
        case .notOurs(let reason): throw AdminError.schemaNotTrusted(reason)
        case .present(let owner):
            let rows = try await connection.query(
                "SELECT role_prefix, users_table FROM convonet_admin.installation", limit: .seconds(30))
            guard let row = rows.first else { return }
            let hand = try row.optional(0, row.text).map { try RoleNames(prefix: $0).hand } ?? owner
            if let foreign = try await object(owners: [owner, hand], connection) {
                throw AdminError.schemaNotTrusted("\(foreign) belongs to neither \(owner) nor \(hand)")
            }
            let users = try QualifiedName(parsing: try row.text(1))
            if let code = try await codeThatReadingRuns(users, connection) {
                throw AdminError.schemaNotTrusted(
                    "reading \(users) as a superuser would run the application's code with all your rights: \(code)")
            }
        }
    }

    private static func object(owners: [String], _ connection: PostgresConnection) async throws -> String? {
        let rows = try await connection.query(
            """
            SELECT o.name FROM (
                SELECT c.oid::regclass::text, c.relowner FROM pg_class c
                WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 't')
                UNION ALL SELECT p.oid::regprocedure::text, p.proowner FROM pg_proc p
                WHERE p.pronamespace = 'convonet_admin'::regnamespace) AS o (name, owner)
            WHERE pg_get_userbyid(o.owner) <> ALL (\(owners)) LIMIT 1
            """, limit: .seconds(30))
        return try rows.first?.text(0)
    }

    /// A policy, rule, index or statistics object of the table that calls a function which did not come with the server.
    private static func codeThatReadingRuns(_ users: QualifiedName, _ connection: PostgresConnection) async throws
        -> String?
    {
        let rows = try await connection.query(
            """
            WITH t AS (SELECT \(users.catalogued) AS oid)
            SELECT 'row-level security' FROM pg_class c, t WHERE c.oid = t.oid AND c.relrowsecurity
            UNION ALL SELECT 'it is no table' FROM pg_class c, t WHERE c.oid = t.oid AND (c.relkind NOT IN ('r', 'p') OR c.relhasrules)
            UNION ALL SELECT 'the index ' || x.indexrelid::regclass FROM pg_index x, t, pg_depend d
            WHERE x.indrelid = t.oid AND d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
                AND d.refclassid = 'pg_proc'::regclass
            UNION ALL SELECT 'the statistics ' || s.stxname FROM pg_statistic_ext s, t, pg_depend d
            WHERE s.stxrelid = t.oid AND d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid
                AND d.refclassid = 'pg_proc'::regclass
            LIMIT 1
            """, limit: .seconds(30))
        return try rows.first?.text(0)
    }
}
