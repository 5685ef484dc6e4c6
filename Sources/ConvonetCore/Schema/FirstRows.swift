import PostgresClient

/// The rows that `migrate` writes when it installs, and never again: a restore that left them out has lost them.
enum FirstRows {
    private static let tables = ["audit_head", "pin_decoy_key", "policy"]

    /// Those of the tables that are there and have none; to be asked with the owner's rights.
    static func missing(_ connection: PostgresConnection) async throws -> [String] {
        let there = try await connection.query(
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relkind = 'r' AND c.relname = ANY (\(tables)) ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
        var missing: [String] = []
        for name in there {
            let rows = try await connection.query(
                "SELECT FROM \(Statement(trusted: "convonet_admin.\(QualifiedName.quote(name))")) LIMIT 1",
                limit: .seconds(30))
            if rows.isEmpty { missing.append(name) }
        }
        return missing
    }

    /// Where they come from, since nothing but the backup has them.
    static func advice(_ missing: [String]) -> String {
        "These tables of convonet_admin have lost their rows, as after a restore that left them out: "
            + missing.joined(separator: ", ") + ". Restore them from the backup as a superuser (pg_restore --data-only "
            + "-n convonet_admin \(missing.map { "-t \($0)" }.joined(separator: " ")) -d DATABASE FILE), and run migrate again."
    }
}
