import TestDatabase
import Testing

@Suite(.dropsDatabases) struct StateCommandTests {
    @Test(arguments: [
        ("deactivate", "is_active AND is_verified", "is_active", "f", "Deactivated: "),
        ("activate", "NOT is_active", "is_active", "t", "Activated: "),
        ("mark-verified", "NOT is_verified", "is_verified", "t", "Marked as verified: "),
        ("mark-unverified", "is_active AND is_verified", "is_verified", "f", "Marked as unverified: "),
    ])
    func aStateIsSetAndSaid(command: String, who: String, column: String, value: String, words: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.sql("SELECT email FROM users_convonet WHERE \(who) ORDER BY email LIMIT 1")
        let before = try await database.value(column, of: email)
        #expect(before != value)
        let rehearsed = try await CommandRun(database, [command, email, "--dry-run"])
        let wish = "Dry run: would \(command.replacing("mark-", with: "mark as "))"
        #expect(rehearsed.status == 0 && rehearsed.output.hasPrefix(wish))
        #expect(try await CommandRun(database, [command, email]).status == 64)
        #expect(try await database.value(column, of: email) == before)
        let id = "0b7b4a8e-53a1-4f0e-9f8e-1d4f5a0c0003"
        let arguments = [command, email, "--yes", "--reason", "left", "--ticket", "T-1", "--request-id", id]
        let run = try await CommandRun(database, arguments)
        #expect(run.status == 0 && run.output.hasPrefix(words) && run.output.contains("Receipt 1"))
        #expect(try await database.value(column, of: email) == value)
        let again = try await CommandRun(database, arguments + ["--json"])
        #expect(try again.objects.first?["replayed"] == .flag(true))
        // What ends tokens may have been late to: the note says what to do then.
        let fields = command == "deactivate" ? ResetPasswordTests.replayedFields : ResetPasswordTests.fields
        #expect(try again.objects.first?.names == fields)
        let refused = try await CommandRun(database, [command, email, "--yes", "--json"])
        #expect(refused.status == 65)
        #expect(try refused.objects.first?.text("rule") == "already_so")
        #expect(
            try await database.sql("SELECT reason || ticket FROM convonet_admin.audit_event WHERE sequence = 1")
                == "leftT-1")
    }

    @Test func theQuestionNamesWhatIsDone() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try TerminalRun(
            ["deactivate", email],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("Deactivate this account? Type yes to confirm: ")
        run.type("yes\r")
        await run.expect("Deactivated: ")
        #expect(await run.wait() == 0)
        #expect(try await CommandRun(database, as: .viewer, ["activate", email, "--yes"]).status == 77)
        #expect(try await CommandRun(database, ["activate", "nobody@example.org", "--yes"]).status == 67)
    }

    @Test func whereNothingMayBeTypedThePromptMakesOneUp() async throws {
        let database = try await TestDatabase.make()
        #expect(try await CommandRun(database, as: .supervisor, ["policy", "set", "allow_typed=false"]).status == 0)
        let email = try await database.person()
        let run = try TerminalRun(
            ["reset-password", email],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("one will be generated")
        await run.expect("Type yes to confirm: ")
        run.type("yes\r")
        await run.expect("New password: ")
        #expect(await run.wait() == 0)
        let typed = try await CommandRun(
            database, ["reset-password", email, "--stdin", "--yes", "--json"], input: "green tractor 41 sings")
        #expect(typed.status == 65)
        #expect(try typed.objects.first?.text("rule") == "typed_not_allowed")
    }

    @Test func watchingIsAskedForByMigrate() async throws {
        let database = try await TestDatabase.make()
        let watch = ["migrate", "--watch-direct-changes", "--yes"]
        let run = try await CommandRun(database, as: .owner, watch)
        #expect(run.status == 0 && run.errors.contains("Create a trigger on public.users_convonet"))
        let again = try await CommandRun(database, as: .owner, watch + ["--json"])
        #expect(try again.objects.first?.text("outcome") == "nothing to do")
        #expect(try await CommandRun(database, as: .owner, watch + ["--unwatch"]).status == 64)
        #expect(try await CommandRun(database, as: .owner, watch + ["--detach"]).status == 64)
        let email = try await database.person()
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE email = '\(email)'")
        #expect(
            try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).output.contains("Receipt 2"))
        let listed = try await CommandRun(
            database, as: .auditor, ["audit", "list", "--action", "direct_change", "--json"])
        #expect(try listed.objects.first?.text("actor_kind") == "outside")
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--unwatch", "--yes"]).status == 0)
    }
}
