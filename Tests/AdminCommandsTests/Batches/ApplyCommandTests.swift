import CGlibc
import Glibc
import OperatingSystem
import TestDatabase
import TestPrograms
import Testing

/// `apply` as the built program.
@Suite(.dropsDatabases) struct ApplyCommandTests {
    private let directory = try? AuditCommandTests.Directory()

    private func file(_ text: String) throws -> String {
        let directory = try #require(directory)
        return try directory.write(text, to: "list-\(directory.names.count).csv")
    }

    private func list(_ emails: [String]) throws -> String {
        try file((["email"] + emails).joined(separator: "\r\n") + "\r\n")
    }

    private func people(_ database: TestDatabase, _ count: Int, where condition: String = "is_active") async throws
        -> [String]
    {
        try await database.sql(
            """
            SELECT email FROM users_convonet WHERE password_hash LIKE '$2b$%' AND voice_pin IS NOT NULL AND \(condition)
            ORDER BY email LIMIT \(count)
            """
        ).split(separator: "\n").map(String.init)
    }

    private func outcomes(_ run: CommandRun) throws -> [String?] { try run.objects.map { $0.text("outcome") } }

    /// Each column says what it says: an address is no username, and two columns name one person.
    @Test func whoIsCalledOtherwiseIsNotChanged() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 2)
        func value(_ column: String, of email: String) async throws -> String {
            try await database.sql("SELECT \(column) FROM users_convonet WHERE email = '\(email)'")
        }
        let (id, username) = (try await value("id", of: emails[0]), try await value("username", of: emails[0]))
        for (text, words) in [
            ("email\n\(username)\n", "in the column email is not"),
            ("username\n\(emails[0])\n", "in the column username is not"),
            ("id,email\n\(id),\(emails[1])\n", "in the column email is not"),
            ("id,name,e-mail\n\(id),x,nobody@example.org\n", "“nobody@example.org” in the column email is not"),
            ("id,account\n\(id),\(emails[1])\n", "in the column account is not"),
        ] {
            let run = try await CommandRun(database, ["apply", try file(text), "--action", "deactivate", "--yes"])
            #expect(run.status == 65 && run.errors.contains(words), "\(text): \(run.errors)")
        }
        #expect(try await database.events().isEmpty)
        let both = "account,id,E-Mail,username\n\(username),\(id),\(emails[0].uppercased()),\n"
        let run = try await CommandRun(
            database, ["apply", try file(both), "--column", "account", "--action", "deactivate", "--yes"])
        #expect(run.status == 0 && run.errors.contains("column account"), "\(run.errors)")
    }

    @Test func everybodyIsChangedAndToldAndASecondRunFindsItDone() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 3)
        let arguments = ["apply", try list(emails), "--action", "deactivate", "--ticket", "T-18"]
        let rehearsed = try await CommandRun(database, arguments + ["--dry-run"])
        #expect(rehearsed.status == 0)
        #expect(rehearsed.output.split(separator: "\n").count == 3)
        #expect(
            rehearsed.output.contains("line 2: would deactivate ") && rehearsed.output.contains("(now active, PIN)"))
        #expect(rehearsed.errors.contains("3 ready") && rehearsed.errors.contains("nothing was changed"))
        #expect(try await CommandRun(database, arguments).status == 64)
        #expect(try await database.events().isEmpty)
        let run = try await CommandRun(database, arguments + ["--yes", "--json"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try outcomes(run) == ["done", "done", "done", "done"])
        let rows = try run.objects
        #expect(
            rows[0].names == [
                "format", "line", "outcome", "account", "event_id", "sequence", "request_id", "replayed", "approval",
            ])
        #expect(rows[0]["line"] == .number("2") && rows[0].object("account")?.text("email") == emails[0])
        #expect(
            rows[3].names == [
                "format", "outcome", "message", "batch", "action", "people", "done", "would_do", "done_before",
                "nothing_to_do", "refused", "conflict", "failed", "unknown", "not_tried",
            ])
        #expect(rows[3]["people"] == .number("3") && rows[3]["done"] == .number("3"))
        let again = try await CommandRun(database, arguments + ["--yes"])
        #expect(again.status == 0)
        #expect(again.output.contains("line 2: Deactivated by an earlier run: ") && again.output.contains("Receipt 1."))
        #expect(again.errors.contains("3 done before"))
        // The same under another name is another batch, and they are so already.
        let other = try await CommandRun(database, arguments + ["--yes", "--batch", "july", "--json"])
        #expect(try outcomes(other) == ["nothing to do", "nothing to do", "nothing to do", "done"])
        #expect(try await database.events() == ["done:", "done:", "done:"])
    }

    /// People who are gone since, and others who come, are no reason to begin anew: under its name it is the same batch,
    /// whether somebody gave that or the first run did.
    @Test(arguments: ["july", nil]) func aBatchGoesOnUnderItsNameThoughItsFileIsAnother(name: String?) async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 5)
        func arguments(_ some: [String], _ name: String?) throws -> [String] {
            ["apply", try list(some), "--action", "deactivate", "--ticket", "T-18", "--yes"]
                + (name.map { ["--batch", $0] } ?? [])
        }
        try await database.setPolicy("states_per_operator_hour = 2")
        let first = try await CommandRun(database, try arguments(Array(emails.prefix(4)), name))
        #expect(first.status == 75, "\(first.errors)")
        let words = try #require(first.errors.split(separator: "\n").first { $0.contains(" ready") })
        let printed = String(try #require(words.split(separator: " ").last).dropLast())
        #expect(name == nil || printed == name, "\(words)")
        try await database.setPolicy("states_per_operator_hour = 0")
        // One of those who were done and one of those who were not are gone.
        try await database.sql("DELETE FROM team_memberships_convonet")
        try await database.sql("DELETE FROM users_convonet WHERE email IN ('\(emails[1])', '\(emails[3])')")
        let gone = try await CommandRun(database, try arguments(Array(emails.prefix(4)), printed))
        #expect(gone.status == 67 && gone.errors.contains("give its name with --batch"), "\(gone.errors)")
        let others = [emails[4], emails[2], emails[0]]
        let last = try await CommandRun(database, try arguments(others, printed) + ["--json"])
        #expect(last.status == 0, "\(last.errors)")
        #expect(try outcomes(last) == ["done", "done", "done before", "done"])
        #expect(try last.objects[3].text("batch") == printed)
        let done = "SELECT count(*), count(DISTINCT account_id) FROM convonet_admin.audit_event WHERE outcome = 'done'"
        #expect(try await database.sql(done) == "4|4")
        // And once more, with fewer: nothing happens again.
        let again = try await CommandRun(database, try arguments([emails[2]], printed) + ["--json"])
        #expect(try outcomes(again) == ["done before", "done"])
        #expect(try await database.sql(done) == "4|4")
    }

    @Test func theQuestionShowsEverybodyAndWantsTheNumber() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 2)
        let environment = ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"]
        let arguments = ["apply", try list(emails), "--action", "sign-out"]
        for (answer, status) in [("yes", Int32(1)), ("yes 3", 1), ("yes 2", 0)] {
            let run = try TerminalRun(arguments, environment: environment)
            await run.expect("would sign out on every device: ")
            await run.expect(emails[1])
            await run.expect("2 people: sign out. Type yes 2 to confirm: ")
            run.type("\(answer)\r")
            #expect(await run.wait() == status)
            #expect(try await database.events().count == (status == 0 ? 2 : 0))
        }
    }

    /// Between the question and its answer somebody is protected: that is shown before anything is asked of a supervisor.
    @Test func whatChangedBeforeTheAnswerIsShownFirst() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 3)
        let run = try TerminalRun(
            ["apply", try list(emails), "--action", "sign-out"],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("Type yes 3 to confirm: ")
        let set = try await CommandRun(database, as: .supervisor, ["policy", "set", "protected_accounts=\(emails[1])"])
        #expect(set.status == 0, "\(set)")
        let made = "SELECT count(*) FROM convonet_admin.audit_event WHERE action = 'sign_out'"
        run.type("yes 3\r")
        await run.expect("Something changed meanwhile, for \(emails[1]).")
        await run.expect("Type yes 2 to confirm: ")
        #expect(try await database.sql(made) == "0")
        run.type("yes 2\r")
        #expect(await run.wait() == 65)
        #expect(try await database.sql(made) == "2")
    }

    /// What is wrong with a file is told with its line, and nobody is changed.
    @Test func nobodyIsChangedByAFileThatIsNotRight() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 3)
        let id = try await database.value("id", of: emails[0])
        let many = (["email"] + emails + (0..<100_000).map { "nobody\($0)@example.org" }).joined(separator: "\n")
        let fifo = try #require(directory).file("fifo")
        try #require(mkfifo(fifo, 0o600) == 0)
        for (path, status, words) in [
            (try list(emails + ["nobody@example.org"]), 67, "line 5: no account has"),
            (try list([emails[0], emails[1], id]), 65, "line 4: the same person as in line 2"),
            (try list([emails[0], "", emails[1]]), 65, "line 3: nothing stands in the column"),
            (try file("mail\n\(emails[0])\n"), 65, "line 1: the header has no column"),
            (try file(""), 65, "is empty"),
            (try file(many), 65, "more than 100000"),
            (try file(many.split(separator: "\n").dropLast(3).joined(separator: "\n")), 67, "and 99977 lines more"),
            (fifo, 65, "it is a pipe"), ("/dev/zero", 65, "it is a device"), (fifo + "x", 65, "cannot be read"),
        ] {
            let run = try await CommandRun(database, ["apply", path, "--action", "deactivate", "--yes", "--json"])
            #expect(run.status == status && run.errors.contains(words), "\(words): \(run.errors.prefix(300))")
            #expect(try outcomes(run) == [status == 65 ? "refused" : "failed"])
        }
        #expect(try await database.events().isEmpty)
        let quoted = try file("\u{FEFF}name;e-mail\r\n\"B; \"\"Bo\"\"\";\"\(emails[0])\"\r\n")
        let run = try await CommandRun(database, ["apply", quoted, "--action", "deactivate", "--yes"])
        #expect(run.status == 0 && run.output.contains(emails[0]), "\(run.errors)")
    }

    @Test func secretsAreNotForMany() async throws {
        for (action, words) in [
            ("reset-password", "secrets are never made"), ("issue-voice-pin", "secrets are never made"),
            ("dance", "--action must be one of activate, deactivate"),
        ] {
            let run = try await CommandRun(["apply", "list.csv", "--action", action])
            #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
        }
    }

    @Test func whoeverCannotBeChangedIsLeftOutAndTold() async throws {
        let database = try await TestDatabase.make()
        let emails = try await people(database, 3)
        #expect(try await CommandRun(database, ["deactivate", emails[0], "--yes"]).status == 0)
        #expect(
            try await CommandRun(database, as: .supervisor, ["freeze", emails[1], "--reason", "wait", "--yes"]).status
                == 0)
        let run = try await CommandRun(
            database, ["apply", try list(emails), "--action", "deactivate", "--yes", "--json"])
        #expect(run.status == 65)
        #expect(try outcomes(run) == ["nothing to do", "refused", "done", "incomplete"])
        #expect(try run.objects[1].text("rule") == "frozen")
        #expect(try await database.events() == ["done:", "done:", "done:"])
        #expect(
            try await CommandRun(database, as: .viewer, ["apply", try list(emails), "--action", "verify", "--yes"])
                .status == 77)
        #expect(
            try await CommandRun(database, ["apply", try list(emails), "--action", "freeze", "--yes"]).status == 77)
    }

    @Test func aLimitStopsItAndSaysHowToGoOn() async throws {
        let database = try await TestDatabase.make()
        try await database.setPolicy("states_per_operator_hour = 2")
        let arguments = ["apply", try list(try await people(database, 4)), "--action", "deactivate", "--yes"]
        let run = try await CommandRun(database, arguments)
        #expect(run.status == 75)
        #expect(run.errors.contains("The same command goes on later") && run.output.contains("line 5: not tried"))
        try await database.setPolicy("states_per_operator_hour = 0")
        #expect(try await CommandRun(database, arguments).status == 0)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE outcome = 'done'") == "4")
    }

    /// Runs it as JSON, and ends it by a signal once it has told of so many people: it cannot get far beyond, for its
    /// outcomes fill the pipe.
    private func run(_ database: TestDatabase, _ arguments: [String], endedBy signal: Int32, after count: Int)
        async throws
        -> Int32
    {
        var pipes: [Int32] = [0, 0]
        cg_pipe2(&pipes, O_CLOEXEC)
        let scratch = try TemporaryFile()
        let program = try StartedProgram(
            arguments, environment: ["CONVONET_DB_URI": database.connectionString(.operator)],
            descriptors: [scratch.descriptor, pipes[1], scratch.descriptor])
        close(pipes[1])
        let output = pipes[0]
        let told = await withCheckedContinuation { continuation in
            detachThread {
                var reader = LineReader(output)
                var told = 0
                while told < count, (try? reader.line()) ?? nil != nil { told += 1 }
                continuation.resume(returning: told)
            }
        }
        #expect(told == count, "\(scratch.text())")
        kill(program.pid, signal)
        // What was not read yet must not keep it from ending.
        detachThread {
            var reader = LineReader(output)
            while (try? reader.line()) ?? nil != nil {}
            close(output)
        }
        return await program.wait()
    }

    /// A list of 400 people who are made for it.
    private func fourHundred(_ database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            INSERT INTO users_convonet (id, email, username, password_hash, first_name, last_name, is_active, is_verified,
                created_at, updated_at)
            SELECT gen_random_uuid(), 'many' || n || '@example.org', 'many' || n, '$2b$12$' || repeat('Q', 53), 'Many',
                'Person ' || n, true, true, now(), now() FROM generate_series(1, 400) n
            """)
        return try list((1...400).map { "many\($0)@example.org" })
    }

    @Test func fourHundredPeopleAreEachChangedOnceThoughItIsKilledTwice() async throws {
        let database = try await TestDatabase.make()
        let arguments = [
            "apply", try await fourHundred(database), "--action", "deactivate", "--reason", "left", "--yes", "--json",
        ]
        for told in [50, 200] {
            #expect(try await run(database, arguments, endedBy: SIGKILL, after: told) == 128 + SIGKILL)
            let done = try #require(Int(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")))
            #expect((told..<400).contains(done))
        }
        let last = try await CommandRun(database, arguments)
        #expect(last.status == 0, "\(last.errors)")
        let rows = try last.objects
        #expect(rows.count == 401 && rows[400].text("outcome") == "done")
        #expect(rows.dropLast().allSatisfy { ["done", "done before"].contains($0.text("outcome")) })
        #expect(
            try await database.sql(
                """
                SELECT count(*), count(DISTINCT account_id), count(*) FILTER (WHERE outcome = 'done' AND action = 'deactivate')
                FROM convonet_admin.audit_event
                """) == "400|400|400")
        #expect(
            try await database.sql("SELECT count(*) FROM users_convonet WHERE email LIKE 'many%' AND NOT is_active")
                == "400")
    }

    @Test func aSignalEndsItBetweenTwoPeople() async throws {
        let database = try await TestDatabase.make()
        let arguments = ["apply", try await fourHundred(database), "--action", "sign-out", "--yes", "--json"]
        #expect(try await run(database, arguments, endedBy: SIGTERM, after: 20) == 143)
        let done = try #require(Int(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")))
        #expect(done >= 20)
        #expect(try await CommandRun(database, arguments).status == 0)
        #expect(try await database.events() == Array(repeating: "done:", count: 400))
    }
}
