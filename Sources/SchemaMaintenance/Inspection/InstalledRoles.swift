import ConvonetCore
public import ConvonetDatabase
public import PostgresClient

/// The roles on which an installation's rights hang, as the server has them; they belong to the whole server.
public struct InstalledRoles: Sendable {
    private let database: Database

    /// The roles of whatever database the connections lead to.
    public init(_ pool: PostgresPool) { database = Database(pool: pool) }

    /// Names of roles.
    public struct Found: Equatable, Sendable {
        /// Those that are there; none where the installation works without.
        public var names: [String]
        /// Whether the catalogue says that they are this installation's, and not only a row that somebody could have written.
        public var areProven: Bool
    }

    /// This installation's roles, for who may become its owner; throws where the catalogue says that they are others.
    public func find() async throws(AdminError) -> Found {
        let (roles, areProven) = try await KeptSchema.read(database) { connection, schema in
            let schema = try schema.reading()
            let evidence = try await Self.evidence(connection, schema)
            return (try evidence.roles(), evidence.isEnough)
        }
        return Found(names: try await existing(roles?.all ?? []), areProven: areProven)
    }

    /// Those of these names that are there.
    public func existing(_ names: [String]) async throws(AdminError) -> [String] {
        try await database.rows(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (\(names)) ORDER BY rolname", for: .migrate
        ) { try $0.text(0) }
    }

    /// What there is to tell the roles by.
    static func evidence(_ connection: PostgresConnection, _ schema: SchemaReading) async throws -> RoleEvidence {
        let rows = try await OwnerAccess.acting(as: schema.owner, connection) {
            try await schema.query(
                "SELECT role_prefix FROM convonet_admin.installation", of: ["installation"], connection)
        }
        guard let row = rows.first else { throw AdminError.schemaMissing }
        return try await RoleEvidence.inspect(connection, owner: schema.owner, says: try row.optional(0, row.text))
    }
}
