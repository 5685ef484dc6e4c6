import CGlibc
import Glibc
import TestDatabase
import TestPrograms
import Testing

@Suite(.dropsDatabases) struct ProcessTests {
    /// A run that waits for its standard input to end; `body` looks at it meanwhile.
    private func whileRunning(
        executable: String = StartedProgram.path, _ arguments: [String] = ["hash", "--stdin"],
        _ body: (pid_t) async throws -> Void
    ) async throws {
        var pipes: [Int32] = [0, 0]
        cg_pipe2(&pipes, O_CLOEXEC)
        let scratch = try TemporaryFile()
        let program = try StartedProgram(
            arguments, environment: [:], descriptors: [pipes[0], scratch.descriptor, scratch.descriptor],
            executable: executable)
        close(pipes[0])
        defer {
            close(pipes[1])
            program.abandon()
        }
        // It reads only after it has made itself fit: once the pipe is empty again, that is done.
        _ = write(pipes[1], "x", 1)
        var unread: Int32 = 1
        while unread > 0, ioctl(pipes[1], UInt(FIONREAD), &unread) == 0 {
            // The pipe's reader is gone: nobody will ever empty it.
            var writer = pollfd(fd: pipes[1], events: 0, revents: 0)
            try #require(poll(&writer, 1, 1) == 0, "It ended at once: \(scratch.text())")
        }
        try await body(program.pid)
    }

    @Test func noCoreFileIsWritten() async throws {
        try await whileRunning { pid in
            let limits = String(decoding: try SourceTree.contents(of: "/proc/\(pid)/limits"), as: UTF8.self)
            let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
            #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2)
        }
    }

    /// The kernel gives what belongs to a process that may not be dumped to root, and refuses ptrace to its own user.
    @Test(.enabled(if: getuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0))
    func theSameUserCannotLookInside() async throws {
        let copy = "/tmp/convonet-admin-\(getpid())"
        defer { unlink(copy) }
        // By another process: a file that this one has open for writing may at that moment be handed on to a program that
        // another test starts, and would be too busy to be executed (ETXTBSY).
        let copying = try StartedProgram(
            ["-m", "755", StartedProgram.path, copy], environment: [:], executable: "/usr/bin/install")
        await #expect(copying.wait() == 0)
        let identity = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
        try await whileRunning(executable: "/usr/bin/setpriv", identity + [copy, "hash", "--stdin"]) { pid in
            var entry = stat()
            #expect(stat("/proc/\(pid)/environ", &entry) == 0)
            #expect(entry.st_uid == 0)
            let scratch = try TemporaryFile()
            let other = try StartedProgram(
                identity + ["/bin/cat", "/proc/\(pid)/environ"], environment: [:],
                descriptors: [scratch.descriptor, scratch.descriptor, scratch.descriptor],
                executable: "/usr/bin/setpriv")
            await #expect(other.wait() != 0)
        }
    }

    /// Each of these limits ended the program by a trap, without a word.
    @Test(arguments: [
        ("ulimit -n 6", "Too few files"), ("ulimit -v 150000", "Too little memory"),
        ("ulimit -u 3", "Too few threads"),
    ])
    func whatTheSystemDoesNotGiveIsSaid(limit: String, words: String) async throws {
        // Limits of threads do not bind root.
        let copy = "/tmp/convonet-admin-limits-\(getpid())-\(words.utf8.count)"
        defer { unlink(copy) }
        let copying = try StartedProgram(
            ["-m", "755", StartedProgram.path, copy], environment: [:], executable: "/usr/bin/install")
        await #expect(copying.wait() == 0)
        let identity =
            getuid() == 0 ? ["/usr/bin/setpriv", "--reuid", "65531", "--regid", "65531", "--clear-groups"] : []
        let scratch = try TemporaryFile()
        let shell = ["/bin/bash", "-c", "\(limit); exec \"$0\" hash --stdin --cost 10", copy]
        let command = identity + shell
        let program = try StartedProgram(
            Array(command.dropFirst()), environment: [:],
            descriptors: [scratch.descriptor, scratch.descriptor, scratch.descriptor], executable: command[0])
        await #expect(program.wait() == 71, "\(scratch.text())")
        #expect(scratch.text().contains(words), "\(scratch.text())")
    }

    @Test func aClosedPipeIsAnsweredQuietlyWhenReading() async throws {
        let database = try await TestDatabase.make()
        let run = try await intoClosedPipe(database, ["list", "--json"])
        #expect(run.status == 74)
        #expect(run.errors.isEmpty)
    }

    @Test func aChangeWhoseResultCannotBeWrittenIsTold() async throws {
        let database = try await TestDatabase.make()
        let run = try await intoClosedPipe(
            database, ["reset-password", try await database.person(), "--generate", "--yes"])
        #expect(run.status == 74)
        #expect(run.errors.contains("The change was made (receipt 1)"))
        #expect(run.errors.contains("reset it again"))
        #expect(try await database.events() == ["done:"])
    }

    @Test func closedStandardDescriptorsDoNotReachTheDatabase() async throws {
        let database = try await TestDatabase.make()
        let scratch = try TemporaryFile()
        let program = try StartedProgram(
            ["-c", "exec \"$0\" list >&- <&-", StartedProgram.path],
            environment: ["CONVONET_DB_URI": database.connectionString(.operator)],
            descriptors: [scratch.descriptor, scratch.descriptor, scratch.descriptor], executable: "/bin/sh")
        await #expect(program.wait() == 74)
        #expect(scratch.text().contains("could not be written"))
    }

    private func intoClosedPipe(_ database: TestDatabase, _ arguments: [String]) async throws -> (
        status: Int32, errors: String
    ) {
        var pipes: [Int32] = [0, 0]
        cg_pipe2(&pipes, O_CLOEXEC)
        close(pipes[0])
        defer { close(pipes[1]) }
        let scratch = try TemporaryFile()
        let program = try StartedProgram(
            arguments, environment: ["CONVONET_DB_URI": database.connectionString(.operator)],
            descriptors: [scratch.descriptor, pipes[1], scratch.descriptor])
        return await (program.wait(), scratch.text())
    }
}
