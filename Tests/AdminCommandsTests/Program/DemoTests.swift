import FoundationEssentials
import Glibc
import TestDatabase
import TestPrograms
import Testing

@Suite struct DemoTests {
    @Test func aCommandRunsOnMadeUpPeople() async throws {
        let run = try await CommandRun(["demo", "--users", "30", "--", "list", "--limit", "5", "--json"])
        #expect(run.status == 0)
        #expect(try run.objects.count == 5)
        let failed = try await CommandRun(["demo", "--users", "5", "--", "show", "nobody"])
        #expect(failed.status == 67)
    }

    @Test func keptDataAreFoundAgain() async throws {
        let directory = "/var/tmp/convonet-admin-test-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func run(_ command: [String]) async throws -> CommandRun {
            try await CommandRun(["demo", "--users", "12", "--keep", directory, "--"] + command)
        }
        let email = try #require(try await run(["list", "--limit", "1", "--json"]).objects.first?.text("email"))
        #expect(try await run(["reset-pin", email, "--generate", "--yes"]).status == 0)
        #expect(try await run(["audit", "list", "--json"]).objects.first?.text("account_email") == email)
    }

    @Test func theScriptsHelpBuildsNothing() async throws {
        for flag in ["--help", "-h"] {
            let scratch = try TemporaryFile()
            let run = try StartedProgram(
                [SourceTree.root + "/script/demo", flag], environment: ["PATH": "/usr/bin:/bin"],
                descriptors: [scratch.descriptor, scratch.descriptor, scratch.descriptor], executable: "/bin/bash")
            await #expect(run.wait() == 0)
            #expect(scratch.text().contains("--keep DIRECTORY") && !scratch.text().contains("building"))
        }
    }

    @Test func missingServerBinariesNameThePackage() async throws {
        let directory = "/tmp/convonet-admin-empty-\(getpid())"
        mkdir(directory, 0o755)
        defer { rmdir(directory) }
        let run = try await CommandRun(["demo", "--", "list"], environment: ["CONVONET_PG_BINDIR": directory])
        #expect(run.status == 69)
        #expect(run.errors.contains("postgresql"))
        #expect(run.errors.contains("CONVONET_PG_BINDIR"))
    }
}
