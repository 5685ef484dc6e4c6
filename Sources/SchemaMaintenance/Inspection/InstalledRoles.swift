public import ConvonetDatabase
public import PostgresClient

/// The roles on which an installation's rights hang, as the server has them; they belong to the whole server.
public struct InstalledRoles: Sendable {
    private let database: Database

    /// The roles of whatever database the connections lead to.
    public init(_ pool: PostgresPool) { database = Database(pool: pool) }

    /// The names of this installation's roles, for who may become its owner; none where it works without.
    public func names() async throws(AdminError) -> [String] {
        let prefixes = try await KeptSchema.read(database) { connection, schema in
            let schema = try schema.reading()
            return try await OwnerAccess.acting(as: schema.owner, connection) {
                try await schema.query(
                    "SELECT role_prefix FROM convonet_admin.installation", of: ["installation"], connection
                ).map { row in try row.optional(0, row.text) }
            }
        }
        guard let prefix = prefixes.first else { throw AdminError.schemaMissing }
        guard let prefix else { return [] }
        return try await existing(RoleNames(prefix: prefix).all)
    }

    /// Those of these names that are there.
    public func existing(_ names: [String]) async throws(AdminError) -> [String] {
        try await database.rows(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (\(names)) ORDER BY rolname", for: .migrate
        ) { try $0.text(0) }
    }
}
