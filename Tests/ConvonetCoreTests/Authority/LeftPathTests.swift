import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

/// A path or a cursor that the application's code leaves behind within a change: our own next statement looks nothing up along the
/// one, and nobody fetches from the other.
@Suite(.dropsDatabases) struct LeftPathTests {
    /// An `=` that says yes to everything, and puts the path back so that a later look finds nothing.
    private static let operators = """
        CREATE SCHEMA evil AUTHORIZATION convonet_owner; GRANT USAGE ON SCHEMA evil TO PUBLIC;
        SET ROLE convonet_owner;
        CREATE FUNCTION evil.yes(pg_catalog.text, pg_catalog.text) RETURNS boolean LANGUAGE sql AS
            $$ SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) IS NOT NULL $$;
        CREATE OPERATOR evil.= (FUNCTION = evil.yes, LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text);
        """

    /// A trigger that keeps another value than the one that was to be written.
    @Test(arguments: [
        (AccountChange.Action.issuePIN, "NEW.voice_pin := '271845'"), (.setActive(false), "NEW.is_active := true"),
        (.generatePassword, "NEW.password_hash := OLD.password_hash"),
    ])
    func whatIsReadBackIsComparedByTheServersOperator(action: AccountChange.Action, keeping: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            \(Self.operators)
            CREATE FUNCTION evil.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                \(keeping); PERFORM pg_catalog.set_config('search_path', 'evil, pg_catalog, pg_temp', true); RETURN NEW; END $$;
            CREATE TRIGGER keep BEFORE UPDATE ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION evil.keep();
            """)
        let desk = try await database.session()
        let person = try await desk.person()
        let before = try await database.sql(
            "SELECT voice_pin, is_active, password_hash FROM users_convonet WHERE id = '\(person.idText)'")
        let result = try await desk.perform(action, on: person)
        #expect(result.outcome == .failed && result.rule == "settings_changed_by_trigger", "\(result)")
        #expect(
            try await database.sql(
                "SELECT voice_pin, is_active, password_hash FROM users_convonet WHERE id = '\(person.idText)'")
                == before)
    }

    /// A policy's function within the first reading, and an `=` of ids that is true of somebody else.
    @Test func nobodyElsesRowIsWritten() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let other = try await database.sql(
            "SELECT id FROM users_convonet WHERE id <> '\(person.idText)' AND voice_pin IS NOT NULL ORDER BY id LIMIT 1"
        )
        let pins = "SELECT string_agg(voice_pin, ' ' ORDER BY id) FROM users_convonet"
        let before = try await database.sql(pins)
        try await database.sql(
            """
            \(Self.operators)
            CREATE FUNCTION evil.other(uuid, uuid) RETURNS boolean LANGUAGE sql SET search_path = pg_catalog AS
                $$ SELECT $1 = '\(other)' $$;
            CREATE OPERATOR evil.= (FUNCTION = evil.other, LEFTARG = uuid, RIGHTARG = uuid);
            CREATE FUNCTION evil.look() RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE place text; BEGIN
                GET DIAGNOSTICS place = PG_CONTEXT;
                IF pg_catalog.strpos(place, 'hand_write') OPERATOR(pg_catalog.>) 0 THEN
                    PERFORM pg_catalog.set_config('search_path', 'evil, pg_catalog, pg_temp', true);
                END IF;
                RETURN true; END $$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY seen ON public.users_convonet FOR SELECT USING ((SELECT evil.look()));
            CREATE POLICY written ON public.users_convonet FOR UPDATE USING (true) WITH CHECK (true);
            """)
        let result = try await desk.perform(.issuePIN, on: person)
        #expect(result.outcome == .failed && result.rule == "settings_changed_by_trigger", "\(result)")
        #expect(try await database.sql(pins) == before)
    }

    /// Code of the application's puts a cursor of its own in place of one that is open: what is fetched would run as whoever fetches.
    @Test(arguments: ["people", "<unnamed portal 1>"]) func aCursorIsNotSwapped(name: String) async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE TABLE public.ran (who text); GRANT ALL ON public.ran TO PUBLIC;
            CREATE FUNCTION public.run() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO public.ran VALUES (current_user); RETURN 'swapped'; END $$;
            CREATE FUNCTION public.swap() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE own refcursor := '\(name)'; BEGIN
                BEGIN CLOSE own; EXCEPTION WHEN OTHERS THEN NULL; END;
                OPEN own FOR SELECT public.run(); RETURN NEW; END $$;
            CREATE TRIGGER swap BEFORE UPDATE ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION public.swap();
            """)
        let call = TestDatabase.call(.issuePIN, person)
        try await database.pool(.operator).withConnection { connection in
            try await connection.run(script: "BEGIN; DECLARE \"\(name)\" CURSOR FOR SELECT 'mine'", limit: .seconds(10))
            try await connection.run(script: call, limit: .seconds(10))
            await #expect(throws: PostgresError.server(ServerError(sqlState: "34000"))) {
                try await connection.run(script: "FETCH 1 FROM \"\(name)\"", limit: .seconds(10))
            }
            await connection.rollback()
        }
        #expect(try await database.sql("SELECT count(*) FROM ran") == "0")
    }

    /// Where nothing is swapped, what the caller prepared and opened before stays, and a loop goes on.
    @Test func whatTheCallerHasStays() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let call = "convonet_admin.account_is_protected('\(person.idText)')"
        try await database.pool(.operator).withConnection { connection in
            for script in [
                "PREPARE mine AS SELECT \(call)", "EXECUTE mine", "EXECUTE mine",
                "BEGIN; DECLARE people CURSOR FOR SELECT 1",
                "SELECT \(call)", "FETCH 1 FROM people", "EXECUTE mine", "FETCH 1 FROM people; COMMIT",
                "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 UNION ALL SELECT 2 LOOP PERFORM \(call); END LOOP; END $$",
            ] { try await connection.run(script: script, limit: .seconds(10)) }
        }
    }

    /// An answer of ours that is an error, such as that somebody holds the account, costs nobody what they prepared.
    @Test func aBusyAccountCostsNoPreparedStatement() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.pool(.owner).withConnection { owner in
            try await owner.run(
                script: "BEGIN; SELECT FROM users_convonet WHERE id = '\(person.idText)' FOR UPDATE",
                limit: .seconds(10))
            try await database.pool(.operator).withConnection { connection in
                try await connection.run(script: "PREPARE mine AS SELECT 1", limit: .seconds(10))
                await #expect(throws: PostgresError.self) {
                    try await connection.run(script: TestDatabase.call(.issuePIN, person), limit: .seconds(10))
                }
                try await connection.run(script: "EXECUTE mine", limit: .seconds(10))
            }
            await owner.rollback()
        }
    }

    /// A statement that PL/pgSQL plans anew for the sixth call is not read along a path that is left while it is planned.
    @Test func noStatementIsReadAgainWhileItIsPlanned() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.accounts.page(of: AccountSelection(), limit: 8).accounts
        let victim = people[7]
        try await database.sql(
            """
            \(Self.operators)
            CREATE SEQUENCE evil.calls; GRANT ALL ON SEQUENCE evil.calls TO PUBLIC;
            CREATE FUNCTION evil.other(uuid, uuid) RETURNS boolean LANGUAGE sql SET search_path = pg_catalog AS
                $$ SELECT $1 = '\(victim.idText)' $$;
            CREATE OPERATOR evil.= (FUNCTION = evil.other, LEFTARG = uuid, RIGHTARG = uuid);
            CREATE FUNCTION evil.costly() RETURNS boolean LANGUAGE plpgsql VOLATILE COST 1 AS 'BEGIN RETURN true; END';
            CREATE FUNCTION evil.dearer() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF nextval('evil.calls') = 6 THEN ALTER FUNCTION evil.costly() COST 1000000; RETURN true; END IF; RETURN false; END $$;
            CREATE FUNCTION evil.look() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE place text; BEGIN
                GET DIAGNOSTICS place = PG_CONTEXT;
                IF place LIKE '%hand_read%' AND evil.dearer() THEN
                    PERFORM pg_catalog.set_config('search_path', 'evil, pg_catalog, pg_temp', false);
                END IF;
                RETURN true; END $$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY seen ON public.users_convonet FOR SELECT USING (evil.look() AND evil.costly());
            """)
        // All in one session, which has read the statement five times before the sixth.
        let calls = people.prefix(7).map { "SELECT id FROM convonet_admin.hand_read('\($0.idText)')" }
        let found = try await database.sql("SET ROLE desk_owner; " + calls.joined(separator: ";"))
        #expect(found.split(separator: "\n").map(String.init) == people.prefix(7).map(\.idText))
    }
}
