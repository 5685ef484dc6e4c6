public import ConvonetCore
public import ConvonetDatabase
public import PostgresClient
import SearchText

/// Installs, changes and removes the schema `convonet_admin`.
public struct Migrator: Sendable {
    private let database: Database

    /// A migrator for one database.
    public init(_ pool: PostgresPool) {
        database = Database(pool: pool)
    }

    /// What would be done, changing nothing.
    public func plan(_ request: MigrationRequest) async throws(AdminError) -> MigrationPlan {
        try await KeptSchema.read(database, on: request.usersTable) { try await Self.plan(request, $0, $1) }
    }

    /// Does it; the plan is made again inside, so that two at once do it once.
    public func migrate(_ request: MigrationRequest) async throws(AdminError) -> MigrationPlan {
        try await KeptSchema.change(database, on: request.usersTable) { connection, schema in
            let plan = try await Self.plan(request, connection, schema)
            if plan.isEmpty { return plan }
            try await connection.run(script: plan.script, limit: .seconds(300))
            // What an earlier version left is looked at here for the first time.
            try MigrationPlan.checkTables(
                await InstalledState.differencesOfOwnTables(connection), ownedBy: "the schema's owner")
            return plan
        }
    }

    /// The SQL that takes away what the application's table depends on, so that it may be altered; changing nothing.
    public func detachScript() async throws(AdminError) -> String {
        try await KeptSchema.read(database) { try await Self.detachScript($0, $1) }
    }

    /// Takes views and trigger away, so that the application can alter its table.
    public func detach() async throws(AdminError) {
        try await KeptSchema.change(database, dropping: [.views]) { connection, schema in
            try await connection.run(script: Self.detachScript(connection, schema), limit: .seconds(60))
        }
    }

    private static func detachScript(_ connection: PostgresConnection, _ schema: SchemaTrust) async throws -> String {
        let schema = try schema.reading()
        let users = try await usersTable(connection, schema)
        let roles = try await InstalledRoles.evidence(connection, schema).roles()
        return try await within(
            roles, connection, "\(SchemaScript.dropViews)\n\(DirectChangeTrigger.drop(from: users))\n")
    }

    /// Removes everything; the log goes with it, so export it first. Roles stay where another database uses them.
    ///
    /// `lastEvent` is the last that was exported: throws `AdminError.cannotMigrate` where the log has grown since, and where
    /// somebody made something on what is ours, which would go with it.
    public func uninstall(lastEvent: Int? = nil) async throws(AdminError) {
        try await KeptSchema.change(database) { connection, schema in
            let schema = try schema.reading()
            let users = try await Self.usersTable(connection, schema)
            let evidence = try await InstalledRoles.evidence(connection, schema)
            // Of roles that only a row says to be ours nothing is taken.
            let roles = evidence.isEnough ? try evidence.roles() : nil
            if let roles { try MigrationPlan.checkStrayObjects(try await StrayObjects.inspect(connection, roles)) }
            if let lastEvent {
                try schema.require(["audit_event", "audit_head"])
                try await Self.requireEnd(of: lastEvent, roles, connection)
            }
            try await Dependents.requireNone(connection)
            var script = Self.dropSearchIndex(users) + "DROP SCHEMA convonet_admin CASCADE;\n"
            if let roles { script += Self.dropOwned(roles) }
            script = try await Self.within(roles, connection, script)
            if let roles { script += Self.dropRoles(roles) }
            try await connection.run(script: script, limit: .seconds(60))
        }
    }

    /// The log alone, for whoever removes the rest: it is there whatever became of the views. It is read with the owner's rights,
    /// a statement at a time, so that who may become the owner needs no right to read it, and is left with none.
    public func log() -> AuditLog {
        AuditLog(database: database) { (statement, limit) throws(AdminError) in
            try await KeptSchema.read(database) { connection, schema in
                let schema = try schema.reading()
                return try await OwnerAccess.acting(as: schema.owner, writing: true, connection) {
                    try await AuditLog.requireAll(connection)
                    return try await schema.query(
                        statement, of: ["audit_event", "audit_head"], connection, limit: limit)
                }
            }
        }
    }

    private static func usersTable(_ connection: PostgresConnection, _ schema: SchemaReading) async throws
        -> QualifiedName
    {
        let rows = try await OwnerAccess.acting(as: schema.owner, connection) {
            try await schema.query(
                "SELECT users_table FROM convonet_admin.installation", of: ["installation"], connection)
        }
        guard let row = rows.first else { throw AdminError.schemaMissing }
        return try QualifiedName(parsing: try row.text(0))
    }

    private static func plan(_ request: MigrationRequest, _ connection: PostgresConnection, _ schema: SchemaTrust)
        async throws -> MigrationPlan
    {
        try MigrationPlan.make(request, try await SchemaInspection.inspect(connection, request, schema))
    }

    /// The script with the rights of the roles that own something, which nobody has at other times.
    private static func within(
        _ roles: RoleNames?, _ connection: PostgresConnection, _ script: String
    ) async throws -> String {
        let script = MigrationLocks.impatient(script)
        guard let roles else { return script }
        let there = try await SchemaInspection.RoleInspection.inspect(connection, roles)
        let isSuperuser = try await connection.query(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", limit: .seconds(30)
        ).first?.bool(0)
        let owning = roles.owning.filter { name in there.contains { $0.name == name } }
        if isSuperuser ?? false || owning.isEmpty { return script }
        return OwnerAccess.script(joining: owning) + "\n" + script + OwnerAccess.script(leaving: owning) + "\n"
    }

    /// Nobody appends without the head's lock, and then finds no log. It ends with its newest event, whatever its head says.
    private static func requireEnd(of lastEvent: Int, _ roles: RoleNames?, _ connection: PostgresConnection)
        async throws
    {
        let check = """
            DO $check$ BEGIN
                LOCK TABLE convonet_admin.audit_head IN EXCLUSIVE MODE;
                IF (SELECT coalesce(max(e.sequence), 0) FROM convonet_admin.audit_event e) <> \(lastEvent) THEN
                    RAISE EXCEPTION 'the log has grown' USING ERRCODE = 'CA013';
                END IF;
            END $check$;
            """
        do {
            try await connection.run(script: try await within(roles, connection, check), limit: .seconds(30))
        } catch PostgresError.server(let refusal) where refusal.sqlState == .logGrown {
            throw AdminError.cannotMigrate(
                "The log has grown past event \(lastEvent) meanwhile. Nothing was removed. Try again, with a new file.")
        }
    }

    /// Only the application's own user may drop it, who need not be the one who uninstalls.
    private static func dropSearchIndex(_ users: QualifiedName) -> String {
        """
        DO $drop$ BEGIN
            IF EXISTS (SELECT FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid AND c.relname = '\(SearchIndexLookup.name)'
                       WHERE x.indrelid = \(QualifiedName.literal(users.quoted))::regclass) THEN
                \(SearchIndex.dropScript(users, concurrently: false))
            END IF;
        EXCEPTION WHEN insufficient_privilege OR undefined_table OR invalid_schema_name THEN NULL; END $drop$;

        """
    }

    /// Everything that was granted to these goes too, whatever the tables are called by now.
    private static func dropOwned(_ roles: RoleNames) -> String {
        roles.owning.map { role in
            """
            DO $drop$ BEGIN DROP OWNED BY \(QualifiedName.quote(role)); EXCEPTION WHEN undefined_object THEN NULL; END $drop$;

            """
        }.joined()
    }

    private static func dropRoles(_ roles: RoleNames) -> String {
        let drops = roles.all.reversed().map {
            "BEGIN DROP ROLE \(QualifiedName.quote($0)); EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege OR undefined_object THEN NULL; END;"
        }
        return """
            DO $drop$ BEGIN
            \(drops.joined(separator: "\n"))
            END $drop$;
            """
    }
}
