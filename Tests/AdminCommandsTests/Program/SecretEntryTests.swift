import AuditVerification
import ConvonetCore
import Credentials
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct SecretEntryTests {
    private func isPassword(_ password: String, of hash: String) throws -> Bool {
        try BcryptHasher.verify(Secret(copying: password), against: PasswordHash(parsing: hash))
    }

    @Test(arguments: [
        ("\u{FEFF}green tractor 41 sings\n", "password_invisible_end", "byte order mark"),
        ("green tractor 41 sings\u{A0}\n", "password_invisible_end", "no-break space"),
        ("green tractor 41 sings\u{200B}", "password_invisible_end", "U+200B"),
        ("\u{3000}green tractor 41 sings", "password_invisible_end", "U+3000"),
        ("green \u{1B}[A tractor 41 sings", "password_control_character", "ESC"),
        ("green tractor 41 sings\n\n", "password_control_character", "line feed"),
        ("green tractor 41 sings\r", "password_control_character", "carriage return"),
        ("green tractor\u{2028}41 sings", "password_control_character", "U+2028"),
    ])
    func whatNobodyTypesIsRefusedByName(input: String, rule: String, name: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("password_hash", of: email)
        let run = try await CommandRun(database, ["reset-password", email, "--stdin", "--yes", "--json"], input: input)
        #expect(run.status == 65)
        #expect(try run.objects.first?.text("rule") == rule)
        #expect(try run.objects.first?.text("message")?.contains(name) == true)
        #expect(try await database.value("password_hash", of: email) == before)
        #expect(try await database.events() == ["refused:\(rule)"])
        let hash = try await CommandRun(["hash", "--stdin", "--cost", "10"], input: input)
        #expect(hash.status == 65 && hash.output.isEmpty && hash.errors.contains(name))
    }

    @Test func aPINWithAnUnseenCharacterSaysWhich() async throws {
        let database = try await TestDatabase.make()
        let run = try await CommandRun(
            database, ["reset-pin", try await database.person(), "--stdin", "--yes"], input: "\u{FEFF}730592\n")
        #expect(run.status == 65 && run.errors.contains("byte order mark"))
    }

    @Test(arguments: [
        "zu\u{308}gig gru\u{308}n 41", "\u{1112}\u{1161}\u{11AB} kettle 41 river", "c\u{327}a\u{302} et la\u{300} 41",
    ])
    func bothFormsOfUnicodeAreOnePassword(decomposed: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let run = try await CommandRun(database, ["reset-password", email, "--stdin", "--yes"], input: decomposed)
        #expect(run.status == 0, "\(run.errors)")
        let composed = Secret(copying: decomposed).composed.revealedText()
        #expect(composed.utf8.count < decomposed.utf8.count)
        #expect(try isPassword(composed, of: try await database.value("password_hash", of: email)))
        let hash = try await CommandRun(["hash", "--stdin", "--cost", "10"], input: decomposed)
        #expect(try isPassword(composed, of: hash.output.split(separator: "\n").first.map(String.init) ?? ""))
    }

    /// The byte behind the last was looked at where the buffer ended with it.
    @Test(arguments: [4095, 4096, 4097, 4098, 4099, 5000], ["", "\r", "\n", "\r\n", "\n\n"])
    func inputOfEveryLengthIsAnswered(count: Int, end: String) async throws {
        let input = String(repeating: "a", count: count) + end
        let run = try await CommandRun(["hash", "--stdin", "--cost", "10"], input: input)
        #expect(run.status == 65 && !run.errors.isEmpty)
    }
}
