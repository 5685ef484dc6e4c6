import ConvonetCore
import Credentials
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// What whoever owns the application's table puts off to the commit by something that is no trigger of theirs: an exclusion
/// constraint that is checked there, whose expression calls a function.
@Suite(.dropsDatabases) struct HostileCommitTests {
    /// A table whose rows queue such a check, and a trigger on people that begins it. The function notes who it runs as, and
    /// as the hand it queues another, `times` at most.
    private static func attack(_ event: String, again: String) -> String {
        """
        SET ROLE convonet_owner;
        CREATE TABLE public.loot (who text, session text);
        CREATE TABLE public.bait (n integer);
        CREATE SEQUENCE public.turns;
        CREATE FUNCTION public.pair() RETURNS void LANGUAGE plpgsql AS $f$
        BEGIN
            PERFORM set_config('bait.quiet', 'yes', true);
            INSERT INTO public.bait VALUES (1), (1);
            PERFORM set_config('bait.quiet', 'no', true);
        END $f$;
        CREATE FUNCTION public.work() RETURNS integer LANGUAGE plpgsql VOLATILE AS $f$
        BEGIN
            IF current_setting('bait.quiet', true) = 'yes' OR session_user IN ('postgres', 'convonet_owner') THEN
                RETURN 1;
            END IF;
            IF current_user = session_user THEN
                INSERT INTO public.loot VALUES (current_user, session_user);
            ELSIF nextval('public.turns') < 20 THEN
                \(again)
            END IF;
            RETURN (random() * 2000000000)::integer;
        END $f$;
        CREATE FUNCTION public.key_of(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
            $f$ BEGIN RETURN public.work(); END $f$;
        ALTER TABLE public.bait ADD EXCLUDE USING btree (public.key_of(n) WITH =) DEFERRABLE INITIALLY DEFERRED;
        GRANT ALL ON public.loot, public.bait TO PUBLIC;
        GRANT ALL ON SEQUENCE public.turns TO PUBLIC;
        CREATE FUNCTION public.hook() RETURNS trigger LANGUAGE plpgsql AS
            $f$ BEGIN PERFORM public.pair(); RETURN NULL; END $f$;
        CREATE TRIGGER hook AFTER UPDATE ON public.users_convonet FOR EACH \(event) EXECUTE FUNCTION public.hook();
        """
    }

    /// Since PostgreSQL 16 the first fails.
    private static let writingAgain = """
        EXECUTE 'RESET transaction_read_only'; EXECUTE 'SET CONSTRAINTS ALL DEFERRED'; PERFORM public.pair();
        """

    @Test(arguments: [
        ("ROW", writingAgain), ("STATEMENT", writingAgain),
        // Within a part that is undone, and then another that is not.
        (
            "ROW",
            "BEGIN \(writingAgain) RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END; \(writingAgain)"
        ),
    ])
    func aConstraintThatIsCheckedAtTheCommitRunsNothingThere(event: String, again: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(Self.attack(event, again: again))
        let person = try await database.session().person()
        let before = try await database.stored("voice_pin", of: person)
        _ = await database.refusal(of: TestDatabase.call(.issuePIN, person), as: .operator)
        #expect(try await database.sql("SELECT is_called FROM public.turns") == "t")
        #expect(try await database.stored("voice_pin", of: person) == before)
        let proof = try await database.stored("password_hash", of: person)
        let own = """
            SELECT outcome FROM convonet_admin.self_change_password(
                '\(person.idText)', '\(proof)', '\(try newHash().text)', gen_random_uuid(), '{}')
            """
        _ = await database.refusal(of: own, as: .selfService)
        #expect(try await database.sql("SELECT count(*) FROM loot") == "0")
        // What fails before the commit, as that first statement does since PostgreSQL 16, is in the log.
        #expect(try await database.log().allSatisfy { $0.outcome == "failed" })
    }

    /// What is put off once, as an application's own deferrable constraints are, is in nobody's way.
    @Test func whatIsPutOffOnceIsNoReasonToRefuse() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(Self.attack("ROW", again: "NULL;"))
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE TABLE public.visit (person uuid REFERENCES public.users_convonet (id) DEFERRABLE INITIALLY DEFERRED);
            GRANT ALL ON public.visit TO PUBLIC;
            CREATE FUNCTION public.visits() RETURNS trigger LANGUAGE plpgsql AS
                $f$ BEGIN INSERT INTO public.visit VALUES (NEW.id); RETURN NULL; END $f$;
            CREATE TRIGGER visits AFTER UPDATE ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION public.visits();
            """)
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        #expect(try await database.sql("SELECT count(*) FROM public.visit") == "1")
    }

    /// What a trigger makes as the hand would keep the hand's rights for whoever calls it.
    @Test(arguments: [
        "CREATE FUNCTION public.door(s text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN EXECUTE s; END'",
        "CREATE VIEW public.window AS SELECT password_hash FROM public.users_convonet",
        "CREATE TYPE public.kind AS ENUM ('a')", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    ])
    func nothingIsLeftThatBelongsToTheHand(statement: String) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            GRANT CREATE ON SCHEMA public TO desk_hand;
            CREATE FUNCTION public.make() RETURNS trigger LANGUAGE plpgsql AS
                $f$ BEGIN EXECUTE $q$\(statement)$q$; RETURN NULL; END $f$;
            CREATE TRIGGER make AFTER UPDATE ON public.users_convonet FOR EACH ROW EXECUTE FUNCTION public.make();
            """)
        let person = try await database.session().person()
        #expect(
            await database.refusal(of: TestDatabase.call(.issuePIN, person), as: .operator)?
                .contains("something else belongs to the hand") == true)
        #expect(
            try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix)).isEmpty)
    }
}
