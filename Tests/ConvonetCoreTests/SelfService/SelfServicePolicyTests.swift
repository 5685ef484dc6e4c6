import AccountPolicy
import ConvonetCore
import Credentials
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

/// What people set for themselves is judged by the policy that is in force when it is stored, or not stored.
@Suite(.dropsDatabases) struct SelfServicePolicyTests {
    /// Each is a rule that a program which read the policy before does not know.
    @Test(arguments: [
        "minimum_length = 24", "blocked_passwords = '{walrus-canyon-41-teapot}'", "bcrypt_cost = 11",
        "context_words = '{walrus}'", "require_uppercase = true",
    ])
    func whatOtherRulesJudgedIsNotSetByALink(change: String) async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let desk = try database.selfService()
        let token = try await database.link(to: person.email, desk).token
        let stale = try await desk.policy()
        try await database.setPolicy(change)
        let before = try await database.stored("password_hash", of: person)
        let late = try await desk.resetPassword(
            by: token, to: try newHash(), judgedBy: stale, from: "192.0.2.1", request: UUID())
        #expect(late?.receipt.outcome == .conflict && late?.rule == "policy_changed")
        #expect(try await database.stored("password_hash", of: person) == before)
        // The link is not used up by it.
        let hash = try newHash()
        let done = try await desk.resetPassword(
            by: token, to: hash, judgedBy: try await desk.policy(after: stale), from: "192.0.2.1", request: UUID())
        #expect(done?.receipt.outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash.text)
        #expect(try await database.outcomes(of: "reset_password") == "conflict policy_changed, done")
    }

    @Test func norWithTheOldPassword() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql(
            "UPDATE users_convonet SET password_hash = '\(try newHash("the-old-one-19").text)' WHERE id = '\(person.idText)'"
        )
        let desk = try database.selfService()
        let setting = try #require(try await desk.signedInPerson(person.id)?.setting)
        let proof = try #require(BcryptHasher.proof(of: .text("the-old-one-19"), under: setting))
        let stale = try await desk.policy()
        try await database.setPolicy("minimum_score = 4")
        let late = try await desk.changePassword(
            of: person.id, proof: proof, to: try newHash(), judgedBy: stale, from: "192.0.2.1", request: UUID())
        #expect(late?.rule == "policy_changed")
        // The proof is good as before, and what is no rule for passwords changes nothing.
        let current = try await desk.policy()
        try await database.setPolicy("reset_link_minutes = 30")
        let done = try await desk.changePassword(
            of: person.id, proof: proof, to: try newHash(), judgedBy: current, from: "192.0.2.1", request: UUID())
        #expect(done?.receipt.outcome == .done)
    }

    @Test func aReadingJudgesByAllOfItsRules() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let password = Secret.text("walrus-canyon-41-teapot")
        let first = try await desk.policy()
        #expect(first.assess(password, for: .nobody).findings.isEmpty)
        try await database.setPolicy("blocked_passwords = '{walrus-canyon-41-teapot}'")
        let second = try await desk.policy(after: first)
        #expect(!second.assess(password, for: .nobody).findings.isEmpty)
        #expect(try await !desk.policy(after: second).assess(password, for: .nobody).findings.isEmpty)
    }
}
