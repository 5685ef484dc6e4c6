import OperatingSystem
import Testing

@testable import EmbeddedPostgres
@testable import TestDatabase

/// A dump in the custom format, and the list of what is in it.
struct Dump {
    let cluster: PrivateCluster
    let path: String
    let list: [String]

    init(_ database: TestDatabase, _ options: [String] = [], as name: String? = nil) async throws {
        cluster = database.cluster
        path = cluster.socketDirectory + "/\(name ?? database.name).dump"
        try await Self.run(
            cluster, "pg_dump",
            ["-Fc", "-f", path, "-h", cluster.socketDirectory, "-p", "\(cluster.port)", "-U", "postgres"] + options
                + ["-d", database.name])
        list = try await Self.run(cluster, "pg_restore", ["-l", path]).split(separator: "\n").map(String.init)
    }

    /// Restores what of the list `isWanted`, as a superuser, and gives back what was refused.
    @discardableResult
    func restore(
        to other: TestDatabase, _ options: [String] = [], mayFail: Bool = false, where isWanted: (String) -> Bool
    ) async throws -> String {
        let names = path + ".list"
        try FileSystem.write(
            list.filter { $0.hasPrefix(";") || isWanted($0) }.joined(separator: "\n") + "\n", to: names,
            owner: try ServerUser.current())
        let cluster = other.cluster
        return try await Self.run(
            cluster, "pg_restore",
            ["-L", names, "-h", cluster.socketDirectory, "-p", "\(cluster.port)", "-U", "postgres"] + options
                + ["-d", other.name, path], mayFail: mayFail)
    }

    @discardableResult
    private static func run(
        _ cluster: PrivateCluster, _ program: String, _ arguments: [String], mayFail: Bool = false
    ) async throws -> String {
        let outcome = try await elsewhere { try ChildProcess.run([cluster.binaries.path(program)] + arguments) }
        #expect(mayFail || outcome.succeeded, "\(program): \(outcome.errors)")
        return mayFail ? outcome.errors : outcome.output
    }
}
