import ConvonetCore
import Credentials
import SelfServiceCore
import TestDatabase
import Testing

@Suite struct VerifyCallerTests {
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
