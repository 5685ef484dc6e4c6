import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ResetLinkTests {
    @Test func aLinkIsSentShownAndTakenBack() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let none = try await CommandRun(database, ["reset-links", email])
        #expect(none.status == 0 && none.output.isEmpty && none.errors.contains("No links or codes were given to"))
        let tried = try await CommandRun(database, ["send-reset-link", email, "--dry-run"])
        #expect(tried.status == 0 && tried.output.contains("Dry run: would e-mail a reset link to"))
        let sent = try await CommandRun(database, ["send-reset-link", email, "--yes", "--reason", "forgot it"])
        #expect(sent.status == 0)
        #expect(sent.output.contains("It will be e-mailed to \(email)."))
        #expect(sent.output.contains("E-mail is not being sent"))
        let again = try await CommandRun(database, ["send-reset-link", email, "--yes", "--json"])
        #expect(try again.objects.first?.text("outcome") == "done")
        let links = try await CommandRun(database, ["reset-links", email, "--json"]).objects
        #expect(links.map { $0.text("state") } == ["queued", "queued"])
        #expect(links.allSatisfy { $0.text("address") == email && $0.text("requested_by") == "operator" })
        #expect(links.allSatisfy { $0["mail_program_runs"] == .flag(false) })
        let shown = try await CommandRun(database, ["reset-links", email])
        #expect(shown.output.contains("  queued  to \(email)"))
        #expect(shown.errors.contains("E-mail is not being sent"))
        #expect(try await CommandRun(database, ["reset-links", email, "--revoke", "--yes"]).status == 0)
        let nothing = try await CommandRun(database, ["reset-links", email, "--revoke", "--yes"])
        #expect(nothing.status == 65 && nothing.errors.contains("has no valid link"))
        #expect(
            try await CommandRun(database, ["reset-links", email, "--json"]).objects.map { $0.text("state") }
                == ["revoked", "revoked"])
    }

    /// Long before it is given up, staff see that it does not go out, and why.
    @Test func aLinkWhoseMailFailsForATimeSaysWhy() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, ["send-reset-link", email, "--yes"]).status == 0)
        let mailer = SelfServiceDatabase(try database.pool(.selfService), application: "tests", host: "web-1")
        let mail = try #require(try await mailer.nextMail())
        try await mailer.end(mail, as: .later, reason: "exit 75")
        let words = "not sent yet: exit 75, 1 try"
        #expect(
            try await CommandRun(database, ["reset-links", email]).output.contains("queued (\(words))  to \(email)"))
        let link = try #require(try await CommandRun(database, ["reset-links", email, "--json"]).objects.first)
        #expect(link.text("mail_error") == "exit 75" && link["mail_tries"] == .number("1"))
        #expect(try await CommandRun(database, ["show", email]).output.contains("Last mail     \(words)"))
        let shown = try #require(try await CommandRun(database, ["show", email, "--json"]).objects.first)
        #expect(shown.text("last_mail_state") == "waiting" && shown.text("last_mail_error") == "exit 75")
    }

    @Test func whereTheQueueIsFullThatIsSaid() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        try await database.sql(
            """
            INSERT INTO convonet_admin.mail_queue (kind, address, request_id, created_at, give_up_at, next_try_at)
            SELECT 'notice', 'x@example.org', gen_random_uuid(), now(), now() + interval '1 hour', now()
            FROM generate_series(1, 10000)
            """)
        for arguments in [["send-reset-link", email], ["send-reset-link", email, "--pin"]] {
            let run = try await CommandRun(database, arguments + ["--yes", "--json"])
            #expect(run.status == 65)
            let object = try #require(try run.objects.first)
            #expect(object.text("rule") == "mail_queue_full" && object.text("outcome") == "refused")
            #expect(object.text("message")?.contains("The mail queue is full, and nothing was queued.") == true)
        }
        let code = try await CommandRun(database, ["verify-caller", email], input: "123456\n")
        #expect(code.status == 65 && code.errors.contains("The mail queue is full"), "\(code)")
        #expect(try await CommandRun(database, ["reset-links", email, "--json"]).objects.isEmpty)
    }

    @Test func aLinkToAPINIsSentShownAndTakenBack() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let tried = try await CommandRun(database, ["send-reset-link", email, "--pin", "--dry-run"])
        #expect(tried.status == 0 && tried.output.contains("would e-mail a link to a new voice PIN to"))
        let sent = try await CommandRun(database, ["send-reset-link", email, "--pin", "--yes"])
        #expect(sent.status == 0 && sent.output.contains("It will be e-mailed to \(email)."), "\(sent)")
        #expect(
            try await CommandRun(database, ["reset-links", email]).output.contains("  PIN link queued  to \(email)"))
        #expect(
            try await CommandRun(database, ["reset-links", email, "--json"]).objects.map { $0.text("purpose") }
                == ["voice_pin"])
        #expect(try await CommandRun(database, ["reset-links", email, "--revoke", "--yes"]).status == 0)
        let mixed = try await CommandRun(
            database, ["send-reset-link", email, "--pin", "--local-password", "--yes"])
        #expect(mixed.status == 64 && mixed.errors.contains("--pin"))
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "pins_by_link_only=true"]).status == 0)
        let issued = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"])
        #expect(issued.status == 65 && issued.errors.contains("send-reset-link ACCOUNT --pin"), "\(issued)")
    }

    @Test func aCodeIsPrintedShownAndTakenBack() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let tried = try await CommandRun(database, ["reset-password", email, "--code", "--dry-run"])
        #expect(tried.status == 0 && tried.output.contains("Dry run: would issue a reset code for"))
        let issued = try await CommandRun(database, ["reset-password", email, "--code", "--yes"])
        #expect(issued.status == 0 && issued.output.hasPrefix("Reset code issued: "))
        #expect(issued.output.contains(/\nCode: [a-z0-9]{4}-[a-z0-9]{4}\n/))
        #expect(issued.output.contains("for 15 minutes") && issued.output.contains("It cannot be entered yet"))
        let json = try #require(
            try await CommandRun(database, ["reset-password", email, "--code", "--yes", "--json"]).objects.first)
        #expect(json.text("code")?.count == 9 && json["password"] == nil)
        let listed = try await CommandRun(database, ["reset-links", email, "--json"]).objects
        #expect(
            listed.map { $0.text("state") } == ["issued", "replaced"] && listed.allSatisfy { $0.text("kind") == "code" }
        )
        #expect(try await CommandRun(database, ["reset-links", email]).output.contains("  code issued, valid until "))
        #expect(try await CommandRun(database, ["reset-links", email, "--revoke", "--yes"]).status == 0)
        #expect(
            try await CommandRun(database, ["reset-links", email, "--json"]).objects.first?.text("state") == "revoked")
    }

    @Test(arguments: [["--code", "--generate"], ["--code", "--stdin"], ["--code", "--allow-weak"]])
    func aCodeIsNoPassword(options: [String]) async throws {
        let run = try await CommandRun(try await TestDatabase.make(), ["reset-password", "x", "--yes"] + options)
        #expect(run.status == 64 && run.errors.contains("--"), "\(run.errors)")
    }

    @Test func whoMayNotChangeMayNotSend() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, as: .viewer, ["send-reset-link", email, "--yes"]).status == 77)
        #expect(try await CommandRun(database, as: .viewer, ["reset-links", email]).status == 77)
        #expect(try await CommandRun(database, ["send-reset-link", "nobody@example.org", "--yes"]).status == 67)
        #expect(try await CommandRun(database, ["send-reset-link", email]).status == 64)
    }

    @Test func whereLinksAreTheOnlyWayAResetIsRefused() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, as: .supervisor, ["policy", "set", "links_only=true"]).status == 0)
        let reset = try await CommandRun(database, ["reset-password", email, "--generate", "--yes"])
        #expect(reset.status == 65 && reset.errors.contains("send-reset-link"))
        #expect(try await CommandRun(database, ["reset-password", email, "--code", "--yes"]).status == 0)
    }
}
