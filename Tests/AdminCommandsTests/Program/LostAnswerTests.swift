import AuditVerification
import ConvonetCore
import Credentials
import TestDatabase
import Testing

/// The line drops when the server has done a change and answers: the same call is sent again, and told what it did.
@Suite(.dropsDatabases) struct LostAnswerTests {
    private func run(_ database: TestDatabase, losing mark: String, _ arguments: [String]) async throws -> CommandRun {
        let proxy = try AnswerLosingProxy(to: database, losing: mark)
        defer { proxy.stop() }
        return try await CommandRun(
            arguments + ["--yes", "--json"], environment: ["CONVONET_DB_URI": proxy.connectionString()])
    }

    @Test(arguments: [[], ["--request-id", "0b7b4a8e-53a1-4f0e-9f8e-1d4f5a0c0043"]])
    func aPasswordThatTheCallMadeIsPrinted(id: [String]) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try await self.run(
            database, losing: "FROM convonet_admin.reset_password", ["reset-password", email, "--generate"] + id)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.objects.first?["replayed"] == .flag(true))
        let password = try #require(try run.objects.first?.text("password"))
        let hash = try PasswordHash(parsing: try await database.value("password_hash", of: email))
        #expect(BcryptHasher.verify(Secret(copying: password), against: hash))
        #expect(try await database.events() == ["done:"])
    }

    @Test func aPINThatTheDatabaseDrewIsLostAndThatIsNoSuccess() async throws {
        let database = try await TestDatabase.make()
        let run = try await self.run(
            database, losing: "FROM convonet_admin.issue_voice_pin",
            ["reset-pin", try await database.person(), "--generate"])
        #expect(run.status == 74)
        #expect(try run.objects.first?.text("outcome") == "done")
        #expect(try run.objects.first?["pin"] == nil)
        #expect(try await database.events() == ["done:"])
    }
}
