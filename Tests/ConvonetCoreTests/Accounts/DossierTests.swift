import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct DossierTests {
    @Test func itHoldsWhatEachRequestAloneGives() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.operator)
        let person = try await session.person()
        _ = try await session.changes.perform(AccountChange(account: person, action: .issuePIN))
        let dossier = await session.accounts.dossier(of: person.id)
        #expect(try await dossier.account.get() == session.accounts.account(id: person.id))
        #expect(try await dossier.teams.get() == (session.accounts.teams(of: [person.id])[person.id] ?? []))
        let history = try dossier.history.get()
        #expect(history.map(\.action) == ["issue_voice_pin"])
        #expect(try await history.map(\.sequence) == database.log().map(\.sequence))
    }

    /// Where most events are of one account, the others' are not looked for among them.
    @Test func theHistoryOfOneIsNotReadThroughAnothers() async throws {
        let database = try await TestDatabase.make()
        let busy = try await database.session(.operator).person()
        try await database.sql(
            """
            DO $$
            DECLARE event convonet_admin.audit_event := convonet_admin.about_person(
                convonet_admin.new_event('reset_password', gen_random_uuid(), '{}'), '\(busy.idText)', 'a@b.test', 'a');
            BEGIN
                event.outcome := 'refused';
                event.rule := 'password_too_short';
                FOR i IN 1..1500 LOOP
                    event.event_id := gen_random_uuid();
                    event.request_id := gen_random_uuid();
                    PERFORM convonet_admin.append_to_head(event);
                END LOOP;
            END $$;
            ANALYZE convonet_admin.audit_event
            """)
        let counted = try await database.sql(
            """
            BEGIN;
            SELECT count(*) FROM convonet_admin.account_history('\(busy.idText)', 50);
            SELECT count(*) FROM convonet_admin.account_history(gen_random_uuid(), 50);
            SELECT e IS NULL FROM convonet_admin.standing_event(gen_random_uuid(), 'voice_pin') e;
            SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) < 100
            FROM pg_stat_xact_user_tables WHERE relid = 'convonet_admin.audit_event'::regclass;
            COMMIT
            """)
        #expect(counted.split(separator: "\n").map(String.init).suffix(4) == ["50", "0", "t", "t"])
    }

    @Test func theTeamsOfManyAreThoseOfEach() async throws {
        let accounts = try await TestDatabase.make().session(.operator).accounts
        let people = try await accounts.page(of: AccountSelection(), limit: 40).accounts
        let teams = try await accounts.teams(of: people.map(\.id) + [UUID()])
        for person in people {
            #expect(try await Array(accounts.dossier(of: person.id).teams.get().prefix(5)) == teams[person.id] ?? [])
        }
        #expect(!teams.isEmpty)
    }

    @Test func whatMayNotBeSeenFailsAlone() async throws {
        let database = try await TestDatabase.make()
        let accounts = try await database.session(.viewer).accounts
        let person = try await #require(accounts.page(of: AccountSelection(), limit: 1).accounts.first)
        try await database.sql("DROP VIEW convonet_admin.account_teams")
        let dossier = await accounts.dossier(of: person.id)
        #expect(try dossier.account.get() == person)
        #expect(try dossier.teams.get() == [])
        #expect(dossier.history == .failure(.notPermitted(.changeCredentials)))
        // The connection serves the next request.
        #expect(try await accounts.account(id: person.id) == person)
        #expect(try await accounts.dossier(of: UUID()).account.get() == nil)
    }
}
