import TestDatabase
import Testing

/// Taking back, signing out, freezing and unblocking from the command line.
@Suite(.dropsDatabases) struct UndoCommandTests {
    @Test func aResetIsTakenBackByItsReceipt() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("voice_pin", of: email)
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
        #expect(try await CommandRun(database, ["undo", "1"]).status == 64)
        let rehearsed = try await CommandRun(database, ["undo", "1", "--dry-run"])
        #expect(rehearsed.status == 0 && rehearsed.output.hasPrefix("Dry run: would take back the reset of "))
        #expect(try await database.value("voice_pin", of: email) != before)
        let run = try await CommandRun(database, ["undo", "1", "--yes", "--reason", "wrong person"])
        #expect(run.status == 0 && run.output.hasPrefix("Taken back: ") && run.output.contains("Receipt 2"))
        #expect(run.errors.contains("Receipt 1: Voice PIN issued"))
        #expect(try await database.value("voice_pin", of: email) == before)
        let again = try await CommandRun(database, ["undo", "1", "--yes", "--json"])
        #expect(again.status == 65)
        #expect(try again.objects.first?.text("rule") == "undo_done")
        // The undo itself stays.
        for arguments in [["--dry-run"], ["--yes"]] {
            let undone = try await CommandRun(database, ["undo", "2"] + arguments)
            #expect(
                undone.status == 65
                    && undone.errors.contains("What was taken back cannot be taken back again. Reset it anew."),
                "\(undone)")
        }
        #expect(try await database.value("voice_pin", of: email) == before)
    }

    /// A stranger may be signed in, who knew the password; with a PIN nobody signs in.
    @Test func signingOutIsOfferedAfterWhatAStrangerMayBeBehind() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let offer = "“convonet-admin sign-out \(email)” signs out everywhere."
        for (arguments, isOffered) in [
            (["reset-password", email, "--generate"], true), (["reset-password", email, "--code"], true),
            (["reset-pin", email, "--generate"], false), (["undo", "1"], true),
        ] {
            let run = try await CommandRun(database, arguments + ["--yes"])
            #expect(run.output.contains(offer) == isOffered, "\(arguments): \(run.output)\(run.errors)")
        }
        #expect(try await CommandRun(database, ["sign-out", email, "--yes"]).status == 0)
    }

    @Test(arguments: [("999", 65, "No reset of a password or PIN has the receipt 999."), ("PIN", 64, "receipt")])
    func whatIsNoReceiptIsSaid(receipt: String, status: Int32, words: String) async throws {
        let run = try await CommandRun(try await TestDatabase.make(), ["undo", receipt, "--yes"])
        #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
    }

    @Test func aFrozenAccountIsChangedByNobody() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, ["freeze", email, "--yes", "--reason", "no"]).status == 77)
        #expect(
            try await CommandRun(database, ["unfreeze", email, "--yes"]).errors.contains(
                "Only supervisors freeze accounts"))
        let nameless = try await CommandRun(database, as: .supervisor, ["freeze", email, "--yes"])
        #expect(nameless.status == 65 && nameless.errors.contains("--reason"))
        let frozen = try await CommandRun(
            database, as: .supervisor, ["freeze", email, "--yes", "--reason", "security"])
        #expect(frozen.status == 0 && frozen.output.hasPrefix("Frozen: "))
        for arguments in [["reset-pin", email, "--generate"], ["sign-out", email], ["unblock", email]] {
            let run = try await CommandRun(database, arguments + ["--yes", "--json"])
            #expect(run.status == 65)
            let object = try #require(try run.objects.first)
            #expect(object.text("rule") == "frozen")
            #expect(object.text("message")?.hasPrefix("Frozen by test_supervisor: “security”. A supervisor") == true)
        }
        let text = try await CommandRun(database, ["show", email]).output
        #expect(text.hasPrefix("Frozen        YES, by test_supervisor: “security”; nobody"))
        let shown = try #require(try await CommandRun(database, ["show", email, "--json"]).objects.first)
        #expect(shown.text("frozen_by") == "test_supervisor" && shown.text("frozen_note") == "security")
        let viewed = try #require(
            try await CommandRun(database, as: .viewer, ["show", email, "--json"]).objects.first)
        #expect(viewed["is_frozen"] == .flag(true) && viewed["frozen_note"] == .null)
        // A dry run says what the change itself would.
        for (user, arguments, rule) in [
            (TestDatabase.User.supervisor, ["freeze", email, "--reason", "again"], "frozen"),
            (.operator, ["unblock", email], "frozen"),
        ] {
            let run = try await CommandRun(database, as: user, arguments + ["--dry-run", "--json"])
            #expect(try run.objects.first?.text("rule") == rule)
        }
        let thawed = try await CommandRun(database, as: .supervisor, ["unfreeze", email, "--yes"])
        #expect(thawed.status == 0 && thawed.output.hasPrefix("Unfrozen: "))
        for (user, arguments, rule) in [
            (TestDatabase.User.supervisor, ["unfreeze", email], "not_frozen"),
            (.supervisor, ["freeze", email], "reason_required"), (.operator, ["unblock", email], "not_blocked"),
        ] {
            let run = try await CommandRun(database, as: user, arguments + ["--dry-run", "--json"])
            #expect(try run.objects.first?.text("rule") == rule)
        }
        #expect(try await database.outcomes(of: "unblock") == "refused frozen")
        let out = try await CommandRun(database, ["sign-out", email, "--yes"])
        #expect(out.status == 0 && out.output.hasPrefix("Signed out everywhere: "))
        let unblocked = try await CommandRun(database, ["unblock", email, "--yes", "--json"])
        #expect(try unblocked.objects.first?.text("rule") == "not_blocked")
    }

    @Test func whatIsOverIsDeletedByATimer() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
        try await database.sql("UPDATE convonet_admin.replaced_credential SET expires_at = clock_timestamp()")
        #expect(try await CommandRun(database, as: .viewer, ["tidy"]).status == 77)
        let run = try await CommandRun(database, ["tidy", "--json"])
        #expect(run.status == 0)
        #expect(try run.objects.first?.text("outcome") == "done")
        #expect(try run.objects.first?["passwords"] == .flag(false))
        let timer = try await CommandRun(database, as: .scheduler, ["tidy", "--json"])
        #expect(try timer.objects.first?["passwords"] == .flag(true))
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.replaced_credential") == "0")
    }

    /// Nobody else is asked about a slip, so no protected account's username is asked for either.
    @Test func ofAProtectedAccountASlipIsTakenBackWithoutASecondPerson() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
        try await database.setPolicy("protected_accounts = ARRAY['\(email)']")
        let run = try TerminalRun(
            ["undo", "1"],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator), "TERM": "xterm"])
        await run.expect("Take this reset back? Type yes to confirm: ")
        run.type("yes\r")
        await run.expect("Taken back: ")
        #expect(await run.wait() == 0)
    }
}
