import Glibc
import TestDatabase
import TestPrograms
import Testing

@Suite struct DemoTests {
    @Test func aCommandRunsOnMadeUpPeople() throws {
        let run = try CommandRun(["demo", "--users", "30", "--", "list", "--limit", "5", "--json"])
        #expect(run.status == 0)
        #expect(try run.objects.count == 5)
        let failed = try CommandRun(["demo", "--users", "5", "--", "show", "nobody"])
        #expect(failed.status == 67)
    }

    @Test func keptDataAreFoundAgain() throws {
        let directory = "/var/tmp/convonet-admin-test-\(getpid())"
        defer { _ = try? StartedProgram(["-rf", directory], environment: [:], executable: "/bin/rm").wait() }
        func run(_ command: [String]) throws -> CommandRun {
            try CommandRun(["demo", "--users", "12", "--keep", directory, "--"] + command)
        }
        let email = try #require(try run(["list", "--limit", "1", "--json"]).objects.first?.text("email"))
        #expect(try run(["reset-pin", email, "--generate", "--yes"]).status == 0)
        #expect(try run(["audit", "list", "--json"]).objects.first?.text("account_email") == email)
    }

    @Test func theScriptsHelpBuildsNothing() throws {
        for flag in ["--help", "-h"] {
            let scratch = try TemporaryFile()
            let run = try StartedProgram(
                [SourceTree.root + "/script/demo", flag], environment: ["PATH": "/usr/bin:/bin"],
                descriptors: [scratch.descriptor, scratch.descriptor, scratch.descriptor], executable: "/bin/bash")
            #expect(run.wait() == 0)
            #expect(scratch.text().contains("--keep DIRECTORY") && !scratch.text().contains("building"))
        }
    }

    @Test func missingServerBinariesNameThePackage() throws {
        let directory = "/tmp/convonet-admin-empty-\(getpid())"
        mkdir(directory, 0o755)
        defer { rmdir(directory) }
        let run = try CommandRun(["demo", "--", "list"], environment: ["CONVONET_PG_BINDIR": directory])
        #expect(run.status == 69)
        #expect(run.errors.contains("postgresql"))
        #expect(run.errors.contains("CONVONET_PG_BINDIR"))
    }
}
