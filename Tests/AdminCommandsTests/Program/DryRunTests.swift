import TestDatabase
import Testing

@Suite(.dropsDatabases) struct DryRunTests {
    @Test func itSaysWhatWouldBeDoneAndWritesNothing() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let hash = try await database.value("password_hash", of: email)
        for arguments in [["reset-password", "--generate"], ["reset-pin", "--generate"], ["reset-pin", "--clear"]] {
            let run = try await CommandRun(database, arguments + [email, "--dry-run", "--json"])
            #expect(run.status == 0)
            let object = try #require(try run.objects.first)
            #expect(object.names == ResetPasswordTests.fields)
            #expect(object.text("outcome") == "would do")
            #expect(object["sequence"] == .null)
            #expect(object["event_id"] == .null)
            let text = try await CommandRun(database, arguments + [email, "--dry-run"])
            #expect(text.output.hasPrefix("Dry run: would "))
        }
        #expect(try await database.value("password_hash", of: email) == hash)
        #expect(try await database.events().isEmpty)
    }

    @Test func itForeseesWhatTheDatabaseWouldRefuse() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        func rule(_ arguments: [String], input: String = "") async throws -> String? {
            let run = try await CommandRun(database, arguments + ["--dry-run", "--json"], input: input)
            #expect(run.status == 65)
            return try run.objects.first?.text("rule")
        }
        let password = ["reset-password", email, "--generate"]
        #expect(try await rule(["reset-password", try await database.outsider(), "--generate"]) == "external_sign_in")
        #expect(try await rule(["reset-password", email, "--stdin"], input: "password1") == "password_common")
        #expect(try await rule(["reset-pin", email, "--stdin"], input: "1234") == "pin_steps")
        #expect(
            try await rule(["reset-pin", try await database.person(where: "voice_pin IS NULL"), "--clear"])
                == "no_voice_pin")
        _ = try await CommandRun(
            database, as: .supervisor,
            ["policy", "set", "require_reason=true", "require_ticket=true", "verification_methods=callback,badge"])
        #expect(try await rule(password) == "reason_required")
        #expect(try await rule(password + ["--reason", "x"]) == "ticket_required")
        #expect(
            try await rule(password + ["--reason", "x", "--ticket", "1", "--verified-by", "nose"])
                == "verification_required")
        let complete = ["--reason", "x", "--ticket", "1", "--verified-by", "badge", "--dry-run"]
        #expect(try await CommandRun(database, password + complete).status == 0)
        #expect(try await CommandRun(database, as: .viewer, password + complete).status == 77)
    }
}
