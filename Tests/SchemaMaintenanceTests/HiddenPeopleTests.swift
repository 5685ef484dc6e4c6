import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// Where people are hidden or the view is gone, that is said; nothing looks empty that is not.
@Suite(.dropsDatabases) struct HiddenPeopleTests {
    private static let secured = [
        "ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY",
        """
        ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY;
        CREATE POLICY one ON users_convonet USING (true); CREATE POLICY none ON users_convonet AS RESTRICTIVE USING (false)
        """,
        """
        ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY others ON users_convonet TO test_stranger USING (true)
        """,
    ]

    @Test(arguments: secured)
    func rowLevelSecurityIsSaidWhereverNobodyIsFound(change: String) async throws {
        let database = try await TestDatabase.quick()
        let open = try await database.session()
        let person = try await open.person()
        try await database.sql(change)
        for desk in [open, try await database.session()] {
            #expect(desk.firstPage == nil)
            await #expect(throws: AdminError.peopleHidden) {
                try await desk.accounts.page(of: AccountSelection(), limit: 10)
            }
            await #expect(throws: AdminError.peopleHidden) {
                try await desk.accounts.page(of: AccountSelection(text: "anna"), limit: 10)
            }
            await #expect(throws: AdminError.peopleHidden) { try await desk.accounts.account(id: person.id) }
            await #expect(throws: AdminError.peopleHidden) { try await desk.accounts.find(person.email) }
            #expect(await desk.accounts.dossier(of: person.id).account == .failure(.peopleHidden))
            await #expect(throws: AdminError.peopleHidden) {
                try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
            }
        }
        let service = SelfServiceDatabase(try database.pool(.selfService), application: "tests", host: "here")
        await #expect(throws: AdminError.peopleHidden) { try await service.policy() }
        // The policy that doctor names mends it.
        let look = DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet)
        let advice = try #require(
            await look.findings().first { $0.check == "users-table" && $0.grade == .problem }?.mend)
        let policy = try #require(advice.firstRange(of: "CREATE POLICY").map { String(advice[$0.lowerBound...]) })
        try await database.sql("DROP POLICY IF EXISTS none ON users_convonet; SET ROLE convonet_owner; \(policy)")
        #expect(await look.findings().filter { $0.check == "users-table" }.map(\.grade) == [.ok])
        #expect(try await open.accounts.page(of: AccountSelection(), limit: 10).accounts.count == 10)
        #expect(try await open.accounts.account(id: UUID()) == nil)
        _ = try await service.policy()
    }

    /// A policy that only shows people lets nobody be locked or changed.
    @Test func whereTheyAreOnlyShownThatIsSaidToo() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql(
            "ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY; CREATE POLICY shown ON users_convonet FOR SELECT USING (true)"
        )
        await #expect(throws: AdminError.peopleHidden) {
            try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        }
        let service = SelfServiceDatabase(try database.pool(.selfService), application: "tests", host: "here")
        await #expect(throws: AdminError.peopleHidden) { try await service.policy() }
    }

    @Test func anEmptyTableIsEmpty() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("DELETE FROM team_memberships_convonet; DELETE FROM users_convonet")
        let desk = try await database.session()
        #expect(try await desk.accounts.page(of: AccountSelection(), limit: 10).accounts.isEmpty)
    }

    @Test func whoWasDetachedUnderTheConsoleIsToldThat() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        var request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        request.watchesDirectChanges = true
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(request)
        try await migrator.detach()
        await #expect(throws: AdminError.schemaDetached) {
            try await desk.accounts.page(of: AccountSelection(), limit: 10)
        }
        await #expect(throws: AdminError.schemaDetached) { try await desk.accounts.account(id: person.id) }
        #expect(await desk.accounts.dossier(of: person.id).account == .failure(.schemaDetached))
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(!found.contains { $0.mend?.contains("Find out who") == true }, "\(found)")
        // Followed, the one advice that there is ends in a clean run.
        #expect(found.filter { $0.grade == .problem }.map(\.check) == ["schema"])
        _ = try await migrator.migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        let again = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(!again.contains { $0.grade == .problem }, "\(again)")
        #expect(try await desk.accounts.account(id: person.id) == person)
    }

    @Test(arguments: [
        ("last_login_at", "DROP COLUMN last_login_at CASCADE"), ("last_name", "RENAME COLUMN last_name TO family_name"),
        ("voice_pin", "RENAME COLUMN voice_pin TO pin"),
    ])
    func aColumnThatIsGoneIsNamed(column: String, change: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql("ALTER TABLE users_convonet \(change)")
        let error = await #expect(throws: AdminError.self) {
            _ = try await desk.accounts.account(id: person.id)
            _ = try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        }
        #expect(error?.description.contains("has no column \(column)") == true, "\(error?.description ?? "")")
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
        #expect(found.contains { $0.check == "users-table" && $0.message.contains(column) })
    }
}
