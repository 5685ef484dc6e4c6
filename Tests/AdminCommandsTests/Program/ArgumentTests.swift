import Testing

@Suite struct ArgumentTests {
    static let secret = "Zebra-41-quilt"
    static let commands = [
        "console", "demo", "list", "search", "show", "reset-password", "reset-pin", "audit", "hash", "policy",
        "migrate",
    ]

    @Test(arguments: [
        ["reset-password", "anna", secret], ["reset-password", "anna", secret, "--generate", "--yes"],
        ["reset-password", "--password=\(secret)", "anna"], ["reset-password", "--password", secret, "anna"],
        ["reset-password", "anna", "--stdin=\(secret)"], ["reset-password", "anna", "--generate", "--", secret],
        ["reset-pin", "anna", secret], ["reset-pin", "--pin=\(secret)", "anna"], ["hash", secret],
        ["hash", "--password=\(secret)"], ["hash", "--cost", secret], ["reset-pasword", "anna", secret], [secret],
        ["--password=\(secret)"], ["list", secret], ["show", "anna", secret], ["audit", "list", secret],
        ["migrate", secret],
    ])
    func aPasswordAmongTheArgumentsIsNeverRepeated(arguments: [String]) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(!run.errors.contains("quilt"))
        #expect(run.errors.contains("Never give a password as an argument: use the prompt or --stdin"))
    }

    @Test(arguments: [
        (["reset-password"], "account"), (["reset-password", "anna", "--generate", "--stdin", "--yes"], "Use one of"),
        (["signout", "anna"], "Did you mean “sign-out”?"), (["freez", "anna"], "Did you mean “freeze”?"),
        (["reset-pin", "anna", "--generate", "--clear", "--yes"], "Use only one"),
        (["reset-pin", "anna", "--reason"], "--reason"),
        (["reset-password", "anna", "--generate"], "--yes"), (["hash", "--cost", "9", "--stdin"], "--cost"),
        (["hash"], "--stdin"),
        (["reset-pin", "anna", "--generate", "--yes", "--request-id", "seven"], "UUID"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--sort", "shoe-size"], "--sort"), (["list", "--filter", "tall"], "--filter"),
        (["list", "--limt", "3"], "--limt"),
        (["search"], "text"), (["search", ""], "word"), (["show"], "account"), (["audit", "show"], "event"),
        (["audit", "list", "--limit", "0"], "--limit"), (["demo", "--users", "0"], "--users"),
        (["demo", "--", "demo"], "demo"),
        (["policy", "set"], "name=value"), (["migrate", "--detach", "--uninstall"], "--detach and --uninstall"),
        (["migrate", "--export", "x"], "--uninstall"),
    ])
    func wrongUsageSaysWhat(arguments: [String], word: String) async throws {
        let run = try await CommandRun(arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(word))
    }

    @Test(arguments: commands)
    func everyCommandHasHelpWithAnExample(command: String) async throws {
        let run = try await CommandRun([command, "--help"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains("USAGE: convonet-admin \(command)"))
        #expect(command == "console" || run.output.contains("Example: convonet-admin \(command)"))
        #expect(try await CommandRun(["help", command]).output == run.output)
    }

    @Test func theMainHelpNamesEveryCommandAndExitCode() async throws {
        let run = try await CommandRun(["--help"])
        #expect(run.status == 0)
        for command in Self.commands { #expect(run.output.contains("\n  \(command) ")) }
        for code in ["64", "65", "67", "69", "70", "74", "75", "77", "78", "130"] {
            #expect(run.output.contains("\(code) "))
        }
        let version = try await CommandRun(["--version"])
        #expect(version.status == 0)
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreGenerated(shell: String) async throws {
        let run = try await CommandRun(["--generate-completion-script", shell])
        #expect(run.status == 0)
        for word in ["reset-password", "verified-by", "grant-operator"] { #expect(run.output.contains(word)) }
    }

    @Test func aHashVerifiesAndNothingElseIsSaid() async throws {
        let run = try await CommandRun(["hash", "--stdin", "--cost", "10"], input: "\(Self.secret)\n")
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("$2b$10$"))
        #expect(run.output.count == 61)
        #expect(run.errors.isEmpty)
        let json = try await CommandRun(["hash", "--stdin", "--cost", "10", "--json"], input: Self.secret)
        #expect(try json.objects.first?.names == ["format", "hash"])
        for bad in ["", "a\u{0}b", String(repeating: "x", count: 73)] {
            #expect(try await CommandRun(["hash", "--stdin"], input: bad).status == 65)
        }
    }
}
