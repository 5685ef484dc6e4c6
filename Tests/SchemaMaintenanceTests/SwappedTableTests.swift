import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// What a session that became the owner earlier puts in a table's place between the look at it and the reading.
@Suite(.dropsDatabases) struct SwappedTableTests {
    /// What a superuser runs.
    enum Program: CaseIterable {
        case doctor, plan, rebuild, names, log, uninstall

        func run(_ pool: PostgresPool) async throws {
            var request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
            switch self {
            case .doctor: _ = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
            case .plan: _ = try await Migrator(pool).plan(request)
            case .rebuild:
                request.rebuilds = true
                _ = try await Migrator(pool).migrate(request)
            case .names: _ = try await InstalledRoles(pool).find()
            case .log: _ = try await Migrator(pool).log().newest(limit: 1)
            case .uninstall: try await Migrator(pool).uninstall(lastEvent: 0)
            }
        }
    }

    private static let owner = "SET SESSION AUTHORIZATION \(TestDatabase.rolePrefix)owner;\n"

    /// A session of the owner's, which no membership shows: it has swapped a table for a view, and lets others see that once
    /// somebody waits for the table.
    private func swap(_ table: String, in database: TestDatabase) async throws {
        _ = try await database.sql(
            """
            \(Self.owner)
            BEGIN;
            CREATE FUNCTION convonet_admin.springs() RETURNS boolean LANGUAGE plpgsql VOLATILE AS
                $f$ BEGIN RAISE LOG 'sprung in % as %', current_database(), session_user; RETURN true; END $f$;
            ALTER TABLE convonet_admin.\(table) RENAME TO aside;
            CREATE VIEW convonet_admin.\(table) AS SELECT a.* FROM convonet_admin.aside a WHERE convonet_admin.springs();
            SELECT pg_advisory_lock(17);
            DO $$ BEGIN
                FOR i IN 1..3000 LOOP
                    EXIT WHEN EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted AND l.database = (
                        SELECT d.oid FROM pg_database d WHERE d.datname = current_database()));
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END $$;
            COMMIT;
            """)
    }

    @Test(
        arguments: [
            (Program.doctor, "installation"), (.doctor, "as_installed"), (.doctor, "audit_head"),
            (.plan, "installation"), (.plan, "as_installed"), (.plan, "pin_decoy_key"), (.rebuild, "audit_head"),
            (.names, "installation"), (.log, "audit_event"), (.uninstall, "audit_event"),
        ])
    func whatIsSwappedWhileASuperuserWaitsIsNotRead(program: Program, table: String) async throws {
        let database = try await TestDatabase.make()
        async let swapping: Void = swap(table, in: database)
        try await eventually("the table is swapped") {
            try await database.sql(
                """
                SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
                """) == "1"
        }
        try? await program.run(try database.superuserPool())
        try await swapping
        let log = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        #expect(!log.contains("sprung in \(database.name) as postgres"))
    }

    /// What comes to a table or takes its name, be it by way of the schema's name, has to wait until what was judged is read.
    @Test(arguments: [true, false], attempts) func nothingComesToATableThatWasJudged(
        isSuperuser: Bool, attempt: String
    ) async throws {
        let database = try await TestDatabase.make()
        // To everybody: what the owner has of it is taken by another test's uninstallation, whose DROP OWNED reaches all databases.
        try await database.sql("GRANT CREATE ON DATABASE \(database.name) TO PUBLIC")
        let migrator = Migrator(isSuperuser ? try database.superuserPool() : try database.pool())
        let waiting = "wait_event_type = 'Lock' AND query LIKE '%audit_head IN EXCLUSIVE MODE%'"
        try await database.superuserPool().transaction(.readCommitted) { other in
            // So far, and no further, does an uninstallation get.
            try await other.run(
                script: "LOCK TABLE convonet_admin.audit_head IN ROW SHARE MODE;", limit: .seconds(10))
            // In a session that is there before: the uninstallation waits only so long, and on a busy machine is over before
            // the attempt is. Then nothing was judged, and both are made again.
            try await database.superuserPool().withConnection { connection in
                try await connection.run(script: "SET lock_timeout = '50ms';\n\(Self.owner)", limit: .seconds(10))
                try await eventually("the attempt is made while the uninstallation waits") {
                    async let removing: Void? = try? await migrator.uninstall(lastEvent: 0)
                    try await eventually("somebody waits for the table") {
                        try await database.sessions(where: waiting) == 1
                    }
                    let state = try await Self.state(of: attempt, on: connection)
                    let counts = try await database.endSessions(where: waiting) == 1
                    if counts { #expect(state == "55P03") }
                    _ = await removing
                    return counts
                }
            }
        }
    }

    /// What a statement that is not kept is refused with; nil where it would be carried out.
    private static func state(of statement: String, on connection: PostgresConnection) async throws -> SQLState? {
        try await connection.run(script: "BEGIN", limit: .seconds(10))
        var state: SQLState?
        do {
            try await connection.run(script: statement, limit: .seconds(10))
        } catch PostgresError.server(let refusal) {
            state = refusal.sqlState
        }
        try await connection.run(script: "ROLLBACK", limit: .seconds(10))
        return state
    }

    private static let attempts = [
        "ALTER SCHEMA convonet_admin RENAME TO aside",
        "ALTER TABLE convonet_admin.policy RENAME TO aside",
        "CREATE INDEX ON convonet_admin.policy ((lower('a')))",
        "CREATE INDEX ON convonet_admin.audit_event (detail)",
        "CREATE STATISTICS convonet_admin.x ON sequence, detail FROM convonet_admin.audit_event",
        "CREATE TABLE convonet_admin.child () INHERITS (convonet_admin.policy)",
        "CREATE TRIGGER x BEFORE UPDATE ON convonet_admin.policy EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE x AS ON INSERT TO convonet_admin.as_installed DO ALSO NOTHING",
    ]

    /// Whoever could be made to act as somebody mightier is shown nothing, and is told why.
    @Test func whoCouldBecomeMightyExaminesNothing() async throws {
        let database = try await TestDatabase.make()
        let reader = "reader_\(database.name)"
        try await database.sql(
            "CREATE ROLE \(reader) LOGIN IN ROLE \(TestDatabase.rolePrefix)viewer, pg_execute_server_program")
        let address = database.connectionString(.viewer).replacing("test_viewer", with: reader)
        let pool = PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:]))
        func schema() async -> Finding? {
            await DatabaseExamination(pool, usersTable: .usersConvonet).findings().first { $0.check == "schema" }
        }
        let told = try #require(await schema())
        #expect(told.message.contains("\(reader) can act as pg_execute_server_program"), "\(told.message)")
        try await database.sql("REVOKE pg_execute_server_program FROM \(reader)")
        #expect(await schema()?.grade == .ok)
        try await database.sql("DROP ROLE \(reader)")
    }

    /// A lock that is not given up keeps nobody waiting for long, and is named with what ends it.
    @Test func whoKeepsATableFromBeingReadIsNamed() async throws {
        let database = try await TestDatabase.make()
        try await database.superuserPool().transaction(.readCommitted) { holder in
            try await holder.run(script: "LOCK TABLE convonet_admin.as_installed;", limit: .seconds(10))
            let process = try #require(holder.details?.backendPID)
            let findings = await DatabaseExamination(try database.superuserPool(), usersTable: .usersConvonet)
                .findings()
            let told = try #require(findings.first { $0.check == "installed" })
            #expect(told.message.contains("process \(process) of postgres"), "\(told.message)")
            #expect(told.mend?.contains("pg_terminate_backend(\(process))") == true)
        }
    }
}
