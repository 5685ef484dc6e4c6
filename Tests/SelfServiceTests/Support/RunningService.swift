import FoundationEssentials
import Glibc
import Synchronization
import TestDatabase
import TestPrograms

/// The built program, serving a test's database on a free port of loopback.
final class RunningService: Sendable {
    /// What the application signs its access tokens with.
    static let tokenKey = "the-application's-own-key-0123456789"

    /// Where it listens, such as `http://127.0.0.1:40123`.
    let base: String
    /// A directory of its own: settings, mail, templates.
    let directory: ScratchDirectory
    private let program: StartedProgram
    private let log: TemporaryFile
    private let hasEnded = Mutex(false)

    /// Starts it; `settings` are lines under [self_service] besides those that every test needs.
    init(
        _ database: TestDatabase, _ settings: String = "", directory: ScratchDirectory? = nil, scheme: String = "http",
        address: String? = nil
    ) async throws {
        let directory = try directory ?? ScratchDirectory()
        let mailFrom = settings.contains("mail_from") ? "" : "mail_from = \"Convonet <support@example.org>\""
        let publicURL =
            settings.contains("public_url") ? "" : "public_url = \"https://app.example.org/auth/reset-password\""
        let sendmail =
            settings.contains("sendmail")
            ? "" : "sendmail = [\"/bin/dd\", \"status=none\", \"of=\(directory.path)/mail\"]"
        try directory.write(
            "config.toml", "[self_service]\nport = 0\n\(mailFrom)\n\(publicURL)\n\(sendmail)\n\(settings)\n")
        let log = try TemporaryFile()
        program = try StartedProgram(
            ["--config", directory.path + "/config.toml"],
            environment: [
                "CONVONET_DB_URI": address ?? database.connectionString(.selfService), "JWT_SECRET_KEY": Self.tokenKey,
            ],
            descriptors: [log.descriptor, log.descriptor, log.descriptor],
            executable: StartedProgram.path(of: "convonet-self-service"))
        var port = ""
        try await eventually("the program listens") {
            guard let line = log.lines().first(where: { $0.contains("\"listening\"") }),
                let start = line.firstRange(of: "\"port\": \"")
            else { return false }
            port = String(line[start.upperBound...].prefix { $0 != "\"" })
            return true
        }
        self.directory = directory
        self.log = log
        base = "\(scheme)://127.0.0.1:\(port)"
    }

    deinit { if !hasEnded.withLock({ $0 }) { program.abandon() } }

    /// All that it said on standard error.
    var talk: String { log.contents() }

    /// Tells it to stop and waits for its end; its exit code.
    func stop() async -> Int32 {
        beginToStop()
        return await waitForEnd()
    }

    /// Ends it without a word.
    func die() async {
        kill(program.pid, SIGKILL)
        _ = await waitForEnd()
    }

    /// Tells it to stop, and goes on.
    func beginToStop() { kill(program.pid, SIGTERM) }

    /// Waits for its end; its exit code.
    func waitForEnd() async -> Int32 {
        hasEnded.withLock { $0 = true }
        return await program.wait()
    }
}

extension TemporaryFile {
    /// All of it, without moving the place where the program writes.
    func contents() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count)), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate func lines() -> [Substring] { contents().split(separator: "\n") }
}

/// A directory that goes with the value.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/self-service-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StartedProgram.StartFailure(path: "/tmp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        guard let file = fopen(path + "/" + name, "w") else {
            throw StartedProgram.StartFailure(path: name, errno: errno)
        }
        fputs(text, file)
        fclose(file)
    }

    /// A file's text; nil where there is none.
    func read(_ name: String) -> String? {
        (try? SourceTree.contents(of: path + "/" + name)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Another program.
enum Tool {
    struct Failure: Error {
        let words: [String]
        let status: Int32
        let output: String
    }

    /// Runs it to its end and gives back what it printed.
    @discardableResult
    static func run(_ words: [String]) async throws -> String {
        let (input, output) = (try TemporaryFile(), try TemporaryFile())
        let status = try await StartedProgram(
            ["-c", "exec \"$@\"", "sh"] + words, environment: [:],
            descriptors: [input.descriptor, output.descriptor, output.descriptor], executable: "/bin/sh"
        ).wait()
        guard status == 0 else { throw Failure(words: words, status: status, output: output.text()) }
        return output.text()
    }

    /// Python with the packages that the tests need.
    static func python(_ script: String, _ arguments: [String]) async throws -> String {
        try await run(
            [
                SourceTree.root + "/.build/venv/bin/python",
                SourceTree.root + "/Tests/SelfServiceTests/Tools/" + script,
            ] + arguments)
    }
}
