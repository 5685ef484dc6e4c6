import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

/// Expressions of the application's table run as whoever reads it.
@Suite(.dropsDatabases) struct ReadOnlyTests {
    @Test func aPolicyOfTheTableDecidesNothingInTheReadersName() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        try await database.protect(people[0])
        let asked = try await database.session().perform(.issuePIN, on: people[0])
        let request = try #require(asked.receipt?.approval)
        let supervisor = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        let before = try await database.log().count
        try await database.sql(
            """
            CREATE FUNCTION public.evil(uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                PERFORM convonet_admin.decide_approval(\(request), 'approve', gen_random_uuid(), '{}');
                RETURN true; END $$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY evil ON public.users_convonet USING (public.evil(id));
            """)
        let refusal = AdminError.database(.server(ServerError(sqlState: .readOnlyTransaction)))
        await #expect(throws: refusal) { try await supervisor.accounts.page(of: AccountSelection(), limit: 10) }
        await #expect(throws: refusal) { try await supervisor.accounts.find(people[1].email) }
        await #expect(throws: refusal) {
            try await supervisor.accounts.page(of: AccountSelection(text: people[1].email), limit: 10)
        }
        let dossier = await supervisor.accounts.dossier(of: people[1].id)
        #expect(throws: refusal) { try dossier.account.get() }
        await #expect(throws: (any Error).self) { try await supervisor.accounts.estimatedCount() }
        #expect(
            try await database.sql("SELECT state FROM convonet_admin.approval WHERE id = \(request)") == "requested")
        #expect(try await database.log().count == before)
    }

    /// A transaction that only reads stays so, whatever runs in it.
    @Test(arguments: [
        "SET LOCAL transaction_read_only = off", "SET TRANSACTION READ WRITE",
        "PERFORM set_config('transaction_read_only', 'off', true)",
        "PERFORM set_config('transaction_read_only', 'off', false)",
        "SET default_transaction_read_only = off", "COMMIT",
    ])
    func nothingMakesItWrite(attempt: String) async throws {
        let database = try await TestDatabase.quick()
        let supervisor = try await database.session(.supervisor)
        try await database.sql(
            """
            CREATE TABLE public.proof (who text);
            GRANT ALL ON public.proof TO PUBLIC;
            CREATE FUNCTION public.evil(uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                BEGIN \(attempt); EXCEPTION WHEN OTHERS THEN NULL; END;
                INSERT INTO public.proof VALUES (session_user);
                RETURN true; END $$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY evil ON public.users_convonet USING (public.evil(id));
            """)
        for _ in 0..<2 {
            await #expect(throws: AdminError.database(.server(ServerError(sqlState: .readOnlyTransaction)))) {
                try await supervisor.accounts.page(of: AccountSelection(), limit: 10)
            }
        }
        #expect(try await database.sql("SELECT count(*) FROM public.proof") == "0")
    }
}
