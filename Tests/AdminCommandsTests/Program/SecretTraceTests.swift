import EmbeddedPostgres
import Glibc
import TestDatabase
import Testing

/// Where a secret must not be found.
@Suite(.dropsDatabases) struct SecretTraceTests {
    static let password = "Quilted-zeppelin-741"

    private func contents(_ path: String) throws -> String {
        String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
    }

    @Test func aTypedPasswordLeavesNoTrace() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try TerminalRun(
            ["reset-password", email], environment: ["CONVONET_DB_URI": database.connectionString(.operator)])
        await run.expect("New password: ")
        run.type(Self.password + "\r")
        await run.expect("Repeat password: ")
        run.type(Self.password + "\r")
        await run.expect("Type yes to confirm: ")
        #expect(try contents("/proc/\(run.pid)/cmdline").contains(email))
        #expect(!(try contents("/proc/\(run.pid)/cmdline")).contains("zeppelin"))
        if getuid() == 0 { #expect(!(try contents("/proc/\(run.pid)/environ")).contains("zeppelin")) }
        run.type("yes\r")
        #expect(await run.wait() == 0)
        #expect(!run.transcript.contains("zeppelin"))
        try await expectNoTrace(in: database)
    }

    @Test func aPipedOrGeneratedPasswordLeavesNoTrace() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let piped = try await CommandRun(database, ["reset-password", email, "--stdin", "--yes"], input: Self.password)
        #expect(piped.status == 0)
        #expect(!(piped.output + piped.errors).contains("zeppelin"))
        let refused = try await CommandRun(
            database, ["reset-password", email, "--stdin", "--yes"], input: Self.password + "-convonet")
        #expect(refused.status == 65)
        #expect(!(refused.output + refused.errors).contains("zeppelin"))
        try await expectNoTrace(in: database)
        let generated = try await CommandRun(database, ["reset-password", email, "--generate", "--yes", "--json"])
        let password = try #require(try generated.objects.first?.text("password"))
        let issued = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes", "--json"])
        let pin = try #require(try issued.objects.first?.text("pin"))
        #expect(!(try await database.sql("SELECT * FROM convonet_admin.audit_event")).contains(password))
        let log = try contents(database.cluster.logPath)
        #expect(!log.contains(password))
        // The log is full of digits: an id may hold the same six.
        #expect(!log.contains("'\(pin)'"))
    }

    /// Neither in the log's rows nor in the server's own log, which records every statement with its parameters here.
    private func expectNoTrace(in database: TestDatabase) async throws {
        #expect(!(try await database.sql("SELECT * FROM convonet_admin.audit_event")).contains("zeppelin"))
        let log = try contents(database.cluster.logPath)
        #expect(log.contains("convonet_admin.reset_password"))
        #expect(!log.contains("zeppelin"))
    }
}
