import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// Codes against whoever has psql.
@Suite(.dropsDatabases) struct ResetCodeAuthorityTests {
    private static func entry(_ person: Account, request: String = "gen_random_uuid()") -> String {
        """
        SELECT outcome || coalesce(':' || rule, '') FROM convonet_admin.self_enter_code(
            ARRAY['\(person.email)'], 'no such hash', sha256('x'), \(request), '{"client_address": "192.0.2.1"}')
        """
    }

    @Test func nobodyButSelfServiceEntersAndNobodyButOperatorsIssue() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        _ = try await database.issuedCode(to: person, by: desk)
        for user in [TestDatabase.User.operator, .auditor, .supervisor, .viewer, .stranger] {
            for call in [Self.entry(person), "SELECT convonet_admin.self_code_setting(ARRAY['\(person.email)'])"] {
                #expect(await database.refusal(of: call, as: user)?.contains("permission denied") == true, "\(user)")
            }
            for table in ["reset_token", "reset_code_number", "reset_code_tries_0"] {
                #expect(await database.refusal(of: "SELECT * FROM convonet_admin.\(table)", as: user) != nil)
            }
        }
        for user in [TestDatabase.User.auditor, .supervisor, .viewer, .selfService, .stranger] {
            let refusal = await database.refusal(of: TestDatabase.call(.issueResetCode, person), as: user)
            #expect(refusal?.contains("permission denied") == true, "\(user)")
        }
        for user in [TestDatabase.User.supervisor, .viewer, .selfService, .stranger] {
            let list = "SELECT * FROM convonet_admin.reset_codes('\(person.idText)')"
            #expect(await database.refusal(of: list, as: user) != nil, "\(user)")
        }
    }

    /// Whoever has the program's role and takes each try back has no more of them.
    @Test func aRollbackGivesNoTriesBack() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        for _ in 0..<60 {
            try await database.sql("BEGIN; \(Self.entry(person)); ROLLBACK", as: .selfService)
        }
        #expect(try await service.enter(code, person.email, from: "198.51.100.7")?.rule == "reset_code_tries")
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.exhausted])
    }

    @Test func eightAtOnceHaveFiveTries() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        _ = try await database.issuedCode(to: person, by: desk)
        let service = try database.selfService(maximum: 8)
        let rules = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<8 { group.addTask { try await service.enter(wrongCode, person.email)?.rule } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(
            rules.count { $0 == "reset_code_wrong" } == 5 && rules.count { $0 == "reset_code_tries" } == 3, "\(rules)")
    }

    @Test func whatIsHandedInIsLookedAt() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        #expect(
            try await database.sql(
                TestDatabase.call(.issueResetCode, person).replacing("QQQ", with: "Q Q"), as: .operator)
                == "refused:hash_malformed")
        #expect(try await database.sql(TestDatabase.call(.issueResetCode, person), as: .operator) == "done")
        #expect(
            try await database.sql(Self.entry(person, request: "NULL"), as: .selfService)
                == "refused:request_id_missing")
        let short = Self.entry(person).replacing("sha256('x')", with: "''")
        #expect(await database.refusal(of: short, as: .selfService)?.contains("32 bytes") == true)
        let within =
            "DO $$ BEGIN PERFORM \(Self.entry(person).dropFirst("SELECT".count)); EXCEPTION WHEN OTHERS THEN NULL; END $$"
        _ = await database.refusal(of: within, as: .selfService)
        #expect(try await database.outcomes(of: "enter_reset_code").contains("done") == false)
    }

    /// Operators who open as many as they can keep nobody from a link, and no code is lost to another.
    @Test func thereAreSixtyFourAndNoneIsLostToAnother() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("resets_per_operator_hour = 0")
        let (desk, service) = (try await database.session(), try database.selfService())
        let people = try await desk.people(65)
        let code = try await database.issuedCode(to: people[0], by: desk)
        for (index, person) in people[1...64].enumerated() {
            let user = index < 32 ? TestDatabase.User.operator : .secondOperator
            let expected = index == 31 ? "refused:reset_codes_open" : "done"
            #expect(
                try await database.sql(TestDatabase.call(.issueResetCode, person), as: user) == expected, "\(index)")
        }
        #expect(
            try await database.sql(TestDatabase.call(.issueResetCode, people[32]), as: .lead)
                == "refused:reset_codes_open")
        #expect(try await service.enter(code, people[0].email)?.receipt.outcome == .done)
        // Whoever has as many as they may can still give somebody another.
        try await database.sql("UPDATE convonet_admin.reset_token SET expires_at = clock_timestamp() WHERE slot = 40")
        #expect(try await database.sql(TestDatabase.call(.issueResetCode, people[0]), as: .operator) == "done")
        #expect(try await desk.perform(.sendResetLink, on: people[32]).outcome == .done)
        try await database.sql("UPDATE convonet_admin.reset_token SET expires_at = clock_timestamp() WHERE slot = 7")
        #expect(try await database.sql(TestDatabase.call(.issueResetCode, people[32]), as: .lead) == "done")
    }

    /// What was begun and taken back leaves the code that there is as good as before.
    @Test func aRollbackLosesNobodysCode() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        let again = TestDatabase.call(.issueResetCode, person)
        try await database.sql("BEGIN; \(again); ROLLBACK", as: .secondOperator)
        _ = await database.refusal(of: "BEGIN; SAVEPOINT s; \(again); ROLLBACK TO s; COMMIT", as: .secondOperator)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.issued])
        #expect(try await service.enter(code, person.email)?.receipt.outcome == .done)
    }

    /// Or the time that it takes to enter it would tell who has one.
    @Test func itIsHashedAtThePolicysCost() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let cheap = TestDatabase.call(.issueResetCode, person).replacing("p.bcrypt_cost::text", with: "'15'")
        #expect(try await database.sql(cheap, as: .operator) == "refused:hash_malformed")
        _ = try await database.issuedCode(to: person, by: desk)
        #expect(try await service.settingOfCode(of: [person.email]) != nil)
        try await database.setPolicy("bcrypt_cost = 11")
        #expect(try await service.settingOfCode(of: [person.email]) == nil)
        #expect(try await desk.changes.resetCodes(of: person).map(\.state) == [.outdated])
    }

    /// Whoever takes somebody's address for a username.
    @Test func nobodyStandsInFrontOfAnother() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let people = try await desk.people(2)
        try await database.sql(
            "UPDATE users_convonet SET username = '\(people[0].email)' WHERE id = '\(people[1].idText)'")
        let code = try await database.issuedCode(to: people[0], by: desk)
        _ = try await database.issuedCode(to: people[1], by: desk)
        #expect(try await service.enter(code, people[0].email)?.receipt.outcome == .done)
        #expect(try await service.enter(code, people[0].email.uppercased())?.receipt.outcome == .done)
    }

    @Test func aFreezeEndsWhatStaffWereTold() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        let frozen = try await database.session(.supervisor).perform(
            .setFrozen(true), on: person, context: ChangeContext(reason: "fraud"))
        #expect(frozen.outcome == .done)
        #expect(try await service.enter(code, person.email)?.rule == "link_void")
    }

    @Test func ofADeletedAccountThereIsNone() async throws {
        let database = try await TestDatabase.quick()
        let (desk, service) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk)
        try await database.sql("DELETE FROM team_memberships_convonet WHERE user_id = '\(person.idText)'", as: .owner)
        try await database.sql("DELETE FROM users_convonet WHERE id = '\(person.idText)'", as: .owner)
        #expect(try await service.enter(code, person.email) == nil)
    }

    @Test func whatIsStoredIsAHashAlone() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let code = try await database.issuedCode(to: person, by: desk).revealedText()
        let everything = try await database.sql(
            """
            SELECT t::text FROM convonet_admin.reset_token t UNION ALL SELECT e::text FROM convonet_admin.audit_event e
            UNION ALL SELECT q::text FROM convonet_admin.mail_queue q
            """)
        #expect(
            everything.contains("$2b$") && !everything.contains(code)
                && !everything.contains(code.replacing("-", with: "")))
    }
}
