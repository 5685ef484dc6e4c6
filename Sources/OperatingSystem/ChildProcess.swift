internal import CGlibc
internal import Glibc

/// Another program, started by posix_spawn.
package struct ChildProcess: Sendable {
    /// Its number.
    package let pid: Int32

    /// Starts `arguments`, the first of them found by `ProgramPath`, with `descriptors` as its 0, 1, 2 and so on.
    ///
    /// It gets no other open file, no blocked or ignored signal, and no variable but those of `environment`. `inOwnSession`
    /// takes it out of reach of the terminal's Ctrl-C and hang-up; `atRoot` has it begin in `/`, since some programs look for parts of
    /// themselves where they are started.
    package static func spawn(
        _ arguments: [String], environment: [String], descriptors: [Int32], inOwnSession: Bool = false,
        atRoot: Bool = false
    ) throws(SystemCallFailure) -> ChildProcess {
        guard let name = arguments.first, let path = ProgramPath.find(name) else {
            throw SystemCallFailure("posix_spawn", arguments.first ?? "", code: ENOENT)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The child's numbers must not overwrite a descriptor that is still to be copied, so all are first moved above them.
        var moved: [Int32] = []
        defer { for descriptor in moved { close(descriptor) } }
        for descriptor in descriptors {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Int32(64))
            guard copy >= 0 else { throw SystemCallFailure("fcntl", "descriptor \(descriptor)") }
            moved.append(copy)
        }
        for (number, descriptor) in moved.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // What another thread opened at this moment is not close-on-exec yet: a pipe of another program would never end.
        cg_spawn_closing_from(&actions, Int32(descriptors.count))
        if atRoot { cg_spawn_at_root(&actions) }

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
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SystemCallFailure("posix_spawn", name, code: code) }
        return ChildProcess(pid: pid)
    }

    /// What a program of the site's gets: a PATH of the system's own directories, and those of our variables that are named.
    static func variables(keeping names: [String]) -> [String] {
        ["PATH=\(ProgramPath.directories)"]
            + names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    /// Kills it, and all that it started and that is still in its group; for what was started in a session of its own.
    func killGroup() { kill(-pid, SIGKILL) }

    /// The same as ``wait(seconds:)`` returns, where it has ended; nil where it has not.
    func endedStatus() -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { return Self.code(status) }
            if ended < 0, errno != EINTR { return 127 }
            if ended == 0 { return nil }
        }
    }

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// Waits for the end; the exit status, or 128 and the signal's number. Whoever has not ended after `seconds` is killed.
    @discardableResult
    package func wait(seconds: Int? = nil) -> Int32 {
        var status: Int32 = 0
        var turns = (seconds ?? 0) * 50
        while true {
            let ended = waitpid(pid, &status, seconds == nil ? 0 : WNOHANG)
            if ended == pid { break }
            if ended < 0, errno != EINTR { return 127 }
            guard ended == 0 else { continue }
            if turns == 0 { kill(pid, SIGKILL) }
            turns -= 1
            usleep(20_000)
        }
        return Self.code(status)
    }
}
