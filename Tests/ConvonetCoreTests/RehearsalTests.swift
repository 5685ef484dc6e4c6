import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct RehearsalTests {
    private func rehearse(
        _ session: AdminSession, _ action: AccountChange.Action, _ account: Account
    ) async throws -> ChangeResult {
        try await session.changes.rehearse(AccountChange(account: account, action: action))
    }

    @Test func itSaysWhatTheChangeWouldAndWritesNothing() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let before = try await database.stored("users_convonet", of: person)
        #expect(try await rehearse(desk, .generatePassword, person).outcome == .wouldDo)
        #expect(try await rehearse(desk, .setPassword(.text("password"), allowWeak: true), person).outcome == .refused)
        #expect(try await rehearse(desk, .setActive(person.isActive), person).rule == "already_so")
        #expect(try await database.log().isEmpty)
        #expect(try await database.stored("users_convonet", of: person) == before)
        // Nor is it another account than the one that was looked at.
        #expect(try await desk.perform(.generatePassword, on: person).outcome == .done)
    }

    @Test func itKnowsWhatOnlyTheDatabaseDecides() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        #expect(try await desk.perform(.issuePIN, on: people[0]).outcome == .done)
        let outdated = try await rehearse(desk, .clearPIN, people[0])
        #expect(outdated.outcome == .conflict && outdated.rule == "account_changed" && outdated.message != nil)
        try await database.setPolicy("resets_per_operator_hour = 1")
        let spent = try await rehearse(desk, .generatePassword, people[1])
        #expect(spent.outcome == .refused && spent.rule == "operator_budget")
        #expect(try await rehearse(desk, .setActive(!people[1].isActive), people[1]).outcome == .wouldDo)
        try await database.sql(
            """
            DELETE FROM team_memberships_convonet WHERE user_id = '\(people[1].idText)';
            DELETE FROM users_convonet WHERE id = '\(people[1].idText)'
            """)
        await #expect(throws: AdminError.accountUnknown(people[1].email)) {
            try await rehearse(desk, .generatePassword, people[1])
        }
    }

    @Test func noApprovalIsAskedForByIt() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.setPolicy("protected_accounts = ARRAY['\(person.email)']")
        #expect(try await rehearse(desk, .issuePIN, person).rule == "approval_required")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.approval") == "0")
        #expect(try await database.log().isEmpty)
    }

    @Test func itKeepsNoLockAndWaitsForNoneForLong() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let lock: Statement = "SELECT id FROM public.users_convonet WHERE id = \(person.id) FOR UPDATE NOWAIT"
        try await database.pool(.operator).transaction(.readCommitted) { connection in
            let rows = try await connection.query(
                """
                SELECT convonet_admin.rehearse_change(
                    'reset_password', \(person.id), \(person.version), gen_random_uuid(), '{"method": "generated"}')
                """, limit: .seconds(5))
            let row = try #require(rows.first)
            #expect(try row.optional(0, row.text) == nil)
            // The rehearsal's transaction is still open.
            _ = try await database.pool().change(lock)
        }
        try await database.pool().transaction(.readCommitted) { connection in
            _ = try await connection.query(lock, limit: .seconds(5))
            let error = await #expect(throws: AdminError.self) { try await rehearse(desk, .generatePassword, person) }
            if case .database(.server(let refusal)) = error {
                #expect(refusal.sqlState == .lockNotAvailable)
            } else {
                Issue.record("not refused by the server")
            }
        }
    }

    @Test(arguments: [TestDatabase.User.viewer, .auditor, .supervisor])
    func whoMayNotChangeMayNotRehearse(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session(user)
        let person = try await session.person()
        await #expect(throws: AdminError.notPermitted(.changeCredentials)) {
            try await rehearse(session, .generatePassword, person)
        }
    }
}
