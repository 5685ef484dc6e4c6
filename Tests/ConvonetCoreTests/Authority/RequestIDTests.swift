import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// One id is one request, whatever it asks for: with other contents it is said to be used, and nothing is done.
@Suite(.dropsDatabases) struct RequestIDTests {
    private func answer(
        _ database: TestDatabase, _ call: String, as user: TestDatabase.User = .operator
    ) async throws -> String {
        try await database.sql(
            "SELECT coalesce(rule, outcome) || ' ' || replayed FROM convonet_admin.\(call)", as: user)
    }

    @Test func otherSettingsUnderAUsedIDAreNotSet() async throws {
        let database = try await TestDatabase.quick()
        let id = UUID()
        func set(_ changes: String, as user: TestDatabase.User = .supervisor) async throws -> String {
            try await answer(database, "set_policy('\(changes)', '\(id)', '{}')", as: user)
        }
        #expect(try await set(#"{"approval_minutes": 20, "require_reason": true}"#) == "done false")
        #expect(try await set(#"{"require_reason": true, "approval_minutes": 20}"#) == "done true")
        for changes in [
            #"{"approval_minutes": 21, "require_reason": true}"#, #"{"approval_minutes": 20}"#,
            #"{"require_ticket": true}"#, #"{"blocked_passwords": ["settings=x"]}"#,
        ] {
            #expect(try await set(changes) == "request_id_reused false")
        }
        #expect(
            try await set(#"{"approval_minutes": 20, "require_reason": true}"#, as: .lead) == "request_id_reused false")
        #expect(
            try await database.sql("SELECT approval_minutes, require_ticket FROM convonet_admin.policy") == "20|f")
        #expect(
            try await database.outcomes(of: "set_policy")
                == "done" + String(repeating: ", refused request_id_reused", count: 5))
    }

    /// What was out of range was not done: put right, it may go under the same id.
    @Test func settingsThatWereRefusedMayBeSentAgain() async throws {
        let database = try await TestDatabase.quick()
        let id = UUID()
        func set(_ cost: Int) async throws -> String {
            try await answer(database, "set_policy('{\"bcrypt_cost\": \(cost)}', '\(id)', '{}')", as: .supervisor)
        }
        #expect(try await set(99) == "setting_out_of_range false")
        #expect(try await set(11) == "done false")
        #expect(try await set(99) == "request_id_reused false")
    }

    /// A value is compared with nothing, but how it came about is part of the request.
    @Test func aChangeByAnotherMethodIsAnother() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let id = UUID()
        func reset(_ method: String, letter: String) async throws -> String {
            let hash = "$2b$12$" + String(repeating: letter, count: 53)
            let version = try await database.sql(
                "SELECT version FROM convonet_admin.accounts WHERE id = '\(person.idText)'")
            return try await answer(
                database,
                "reset_password('\(person.idText)', '\(version)', '\(hash)', '\(id)', '{\"method\": \"\(method)\"}')")
        }
        #expect(try await reset("generated", letter: "A") == "done false")
        #expect(try await reset("generated", letter: "B") == "done true")
        #expect(try await reset("typed", letter: "C") == "request_id_reused false")
        #expect(try await database.stored("password_hash", of: person).hasSuffix("AAA"))
    }

    /// One person with two links, and one id for both.
    @Test func anotherLinkIsAnotherRequest() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let service = try database.selfService()
        let links = [
            try await database.link(to: person.email, service), try await database.link(to: person.email, service),
        ]
        let id = UUID()
        func reset(_ mail: QueuedMail) async throws -> Receipt? {
            try await service.resetPassword(by: mail.token, to: newHash(), from: "192.0.2.1", request: id)?.receipt
        }
        let first = try #require(try await reset(links[0]))
        #expect(first.outcome == .done && !first.isReplayed)
        #expect(try await reset(links[0])?.isReplayed == true)
        let second = try #require(try await reset(links[1]))
        #expect(second.rule == "request_id_reused" && !second.isReplayed)
    }

    @Test func aRefusalUnderAnotherRequestsIDSaysSo() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        let id = UUID()
        #expect(
            try await desk.changes.perform(AccountChange(account: people[0], action: .clearPIN, requestID: id)).outcome
                == .done)
        func refuse(_ account: Account, _ function: String, as user: TestDatabase.User, _ id: UUID) async throws
            -> String
        {
            let first =
                function == "record_refusal"
                ? "'\(account.idText)', 'reset_password'" : "'reset_password', '\(account.idText)'"
            return try await answer(database, "\(function)(\(first), 'password_empty', '\(id)', '{}')", as: user)
        }
        for (function, user) in [("record_refusal", TestDatabase.User.operator), ("self_record_refusal", .selfService)]
        {
            #expect(try await refuse(people[1], function, as: user, id) == "request_id_reused false")
            let own = UUID()
            // What is refused may be refused again, by the rule.
            for _ in 0..<2 { #expect(try await refuse(people[1], function, as: user, own) == "password_empty false") }
        }
        // The same that was done is refused by the rule as well, and not done again.
        #expect(
            try await answer(
                database, "record_refusal('\(people[0].idText)', 'clear_voice_pin', 'password_empty', '\(id)', '{}')")
                == "password_empty false")
    }

    /// Whatever takes a request's id looks for an earlier one by the one function that does; but for those that only note what
    /// another carries out, or that undo all they did.
    @Test func everyFunctionWithARequestLooksForAnEarlierOne() async throws {
        let database = try await TestDatabase.make()
        let reached = """
            WITH RECURSIVE f AS (SELECT p.proname::text COLLATE "default" AS name, p.prosrc FROM pg_proc p
                                 WHERE p.pronamespace = 'convonet_admin'::regnamespace),
            looks (name) AS (
                SELECT 'with_earlier_request' UNION SELECT f.name FROM f JOIN looks l ON f.prosrc LIKE '%convonet_admin.' || l.name || '(%')
            """
        #expect(
            try await database.sql(
                """
                \(reached) SELECT string_agg(p.proname, ' ' ORDER BY 1) FROM pg_proc p
                WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef AND 'p_request' = ANY (p.proargnames)
                    AND p.proname::text NOT IN (SELECT l.name FROM looks l)
                """) == "self_request_link")
        // Which is looked for when the mail is taken from the queue.
        #expect(try await database.sql("\(reached) SELECT count(*) FROM looks WHERE name = 'self_take_mail'") == "1")
    }
}
