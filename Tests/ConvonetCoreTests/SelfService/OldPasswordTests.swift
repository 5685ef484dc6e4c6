import ConvonetCore
import Credentials
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct OldPasswordTests {
    private let old = Secret.text("the-old-one-19")

    private func prepared() async throws -> (TestDatabase, SelfServiceDatabase, Account) {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let hash = try newHash("the-old-one-19")
        try await database.sql("UPDATE users_convonet SET password_hash = '\(hash.text)' WHERE id = '\(person.idText)'")
        return (database, try database.selfService(maximum: 20), person)
    }

    @Test func whoKnowsTheOldPasswordChangesIt() async throws {
        let (database, desk, person) = try await prepared()
        let signedIn = try #require(try await desk.signedInPerson(person.id))
        #expect(signedIn.person.email == person.email)
        let setting = try #require(signedIn.setting)
        let proof = try #require(BcryptHasher.proof(of: old, under: setting))
        #expect(
            try await desk.faultOfOldPassword(proof, of: person.id, from: "192.0.2.1", request: UUID()) == nil)
        let hash = try newHash()
        let result = try await desk.changePassword(
            of: person.id, proof: proof, to: hash, from: "192.0.2.1", request: UUID())
        #expect(result?.receipt.outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash.text)
        // What proved the old one proves nothing now.
        let again = try await desk.changePassword(
            of: person.id, proof: proof, to: hash, from: "192.0.2.1", request: UUID())
        #expect(again?.rule == "old_password_wrong")
        #expect(try await database.outcomes(of: "change_password") == "done, refused old_password_wrong")
    }

    @Test func wrongOnesAreCountedAndThenNoneIsLookedAt() async throws {
        let (database, desk, person) = try await prepared()
        let setting = try #require(try await desk.signedInPerson(person.id)?.setting)
        let wrong = try #require(BcryptHasher.proof(of: .text("a guess"), under: setting))
        let right = try #require(BcryptHasher.proof(of: old, under: setting))
        // All at once: each is counted.
        let rules = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await desk.faultOfOldPassword(wrong, of: person.id, from: "192.0.2.1", request: UUID())?.rule
                }
            }
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(rules.filter { $0 == "old_password_wrong" }.count == 5)
        #expect(rules.filter { $0 == "old_password_blocked" }.count == 15)
        let pause = "SELECT extract(epoch FROM blocked_until - last_at)::integer FROM convonet_admin.wrong_password"
        #expect(try await database.sql(pause) == "60")
        // However slow the machine, it is not over while it is looked at.
        try await database.sql("UPDATE convonet_admin.wrong_password SET blocked_until = now() + interval '1 hour'")
        #expect((1800...3600).contains(try await desk.signedInPerson(person.id)?.blockedSeconds ?? 0))
        #expect(
            try await desk.changePassword(
                of: person.id, proof: right, to: try newHash(), from: "192.0.2.1", request: UUID())?.rule
                == "old_password_blocked")
        try await database.sql("UPDATE convonet_admin.wrong_password SET blocked_until = now()")
        #expect(
            try await desk.faultOfOldPassword(wrong, of: person.id, from: "192.0.2.1", request: UUID())?.rule
                == "old_password_wrong")
        #expect(try await database.sql(pause) == "120")
        try await database.sql("UPDATE convonet_admin.wrong_password SET blocked_until = now()")
        #expect(
            try await desk.changePassword(
                of: person.id, proof: right, to: try newHash(), from: "192.0.2.1", request: UUID())?.receipt.outcome
                == .done)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.wrong_password") == "0")
    }

    @Test func whoHasNoPasswordHereOrMayNotSignInCannot() async throws {
        let (database, desk, _) = try await prepared()
        let staff = try await database.session()
        let external = try await staff.person { $0.signIn == .external && $0.isActive }
        #expect(try await desk.signedInPerson(external.id)?.setting == nil)
        #expect(
            try await desk.faultOfOldPassword(try newHash(), of: external.id, from: "192.0.2.1", request: UUID())?.rule
                == "external_sign_in")
        let inactive = try await staff.person { !$0.isActive }
        #expect(try await desk.signedInPerson(inactive.id) == nil)
        #expect(try await desk.signedInPerson(UUID()) == nil)
    }
}
