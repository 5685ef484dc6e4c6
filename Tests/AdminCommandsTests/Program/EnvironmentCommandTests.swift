import Glibc
import ProgramStart
import TestDatabase
import Testing

@testable import AdminCommands

/// Two databases with the same people: whatever is done names the one in which it is done, and is done in no other.
@Suite(.dropsDatabases) struct EnvironmentCommandTests {
    private let directory: AuditCommandTests.Directory
    private let path: String
    private let staging: TestDatabase
    private let production: TestDatabase

    init() async throws {
        (staging, production) = (try await TestDatabase.make(), try await TestDatabase.make())
        directory = try AuditCommandTests.Directory()
        func url(_ database: TestDatabase) -> String {
            let text = database.connectionString(.operator)
            return "database.url = \"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
        }
        path = try directory.write(
            "[environments.staging]\ncolour = \"green\"\n\(url(staging))"
                + "[environments.production]\ncolour = \"red\"\n\(url(production))", to: "config.toml")
        chmod(path, 0o600)
    }

    private func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> CommandRun {
        try await CommandRun(
            arguments, environment: environment.merging(["CONVONET_ADMIN_CONFIG": path]) { own, _ in own })
    }

    private func events(_ database: TestDatabase) async throws -> String {
        try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")
    }

    @Test func aChangeNamesItsEnvironment() async throws {
        let email = try await production.person()
        let change = ["reset-pin", email, "--generate", "--yes"]
        let done = try await run(change + ["--environment", "production"])
        #expect(done.status == 0 && done.output.contains(", in production.\n"), "\(done)")
        let dry = try await run(change + ["--dry-run"], ["CONVONET_ADMIN_ENVIRONMENT": "production"])
        #expect(dry.output.contains("Nothing was changed, in production."), "\(dry)")
        let refused = try await run(["activate", email, "--yes", "--environment", "production"])
        #expect(refused.status == 65 && refused.errors.contains(", in production."), "\(refused)")
        let object = try await run(change + ["--json", "--environment", "production"])
        #expect(try object.objects.first?.text("environment") == "production")
        let people = try directory.write("email\n\(email)\n", to: "people.csv")
        let batch = try await run([
            "apply", people, "--action", "deactivate", "--yes", "--environment", "production",
        ])
        #expect(batch.status == 0 && batch.errors.contains(", in production."), "\(batch)")
        #expect(try await events(staging) == "0")
        // Nothing is chosen for somebody who does not choose.
        let nobody = try await run(change)
        #expect(nobody.status == 78 && nobody.errors.contains("“production”, “staging”"))
        #expect(try await events(staging) == "0")
    }

    @Test func aVariableWithAnAddressIsNoWayAround() async throws {
        let email = try await staging.person()
        let address = ["DATABASE_URL": production.connectionString(.operator)]
        let change = ["reset-pin", email, "--generate", "--yes"]
        let both = try await run(
            change, address.merging(["CONVONET_ADMIN_ENVIRONMENT": "staging"]) { own, _ in own })
        #expect(both.status == 78 && both.errors.contains("DATABASE_URL"))
        let named = try await run(change + ["--environment", "staging"], address)
        #expect(named.output.contains(", in staging."))
        #expect(try await events(staging) == "1")
        #expect(try await events(production) == "0")
        let other = try await run(change, address)
        #expect(other.output.contains(", in DATABASE_URL."))
        #expect(try await events(production) == "1")
        let open = try await run(change + ["--environment", "staging"], ["PGHOSTADDR": "127.0.0.1"])
        #expect(open.status == 78 && open.errors.contains("PGHOSTADDR"))
    }

    /// On a terminal alone, and never among the data.
    @Test func whatOnlyShowsNamesItFirst() async throws {
        let email = try await staging.person()
        for arguments in [
            ["list", "--limit", "1"], ["search", email], ["show", email], ["tidy"], ["policy", "show"],
            ["audit", "list"],
            ["approvals"], ["reset-links", email],
        ] {
            let named = arguments + ["--environment", "staging"]
            let seen = try TerminalRun(named, environment: ["CONVONET_ADMIN_CONFIG": path, "TERM": "xterm"])
            await seen.expect("Environment: staging.\r\n")
            _ = await seen.wait()
            let piped = try await run(named)
            #expect(!(piped.output + piped.errors).contains("Environment:"), "\(piped)")
            let json = try await run(named + ["--json"])
            #expect(!(json.output + json.errors).contains("Environment:"), "\(json)")
        }
        #expect(
            try await run(["tidy", "--json", "--environment", "staging"]).objects.first?.text("environment")
                == "staging")
    }

    @Test func theQuestionNamesItToo() async throws {
        let run = try TerminalRun(
            ["reset-pin", try await production.person(), "--generate", "--environment", "production"],
            environment: ["CONVONET_ADMIN_CONFIG": path, "TERM": "xterm"])
        await run.expect("production: ")
        await run.expect("Type yes to confirm: ")
        run.type("no\r")
        #expect(await run.wait() == 1)
        #expect(try await events(production) == "0")
    }

    @Test func doctorKnowsWhichThereAre() async throws {
        let run = try await run(["doctor", "--environment", "staging"])
        #expect(run.output.contains("The environment is staging (green); others: production (red)."), "\(run)")
        let unnamed = try await self.run(["doctor", "--json"])
        #expect(unnamed.status == 78 && unnamed.output.contains("production"))
    }

    @Test func aDemoNeedsNoChoice() async throws {
        let run = try await run(
            ["demo", "--users", "5", "--", "list", "--limit", "1"], ["CONVONET_ADMIN_ENVIRONMENT": "production"])
        #expect(run.status == 0, "\(run)")
    }

    @Test func theirNamesComplete() {
        #expect(Settings.names(for: ["convonet-admin", "list", "--config", path]) == ["production", "staging"])
        #expect(Settings.names(for: ["convonet-admin", "--config", path + ".none"]).isEmpty)
        #expect(Settings.names(for: ["convonet-admin", "--config"]).isEmpty)
    }

    @Test(arguments: ["dumb", "xterm"]) func lineByLineTheOtherDatabaseIsSaidWhole(_ type: String) async throws {
        let email = try await production.sql("SELECT email FROM users_convonet ORDER BY email LIMIT 1")
        try await production.sql("UPDATE users_convonet SET first_name = 'Prodname' WHERE email = '\(email)'")
        let run = try TerminalRun(
            ["console", "--linear", "--environment", "staging"],
            environment: ["CONVONET_ADMIN_CONFIG": path, "TERM": type, "TZ": "UTC"])
        await run.expect("staging (green): accounts.")
        await run.expect("200 in the list.")
        run.type(":env production")
        await run.expect("staging (green)")
        run.type("\r")
        await run.expect("production (red): accounts.")
        await run.expect("You are in production now.")
        await run.expect("Prodname")
        if type != "dumb" {
            // The terminal says that it has shown that.
            await run.expect("\u{1B}[6n")
            run.type("\u{1B}[1;1R")
        }
        run.type("q")
        #expect(await run.wait() == 0)
    }
}
