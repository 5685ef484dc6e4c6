internal import CGlibc
internal import Glibc
internal import LocalFiles

/// Another program, run to its end without a shell.
public struct ToolRun {
    /// Its exit code; 128 and the signal's number where a signal ended it.
    public var status: Int32
    /// What it said, on standard output and standard error together; at most 4096 bytes.
    public var output: String

    /// Runs `arguments`, the first of them found by `ProgramPath`, with `input` as standard input and nothing else inherited.
    ///
    /// Its environment is a PATH of the system's own directories and the variables named. Whoever has not ended after
    /// `seconds` is killed. nil where it cannot be started.
    public init?(_ arguments: [String], input: [UInt8], keeping variables: [String] = [], seconds: Int? = nil) {
        guard let program = arguments.first.flatMap(ProgramPath.find), let inputFile = Self.source(input) else {
            return nil
        }
        // In memory: neither a full disk nor a /tmp that nobody may write to keeps a mail from being sent.
        guard let outputFile = ScratchFile.open() else {
            close(inputFile)
            return nil
        }
        defer {
            close(inputFile)
            close(outputFile)
        }
        guard
            let pid = Self.start(
                program, arguments, input: inputFile, output: outputFile, environment: Self.environment(variables))
        else { return nil }
        status = Self.end(of: pid, within: seconds)
        output = Self.text(of: outputFile)
    }

    private static func start(
        _ program: String, _ arguments: [String], input: Int32, output: Int32, environment: [String]
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // What another thread opened at this moment is not close-on-exec yet: a pipe of another run would never end.
        cg_spawn_closing_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var pairs: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for string in strings + pairs { free(string) } }
        var pid: pid_t = 0
        return posix_spawn(&pid, program, &actions, &attributes, &strings, &pairs) == 0 ? pid : nil
    }

    private static func environment(_ names: [String]) -> [String] {
        ["PATH=\(ProgramPath.directories)"]
            + names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private static func end(of pid: pid_t, within seconds: Int?) -> Int32 {
        var raw: Int32 = 0
        var turns = (seconds ?? 0) * 50
        while true {
            let ended = waitpid(pid, &raw, seconds == nil ? 0 : WNOHANG)
            if ended == pid { break }
            if ended < 0, errno != EINTR { return 127 }
            guard ended == 0 else { continue }
            if turns == 0 { kill(pid, SIGKILL) }
            turns -= 1
            usleep(20_000)
        }
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    }

    /// A descriptor that the bytes can be read from: a pipe, which no disk ever sees, where it can hold them all.
    private static func source(_ bytes: [UInt8]) -> Int32? {
        guard bytes.count <= 65536 else { return ScratchFile.open(holding: bytes) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            close(ends[0])
            return nil
        }
        return ends[0]
    }

    private static func text(of descriptor: Int32) -> String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
