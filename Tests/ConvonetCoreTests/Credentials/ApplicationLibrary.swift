import Glibc

/// Runs the application's bcrypt in Python; passwords go over standard input, never as arguments.
enum ApplicationLibrary {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let program = """
        import bcrypt, sys
        assert bcrypt.__version__ == "4.0.1", bcrypt.__version__
        for line in sys.stdin:
            task, password, rest = line.split()
            password = bytes.fromhex(password)
            if task == "check":
                print(bcrypt.checkpw(password, rest.encode()))
            else:
                salt = bcrypt.gensalt(4)
                print(bcrypt.hashpw(password, b"$" + rest.encode() + salt[3:]).decode())
        """

    /// One answer a line for each question: `check HEX HASH` or `hash HEX PREFIX`.
    static func ask(_ questions: [String]) throws -> [String] {
        let python = try interpreter()
        // Close-on-exec from the start, so that no other test's child holds an end open; a pipe would need pipe2.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "no socket pair: \(errno)")
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var arguments: [UnsafeMutablePointer<CChar>?] =
            [python, "-c", program].map { (text: String) in strdup(text) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let spawned = posix_spawn(&child, python, &actions, nil, &arguments, [nil])
        close(ends[1])
        guard spawned == 0 else {
            throw Failure(description: "\(python) does not start (\(spawned)); run script/bootstrap")
        }
        // The questions are far smaller than the socket's buffer, so that writing cannot wait for the reader.
        let text = Array((questions.joined(separator: "\n") + "\n").utf8)
        let written = send(ends[0], text, text.count, Int32(MSG_NOSIGNAL))
        shutdown(ends[0], Int32(SHUT_WR))
        let output = readAll(ends[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard written == text.count, status == 0 else {
            throw Failure(description: "\(python) failed (status \(status)); run script/bootstrap for bcrypt 4.0.1")
        }
        return output.split(separator: "\n").map(String.init)
    }

    private static func interpreter() throws -> String {
        if let named = getenv("CONVONET_TEST_PYTHON") { return String(cString: named) }
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let path = root + "/.build/venv/bin/python"
        guard access(path, X_OK) == 0 else {
            throw Failure(description: "\(path) is missing: run script/bootstrap, or set CONVONET_TEST_PYTHON")
        }
        return path
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += part[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
