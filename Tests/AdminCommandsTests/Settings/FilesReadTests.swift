import CGlibc
import Glibc
import TestDatabase
import TestPrograms
import Testing

/// Every file that somebody names: a pipe, a FIFO and a device are told, and nothing waits for them.
@Suite(.dropsDatabases) struct FilesReadTests {
    @Test func aSettingsFileIsAFile() async throws {
        let directory = try AuditCommandTests.Directory()
        try #require(mkfifo(directory.file("fifo"), 0o600) == 0)
        for (path, words) in [
            (directory.file("fifo"), "it is a pipe"), ("/dev/zero", "it is a device"),
            (directory.path, "it is a directory"),
            ("/dev/stdin", "it is a pipe"),
        ] {
            var ends: [Int32] = [0, 0]
            cg_pipe2(&ends, O_CLOEXEC)
            defer { for end in ends { close(end) } }
            let scratch = try TemporaryFile()
            let program = try StartedProgram(
                ["list", "--config", path], environment: [:],
                descriptors: [ends[0], scratch.descriptor, scratch.descriptor])
            await #expect(program.wait() == 78)
            #expect(scratch.text().contains(words), "\(path): \(scratch.text())")
        }
        let long = try directory.write(String(repeating: "# many words\n", count: 200_000), to: "long.toml")
        let run = try await CommandRun(["list", "--config", long])
        #expect(run.status == 78 && run.errors.contains("larger than 1 MiB"))
    }

    @Test func evidenceIsReadFromFiles() async throws {
        let database = try await TestDatabase.make()
        let directory = try AuditCommandTests.Directory()
        let fifo = directory.file("fifo")
        try #require(mkfifo(fifo, 0o600) == 0)
        let head = try directory.write(
            try await CommandRun(database, as: .auditor, ["audit", "checkpoint"]).output, to: "head")
        for arguments in [
            ["--journal", fifo], ["--checkpoint", fifo],
            ["--checkpoint", head, "--signature", fifo, "--allowed-signers", head],
            ["--checkpoint", head, "--signature", head, "--allowed-signers", fifo],
        ] {
            let run = try await CommandRun(database, as: .auditor, ["audit", "verify"] + arguments)
            #expect(run.status == 65)
            #expect(run.errors.contains("it is a pipe"), "\(arguments): \(run.errors)")
        }
        let journal = try await CommandRun(database, as: .auditor, ["audit", "verify", "--journal", fifo])
        #expect(journal.errors.contains("--journal -"))
        #expect(
            try await CommandRun(database, as: .auditor, ["audit", "verify", "--journal", "-"], input: "x\n").status
                == 0)
    }

    @Test func aListOfThePolicyIsReadFromAFile() async throws {
        let database = try await TestDatabase.make()
        let directory = try AuditCommandTests.Directory()
        try #require(mkfifo(directory.file("fifo"), 0o600) == 0)
        let run = try await CommandRun(
            database, as: .supervisor, ["policy", "set", "context_words=@" + directory.file("fifo")])
        #expect(run.status == 65 && run.errors.contains("it is a pipe"))
    }
}
