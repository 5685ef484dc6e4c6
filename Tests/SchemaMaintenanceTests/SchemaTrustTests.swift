import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// What somebody who may make schemas puts under our name, for whoever is more than they are: nothing of it runs.
@Suite(.dropsDatabases) struct SchemaTrustTests {
    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    /// Who owns what is made.
    enum Owner: String, CaseIterable {
        /// A group that its maker is in.
        case group
        /// One that sounds like ours, and that its maker has left.
        case left = "owner"
        /// Whoever owns the database.
        case databaseOwner
    }

    @Test(arguments: [nil, "pg_execute_server_program", "pg_write_server_files"])
    func whoCouldBecomeMightyReadsNobody(mighty: String?) async throws {
        let database = try await TestDatabase.make()
        let (role, reader) = (mighty ?? "mighty_\(database.name)", "reader_\(database.name)")
        if mighty == nil { try await database.sql("CREATE ROLE \(role) SUPERUSER") }
        try await database.sql("CREATE ROLE \(reader) LOGIN IN ROLE \(TestDatabase.rolePrefix)viewer, \(role)")
        let address = database.connectionString(.viewer).replacing("test_viewer", with: reader)
        func open() async throws {
            let pool = PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:]))
            _ = try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests", firstPage: 10)
        }
        let error = await #expect(throws: AdminError.self) { try await open() }
        #expect(error?.description.contains("\(reader) can act as \(role)") == true, "\(error?.description ?? "")")
        let pool = PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:]))
        let selfService = SelfServiceDatabase(pool, application: "tests", host: "web-1")
        let refused = await #expect(throws: AdminError.self) { try await selfService.requireOrdinaryUser() }
        #expect(refused?.description.contains("\(reader) can act as \(role)") == true, "\(refused?.description ?? "")")
        try await database.sql("REVOKE \(role) FROM \(reader)")
        try await open()
        try await selfService.requireOrdinaryUser()
        // Before PostgreSQL 16 who makes roles makes themselves a member of any.
        try await database.sql("ALTER ROLE \(reader) CREATEROLE")
        if database.cluster.serverVersion < 16 {
            let other = await #expect(throws: AdminError.self) { try await open() }
            #expect(other?.description.contains("\(reader) may create roles") == true, "\(other?.description ?? "")")
        } else {
            try await open()
        }
        try await database.sql("DROP ROLE \(reader)" + (mighty == nil ? "; DROP ROLE \(role)" : ""))
    }

    @Test func aSchemaWhoseOwnerSomebodyCanActAsIsReadByNobody() async throws {
        let database = try await TestDatabase.make()
        let owner = "data_\(database.name)_owner"
        try await database.sql("CREATE ROLE \(owner) ROLE test_stranger; ALTER SCHEMA convonet_admin OWNER TO \(owner)")
        let error = await #expect(throws: AdminError.self) { _ = try await database.session(.operator) }
        #expect(
            error?.description.contains("test_stranger can act as that role") == true, "\(error?.description ?? "")")
        try await database.sql("REVOKE \(owner) FROM test_stranger")
        _ = try await database.session(.operator)
        try await database.sql(
            "ALTER SCHEMA convonet_admin OWNER TO \(TestDatabase.rolePrefix)owner; DROP ROLE \(owner)")
    }

    private static let traps = [
        // A predicate that the planner works out; the catalogue knows its operator, and not the function.
        """
        CREATE OPERATOR public.@=@ (LEFTARG = text, RIGHTARG = text, FUNCTION = public.springs);
        CREATE INDEX trap ON convonet_admin.installation (schema_version) WHERE 'a'::text OPERATOR(public.@=@) 'b'::text;
        """,
        // An expression that is worked out for statistics.
        "CREATE STATISTICS convonet_admin.trap ON (users_table || public.springs('a', 'b')::text) FROM convonet_admin.installation;",
        // A type with a cast to JSON.
        """
        CREATE TYPE convonet_admin.mood AS ENUM ('x');
        CREATE FUNCTION public.as_json(convonet_admin.mood) RETURNS json LANGUAGE plpgsql AS
            $f$ BEGIN PERFORM public.springs('a', 'b'); RETURN '{}'; END $f$;
        CREATE CAST (convonet_admin.mood AS json) WITH FUNCTION public.as_json(convonet_admin.mood);
        ALTER TABLE convonet_admin.installation ADD COLUMN mood convonet_admin.mood DEFAULT 'x';
        """,
        // A function that doctor calls.
        """
        CREATE FUNCTION convonet_admin.mail_state() RETURNS TABLE (asked_at timestamptz, is_asking boolean, waiting bigint)
            LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.springs('a', 'b'); RETURN QUERY SELECT now(), false, 0::bigint; END $f$;
        """,
    ]

    @Test(arguments: Owner.allCases, traps)
    func nothingOfItRuns(owner: Owner, trap: String) async throws {
        let database = try await TestDatabase.make(.application)
        let role = owner == .databaseOwner ? "pg_database_owner" : "\(database.name)_\(owner.rawValue)"
        if owner != .databaseOwner { try await database.sql("CREATE ROLE \(role) ROLE test_stranger") }
        try await database.sql(
            """
            GRANT CREATE ON DATABASE \(database.name) TO \(role); GRANT CREATE ON SCHEMA public TO \(role);
            SET ROLE \(owner == .databaseOwner ? "convonet_owner" : "test_stranger");
            CREATE SCHEMA convonet_admin AUTHORIZATION \(role);
            SET ROLE \(role);
            CREATE FUNCTION public.springs(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
                $f$ BEGIN RAISE LOG 'sprung in % as %', current_database(), current_user; RETURN true; END $f$;
            CREATE TABLE convonet_admin.installation (
                only_row boolean, schema_version integer, users_table text, role_prefix text, watches_direct_changes boolean);
            INSERT INTO convonet_admin.installation VALUES (true, 4, '"public"."users_convonet"', NULL, false);
            CREATE TABLE convonet_admin.as_installed (line text);
            GRANT ALL ON SCHEMA convonet_admin TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA convonet_admin TO PUBLIC;
            \(trap)
            RESET ROLE;
            \(owner == .left ? "REVOKE \(role) FROM test_stranger;" : "")
            """)
        for pool in [try database.superuserPool(), try database.pool()] {
            await #expect(throws: AdminError.self) {
                try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests", firstPage: 10)
            }
            _ = try? await Migrator(pool).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
            _ = try? await Migrator(pool).uninstall(lastEvent: 0)
            _ = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
        }
        let log = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        for victim in ["postgres", "convonet_owner"] {
            #expect(!log.contains("sprung in \(database.name) as \(victim)\n"))
        }
    }

    /// Where it belongs to nobody whom this program made, that is said.
    @Test(arguments: [Owner.group, .databaseOwner]) func whoseItIsIsSaid(owner: Owner) async throws {
        let database = try await TestDatabase.make(.application)
        let role = owner == .databaseOwner ? "pg_database_owner" : "\(database.name)_group"
        if owner == .group { try await database.sql("CREATE ROLE \(role) ROLE test_stranger") }
        try await database.sql("CREATE SCHEMA convonet_admin AUTHORIZATION \(role)")
        for pool in [try database.superuserPool(), try database.pool()] {
            let error = await #expect(throws: AdminError.self) {
                _ = try await Migrator(pool).plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix)).isEmpty
            }
            #expect(
                error?.description.contains("it belongs to \(role), a role that this program did not create") == true)
        }
    }

    /// Whoever can act as the log's owner could have left something there: a superuser hears of it first.
    @Test func aSuperuserReadsNoSchemaThatSomebodyCanActAsTheOwnerOf() async throws {
        let database = try await TestDatabase.make(.application)
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        let migrator = Migrator(try database.superuserPool())
        _ = try await migrator.migrate(request)
        #expect(try await migrator.plan(request).isEmpty)
        try await database.sql("GRANT \(database.name)_owner TO test_stranger")
        let error = await #expect(throws: AdminError.self) { try await migrator.plan(request) }
        #expect(error?.description.contains("REVOKE \(database.name)_owner FROM test_stranger") == true)
        try await database.sql("REVOKE \(database.name)_owner FROM test_stranger")
        #expect(try await migrator.plan(request).isEmpty)
    }
}
