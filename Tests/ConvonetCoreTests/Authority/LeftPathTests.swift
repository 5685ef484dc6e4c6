import ConvonetCore
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
        let error = await #expect(throws: (any Error).self) {
            try await database.sql(
                "BEGIN; DECLARE \"\(name)\" CURSOR FOR SELECT 'mine'; \(call) FETCH 1 FROM \"\(name)\"; COMMIT;",
                as: .operator)
        }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("cursor \"\(name)\" does not exist"))
        #expect(try await database.sql("SELECT count(*) FROM ran") == "0")
        // What a loop walks through cannot be swapped, and goes on.
        try await database.sql(
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 UNION ALL SELECT 2 LOOP PERFORM convonet_admin.account_is_protected('\(person.idText)'); END LOOP; END $$",
            as: .operator)
    }
}
