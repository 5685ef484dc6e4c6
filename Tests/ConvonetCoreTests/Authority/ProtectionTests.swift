import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ProtectionTests {
    private func isProtected(_ database: TestDatabase, _ person: Account) async throws -> Bool {
        try await database.sql("SELECT convonet_admin.account_is_protected('\(person.idText)')", as: .viewer) == "t"
    }

    @Test func aDomainAnAddressANameAndAnIDProtect() async throws {
        let database = try await TestDatabase.make()
        let person = try await database.session().person()
        let email = "Anna@Sub.Board.Example.ORG"
        try await database.sql("UPDATE users_convonet SET email = '\(email)' WHERE id = '\(person.idText)'")
        let cases: [(String, Bool)] = [
            ("protected_domains = '{}'", false), ("protected_domains = '{board.example.org}'", true),
            ("protected_domains = '{@SUB.board.example.org}'", true), ("protected_domains = '{example.org}'", true),
            ("protected_domains = '{oard.example.org}'", false), ("protected_domains = '{example.com,\"\"}'", false),
            ("protected_domains = '{}', protected_accounts = '{anna@sub.board.example.org}'", true),
            ("protected_accounts = ARRAY['\(person.username.uppercased())']", true),
            ("protected_accounts = ARRAY['\(person.idText.uppercased())']", true),
            ("protected_accounts = '{\"\",anna,%,.*}'", false),
        ]
        for (setting, expected) in cases {
            try await database.setPolicy(setting)
            #expect(try await isProtected(database, person) == expected, "\(setting)")
        }
    }

    @Test func aRoleInATeamProtectsAndCannotBeHidden() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.supervisor)
        let role = try #require(PolicySetting.all.first { $0.name == "protected_team_roles" })
        #expect(try await session.policies.set([(role, "owner, Admin")], reason: nil).outcome == .done)
        let (owner, member) = (
            try await holder(of: "owner", in: database), try await holder(of: "member", in: database)
        )
        #expect(try await isProtected(database, owner))
        #expect(try await !isProtected(database, member))
        let desk = try await database.session()
        #expect(try await desk.perform(.clearPIN, on: owner).rule == "approval_required")
        // Where the teams cannot be read any more, everybody is protected rather than nobody.
        try await database.sql("REVOKE ALL ON team_memberships_convonet FROM desk_reader")
        #expect(try await isProtected(database, member))
        #expect(try await desk.perform(.setVerified(!member.isVerified), on: member).rule == "approval_required")
        let refusal = await #expect(throws: AdminError.self) {
            try await session.policies.set([(role, "owner")], reason: nil)
        }
        #expect(refusal?.description.contains("team membership table") == true)
        #expect(try await session.policies.set([(role, "")], reason: nil).outcome == .done)
        #expect(try await !isProtected(database, owner))
    }

    private func holder(of role: String, in database: TestDatabase) async throws -> Account {
        let id = try await database.sql(
            """
            SELECT user_id FROM team_memberships_convonet m WHERE role = '\(role)' AND NOT EXISTS (
                SELECT FROM team_memberships_convonet o WHERE o.user_id = m.user_id AND o.role <> m.role)
            ORDER BY 1 LIMIT 1
            """)
        return try await database.session().accounts.find(id)
    }

    @Test func everySettingIsShownSetAndLogged() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.supervisor)
        let wanted = [
            "protected_domains": "board.example.org", "protected_accounts": "anna@example.org",
            "protected_team_roles": "owner", "approval_minutes": "30", "resets_per_operator_hour": "20",
            "resets_per_account_day": "3", "allow_typed": "false",
        ]
        let changes = PolicySetting.all.compactMap { setting in
            wanted[setting.name].map { (setting: setting, text: $0) }
        }
        #expect(changes.count == wanted.count)
        let off = [
            "protected_domains": "", "protected_accounts": "", "protected_team_roles": "", "approval_minutes": "15",
            "resets_per_operator_hour": "0", "resets_per_account_day": "0", "allow_typed": "true",
        ]
        for (setting, _) in changes { #expect(setting.value(session.policy) == off[setting.name], "\(setting.name)") }
        #expect(try await session.policies.set(changes, reason: "audit").outcome == .done)
        let policy = try await session.policies.current()
        for (setting, text) in changes { #expect(setting.value(policy) == text, "\(setting.name)") }
        let detail = try await database.log().last?.detail
        #expect(detail?.contains("allow_typed: true -> false; approval_minutes: 15 -> 30") == true)
    }

    @Test func nothingHidesInALongList() async throws {
        let database = try await TestDatabase.make()
        let session = try await database.session(.supervisor)
        let setting = try #require(PolicySetting.all.first { $0.name == "protected_accounts" })
        let many = (1...900).map { "person\($0)@example.org" }
        _ = try await session.policies.set([(setting, many.joined(separator: ","))], reason: nil)
        let fewer = ["new@example.org"] + many.filter { $0 != "person450@example.org" }
        _ = try await session.policies.set([(setting, fewer.joined(separator: ","))], reason: nil)
        #expect(
            try await database.log().last?.detail?.hasSuffix(
                "; protected_accounts: 900 entries -> 900 entries -person450@example.org +new@example.org") == true)
        _ = try await session.policies.set([(setting, "")], reason: nil)
        #expect(
            try await database.log().last?.detail?.contains("; protected_accounts: 900 entries -> 0 entries -new@")
                == true)
    }
}
