internal import CGlibc
internal import Glibc
internal import OperatingSystem
internal import TestDatabase

/// A started program.
public struct StartedProgram: Sendable {
    /// The process's id.
    public let pid: Int32

    /// Its other end is closed when the process and those of its children that kept it have ended.
    private let lifeline: Int32

    /// Starts it in a session of its own, so that it has no terminal unless `terminal`, a device's path, is given.
    public init(
        _ arguments: [String], environment: [String: String], descriptors: [Int32] = [], terminal: String? = nil,
        executable: String = StartedProgram.path
    ) throws {
        BrokenPipe.isAnError
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let terminal {
            // The first terminal that the leader of a session opens becomes its controlling one.
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        var pipe: [Int32] = [0, 0]
        cg_pipe2(&pipe, O_CLOEXEC)
        defer { close(pipe[1]) }
        let next = Int32(max(3, descriptors.count))
        posix_spawn_file_actions_adddup2(&actions, pipe[1], next)
        // A child that kept what another test opened would keep that test waiting for the end of a pipe.
        cg_spawn_closing_from(&actions, next + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a test block most signals, and a run in the background ignores Ctrl-C: a child would inherit both.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let variables = ["PATH": search, "HOME": "/nonexistent", "LANG": "C.UTF-8"].merging(environment) { $1 }
        var strings: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var pairs: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in strings + pairs { free(string) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, executable, &actions, &attributes, &strings, &pairs)
        guard failure == 0 else { throw StartFailure(path: executable, errno: failure) }
        self.pid = pid
        lifeline = pipe[0]
    }

    /// Waits for its end, at most a minute: its exit code; 128 and the signal's number where a signal ended it.
    public func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            detachThread { continuation.resume(returning: reaped()) }
        }
    }

    /// Ends it at once, and has another thread wait for that.
    public func abandon() {
        kill(pid, SIGKILL)
        detachThread { _ = reaped() }
    }

    private func reaped() -> Int32 {
        var waiting = pollfd(fd: lifeline, events: 0, revents: 0)
        if poll(&waiting, 1, 60_000) == 0 { kill(pid, SIGKILL) }
        close(lifeline)
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    }

    /// POSIX_SPAWN_SETSID of spawn.h, which shows it only under _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    /// It could not be started.
    public struct StartFailure: Error {
        /// What could not be started or opened.
        public let path: String
        /// Why.
        public let errno: Int32

        /// A failure with its cause.
        public init(path: String, errno: Int32) {
            self.path = path
            self.errno = errno
        }
    }

    /// The console's program that was built with the tests.
    public static let path = path(of: "convonet-admin")

    /// A program that was built with the tests, beside them.
    public static func path(of name: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink("/proc/self/exe", $0, chars.count) } ?? 0
            }
        }
        let own = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        let beside = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + name
        return access(beside, X_OK) == 0 ? beside : SourceTree.root + "/.build/debug/" + name
    }
}
