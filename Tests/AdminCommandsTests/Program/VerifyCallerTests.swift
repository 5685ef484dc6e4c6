import ConvonetCore
import Credentials
import Glibc
import SelfServiceCore
import TestDatabase
import TestPrograms
import Testing

@Suite(.dropsDatabases) struct VerifyCallerTests {
    private func mailedCode(_ database: TestDatabase) async throws -> String {
        let desk = SelfServiceDatabase(try database.pool(.selfService), application: "tests", host: "web-1")
        guard case .mail(let mail) = try await desk.takeMail(), case .callerCode(let code, _) = mail.content else {
            Issue.record("no code")
            return ""
        }
        try await desk.end(mail, as: .sent)
        return code.digits
    }

    @Test func theCallerReadsTheCodeBackAndIsThenServed() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "verification_points=3"]).status == 0)
        let refused = try await CommandRun(
            database, ["reset-pin", email, "--generate", "--yes", "--verified-by", "me"])
        #expect(refused.status == 65 && refused.errors.contains("verify-caller ACCOUNT"))
        let run = try TerminalRun(
            ["verify-caller", email],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("Code: ")
        run.type("12\r")
        await run.expect("six digits")
        await run.expect("Code: ")
        let digits = try await mailedCode(database)
        run.type((digits == "000000" ? "111111" : "000000") + "\r")
        await run.expect("4 tries left")
        await run.expect("Code: ")
        run.type(digits + "\r")
        await run.expect("The caller has proven who they are")
        await run.expect("by mail code, 3 points, until")
        #expect(await run.wait() == 0)
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
        let event = try #require(
            try await CommandRun(
                database, as: .auditor, ["audit", "list", "--action", "issue_voice_pin", "--outcome", "done", "--json"]
            )
            .objects.first)
        #expect(event.text("detail") == "method=issued caller=proven way=mail_code points=3")
        let unproven = try await CommandRun(database, as: .auditor, ["audit", "list", "--unproven", "--json"])
        #expect(unproven.status == 0 && unproven.output.isEmpty)
    }

    /// What the console's page says of the caller, `show` says too.
    @Test func whatHoldsTheCallerUpIsShown() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let id = try await database.value("id", of: email)
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "verification_points=3"]).status == 0)
        let first = try await CommandRun(database, ["show", email])
        #expect(
            first.output.contains(
                "Caller        not proven: 3 points needed; “convonet-admin verify-caller \(email)” sends a code"),
            "\(first.output)")
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "verification_points=0"]).status == 0)
        let issued = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes", "--json"]).objects.first
        guard case .number(let receipt) = issued?["sequence"] else {
            Issue.record("no receipt")
            return
        }
        #expect(try await CommandRun(database, ["reset-password", email, "--code", "--yes"]).status == 0)
        try await database.sql(
            """
            INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
            VALUES ('\(id)', 7, clock_timestamp(), clock_timestamp() + interval '4 minutes')
            """)
        let session = try await database.session()
        let (person, key) = (try await session.accounts.find(email), CallerKey())
        #expect(try await session.callers.sendCode(to: person, key: key).isDone)
        let waiting = try #require(try await CommandRun(database, ["show", email, "--json"]).objects.first)
        #expect(waiting.text("caller_code_state") == "queued" && waiting.text("caller_code_way") == "mail_code")
        let digits = try await mailedCode(database)
        #expect(try await session.callers.verify(person, code: digits, key: key).isDone)
        let text = try await CommandRun(database, ["show", email]).output
        for words in [
            "proven by mail code, 3 points, 9 min left", "Blocked ",
            "7 wrong old ones; “convonet-admin unblock \(email)” unblocks",
            "“convonet-admin undo \(receipt)” takes back: Voice PIN issued", "Code          issued ", "issued by you",
        ] { #expect(text.contains(words), "\(words): \(text)") }
        let object = try #require(try await CommandRun(database, ["show", email, "--json"]).objects.first)
        #expect(object["points"] == .number("3") && object["proven_minutes_left"] == .number("9"))
        #expect(object["wrong_passwords"] == .number("7") && object["undo_receipt"] == .number(receipt))
        #expect(object.text("undo_action") == "issue_voice_pin" && object.text("code_state") == "issued")
        #expect(object.text("last_mail_state") == "sent" && object["last_mail_error"] == .null)
        // Who only sees accounts sees no more than that.
        let viewed = try #require(
            try await CommandRun(database, as: .viewer, ["show", email, "--json"]).objects.first)
        #expect(["points", "blocked_until", "undo_receipt", "links_asked"].allSatisfy { viewed[$0] == .null })
        #expect(try await CommandRun(database, as: .viewer, ["show", email]).status == 0)
    }

    /// Whoever was sent nothing reads out nothing that could be right, and a void code is not asked for again.
    @Test(arguments: [false, true]) func aCodeThatCannotBeRightIsNotAskedForAgain(isSent: Bool) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try TerminalRun(
            ["verify-caller", email],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("Code: ")
        if isSent {
            let digits = try await mailedCode(database)
            for left in [4, 3, 2, 1] {
                run.type((digits == "000000" ? "111111" : "000000") + "\r")
                await run.expect("\(left) tr")
                await run.expect("Code: ")
            }
            run.type((digits == "000000" ? "111111" : "000000") + "\r")
            await run.expect("Refused: ")
        } else {
            try await database.sql(
                "UPDATE convonet_admin.mail_queue SET state = 'failed', ended_at = now() WHERE kind = 'caller_code'")
            run.type("123456\r")
            await run.expect("could not be sent")
        }
        #expect(await run.wait() == 65)
    }

    @Test func withoutATerminalTheCodeComesFromStandardInput() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let lonely = try await CommandRun(database, ["verify-caller", email, "--json"], input: "123456\n")
        #expect(lonely.status == 65 && lonely.errors.contains("E-mail is not being sent"))
        // Where nothing can be read no code is spent.
        let empty = try await CommandRun(database, ["verify-caller", email])
        #expect(empty.status == 65 && empty.errors.contains("pipe what the caller reads into it. No code was sent."))
        let settings = ["CONVONET_DB_URI": database.connectionString(.operator)]
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        let program = try StartedProgram(
            ["verify-caller", email], environment: settings, descriptors: [null, null, null])
        #expect(await program.wait() == 65)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.caller_code") == "1")
        let object = try #require(try lonely.objects.first)
        #expect(object.text("outcome") == "refused" && object.text("rule") == "code_not_sent")
        #expect(object["points"] == .number("0") && object["proven_until"] == .null)
        for _ in 0..<2 { _ = try await CommandRun(database, ["verify-caller", email], input: "123456\n") }
        let limit = try await CommandRun(database, ["verify-caller", email], input: "123456\n")
        #expect(limit.status == 65 && limit.errors.contains("three codes were sent for this account"))
        #expect(try await CommandRun(database, as: .viewer, ["verify-caller", email], input: "1").status == 77)
        #expect(try await CommandRun(database, ["verify-caller", "nobody@example.org"], input: "1").status == 67)
    }
}
