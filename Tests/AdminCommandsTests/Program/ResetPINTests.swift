import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ResetPINTests {
    @Test func anIssuedPINIsStoredAndShownOnce() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person(where: "voice_pin IS NULL")
        let arguments = [
            "reset-pin", email, "--generate", "--yes", "--json", "--request-id", "0b7b4a8e-53a1-4f0e-9f8e-1d4f5a0c0002",
        ]
        let run = try await CommandRun(database, arguments)
        #expect(run.status == 0)
        let object = try #require(try run.objects.first)
        #expect(object.names == ResetPasswordTests.fields + ["pin"])
        #expect(try await database.value("voice_pin", of: email) == object.text("pin"))
        #expect(object.text("pin")?.count == 6)
        let again = try await CommandRun(database, arguments)
        #expect(again.status == 0)
        #expect(try again.objects.first?.names == ResetPasswordTests.replayedFields)
        let text = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"])
        #expect(text.output.contains("New voice PIN: \(try await database.value("voice_pin", of: email))"))
    }

    @Test func clearingLeavesNone() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try await CommandRun(database, ["reset-pin", email, "--clear", "--yes", "--json"])
        #expect(run.status == 0)
        #expect(try run.objects.first?.names == ResetPasswordTests.fields)
        #expect(try await database.value("voice_pin IS NULL", of: email) == "t")
        let again = try await CommandRun(database, ["reset-pin", email, "--clear", "--yes", "--json"])
        #expect(again.status == 65)
        #expect(try again.objects.first?.text("rule") == "no_voice_pin")
    }

    @Test(arguments: [
        ("1234", "pin_steps"), ("12a4", "pin_not_digits"), ("٣٣٤٥", "pin_not_ascii_digits"), ("12", "pin_wrong_length"),
        ("8305173", "pin_wrong_length"), (" 830517", "pin_not_digits"), ("830517\n\n", "pin_not_digits"),
        ("3112", "pin_date"),
    ])
    func aBadPINIsRefusedByName(digits: String, rule: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("voice_pin", of: email)
        let run = try await CommandRun(database, ["reset-pin", email, "--stdin", "--yes", "--json"], input: digits)
        #expect(run.status == 65)
        #expect(try run.objects.first?.names == ResetPasswordTests.refusedFields)
        #expect(try run.objects.first?.text("rule") == rule)
        #expect(try await database.value("voice_pin", of: email) == before)
        #expect(try await database.events() == ["refused:\(rule)"])
    }

    @Test func takenPINsAreNotToldFromOthersAndAreLimited() async throws {
        let database = try await TestDatabase.make()
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "decoys_per_thousand=0"]).status == 0)
        let email = try await database.person(where: "voice_pin IS NULL")
        let taken = try await database.sql(
            "SELECT voice_pin FROM users_convonet u WHERE NOT EXISTS (SELECT FROM convonet_admin.refused_pin r "
                + "WHERE r.pin = u.voice_pin) AND voice_pin IS NOT NULL ORDER BY 1 LIMIT 4"
        ).split(separator: "\n").map(String.init)
        for (index, pin) in taken.enumerated() {
            let run = try await CommandRun(database, ["reset-pin", email, "--stdin", "--yes", "--json"], input: pin)
            #expect(run.status == 65)
            #expect(try run.objects.first?.text("rule") == (index < 3 ? "pin_unavailable" : "typed_pin_limit"))
            #expect(!run.output.contains(pin))
        }
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
    }
}
