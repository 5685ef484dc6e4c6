public import PostgresClient

/// Installs, changes and removes the schema `convonet_admin`. All methods throw `AdminError`.
public struct Migrator: Sendable {
    private let database: Database

    /// A migrator for one database.
    public init(_ pool: PostgresPool) {
        database = Database(pool: pool)
    }

    /// What would be done, changing nothing.
    public func plan(_ request: MigrationRequest) async throws -> MigrationPlan {
        try await database.transaction(.snapshot, for: .migrate) { try await Self.plan(request, $0) }
    }

    /// Does it, in one transaction and alone; the plan is made again inside, so that two at once do it once.
    public func migrate(_ request: MigrationRequest) async throws -> MigrationPlan {
        try await changing { connection in
            let plan = try await Self.plan(request, connection)
            if !plan.isEmpty { try await connection.run(script: plan.script, limit: .seconds(300)) }
            return plan
        }
    }

    /// Takes views and trigger away, so that the application can alter its table.
    public func detach() async throws {
        try await changing { connection in
            let users = try QualifiedName(parsing: try await Self.installation(connection).text(1))
            try await connection.run(script: MigrationPlan.detachScript(users), limit: .seconds(60))
        }
    }

    /// Removes everything; the log goes with it, so export it first. Roles stay where another database uses them.
    ///
    /// `lastEvent` is the last that was exported: throws `AdminError.cannotMigrate` where the log has grown since.
    public func uninstall(lastEvent: Int? = nil) async throws {
        try await changing { connection in
            let row = try await Self.installation(connection)
            if let lastEvent {
                // Nobody appends without this row's lock, and then finds no log.
                let head = try await connection.query(
                    "SELECT sequence FROM convonet_admin.audit_head FOR UPDATE", limit: .seconds(30))
                guard try head.first?.int(0) ?? 0 == lastEvent else {
                    throw AdminError.cannotMigrate(
                        "Meanwhile the log has grown past event \(lastEvent). Nothing was removed; do it again, "
                            + "with a new file.")
                }
            }
            let users = try QualifiedName(parsing: try row.text(1))
            var script = Self.dropSearchIndex(users) + "DROP SCHEMA convonet_admin CASCADE;\n"
            if let prefix = try row.optional(0, row.text) {
                script += Self.dropRoles(try RoleNames(prefix: prefix))
            }
            try await connection.run(script: script, limit: .seconds(60))
        }
    }

    /// The log alone, for whoever removes the rest: it is there whatever became of the views.
    public var log: AuditLog { AuditLog(database: database) }

    private static func installation(_ connection: PostgresConnection) async throws -> Row {
        let rows = try await connection.query(
            "SELECT role_prefix, users_table FROM convonet_admin.installation", limit: .seconds(30))
        guard let row = rows.first else { throw AdminError.schemaMissing }
        return row
    }

    private static func plan(_ request: MigrationRequest, _ connection: PostgresConnection) async throws
        -> MigrationPlan
    {
        let roles = try RoleNames(prefix: request.rolePrefix)
        let found = try await SchemaInspection.inspect(
            connection, users: request.usersTable, roles: roles, grantees: request.grants.map(\.role))
        return try MigrationPlan.make(request, found)
    }

    /// One migration at a time: the lock's number is "convonet" in ASCII.
    private func changing<Value: Sendable>(_ body: @Sendable (PostgresConnection) async throws -> Value) async throws
        -> Value
    {
        do {
            return try await database.transaction(.readCommitted, for: .migrate) { connection in
                _ = try await connection.query(
                    "SELECT pg_advisory_xact_lock(7165064744862606708)", limit: .seconds(60))
                return try await body(connection)
            }
        } catch AdminError.database(.connectionLost(afterSending: true)) {
            throw AdminError.outcomeUnknown(.migrate)
        }
    }

    /// Only the application's own user may drop it, who need not be the one who uninstalls.
    private static func dropSearchIndex(_ users: QualifiedName) -> String {
        """
        DO $drop$ BEGIN \(SearchIndex.dropScript(users, concurrently: false))
        EXCEPTION WHEN insufficient_privilege THEN NULL; END $drop$;

        """
    }

    /// Everything that was granted to the owner goes too, whatever the tables are called by now.
    private static func dropRoles(_ roles: RoleNames) -> String {
        let owner = QualifiedName.quote(roles.owner)
        let groups = RoleNames.Kind.allCases.map { QualifiedName.quote(roles.name($0)) }
        let drops = (groups + [owner]).map {
            "BEGIN DROP ROLE \($0); EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL; END;"
        }
        return """
            DROP OWNED BY \(owner);
            DO $drop$ BEGIN
            \(drops.joined(separator: "\n"))
            END $drop$;
            """
    }
}
