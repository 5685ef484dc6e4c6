import CGlibc
import Glibc

/// A child process, by posix_spawn.
struct ChildProcess: Sendable {
    let pid: pid_t

    /// How a short command ended.
    struct Outcome: Sendable {
        var succeeded: Bool
        var output: String
        var errors: String
    }

    /// Starts `arguments`, the first of them looked up in the system's own directories, with `descriptors` as its 0, 1, 2 and so on.
    ///
    /// The child gets no other open file, no blocked or ignored signal, and the environment that `ProcessEnvironment` allows.
    /// `inOwnSession` takes it out of reach of the terminal's Ctrl-C and hang-up.
    static func spawn(
        _ arguments: [String], descriptors: [Int32], inOwnSession: Bool = false
    ) throws(ClusterFailure) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The child's numbers must not overwrite a descriptor that is still to be copied, so all are first moved above them.
        var moved: [Int32] = []
        defer { for descriptor in moved { close(descriptor) } }
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Int32(64))
            guard copy >= 0 else { throw SystemError.failure("fcntl", "descriptor \(descriptor)") }
            moved.append(copy)
        }
        for (number, descriptor) in moved.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        cg_spawn_closing_from(&actions, Int32(descriptors.count))

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID of <spawn.h>, which Swift does not import: it stands under _GNU_SOURCE.
        let setSession: Int32 = 0x80
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | (inOwnSession ? setSession : 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var words = arguments.map { strdup($0) } + [nil]
        var environment = ProcessEnvironment.forChildren.map { strdup($0) } + [nil]
        defer { for word in words + environment { free(word) } }
        var pid: pid_t = 0
        var path = [CChar](repeating: 0, count: 4096)
        guard cg_find_program(arguments[0], &path, path.count) == 0 else {
            throw SystemError.failure("posix_spawn", arguments[0], code: ENOENT)
        }
        let code = posix_spawn(&pid, path, &actions, &attributes, &words, &environment)
        guard code == 0 else { throw SystemError.failure("posix_spawn", arguments[0], code: code) }
        return ChildProcess(pid: pid)
    }

    /// Waits for the end; the exit status, or 128 and the signal's number.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return 127 }
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// Runs a command to its end, with `input` as its standard input (at most what fits in /tmp).
    static func run(_ arguments: [String], input: String = "") throws(ClusterFailure) -> Outcome {
        let standardInput = try FileSystem.scratchFile(holding: input)
        defer { close(standardInput) }
        return try run(arguments, input: standardInput)
    }

    /// Runs a command to its end, with an open file as its standard input.
    static func run(_ arguments: [String], input: Int32) throws(ClusterFailure) -> Outcome {
        let output = try FileSystem.scratchFile()
        defer { close(output) }
        let errors = try FileSystem.scratchFile()
        defer { close(errors) }
        let status = try spawn(arguments, descriptors: [input, output, errors]).wait()
        lseek(output, 0, SEEK_SET)
        lseek(errors, 0, SEEK_SET)
        return Outcome(
            succeeded: status == 0,
            output: String(decoding: FileSystem.readToEnd(output), as: UTF8.self),
            errors: String(decoding: FileSystem.readToEnd(errors), as: UTF8.self))
    }
}
