import AuditVerification
import Credentials
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

/// What somebody with psql and an operator's rights can make of codes: no more tries, and nothing to read.
@Suite(.dropsDatabases) struct CallerAuthorityTests {
    @Test func fiveTriesAreCountedWhateverIsUndone() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let (key, digits) = try await database.sentCode(to: person, by: session)
        let undone = "BEGIN; \(TestDatabase.wrongCode(person)) ROLLBACK;\n"
        let answers = try await database.sql(String(repeating: undone, count: 6), as: .operator)
        #expect(
            answers.split(separator: "\n")
                == Array(repeating: "refused:code_wrong", count: 5) + ["refused:code_tries"])
        #expect(try await session.callers.verify(person, code: digits, key: key).rule == "code_tries")
        #expect(try await session.callers.state(of: person).code?.triesLeft == 0)
        // Another code has tries of its own.
        let (second, code) = try await database.sentCode(to: person, by: session)
        #expect(try await session.callers.verify(person, code: code, key: second).isDone)
    }

    @Test func eightAtOnceHaveFiveTries() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        _ = try await database.sentCode(to: person, by: session)
        let rules = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await database.sql(TestDatabase.wrongCode(person), as: .operator) } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(rules.filter { $0 == "refused:code_wrong" }.count == 5)
        #expect(rules.filter { $0 == "refused:code_tries" }.count == 3)
    }

    @Test func nothingIsTriedOrAskedWithinAPartOfATransaction() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        _ = try await database.sentCode(to: person, by: session)
        for call in [TestDatabase.wrongCode(person), TestDatabase.newCode(person)] {
            let nested = await database.refusal(of: "BEGIN; SAVEPOINT a; \(call) ROLLBACK TO a; COMMIT;", as: .operator)
            #expect(nested?.contains("within a subtransaction") == true)
            let second = await database.refusal(of: "BEGIN; \(call) \(call) COMMIT;", as: .operator)
            #expect(second?.contains("not first in its transaction") == true)
            let prepared = await database.refusal(of: "BEGIN; \(call) \(database.prepareTransaction)", as: .operator)
            #expect(prepared?.contains("cannot PREPARE") == true)
            let level = await database.refusal(of: "BEGIN ISOLATION LEVEL SERIALIZABLE; \(call)", as: .operator)
            #expect(level?.contains("only READ COMMITTED") == true)
        }
    }

    @Test func aTryThatStaysOpenKeepsNobodyFromTheAccount() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        _ = try await database.sentCode(to: person, by: session)
        for call in [TestDatabase.wrongCode(person), TestDatabase.newCode(person)] {
            try await database.pool(.operator).withConnection { holder in
                try await holder.run(script: "BEGIN; \(call)", limit: .seconds(10))
                try await database.sql(
                    "SET lock_timeout = '1s'; UPDATE users_convonet SET last_login_at = now() WHERE id = '\(person.idText)'",
                    as: .owner)
                await holder.rollback()
            }
        }
    }

    @Test func whatIsStoredIsNoneOfTheMillionCodesWithoutTheKey() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let person = try await session.person()
        let (key, digits) = try await database.sentCode(to: person, by: session)
        let stored = try await session.callers.state(of: person).code
        #expect(key.proof(of: digits, senderKey: try #require(stored?.senderKey)) != nil)
        #expect(
            try await database.sql(
                """
                SELECT count(*) FROM convonet_admin.caller_code c, generate_series(0, 999999) n,
                    LATERAL (SELECT convert_to(lpad(n::text, 6, '0'), 'UTF8')) AS t (code)
                WHERE c.proof_hash IN (sha256(t.code), sha256(c.sender_key || t.code), sha256(c.asker_key || t.code))
                """) == "0")
        let everything = try await database.sql(
            "SELECT c::text FROM convonet_admin.caller_code c UNION ALL SELECT q::text FROM convonet_admin.mail_queue q"
        )
        #expect(!everything.contains(digits))
        for user in [TestDatabase.User.operator, .auditor, .supervisor, .viewer, .selfService, .stranger] {
            #expect(await database.refusal(of: "SELECT * FROM convonet_admin.caller_code", as: user) != nil)
            #expect(await database.refusal(of: "SELECT last_value FROM convonet_admin.caller_tries_0", as: user) != nil)
        }
    }

    @Test func whoIsNoOperatorFindsNothingOut() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let calls = [
            TestDatabase.wrongCode(person), TestDatabase.newCode(person),
            "SELECT * FROM convonet_admin.caller_state('\(person.idText)', '{}')",
        ]
        for user in [TestDatabase.User.auditor, .supervisor, .viewer, .selfService, .stranger] {
            for call in calls {
                #expect(
                    await database.refusal(of: call, as: user)?.contains("permission denied") == true, "\(user) \(call)"
                )
            }
        }
        let store = "SELECT convonet_admin.self_store_caller_code(1, 1, sha256('a'), sha256('b'))"
        #expect(await database.refusal(of: store, as: .operator)?.contains("permission denied") == true)
        #expect(try await database.sql(store, as: .selfService) == "")
        // Of nobody, and without an id of the request.
        let nobody = TestDatabase.newCode(person).replacing(person.idText, with: UUID().uuidString)
        #expect(await database.refusal(of: nobody, as: .operator)?.contains("no such account") == true)
        #expect(
            try await database.sql(TestDatabase.newCode(person, request: "NULL"), as: .operator)
                == "refused:request_id_missing")
    }
}
