import Credentials
import Glibc
import PostgresClient
import TestDatabase
import TestPrograms
import Testing

/// What somebody can do where sshd forces the program on them, and what they cannot.
@Suite(.dropsDatabases) struct ForcedCommandTests {
    /// A settings file that leads to a database and allows commands.
    private struct Site {
        let database: TestDatabase
        let directory: AuditCommandTests.Directory
        let settings: String

        init(_ commands: [String], as user: TestDatabase.User = .operator, and more: String = "") async throws {
            database = try await TestDatabase.make()
            directory = try AuditCommandTests.Directory()
            let address = database.connectionString(user).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let list = commands.map { "\"\($0)\"" }.joined(separator: ", ")
            settings = try directory.write(
                "[database]\nurl = \"\(address)\"\n[ssh]\ncommands = [\(list)]\n\(more)", to: "settings.toml")
        }

        /// What sshd does when a client asks for a command.
        func ask(_ command: String?, input: String = "", _ variables: [String: String] = [:]) async throws -> CommandRun
        {
            try await CommandRun(
                ["forced-command", "--config", settings], input: input,
                environment: variables.merging(command.map { ["SSH_ORIGINAL_COMMAND": $0] } ?? [:]) { $1 })
        }
    }

    @Test func whatTheSiteAllowsIsRunWithItsWordsAndInput() async throws {
        let site = try await Site(["search", "reset-password", "audit list"])
        let email = try await site.database.person()
        for command in ["search '\(email)'", "convonet-admin search \(email)", "  search  \"\(email)\" --json"] {
            let run = try await site.ask(command)
            #expect(run.status == 0, "\(command): \(run.errors)")
            #expect(run.output.contains(email))
        }
        let before = try await site.database.value("password_hash", of: email)
        let reset = try await site.ask(
            "reset-password \(email) --stdin --yes --reason 'forgot it; twice'", input: "Kmwp-7d4x-9rtv-h3kc\n")
        #expect(reset.status == 0, "\(reset.errors)")
        #expect(try await site.database.value("password_hash", of: email) != before)
        #expect(try await site.database.sql("SELECT reason FROM convonet_admin.audit_event") == "forgot it; twice")
    }

    @Test func everythingElseIsRefusedWithTheReasonAndTheNextStep() async throws {
        let site = try await Site(["show", "audit list"])
        for (command, said) in [
            ("reset-pin anna --generate --yes", "“reset-pin” is not among"),
            ("audit export", "“audit export” is not among"),
            ("audit", "“audit” is not among"), ("demo -- list", "“demo” is not among"),
            ("forced-command", "“forced-command” is not among"), ("showy", "This is not among"),
            ("/bin/sh -c id", "This is not among"), ("internal-sftp", "This is not among"),
            ("scp -t .", "This is not among"),
            ("--version", "This is not among"), ("console", "“console” is not among"),
            ("'show anna'", "This is not among"),
            ("correct-horse-battery", "This is not among"),
        ] {
            let run = try await site.ask(command)
            #expect(run.status == 77, "\(command)")
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(said), "\(command): \(run.errors)")
            #expect(run.errors.contains("“show”, “audit list”") && run.errors.contains("[ssh]"))
            #expect(!run.errors.contains("horse"))
        }
        #expect(try await site.database.events() == [])
    }

    @Test func withoutTheSettingNothingIsRun() async throws {
        let site = try await Site([])
        let run = try await site.ask("show anna")
        #expect(run.status == 77 && run.errors.contains("no command is"), "\(run.errors)")
        // No command is the console, which needs a terminal.
        let console = try await site.ask(nil)
        #expect(console.status == 78 && console.errors.contains("ssh -t"), "\(console.errors)")
        #expect(try await site.ask(" convonet-admin ").status == 78)
    }

    @Test func whatCannotBeReadIsRefusedWithoutBeingRepeated() async throws {
        let site = try await Site(["show", "search"])
        for (command, said) in [
            ("show anna; id", "“;” is for shells"), ("show $(id)", "“$” is for shells"),
            ("search O'Hara", "has no end"),
            ("show anna > secret-file", "“>” is for shells"), ("show anna\nid", "control character"),
        ] {
            let run = try await site.ask(command)
            #expect(run.status == 64, "\(command)")
            #expect(run.errors.contains(said), "\(run.errors)")
            #expect(!run.errors.contains("secret-file") && !run.errors.contains("Hara"))
        }
    }

    /// In a shell of one's own the variable says nothing: neither may it allow something, nor be in the way.
    @Test func theVariableCountsOnlyForForcedCommand() async throws {
        let site = try await Site([])
        let email = try await site.database.person()
        let run = try await CommandRun(
            ["show", email, "--config", site.settings],
            environment: ["SSH_ORIGINAL_COMMAND": "reset-pin \(email) --clear --yes"])
        #expect(run.status == 0 && run.output.contains(email), "\(run.errors)")
        #expect(try await site.database.events() == [])
    }

    @Test func noVariableLeadsElsewhere() async throws {
        let site = try await Site(["search", "doctor"])
        let other = try await TestDatabase.make()
        let email = try await other.person()
        _ = try await other.sql("UPDATE users_convonet SET email = 'only.there@example.org' WHERE email = '\(email)'")
        let elsewhere = try site.directory.write(
            "[database]\nurl = \"\(other.connectionString(.operator))\"\n[ssh]\ncommands = [\"show\"]\n",
            to: "other.toml")
        let run = try await site.ask(
            "search only.there@example.org --exact",
            [
                "CONVONET_DB_URI": other.connectionString(.operator), "DATABASE_URL": other.connectionString(.operator),
                "CONVONET_ADMIN_CONFIG": elsewhere, "PGHOST": "/nowhere", "PGSERVICEFILE": elsewhere, "PGPORT": "1",
                "XDG_CONFIG_HOME": site.directory.path, "CONVONET_ADMIN_ENVIRONMENT": "other",
                "OPENSSL_CONF": elsewhere,
                "PGPASSFILE": elsewhere,
            ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(!run.output.contains("only.there"))
        let refused = try await site.ask("show anna", ["CONVONET_ADMIN_CONFIG": elsewhere])
        #expect(refused.status == 77)
    }

    @Test func noFileCanBeNamed() async throws {
        let site = try await Site(["search", "audit", "apply", "policy", "migrate"], as: .auditor)
        let (target, source) = (
            site.directory.file("target"), try site.directory.write("email\na@example.org\n", to: "people")
        )
        for command in [
            "audit export --output \(target)", "audit follow --cursor \(target)", "audit verify --journal \(source)",
            "audit verify --checkpoint \(source)", "apply \(source) --action deactivate --yes",
            // Not even as what they are not.
            "apply \(site.settings) --action deactivate --dry-run --column [database]",
            "policy set context_words=@\(site.settings)", "policy set breached_passwords=@\(site.settings)",
            "audit verify --checkpoint \(site.settings)",
            "search anna --config \(source)",
            "search anna --config /etc/passwd", "policy set context_words=@\(source)",
            "audit verify --journal /etc/passwd",
        ] {
            let run = try await site.ask(command)
            #expect([65, 78].contains(run.status), "\(command): \(run.status)")
            #expect(
                run.errors.contains("no file can be named where sshd forces this command"), "\(command): \(run.errors)")
        }
        #expect(site.directory.names == ["people", "settings.toml"])
        #expect(try await site.ask("audit verify --journal -", input: "x\n").status == 0)
        #expect(try await site.ask("audit export --output -").status == 0)
    }

    @Test func filesThatTheSettingsNameAreRead() async throws {
        let leaked = try BreachedFile(BreachedFile.lines([Secret(copying: "maple-river-kettle-41")]))
        let site = try await Site(
            ["reset-password"], and: "[passwords]\nbreached_passwords = \"\(leaked.path)\"\n")
        let fingerprint = try leaked.list().fingerprint
        let set = try await CommandRun(
            site.database, as: .supervisor, ["policy", "set", "breached_passwords=\(fingerprint)"])
        #expect(set.status == 0, "\(set.errors)")
        let command = "reset-password \(try await site.database.person()) --stdin --yes"
        #expect(try await site.ask(command, input: "maple-river-kettle-41").status == 65)
        let other = try await site.ask(command, input: "canyon-orbit-lettuce-7")
        #expect(other.status == 0, "\(other.errors)")
    }

    @Test func theConsoleNeitherSuspendsNorCanStartPrograms() async throws {
        let site = try await Site(["search"])
        let run = try TerminalRun(
            ["forced-command", "--config", site.settings],
            environment: ["TERM": "xterm", "TERMINFO": site.directory.path])
        await run.expect("online")
        run.type("\u{1A}")
        await run.expect("turned off")
        let status = String(decoding: try SourceTree.contents(of: "/proc/\(run.pid)/status"), as: UTF8.self)
        #expect(status.contains("\nNoNewPrivs:\t1\n") && status.contains("\nSeccomp:\t2\n"), "\(status)")
        run.type("q")
        #expect(await run.wait() == 0)
    }

    @Test func doctorSaysWhatTheLogKnowsAndWhatIsAllowed() async throws {
        let site = try await Site(["doctor", "show"])
        let run = try await site.ask("doctor", ["SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22"])
        #expect(run.output.contains("WARNING  ssh-key"), "\(run.output)")
        #expect(run.output.contains("ExposeAuthInfo yes"))
        #expect(run.output.contains("“doctor”, “show”"))
        let named = try await site.ask(
            "doctor --json", ["SSH_CONNECTION": "::1 7 ::1 22", "SSH_USER_AUTH": "/nowhere"])
        let found = try named.objects.first { $0.text("check") == "ssh-key" }
        #expect(found?.text("message")?.contains("cannot be read") == true)
    }

    @Test(arguments: [
        "[\"demo\"]", "[\"shw\"]", "[\"forced-command\"]", "\"show\"", "[\"audit\", 7]", "[\"show anna\"]",
    ])
    func aWrongListOfCommandsIsToldWithItsLine(list: String) async throws {
        let directory = try AuditCommandTests.Directory()
        let path = try directory.write("[ssh]\n\ncommands = \(list)\n", to: "settings.toml")
        let run = try await CommandRun(
            ["forced-command", "--config", path], environment: ["SSH_ORIGINAL_COMMAND": "show x"])
        #expect(run.status == 78 && run.errors.contains("settings.toml, line 3"), "\(run.errors)")
    }

    @Test func aSettingsFileIsNeeded() async throws {
        let run = try await CommandRun(
            ["forced-command", "--config", "/nowhere/settings.toml"], environment: ["SSH_ORIGINAL_COMMAND": "show x"])
        #expect(run.status == 78 && run.errors.contains("/nowhere/settings.toml"), "\(run.errors)")
    }
}
