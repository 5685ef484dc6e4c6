import FoundationEssentials
import PostgresClient

extension SelfServiceDesk {
    private struct Undone: Error {}

    /// Does what requests do, and takes it back: throws `AdminError` where a request would fail.
    ///
    /// A standby, rights that were lost, and a function that is closed to this database user are found so; that the program
    /// can connect says nothing of them.
    public func rehearse() async throws {
        let closed = try await database.query(
            """
            SELECT p.proname::text FROM pg_catalog.pg_proc p \
            WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.proname LIKE 'self\\_%' \
            AND NOT has_function_privilege(p.oid, 'EXECUTE') LIMIT 1
            """, for: .serveSelfService)
        guard closed.isEmpty else { throw AdminError.notPermitted(.serveSelfService) }
        // The way of every request, not in a transaction of its own kind: the database's defaults are for it, too.
        _ = try await admit(.assess, from: "unknown")
        let request = linkRequest(to: .nobody, from: "unknown", request: UUID())
        let hash = Parameter.bytea(ResetToken().hash)
        do {
            try await database.transaction(.readCommitted, for: .serveSelfService) { connection in
                _ = try await connection.query(request, limit: .seconds(5))
                _ = try await connection.query(
                    "SELECT expires_at FROM convonet_admin.self_link_holder(\(hash))", limit: .seconds(5))
                throw Undone()
            }
        } catch is Undone {}
    }
}

extension EmailAddress {
    /// An address that nobody has (RFC 2606).
    static let nobody = EmailAddress(local: "nobody", domain: .nowhere)
}

extension DomainName {
    fileprivate static let nowhere = DomainName(ascii: "invalid")
}
