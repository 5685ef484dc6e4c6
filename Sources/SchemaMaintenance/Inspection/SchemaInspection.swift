import ConvonetCore
import ConvonetDatabase
import ConvonetSchema
import PostgresClient
import SearchText

/// What the migrator needs to know of a database before it plans.
struct SchemaInspection: Equatable, Sendable {
    var serverVersion: Int
    var currentUser: String
    var isSuperuser: Bool
    var mayCreateRoles: Bool
    var mayCreateSchema: Bool
    /// What is installed; nil where nothing is.
    var installed: Installation?
    /// Whether somebody else's things stand under our schema's name.
    var schemaFault: String?
    /// The role that the schema belongs to; nil where there is none.
    var schemaOwner: String?
    /// Whose a schema of our name is, whatever is in it.
    var ownerOfName: String?
    /// Tables of an installation in it, by their names alone.
    var tablesThere: [String] = []
    /// Whose roles the installation has, besides what it says itself.
    var roleEvidence: RoleEvidence?
    /// Tables of the installed version that are not there, or are none.
    var missingTables: [String] = []
    /// What has a name that the steps to this version give to something of theirs, each as SQL names it with its kind.
    var inTheWay: [String] = []
    var isViewThere: Bool
    /// Whether the views are those that this program reads; an earlier program had fewer.
    var areViewsCurrent: Bool
    /// The users' table, and what of it is not as the schema needs it.
    var table: UsersTableInspection
    /// Our roles that exist, with what they should not have.
    var roles: [RoleInspection]
    var missingGrantees: [String]
    /// Whether the trigger that watches direct changes is there.
    var isTriggerThere: Bool
    /// Columns of the users' table that changes write, and that the hand has no right to write yet.
    var columnsToGrant = UsersTableInspection.written
    /// What keeps that trigger from noting every change.
    var watchGaps: [WatchGap] = []
    /// Whether the users' table has a search index, of whichever version.
    var hasSearchIndex = false
    /// Rights on the application's teams that somebody else has to give or take, as a sentence with the statements.
    var teamsFault: String?
    /// What the roles that own our schema own outside it: nothing that `migrate` made.
    var strayObjects: [String] = []
    /// Functions of the application's that an operator can lead, as `doctor` says it.
    var openPaths: [Finding] = []
    /// What the owner and the reader have rights on, and should not.
    var foreignRights: [ForeignRights] = []
    /// These roles' default privileges; `migrate` makes none.
    var defaultPrivileges: [String] = []
    /// What was found to differ from what was installed.
    var differences: [InstalledState.Difference] = []
    /// Tables that have lost the rows of their installation.
    var emptied: [String] = []
    /// Where the log ends; nil where that could not be looked at.
    var logEnd: LogEndInspection?
    /// What the log tells beside that; nil for who may not read it, and of another version.
    var toldRows: ToldRowsInspection?
    /// Who may read `password_changes` by a right of their own.
    var readersOfPasswordChanges: [String] = []

    /// The row that `migrate` keeps about itself.
    struct Installation: Equatable, Sendable {
        var version: Int
        var usersTable: String
        var rolePrefix: String?
        var watchesDirectChanges: Bool
    }

    /// A role of ours, as the server knows it.
    struct RoleInspection: Equatable, Sendable {
        var name: String
        /// Whether the current user can act as this role, or can make itself able to.
        var isWithinReach: Bool
        /// Attributes that let it do more than be a name for rights, such as LOGIN.
        var attributes: [String]
        /// Who can act as this role, but for operators as viewers.
        var members: [Membership]
        /// Whose rights it has besides its own, but for operators those of viewers.
        var memberships: [Membership]
        /// Databases in which it has something, and whose owner the current user is not.
        var foreignDatabases: [String]
    }

    /// A membership, by the other role in it.
    struct Membership: Equatable, Sendable {
        var role: String
        /// The statement that ends it, without a semicolon.
        var revocation: String
        /// Whether the current user may end it.
        var isRevocable: Bool
    }

    func role(_ name: String) -> RoleInspection? { roles.first { $0.name == name } }

    static func inspect(_ connection: PostgresConnection, _ request: MigrationRequest, _ schema: SchemaTrust)
        async throws -> SchemaInspection
    {
        let grantees = request.grants.map(\.role)
        let rows = try await connection.query(
            """
            SELECT current_setting('server_version_num')::integer, current_user::text, r.rolsuper, r.rolcreaterole,
                   has_database_privilege(current_database(), 'CREATE'),
                   ARRAY(SELECT g FROM unnest(\(grantees)) AS g WHERE NOT EXISTS (
                       SELECT FROM pg_roles n WHERE n.rolname = g)),
                   ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname = 'convonet_admin' AND c.relkind = 'v'),
                   \(DirectChangeTrigger.isThere(on: request.usersTable)),
                   (SELECT pg_get_userbyid(n.nspowner)::text FROM pg_namespace n WHERE n.nspname = 'convonet_admin'),
                   EXISTS (SELECT FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                           WHERE x.indrelid = \(request.usersTable.catalogued) AND c.relname = \(SearchIndexLookup.name))
            FROM pg_roles r WHERE r.rolname = current_user
            """, limit: .seconds(30))
        guard let row = rows.first else { throw PostgresError.unexpectedResult("the current user is unknown") }
        let views = Set(try row.texts(6))
        var inspection = SchemaInspection(
            serverVersion: try row.int(0), currentUser: try row.text(1), isSuperuser: try row.bool(2),
            mayCreateRoles: try row.bool(2) || row.bool(3), mayCreateSchema: try row.bool(4),
            isViewThere: views.contains("accounts"),
            areViewsCurrent: views.isSuperset(of: SchemaScript.viewNames(withTeams: false)),
            table: try await UsersTableInspection.inspect(connection, request.usersTable), roles: [],
            missingGrantees: try row.texts(5), isTriggerThere: try row.bool(7))
        inspection.watchGaps = try await WatchGap.inspect(connection, request.usersTable)
        inspection.hasSearchIndex = try row.bool(9)
        inspection.ownerOfName = try row.optional(8, row.text)
        inspection.tablesThere = try await FirstRows.tablesThere(connection)
        try await inspection.readInstallation(connection, request, schema)
        let prefix = inspection.installed.map(\.rolePrefix) ?? request.rolePrefix
        if let prefix {
            let names = try RoleNames(prefix: prefix)
            inspection.roles = try await RoleInspection.inspect(connection, names)
            inspection.strayObjects = try await StrayObjects.inspect(connection, names)
            inspection.openPaths = try await DatabaseExamination.paths(connection, request.usersTable, names)
            inspection.foreignRights = try await ForeignRights.inspect(connection, request.usersTable, names)
            inspection.defaultPrivileges = try await DefaultPrivileges.inspect(connection, names)
            if inspection.table.areTeamsThere,
                let (statements, owner) = try await TeamRights.toBeGranted(connection, request.usersTable, names)
            {
                let create =
                    inspection.role(names.reader) == nil
                    ? "CREATE ROLE \(QualifiedName.quote(names.reader)) NOLOGIN; " : ""
                inspection.teamsFault =
                    "The application's teams belong to \(owner), and \(inspection.currentUser) may not say who reads them. As "
                    + "\(owner) or a superuser: \(create)\(statements) Then run migrate again."
            }
        }
        if case .present(let schema) = schema { try await inspection.readRows(connection, schema) }
        return inspection
    }

    /// Reads what is written down in the schema, once pg_catalog has said that reading it runs nobody's code.
    private mutating func readInstallation(
        _ connection: PostgresConnection, _ request: MigrationRequest, _ schema: SchemaTrust
    ) async throws {
        if case .notOurs(let reason) = schema { return schemaFault = reason }
        if schema == .absent { return }
        let schema = try schema.reading()
        schemaOwner = schema.owner
        try await OwnerAccess.acting(as: schema.owner, connection) {
            try await readInstalled(connection, request, schema)
        }
    }

    private mutating func readInstalled(
        _ connection: PostgresConnection, _ request: MigrationRequest, _ schema: SchemaReading
    ) async throws {
        // The first versions did not watch.
        let watches = try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = 'convonet_admin.installation'::regclass
                           AND a.attname = 'watches_direct_changes')
            """, limit: .seconds(30)
        ).first?.bool(0)
        let rows = try await schema.query(
            """
            SELECT schema_version, users_table, role_prefix,
                   \(Statement(trusted: watches ?? false ? "i.watches_direct_changes" : "false"))
            FROM convonet_admin.installation i
            """, of: ["installation"], connection)
        if let row = rows.first {
            installed = Installation(
                version: try row.int(0), usersTable: try row.text(1), rolePrefix: try row.optional(2, row.text),
                watchesDirectChanges: try row.bool(3))
        }
        if installed == nil { emptied = ["installation"] }
        if let installed {
            roleEvidence = try await RoleEvidence.inspect(
                connection, owner: schema.owner, says: installed.rolePrefix)
            inTheWay = try await Self.inTheWay(connection, SchemaSource.names(from: installed.version))
            missingTables = SchemaSource.tables(upTo: installed.version).filter(schema.lacks)
        }
        let roles = try installed?.rolePrefix.map { try RoleNames(prefix: $0) }
        if let roles {
            columnsToGrant = try await UsersTableInspection.unwritable(connection, request.usersTable, by: roles.hand)
        }
        if let installed, installed.version == SchemaVersion.current {
            differences = try await InstalledState.differences(
                users: request.usersTable, roles: roles, connection, schema)
        }
        readersOfPasswordChanges = try await connection.query(
            """
            SELECT DISTINCT pg_get_userbyid(a.grantee)::text FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relname = 'password_changes'
                AND a.grantee NOT IN (0, c.relowner) AND a.privilege_type = 'SELECT'
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }

    /// Who may read what is installed need not be who may read all of it.
    private mutating func readRows(_ connection: PostgresConnection, _ schema: SchemaReading) async throws {
        let owner = schema.owner
        guard isSuperuser || owner == currentUser || role(owner)?.isWithinReach == true else { return }
        let isCurrent = (installed?.version ?? SchemaVersion.current) == SchemaVersion.current
        let isLogThere = installed != nil && Set(tablesThere).isSuperset(of: ["audit_event", "audit_head"])
        let isAllThere = isCurrent && Set(missingTables).isDisjoint(with: ToldRows.tables)
        let (missing, end, told) = try await OwnerAccess.acting(as: owner, writing: true, connection) {
            (
                isCurrent ? try await FirstRows.missing(connection, schema) : [],
                isLogThere ? try await LogEndInspection.inspect(connection, schema) : nil,
                isLogThere && isAllThere ? try await ToldRowsInspection.inspect(connection, schema) : nil
            )
        }
        emptied += missing
        logEnd = end
        toldRows = told
    }

    /// Relations and types of our schema with one of these names. A relation brings a type of its name.
    private static func inTheWay(_ connection: PostgresConnection, _ names: [String]) async throws -> [String] {
        guard !names.isEmpty else { return [] }
        return try await connection.query(
            """
            SELECT CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'i' THEN 'INDEX'
                                  ELSE 'TYPE' END || ' ' || c.oid::regclass::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'convonet_admin' AND c.relname = ANY (\(names))
            UNION ALL SELECT 'TYPE ' || t.oid::regtype::text
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE n.nspname = 'convonet_admin' AND t.typname = ANY (\(names)) AND t.typrelid = 0
            ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }
}
