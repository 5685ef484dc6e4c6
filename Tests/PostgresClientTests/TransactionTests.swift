import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct TransactionTests {
    @Test(arguments: [
        "CREATE TABLE public.t ()", "INSERT INTO public.notes VALUES ('x')", "SELECT public.write_a_note()",
        "SELECT nextval('public.numbers')",
    ])
    func whatOnlyReadsCannotWrite(sql: String) async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(Self.notes)
        let pool = try database.pool()
        let statement = Statement(trusted: sql)
        let refusal = PostgresError.server(ServerError(sqlState: .readOnlyTransaction))
        await #expect(throws: refusal) { try await pool.query(statement) }
        await #expect(throws: refusal) {
            try await pool.withConnection { try await $0.query(statement, limit: .seconds(5)) }
        }
        let results = try await pool.queries([statement, "SELECT 1", statement])
        #expect(throws: refusal) { try results[0].get() }
        #expect(try results[1].get()[0].int(0) == 1)
        #expect(throws: refusal) { try results[2].get() }
        #expect(try await database.sql("SELECT count(*) FROM public.notes") == "0")
        _ = try await pool.change(statement)
    }

    /// A session's lock shows what was carried out, whatever was rolled back.
    @Test(arguments: [
        ("SELECT true", true), ("SELECT false", false), ("SELECT NULL::boolean", false),
        ("SELECT true WHERE false", false),
    ])
    func whatHasAConditionIsCarriedOutOnlyWhereItHolds(condition: String, holds: Bool) async throws {
        let database = try await TestDatabase.make(.empty)
        let connection = try await database.connection()
        let statements: [(statement: Statement, scans: TableScans)] = [
            ("SELECT pg_advisory_lock(7)", .allowed), ("SELECT 1 / 0", .lastResort), ("SELECT 2", .allowed),
        ]
        let results = try await connection.queries(
            statements, onlyIf: Statement(trusted: condition), limit: .seconds(5))
        #expect((results != nil) == holds)
        let locks = """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        #expect(try await database.sql(locks) == (holds ? "1" : "0"))
        guard let results else { return }
        #expect(throws: PostgresError.server(ServerError(sqlState: .divisionByZero))) { try results[1].get() }
        #expect(try results[2].get()[0].int(0) == 2)
    }

    /// Each stage sees what was answered so far and fails alone; all are of one transaction, and afterwards nothing more is sent.
    @Test func whatIsReadFurtherGoesByTheAnswers() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let now: Statement = "SELECT extract(epoch FROM now())::text, current_setting('TimeZone')"
        let first = [
            (statement: now, scans: TableScans.allowed), (statement: "SET TimeZone = 'Asia/Tokyo'", scans: .allowed),
        ]
        let results = try await connection.queries(first, onlyIf: "SELECT true", limit: .seconds(5)) { answers in
            switch answers.count {
            case 2: return [("SELECT 1 / 0", .allowed), (now, .lastResort)]
            case 4: return [("SELECT \((try? answers[3].get().count) ?? 0)::integer", .allowed)]
            default: return []
            }
        }
        let read = try #require(results)
        #expect(read.count == 5)
        #expect(throws: PostgresError.server(ServerError(sqlState: .divisionByZero))) { try read[2].get() }
        let rows = try [read[0].get()[0], read[3].get()[0]]
        #expect(try rows[0].text(0) == rows[1].text(0) && rows[1].text(1) == "UTC")
        #expect(try read[4].get()[0].int(0) == 1)
        #expect(!connection.isReusable)
        await #expect(throws: PostgresError.connectionLost(afterSending: false)) {
            try await connection.query("SELECT 1", limit: .seconds(5))
        }
    }

    /// Where nothing is read further, or nothing was carried out, it goes on with the same connection.
    @Test(arguments: ["SELECT true", "SELECT false", "SELECT nothing"])
    func aConnectionThatReadNothingFurtherIsKept(condition: String) async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        for statement: Statement in ["SELECT 1", "SELECT 1 / 0"] {
            let statements = [(statement: statement, scans: TableScans.allowed)]
            _ = try await connection.queries(statements, onlyIf: Statement(trusted: condition), limit: .seconds(5)) {
                _ in []
            }
            #expect(connection.isReusable)
            #expect(try await connection.query("SELECT 3", limit: .seconds(5))[0].int(0) == 3)
        }
    }

    /// What is wrong with a condition is no answer to it.
    @Test func aConditionThatFailsIsSaid() async throws {
        let connection = try await TestDatabase.make(.empty).connection()
        let results = try await connection.queries(
            [(statement: "SELECT 1", scans: .allowed)], onlyIf: "SELECT nothing FROM nowhere", limit: .seconds(5))
        #expect(throws: PostgresError.server(ServerError(sqlState: .undefinedTable))) { try results?[0].get() }
        #expect(results != nil)
        #expect(try await connection.query("SELECT 3", limit: .seconds(5))[0].int(0) == 3)
    }

    /// What ran in a session before may be an expression of the application's table, and may set what it likes.
    @Test func nothingThatASessionWasLeftWithCounts() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(Self.notes)
        try await database.sql(Self.hostileFunctions)
        let connection = try await database.connection()
        _ = try await connection.query("SELECT public.spoil()", limit: .seconds(5))
        #expect(try await connection.query(Self.settings, limit: .seconds(5))[0].texts(0) == Self.wanted)
        #expect(try await connection.queries([Self.settings], limit: .seconds(5))[0].get()[0].texts(0) == Self.wanted)
        let beside = try await connection.queries(
            [
                "SELECT public.spoil()", Self.settings, "SELECT 1/0", Self.settings,
                "SELECT current_setting('transaction_read_only')",
            ],
            limit: .seconds(5))
        #expect(try beside[1].get()[0].texts(0) == Self.wanted)
        #expect(throws: PostgresError.server(ServerError(sqlState: "22012"))) { try beside[2].get() }
        #expect(try beside[3].get()[0].texts(0) == Self.wanted)
        #expect(try beside[4].get()[0].text(0) == "on")
        _ = try await connection.query("SELECT public.spoil()", limit: .seconds(5))
        let changed = try await connection.change(Self.settings, limit: .seconds(5))
        #expect(try changed.rows[0].texts(0) == Self.wanted)
        for kind in [TransactionKind.readCommitted, .snapshot] {
            try await connection.begin(kind, limit: .seconds(5))
            #expect(try await connection.query(Self.settings, limit: .seconds(5))[0].texts(0) == Self.wanted)
            try await connection.commit()
        }
        #expect(try await database.sql("SELECT count(*) FROM public.notes") == "0")
    }

    @Test func aChangeIsReadCommittedWhateverTheDefaults() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(
            """
            ALTER DATABASE \(database.name) SET default_transaction_isolation = 'serializable';
            ALTER DATABASE \(database.name) SET default_transaction_read_only = on;
            ALTER DATABASE \(database.name) SET TimeZone = 'Pacific/Kiritimati';
            """)
        let pool = try database.pool()
        let state: Statement = """
            SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), \
            current_setting('TimeZone')
            """
        func words(_ rows: QueryResult) throws -> [String] { try (0..<3).map { try rows[0].text($0) } }
        #expect(try words(await pool.change(state).rows) == ["read committed", "off", "UTC"])
        #expect(try words(await pool.query(state)) == ["read committed", "on", "UTC"])
    }

    @Test func aChangeThatFailsLeavesNothingAndGoesOn() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(Self.notes)
        let pool = try database.pool(maximum: 1)
        let backend = try await pool.query("SELECT pg_backend_pid()")[0].int(0)
        await #expect(throws: PostgresError.server(ServerError(sqlState: "22012"))) {
            try await pool.change("SELECT public.write_a_note(), 1 / (SELECT 0)")
        }
        await #expect(throws: PostgresError.timedOut) {
            try await pool.change("SELECT public.write_a_note(), pg_sleep(600)", limit: .milliseconds(150))
        }
        // A deferred constraint is looked at by COMMIT alone.
        await #expect(throws: PostgresError.server(ServerError(sqlState: "23505", constraint: "notes_once"))) {
            try await pool.change("INSERT INTO public.notes VALUES ('twice'), ('twice')")
        }
        #expect(try await pool.query("SELECT pg_backend_pid(), (SELECT count(*) FROM public.notes)")[0].int(1) == 0)
        #expect(try await pool.query("SELECT pg_backend_pid()")[0].int(0) == backend)
    }

    @Test func theEndOfTheTaskDoesNotStopAChange() async throws {
        let database = try await TestDatabase.make(.empty)
        try await database.sql(Self.notes)
        let (connection, holder) = (try await database.connection(), try await database.connection())
        try await holder.begin(.readCommitted, limit: .seconds(5))
        _ = try await holder.query("SELECT pg_advisory_xact_lock(9)", limit: .seconds(5))
        let running = Task {
            try await connection.change(
                "SELECT pg_advisory_xact_lock(9), public.write_a_note()", limit: .seconds(60))
        }
        try await eventually("the change waits") {
            try await database.sql("SELECT count(*) FROM pg_locks WHERE objid = 9 AND NOT granted") == "1"
        }
        running.cancel()
        try await holder.commit()
        #expect(try await running.value.isReplicated)
        #expect(try await database.sql("SELECT count(*) FROM public.notes") == "1")
    }

    private static let notes = """
        CREATE TABLE public.notes (note text CONSTRAINT notes_once UNIQUE DEFERRABLE INITIALLY DEFERRED);
        CREATE SEQUENCE public.numbers;
        CREATE FUNCTION public.write_a_note() RETURNS text LANGUAGE sql AS
            $$ INSERT INTO public.notes VALUES (gen_random_uuid()::text) RETURNING note $$;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO convonet_owner;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO convonet_owner;
        GRANT CREATE ON SCHEMA public TO convonet_owner;
        """

    /// What a function of the application may leave behind, and functions of its own under the names that we might use.
    private static let hostileFunctions = """
        CREATE SCHEMA evil;
        GRANT ALL ON SCHEMA evil TO PUBLIC;
        CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS 'SELECT public.write_a_note()';
        CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT public.write_a_note()';
        CREATE FUNCTION public.spoil() RETURNS void LANGUAGE sql AS $$
            SELECT pg_catalog.set_config(name, value, false) FROM (VALUES
                ('search_path', 'evil, pg_catalog'), ('TimeZone', 'Asia/Kolkata'), ('client_encoding', 'LATIN1'),
                ('standard_conforming_strings', 'off'), ('client_min_messages', 'error'), ('statement_timeout', '1'),
                ('default_transaction_isolation', 'serializable'), ('jit', 'on'), ('enable_seqscan', 'off'),
                ('idle_in_transaction_session_timeout', '0')) AS setting(name, value)
        $$;
        """
    private static let settings: Statement = """
        SELECT ARRAY[current_setting('search_path'), current_setting('TimeZone'), current_setting('client_encoding'), \
        current_setting('standard_conforming_strings'), current_setting('client_min_messages'), \
        current_setting('statement_timeout'), current_setting('jit'), current_setting('enable_seqscan'), \
        current_setting('idle_in_transaction_session_timeout')]
        """
    private static let wanted = ["pg_catalog, pg_temp", "UTC", "UTF8", "on", "warning", "5s", "off", "on", "1min"]
}
