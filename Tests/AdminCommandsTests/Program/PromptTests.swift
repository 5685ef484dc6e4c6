import AuditVerification
import ConvonetCore
import Credentials
import Glibc
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct PromptTests {
    private func terminal(_ database: TestDatabase, _ arguments: [String]) throws -> TerminalRun {
        try TerminalRun(
            arguments, environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
    }

    @Test func aPasswordIsAskedForTwiceAndNeverShown() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try terminal(database, ["reset-password", email])
        let before = run.settings
        await run.expect("New password: ")
        run.type("password1\r")
        await run.expect("most common")
        await run.expect("New password: ")
        run.type("green tractor 41 sings\r")
        await run.expect("Repeat password: ")
        run.type("green tractor 42 sings\r")
        await run.expect("The two entries do not match")
        await run.expect("New password: ")
        run.type("green tractor x\u{7F}41 sings\r")
        await run.expect("Repeat password: ")
        run.type("something else\u{15}green tractor 41 sings\r")
        await run.expect("Type yes to confirm: ")
        run.type("yes\r")
        await run.expect("Receipt 1")
        #expect(await run.wait() == 0)
        #expect(run.settings == before)
        #expect(!run.transcript.contains("tractor"))
        #expect(run.transcript.contains(email))
        #expect(
            try await database.sql("SELECT outcome, tty ~ '^/dev/pts/' FROM convonet_admin.audit_event") == "done|t")
    }

    @Test func weakIsAWordToType() async throws {
        let database = try await TestDatabase.make()
        let run = try terminal(database, ["reset-password", try await database.person(), "--yes"])
        await run.expect("New password: ")
        run.type("qzkvwt\r")
        await run.expect("Type weak")
        run.type("weak\r")
        await run.expect("Repeat password: ")
        run.type("qzkvwt\r")
        #expect(await run.wait() == 0)
        #expect(try await database.sql("SELECT detail FROM convonet_admin.audit_event").contains("weak"))
    }

    @Test func bytesThatAreNoTextAreRefusedNotDropped() async throws {
        let database = try await TestDatabase.make()
        let run = try terminal(database, ["reset-password", try await database.person(), "--yes"])
        await run.expect("New password: ")
        run.type(Array("green tractor 41".utf8) + [0xC3, 0x0D])
        await run.expect("not valid UTF-8")
        await run.expect("New password: ")
        run.type([0x03])
        #expect(await run.wait() == 130)
        #expect(try await database.events().isEmpty)
    }

    @Test(arguments: ["no", "", "y", "YES"])
    func everyAnswerButYesIsNo(answer: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("voice_pin", of: email)
        let run = try terminal(database, ["reset-pin", email, "--generate"])
        await run.expect("Type yes to confirm: ")
        run.type(answer + "\r")
        await run.expect("Nothing was changed.")
        #expect(await run.wait() == 1)
        #expect(try await database.value("voice_pin", of: email) == before)
        #expect(try await database.events().isEmpty)
    }

    @Test func aPINIsAskedForAndEnterAloneIssuesOne() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try terminal(database, ["reset-pin", email])
        await run.expect("issue one): ")
        run.type("12a4\r")
        await run.expect("digits only")
        await run.expect("issue one): ")
        run.type("\r")
        await run.expect("Issue this person a new voice PIN")
        run.type("yes\r")
        await run.expect("New voice PIN: ")
        #expect(await run.wait() == 0)
        #expect(run.transcript.contains(try await database.value("voice_pin", of: email)))
    }

    @Test(arguments: ["ctrl-c", "SIGINT", "SIGTERM", "SIGHUP"])
    func anInterruptionGivesTheTerminalBack(how: String) async throws {
        let database = try await TestDatabase.make()
        for question in [["--generate"], []] {
            let run = try terminal(database, ["reset-password", try await database.person()] + question)
            let before = run.settings
            await run.expect(question.isEmpty ? "New password: " : "Type yes to confirm: ")
            #expect(run.settings != before)
            switch how {
            case "SIGINT": run.signal(SIGINT)
            case "SIGTERM": run.signal(SIGTERM)
            case "SIGHUP": run.signal(SIGHUP)
            default: run.type([0x03])
            }
            #expect(await run.wait() == (how == "SIGTERM" ? 143 : how == "SIGHUP" ? 129 : 130))
            #expect(run.settings == before)
        }
        #expect(try await database.events().isEmpty)
    }

    /// Shells leave the terminal marking what is pasted, and a program that does not know it would take the marks along.
    @Test(arguments: ["green tractor 41 sings", "green tractor 41 sings\r", "green tractor 41 sings\r\n"])
    func whatIsPastedIsTheTextAlone(pasted: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try terminal(database, ["reset-password", email])
        await run.expect("New password: ")
        run.type("\u{1B}[200~\(pasted)\u{1B}[201~")
        await run.expect("*")
        run.type("\r")
        await run.expect("Repeat password: ")
        run.type("green tractor 41 sings\r")
        await run.expect("Type yes to confirm: ")
        run.type("\u{1B}[200~yes\u{1B}[201~\r")
        #expect(await run.wait() == 0)
        let hash = try PasswordHash(parsing: try await database.value("password_hash", of: email))
        #expect(BcryptHasher.verify(Secret(copying: "green tractor 41 sings"), against: hash))
    }

    @Test(arguments: [
        ("\u{1B}[A", "ESC"), ("\u{1B}OP", "ESC"), ("\u{1}", "U+0001"), ("\t", "TAB"), ("\u{9B}", "U+009B"),
    ])
    func aKeyThatIsNoCharacterIsRefusedByName(key: String, name: String) async throws {
        let database = try await TestDatabase.make()
        let run = try terminal(database, ["reset-password", try await database.person(), "--yes"])
        await run.expect("New password: ")
        run.type("green tractor\(key) 41 sings\r")
        await run.expect(name)
        await run.expect("New password: ")
        run.type([0x03])
        #expect(await run.wait() == 130)
    }

    @Test func aTerminalThatGoesAwayIsAHangUp() async throws {
        let database = try await TestDatabase.make()
        let run = try terminal(database, ["reset-password", try await database.person()])
        await run.expect("New password: ")
        run.hangUp()
        #expect(await run.wait() == 129)
    }

    @Test func standardInputFromATerminalIsRefused() async throws {
        let run = try TerminalRun(["hash", "--stdin"], environment: [:])
        #expect(await run.wait() == 64)
        #expect(run.transcript.contains("Leave out --stdin"))
    }

    @Test func hashAsksTwice() async throws {
        let run = try TerminalRun(["hash", "--cost", "10"], environment: [:])
        await run.expect("Password: ")
        run.type("green tractor\r")
        await run.expect("Repeat password: ")
        run.type("red tractor\r")
        await run.expect("do not match")
        #expect(await run.wait() == 65)
        #expect(!run.transcript.contains("tractor"))
    }
}
