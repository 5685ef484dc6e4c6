import ConvonetCore
import ConvonetDatabase
import Credentials
import EmbeddedPostgres
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// What is said of a change by the person themselves whose end nobody saw, or that one server alone has.
@Suite(.dropsDatabases) struct SelfServiceOutcomeTests {
    private func desk(_ address: String) throws -> SelfServiceDatabase {
        SelfServiceDatabase(
            PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:])),
            application: "tests", host: "web-1")
    }

    @Test func anAnswerThatWasLostIsAskedForAgain() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let token = try await database.link(to: person.email, try database.selfService()).token
        let proxy = try AnswerLosingProxy(to: database, losing: "self_reset_password")
        defer { proxy.stop() }
        let result = try await desk(proxy.connectionString(.selfService)).resetPassword(
            by: token, to: try newHash(), from: "192.0.2.1", request: UUID())
        #expect(result?.receipt.outcome == .done && result?.isReplicated == true)
        #expect(try await database.outcomes(of: "reset_password") == "done")
    }

    @Test func whereNobodyAnswersAgainItIsNotKnown() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let token = try await database.link(to: person.email, try database.selfService()).token
        let proxy = try AnswerLosingProxy(to: database, losing: "self_reset_password", endsThen: true)
        defer { proxy.stop() }
        let desk = try desk(proxy.connectionString(.selfService))
        await #expect(throws: AdminError.outcomeUnknown(.serveSelfService, .lost(nil))) {
            try await desk.resetPassword(by: token, to: try newHash(), from: "192.0.2.1", request: UUID())
        }
        #expect(try await database.outcomes(of: "reset_password") == "done")
    }

    @Test func nobodyKnowsWhetherALinkWasAskedForEither() async throws {
        let database = try await TestDatabase.quick()
        let proxy = try AnswerLosingProxy(to: database, losing: "self_request_link", endsThen: true)
        defer { proxy.stop() }
        let desk = try desk(proxy.connectionString(.selfService))
        await #expect(throws: AdminError.outcomeUnknown(.serveSelfService, .lost(nil))) {
            try await desk.requestLink(to: "anna@example.org", from: "192.0.2.1")
        }
    }

    /// A look at the old password changes nothing, whatever became of the answer.
    @Test func aLookIsNoChange() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let setting = try #require(try await database.selfService().signedInPerson(person.id)?.setting)
        let proof = try #require(BcryptHasher.proof(of: .text("a guess"), under: setting))
        let proxy = try AnswerLosingProxy(to: database, losing: "self_check_old_password", endsThen: true)
        defer { proxy.stop() }
        let desk = try desk(proxy.connectionString(.selfService))
        await #expect(throws: AdminError.database(.timedOut)) {
            try await desk.faultOfOldPassword(proof, of: person.id, from: "192.0.2.1", request: UUID())
        }
    }
}
