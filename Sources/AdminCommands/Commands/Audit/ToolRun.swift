import Glibc

/// Another program, run to its end without a shell.
struct ToolRun {
    /// Its exit code; 128 and the signal's number where a signal ended it.
    var status: Int32
    /// What it said, on standard output and standard error together.
    var output: String

    /// Runs `arguments`, the first of them looked up in PATH, with `input` as standard input and nothing else inherited.
    ///
    /// Its environment is PATH alone. nil where it cannot be started.
    init?(_ arguments: [String], input: [UInt8]) {
        // Files without a name: neither side can wait for the other.
        guard let inputFile = Self.scratch(input), let outputFile = Self.scratch([]) else { return nil }
        defer {
            close(inputFile)
            close(outputFile)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputFile, 0)
        posix_spawn_file_actions_adddup2(&actions, outputFile, 1)
        posix_spawn_file_actions_adddup2(&actions, outputFile, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=\(path)"), nil]
        defer { for string in strings + variables { free(string) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, arguments[0], &actions, &attributes, &strings, &variables) == 0 else { return nil }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        output = Self.text(of: outputFile)
    }

    private static func scratch(_ bytes: [UInt8]) -> Int32? {
        var name = Array("/tmp/convonet-admin-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard write(descriptor, bytes, bytes.count) == bytes.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func text(of descriptor: Int32) -> String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
