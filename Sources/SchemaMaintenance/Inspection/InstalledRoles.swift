public import ConvonetDatabase
public import PostgresClient

/// The roles on which an installation's rights hang, as the server has them; they belong to the whole server.
public struct InstalledRoles: Sendable {
    private let database: Database

    /// The roles of whatever database the connections lead to.
    public init(_ pool: PostgresPool) { database = Database(pool: pool) }

    /// The names of this installation's roles, for who may become its owner; none where it works without.
    public func names() async throws(AdminError) -> [String] {
        try await database.translating(.migrate) {
            let rows = try await database.transaction(.readCommitted, for: .migrate) { connection in
                let owner = try await SchemaTrust.owner(connection)
                return try await OwnerAccess.acting(as: owner, connection) {
                    try await connection.query(
                        "SELECT role_prefix FROM convonet_admin.installation", limit: .seconds(30))
                }
            }
            guard let row = rows.first else { throw AdminError.schemaMissing }
            guard let prefix = try row.optional(0, row.text) else { return [] }
            let roles = try RoleNames(prefix: prefix)
            return try await existing(roles.all)
        }
    }

    /// Those of these names that are there.
    public func existing(_ names: [String]) async throws(AdminError) -> [String] {
        try await database.rows(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (\(names)) ORDER BY rolname", for: .migrate
        ) { try $0.text(0) }
    }
}
