import ConvonetCore
import ConvonetDatabase
import SchemaMaintenance
import TestDatabase
import TestPrograms
import Testing

/// What `--check` says, followed, ends in a check that is passed.
@Suite(.dropsDatabases) struct CheckAdviceTests {
    private func check(_ database: TestDatabase, sendmail: String, under limit: String = "true") async throws -> (
        Int32, String
    ) {
        let directory = try ScratchDirectory()
        try directory.write(
            "config.toml",
            "[self_service]\npublic_url = \"https://app.example.org/x\"\nmail_from = \"support@example.org\"\n"
                + "sendmail = [\"\(sendmail)\"]\n")
        let output = try TemporaryFile()
        let status = try await StartedProgram(
            [
                "-c", "\(limit); exec \"$0\" --check --config \"$1\"", StartedProgram.path(of: "convonet-self-service"),
                directory.path + "/config.toml",
            ], environment: ["CONVONET_DB_URI": database.connectionString(.selfService)],
            descriptors: [output.descriptor, output.descriptor, output.descriptor], executable: "/bin/bash"
        ).wait()
        return (status, output.text())
    }

    @Test func aMailProgramThatIsMissing() async throws {
        let database = try await TestDatabase.make()
        let (status, words) = try await check(database, sendmail: "/nonexistent/sendmail")
        #expect(status == 78 && words.contains("set sendmail under [self_service]"), "\(words)")
        let (well, said) = try await check(database, sendmail: "/bin/true")
        #expect(well == 0 && said.contains("as they must be"), "\(said)")
    }

    @Test func aCommandForThePasswordThatFails() async throws {
        let directory = try ScratchDirectory()
        func check(_ command: String) async throws -> (Int32, String) {
            try directory.write(
                "config.toml",
                "[database]\nurl = \"postgresql://web@127.0.0.1:1/c\"\npassword_command = [\(command)]\n"
                    + "[self_service]\npublic_url = \"https://app.example.org/x\"\nmail_from = \"support@example.org\"\n"
            )
            let output = try TemporaryFile()
            let status = try await StartedProgram(
                ["--check", "--config", directory.path + "/config.toml"], environment: [:],
                descriptors: [output.descriptor, output.descriptor, output.descriptor],
                executable: StartedProgram.path(of: "convonet-self-service")
            ).wait()
            return (status, output.text())
        }
        let (missing, words) = try await check("\"/no-such-place/token\"")
        #expect(missing == 78, "\(words)")
        #expect(words.contains("/no-such-place/token (password_command under [database]) cannot be started"))
        let (failed, said) = try await check("\"/bin/ls\", \"/no-such-place/x\"")
        #expect(failed == 69 && said.contains("ended with exit code 2, saying"), "\(said)")
        let (well, nobody) = try await check("\"/bin/echo\", \"word\"")
        #expect(well == 69 && nobody.contains("Nothing answers at 127.0.0.1"), "\(nobody)")
    }

    /// It sends whoever reads it to doctor, whose policy lets people be seen.
    @Test func peopleWhoAreHidden() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY")
        let (status, words) = try await check(database, sendmail: "/bin/true")
        #expect(status == 78 && words.contains("convonet-admin doctor"), "\(words)")
        let found = await DatabaseExamination(try database.pool(.selfService), usersTable: .usersConvonet).findings()
        #expect(found.filter { $0.grade == .problem }.map(\.check) == ["users-table"], "\(found)")
        #expect(!found.contains { $0.message.contains("_hand (") }, "\(found)")
        let advice = try #require(found.compactMap(\.mend).first { $0.contains("CREATE POLICY") }, "\(found)")
        let start = try #require(advice.firstRange(of: "CREATE POLICY")?.lowerBound)
        try await database.sql("SET ROLE convonet_owner; \(advice[start...])")
        #expect(try await check(database, sendmail: "/bin/true").0 == 0)
    }

    /// It says how many more it needs, and that many more are enough.
    @Test func tooFewFiles() async throws {
        let database = try await TestDatabase.make()
        let (status, words) = try await check(database, sendmail: "/bin/true", under: "ulimit -n 30")
        #expect(status == 71, "\(words)")
        let needed = try #require(words.split { !$0.isNumber }.compactMap { Int($0) }.max(), "\(words)")
        let (enough, more) = try await check(database, sendmail: "/bin/true", under: "ulimit -n \(30 + needed)")
        #expect(enough == 0, "\(words) \(more)")
    }
}
