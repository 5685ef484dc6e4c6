public import EmbeddedPostgres
import FoundationEssentials

/// A primary, and a standby that receives what the primary writes.
public final class ServerPair: Sendable {
    /// The first server.
    public let primary: PrivateCluster
    /// Its copy, until it is promoted.
    public let standby: PrivateCluster
    private let directory: String

    /// What a primary needs beside what tests set.
    public static let settings = ["wal_level": "replica", "max_wal_senders": "4"]

    /// A migrated database on a pair of its own.
    public static func migrated() async throws -> (database: TestDatabase, pair: ServerPair) {
        let database = try await TestCluster(settings: settings).database(from: .migrated)
        return (database, try await ServerPair(of: database.cluster))
    }

    /// A standby of this server; where `loopback` is given, it listens there on the primary's own port.
    public init(of primary: PrivateCluster, loopback: String? = nil) async throws {
        self.primary = primary
        let directory = "/tmp/convonet-pair-\(UInt64.random(in: 0 ... .max))"
        self.directory = directory
        let programs = try await primary.sql("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        let origin = "host=\(primary.socketDirectory) port=\(primary.port) user=\(primary.superuser)"
        // By the server itself, so that the copy belongs to its user.
        try await primary.sql(
            """
            COPY (SELECT) TO PROGRAM 'mkdir -m 700 \(directory) && \(programs)/pg_basebackup -d "\(origin)" -D \(directory)/data -c fast --no-sync'
            """)
        // Some must not be smaller than on the primary.
        let kept = try await primary.sql(
            "SELECT name || '=' || setting FROM pg_settings WHERE name IN ('max_connections', 'max_prepared_transactions')"
        )
        var settings = Self.settings
        for pair in kept.split(separator: "\n").map({ $0.split(separator: "=") }) {
            settings[String(pair[0])] = String(pair[1])
        }
        if let loopback { settings["listen_addresses"] = loopback }
        let options = PrivateCluster.Options(
            keep: directory, settings: settings,
            files: ["standby.signal": "", "postgresql.auto.conf": "primary_conninfo = '\(origin)'\n"],
            listenOnLoopback: loopback.map { _ in primary.port })
        standby = try await elsewhere { try PrivateCluster.start(options) }
    }

    deinit {
        standby.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// How libpq finds both, the standby first.
    public func address(_ database: String, user: String) -> String {
        "host=\(standby.socketDirectory),\(primary.socketDirectory) port=\(primary.port) user=\(user) dbname=\(database)"
    }

    /// Waits until the standby has what the primary has written.
    public func catchUp() async throws {
        let end = try await primary.sql("SELECT pg_current_wal_insert_lsn()")
        try await eventually("the standby has what the primary has") {
            try await standby.sql("SELECT pg_last_wal_replay_lsn() >= '\(end)'") == "t"
        }
    }

    /// Lets nothing more of the primary reach the standby.
    public func disconnect() async throws {
        try await standby.sql("ALTER SYSTEM SET primary_conninfo = ''")
        try await standby.sql("SELECT pg_reload_conf()")
        try await eventually("the standby receives nothing any more") {
            try await primary.sql("SELECT count(*) FROM pg_stat_replication") == "0"
        }
    }

    /// Makes the standby a primary.
    public func promote() async throws { try await standby.sql("SELECT pg_promote()") }
}
