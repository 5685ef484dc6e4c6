import EmbeddedPostgres
import Glibc
import TestDatabase
import TestPrograms
import Testing

/// What libpq reads from files of its own: services, passwords and certificates.
@Suite(.dropsDatabases) struct ServiceTests {
    private final class Home {
        let path: String

        init() throws {
            var template = Array("/tmp/convonet-home-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit {
            for name in ["services", ".pgpass", ".postgresql/root.crt"] { unlink(path + "/" + name) }
            rmdir(path + "/.postgresql")
            rmdir(path)
        }

        func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
            let file = try #require(fopen(path + "/" + name, "w"))
            fputs(text, file)
            fclose(file)
            chmod(path + "/" + name, mode)
        }

        func run(_ service: String? = nil, _ more: [String: String] = [:]) async throws -> CommandRun {
            var environment = ["PGSERVICEFILE": path + "/services", "HOME": path]
            environment["PGSERVICE"] = service
            return try await CommandRun(["list", "--limit", "1"], environment: environment.merging(more) { $1 })
        }
    }

    @Test func aServiceSaysWhereAndHow() async throws {
        let database = try await TestDatabase.make()
        let home = try Home()
        try home.write(
            """
            [here]
            host=\(database.cluster.socketDirectory)
            port=\(database.cluster.port)
            dbname=\(database.name)
            user=test_operator
            [open]
            host=192.0.2.1
            sslmode=disable
            [authority]
            host=127.0.0.1
            port=1
            sslmode=verify-full
            sslrootcert=/nonexistent/root.crt
            """, to: "services")
        let here = try await home.run("here")
        #expect(here.status == 0 && here.output.contains("@example"))
        #expect(try await home.run(nil, ["CONVONET_DB_URI": "service=here"]).status == 0)
        let open = try await home.run("open")
        #expect(open.status == 78 && open.errors.contains("sslmode=disable may send passwords"))
        #expect(try await home.run("authority").errors.contains("Nothing answers at 127.0.0.1, port 1"))
        let unknown = try await home.run("elsewhere")
        #expect(unknown.status == 78 && unknown.errors.contains("The service was not found"))
    }

    @Test func aFileOfPasswordsThatIsOpenIsSaidOnceAndByUs() async throws {
        let cluster = try PrivateCluster.start(.init(listenOnLoopback: 0))
        defer { cluster.stop() }
        try await cluster.sql("CREATE ROLE own LOGIN PASSWORD 'right'; CREATE DATABASE c OWNER own;")
        let home = try Home()
        let address = ["CONVONET_DB_URI": "postgresql://own@127.0.0.1:\(cluster.port)/c"]
        try home.write("*:*:*:own:right\n", to: ".pgpass", mode: 0o644)
        let open = try await home.run(nil, address)
        #expect(open.status == 77 && open.errors.contains("chmod 600 \(home.path)/.pgpass"))
        #expect(!open.errors.contains("WARNING") && open.errors.split(separator: "\n").count == 1)
        try home.write("*:*:*:own:right\n", to: ".pgpass")
        #expect(try await home.run(nil, address).status == 78)
    }
}
