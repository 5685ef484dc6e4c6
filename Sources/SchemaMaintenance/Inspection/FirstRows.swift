import ConvonetDatabase
import PostgresClient

/// The rows that `migrate` writes when it installs, which a restore may have left out.
enum FirstRows {
    /// Those that nothing but the backup has.
    static let unique = ["audit_head", "pin_decoy_key", "policy"]
    /// Those that `migrate` can write again.
    static let known = ["operator_slot", "refused_pin"]

    /// Tables of an installation in a schema of our name, by their names alone, whoever's they are: where one is there, the
    /// schema may hold somebody's log, whatever else is wrong with it.
    static func tablesThere(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relkind IN ('r', 'p')
                AND c.relname = ANY (\(unique + ["as_installed", "audit_event", "installation"])) ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }

    /// Those of these tables that are there and have none; to be asked with the owner's rights.
    static func missing(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> [String] {
        let there = try await connection.query(
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relkind = 'r' AND c.relname = ANY (\(unique + known)) ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
        var missing: [String] = []
        for name in there {
            let rows = try await schema.query(
                "SELECT FROM \(Statement(trusted: "convonet_admin.\(QualifiedName.quote(name))")) LIMIT 1", of: [name],
                connection)
            if rows.isEmpty { missing.append(name) }
        }
        return missing
    }

    /// Where unique ones come from.
    static func advice(_ missing: [String]) -> String {
        "These tables of convonet_admin have lost their rows, as after a restore that left them out: "
            + missing.joined(separator: ", ") + ". Restore them from the backup as a superuser (pg_restore --data-only "
            + "-n convonet_admin \(missing.map { "-t \($0)" }.joined(separator: " ")) -d DATABASE FILE), and run migrate again."
    }

    /// The same where the table itself is gone that says what is installed: with its key, which pg_restore -t leaves out.
    static func adviceWithoutInstallation(_ there: [String]) -> String {
        "The schema convonet_admin has tables of an installation (\(there.joined(separator: ", "))), but not the table "
            + "installation, which says what was installed. It may hold your log: do not drop it. Restore the table from the "
            + "backup as a superuser (pg_restore -l FILE | grep 'convonet_admin.* installation' > LIST; pg_restore -L LIST -d "
            + "DATABASE FILE), and run migrate again."
    }
}
