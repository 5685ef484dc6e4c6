import Glibc
import TestDatabase

/// The built program, run to its end with nothing of this process's environment but what a test gives it.
struct CommandRun {
    /// The exit code; 128 and the signal's number where a signal ended it.
    var status: Int32
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String

    /// Runs without a controlling terminal; `input` is all of standard input.
    init(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws {
        try self.init(arguments, input: Array(input.utf8), environment: environment)
    }

    /// Runs with any bytes on standard input.
    init(_ arguments: [String], input: [UInt8], environment: [String: String] = [:]) throws {
        let files = try (ScratchFile(holding: input), ScratchFile(), ScratchFile())
        let process = try StartedProgram(
            arguments, environment: environment,
            descriptors: [files.0.descriptor, files.1.descriptor, files.2.descriptor])
        status = process.wait()
        output = files.1.text()
        errors = files.2.text()
    }

    /// Runs on a test's database as one of its users.
    init(_ database: TestDatabase, as user: TestDatabase.User = .desk, _ arguments: [String], input: String = "") throws
    {
        try self.init(arguments, input: input, environment: ["CONVONET_DB_URI": database.connectionString(user)])
    }

    /// The objects on standard output, one a line.
    var objects: [JSONReading] { get throws { try output.split(separator: "\n").map { try JSONReading(String($0)) } } }
}

/// A started program.
struct StartedProgram {
    /// The process's id.
    let pid: pid_t

    /// Starts it in a session of its own, so that it has no terminal unless `terminal`, a device's path, is given.
    init(
        _ arguments: [String], environment: [String: String], descriptors: [Int32] = [], terminal: String? = nil,
        executable: String = StartedProgram.path
    ) throws {
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
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let variables = ["PATH": search, "HOME": "/nonexistent", "LANG": "C.UTF-8"].merging(environment) { $1 }
        var strings: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        var pairs: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in strings + pairs { free(string) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, executable, &actions, &attributes, &strings, &pairs)
        guard failure == 0 else { throw StartFailure(path: executable, errno: failure) }
        self.pid = pid
    }

    /// Waits for its end; see `CommandRun.status`.
    func wait() -> Int32 {
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    }

    /// POSIX_SPAWN_SETSID of spawn.h, which shows it only under _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    /// It could not be started.
    struct StartFailure: Error {
        let path: String
        let errno: Int32
    }

    /// The program that was built with the tests, beside them.
    static let path: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink("/proc/self/exe", $0, chars.count) } ?? 0
            }
        }
        let own = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        let beside = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/convonet-admin"
        return access(beside, X_OK) == 0 ? beside : SourceTree.root + "/.build/debug/convonet-admin"
    }()
}

/// A file without a name.
final class ScratchFile {
    let descriptor: Int32

    init(holding bytes: [UInt8] = []) throws {
        var name = Array("/tmp/command-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw StartedProgram.StartFailure(path: "/tmp", errno: errno) }
        unlink(name)
        if !bytes.isEmpty { _ = write(descriptor, bytes, bytes.count) }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    func text() -> String {
        lseek(descriptor, 0, SEEK_SET)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
        return String(decoding: all, as: UTF8.self)
    }
}
