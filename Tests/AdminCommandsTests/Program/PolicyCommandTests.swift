import TestDatabase
import Testing

@Suite(.dropsDatabases) struct PolicyCommandTests {
    @Test func whatIsSetAlreadyIsUnchangedAndNotLogged() async throws {
        let database = try await TestDatabase.make()
        func set(_ arguments: String..., as user: TestDatabase.User = .supervisor) async throws -> CommandRun {
            try await CommandRun(database, as: user, ["policy", "set"] + arguments)
        }
        let same = try await set("minimum_length=8", "context_words=convonet", "require_reason=false")
        #expect(same.status == 0 && same.output.hasPrefix("Nothing to change"))
        #expect(try await database.events().isEmpty)
        let json = try await set("minimum_length=8", "--json")
        #expect(try json.objects.first?.text("outcome") == "unchanged")
        #expect(try json.objects.first?["sequence"] == .null)
        // What differs is all that the log gets.
        #expect(try await set("minimum_length=8", "minimum_score=4").output.hasPrefix("Changed"))
        #expect(
            try await database.sql("SELECT detail FROM convonet_admin.audit_event").hasSuffix(
                "; minimum_score: 3 -> 4"))
        let looser = try await set("minimum_length=7", "require_ticket=true")
        #expect(
            looser.output.contains("Looser than before: minimum_length.") && !looser.output.contains("require_ticket"))
        #expect(try await set("minimum_length=8", as: .operator).status == 77)
        #expect(try await set("minimum_length=5").status == 65)
    }

    /// A slip in a name would protect nobody, and nobody would notice.
    @Test func whoIsToBeProtectedAndIsNobodyIsNamed() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let slip = ["policy", "set", "protected_accounts=\(email.uppercased()),nobody\u{1B}[2J"]
        let run = try await CommandRun(database, as: .supervisor, slip)
        #expect(
            run.status == 0 && run.output.contains("Warning: nobody has “nobody^[[2J”") && !run.output.contains(email))
        let json = try await CommandRun(
            database, as: .supervisor, ["policy", "set", "protected_accounts=nobody", "--json"])
        #expect(json.output.contains(#""unknown_accounts": ["nobody"]"#))
        // Other settings say nothing of it.
        let other = try await CommandRun(database, as: .supervisor, ["policy", "set", "minimum_length=9"])
        #expect(other.status == 0 && !other.output.contains("Warning"))
    }

    /// The console shows the same refusals without them.
    @Test func aRefusalNamesTheOptionThatHelps() async throws {
        let database = try await TestDatabase.make()
        let policy = ["require_reason=true", "require_ticket=true", "verification_methods=callback"]
        #expect(try await CommandRun(database, as: .supervisor, ["policy", "set"] + policy).status == 0)
        let email = try await database.person()
        var given: [String] = []
        for option in [["--reason", "x"], ["--ticket", "T-1"], ["--verified-by", "callback"]] {
            let run = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes", "--json"] + given)
            #expect(run.status == 65)
            #expect(try run.objects.first?.text("message")?.contains(option[0]) == true, "\(option)")
            given += option
        }
        let outsider = try await database.outsider()
        let run = try await CommandRun(database, ["reset-password", outsider, "--generate", "--yes"] + given)
        #expect(run.status == 65 && run.errors.contains("--local-password"))
    }
}
