import ConvonetCore
public import ConvonetDatabase
import EmailAddresses
import FoundationEssentials
import PostgresClient

extension SelfServiceDatabase {
    private struct Undone: Error {}

    /// Throws where the database user has rights that others could want, who could have code of theirs called.
    public func requireOrdinaryUser() async throws(AdminError) {
        try await database.translating(.serveSelfService) {
            try await database.pool.withConnection { try await SchemaTrust.requireOrdinaryUser($0) }
        }
    }

    /// Does what requests do, and takes it back: throws `AdminError` where a request would fail.
    ///
    /// A standby, rights that were lost, and a function that is closed to this database user are found so; that the program
    /// can connect says nothing of them.
    public func rehearse() async throws(AdminError) {
        let closed = try await database.query(
            """
            SELECT p.proname::text FROM pg_catalog.pg_proc p \
            WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.proname LIKE 'self\\_%' \
            AND NOT has_function_privilege(p.oid, 'EXECUTE') LIMIT 1
            """, for: .serveSelfService)
        let keptOut = try await database.query(
            "SELECT t.hand::text FROM (\(Self.tables)) t WHERE NOT has_column_privilege(t.hand, t.oid, t.hashes, 'UPDATE')",
            for: .serveSelfService)
        guard closed.isEmpty, keptOut.isEmpty else { throw AdminError.notPermitted(.serveSelfService) }
        // The way of every request, not in a transaction of its own kind: the database's defaults are for it, too.
        _ = try await admit(.assess, from: "unknown")
        let request = linkRequest(to: .nobody, from: "unknown", request: UUID())
        let (hash, account) = (Parameter.bytea(ResetToken().hash), UUID())
        try await database.translating(.serveSelfService) {
            do {
                try await database.pool.transaction(.readCommitted) { connection in
                    _ = try await connection.query(request, limit: .seconds(5))
                    _ = try await connection.query(
                        "SELECT expires_at FROM convonet_admin.self_link_holder(\(hash))", limit: .seconds(5))
                    _ = try await connection.query(
                        "SELECT account_id FROM convonet_admin.self_token_holder(\(account), NULL)", limit: .seconds(5))
                    throw Undone()
                }
            } catch is Undone {}
        }
    }

    /// The application's table, as our views know it, and the role whose functions read and write it.
    private static let tables: Statement = """
        SELECT DISTINCT c.oid, f.proowner AS hand, a.attnum AS hashes \
        FROM pg_catalog.pg_rewrite r \
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid \
        JOIN pg_catalog.pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid \
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'password_hash' \
        JOIN pg_catalog.pg_proc f ON f.pronamespace = 'convonet_admin'::regnamespace AND f.proname = 'hand_read' \
        WHERE r.ev_class = 'convonet_admin.accounts'::regclass AND c.relkind IN ('r', 'p')
        """
}

extension EmailAddress {
    /// An address that nobody has (RFC 2606).
    static let nobody = EmailAddress(local: "nobody", domain: DomainName(ascii: "invalid"))
}
