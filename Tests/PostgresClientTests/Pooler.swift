import Glibc
import OperatingSystem
import PostgresClient
import TestDatabase

@testable import EmbeddedPostgres

/// A PgBouncer of our own on a socket, with two connections to the server.
final class Pooler: Sendable {
    private let directory: String
    private let process: ChildProcess
    private let database: TestDatabase
    private let client: TestDatabase.User
    private let settings: String

    /// Waits until it listens; `settings` are more lines of its file.
    init(
        before database: TestDatabase, mode: String = "transaction", user client: TestDatabase.User = .owner,
        settings: String = ""
    ) async throws {
        var template = Array("/tmp/convonet-pool-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        (self.database, self.client, self.settings) = (database, client, settings)
        let user = try ServerUser.current()
        try FileSystem.write("\"\(client.rawValue)\" \"\"\n", to: directory + "/users.txt", owner: user)
        try Self.write(mode, settings, directory, database)
        if user.isAnother { chown(directory, user.uid, user.gid) }
        let silence = Glibc.open("/dev/null", O_RDWR)
        defer { close(silence) }
        process = try ChildProcess.spawn(
            ["env", "PATH=/usr/sbin:/usr/bin:/bin"] + user.launcher(deathSignal: "TERM") + [
                "pgbouncer", "-q", directory + "/pgbouncer.ini",
            ],
            descriptors: [silence, silence, silence])
        let parameters = try parameters()
        try await eventually("the pooler listens") { (try? await PostgresConnection.open(parameters)) != nil }
    }

    /// Has it read its file again, with another mode.
    func change(mode: String) throws {
        try Self.write(mode, settings, directory, database)
        kill(process.pid, SIGHUP)
    }

    func parameters() throws -> ConnectionParameters {
        try ConnectionParameters(
            "host=\(directory) port=6432 user=\(client.rawValue) dbname=\(database.name)", applicationName: "tests",
            environment: [:])
    }

    func stop() {
        kill(process.pid, SIGTERM)
        process.wait()
        _ = try? ChildProcess.run(["rm", "-rf", directory])
    }

    private static func write(_ mode: String, _ settings: String, _ directory: String, _ database: TestDatabase) throws
    {
        try FileSystem.write(
            """
            [databases]
            * = host=\(database.cluster.socketDirectory) port=\(database.cluster.port)
            [pgbouncer]
            unix_socket_dir = \(directory)
            listen_port = 6432
            pool_mode = \(mode)
            default_pool_size = 2
            auth_type = trust
            auth_file = \(directory)/users.txt
            logfile = \(directory)/log
            \(settings)
            """, to: directory + "/pgbouncer.ini", owner: try ServerUser.current())
    }
}
