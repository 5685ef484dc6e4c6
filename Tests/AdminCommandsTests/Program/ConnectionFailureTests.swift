import EmbeddedPostgres
import Glibc
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ConnectionFailureTests {
    private func check(
        _ uri: String, _ status: Int32, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for arguments in [["list"], ["reset-password", "anna", "--generate", "--yes", "--json"]] {
            let run = try await CommandRun(arguments, environment: ["CONVONET_DB_URI": uri])
            #expect(run.status == status, sourceLocation: sourceLocation)
            #expect(run.errors.contains(words), "\(run.errors)", sourceLocation: sourceLocation)
            #expect(!run.errors.contains("hunter2"), sourceLocation: sourceLocation)
            if arguments[0] == "list" {
                #expect(run.output.isEmpty, sourceLocation: sourceLocation)
            } else {
                #expect(try run.objects.first?.text("outcome") == "failed", sourceLocation: sourceLocation)
            }
        }
    }

    @Test func whatCannotBeReachedIsNamed() async throws {
        try await check("postgresql://own:hunter2@127.0.0.1:1/c", 69, "Nothing answers at 127.0.0.1, port 1")
        try await check("postgresql:///c?host=/nonexistent", 69, "Nothing answers")
        try await check("postgresql://own:hunter2@nowhere.invalid/c", 69, "nowhere.invalid")
        try await check("postgresql://own:hunter2@[::1/c", 78, "is not valid")
        try await check("host='hunter2", 78, "is not valid")
        try await check("postgresql://own:hunter2@192.0.2.1/c?sslmode=disable", 78, "allow_unencrypted")
    }

    @Test func theServersRefusalsAreToldApart() async throws {
        let cluster = try PrivateCluster.start(.init(listenOnLoopback: 0))
        defer { cluster.stop() }
        try await cluster.sql("CREATE ROLE own LOGIN PASSWORD 'right'; CREATE DATABASE c OWNER own;")
        try await check(cluster.connectionString(database: "none", user: "own"), 78, "no database of that name")
        try await check(cluster.connectionString(database: "c", user: "nobody"), 77, "does not admit this user")
        try await check("postgresql://own@127.0.0.1:\(cluster.port)/c?sslmode=require", 78, "does not offer TLS")
        try await cluster.sql(
            """
            CREATE TABLE hba (line text);
            COPY (SELECT 'local all postgres trust' UNION ALL SELECT 'local all ' || quote_ident(current_user) || ' trust'
                  UNION ALL SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO '\(cluster.dataDirectory)/pg_hba.conf';
            SELECT pg_reload_conf();
            """)
        try await check(
            "postgresql://own:hunter2@127.0.0.1:\(cluster.port)/c", 77, "does not accept this user and password")
        let directory = try AuditCommandTests.Directory()
        let file = try directory.write("127.0.0.1:*:*:*:hunter2\n", to: "pgpass")
        chmod(file, 0o600)
        try await check(
            "postgresql://own@127.0.0.1:\(cluster.port)/c?passfile=\(file)", 77,
            "does not accept this user and password")
    }

    @Test func theSchemasStateIsNamed() async throws {
        let plain = try await TestDatabase.make(.application)
        try await check(plain.connectionString(.owner), 78, "convonet-admin migrate")
        let database = try await TestDatabase.make()
        try await check(database.connectionString(.stranger), 77, "--grant-operator")
        let viewer = try await CommandRun(
            database, as: .viewer, ["reset-pin", try await database.person(), "--generate", "--yes"])
        #expect(viewer.status == 77)
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--detach", "--yes"]).status == 0)
        try await check(database.connectionString(.operator), 78, "--detach")
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--yes"]).status == 0)
        #expect(try await CommandRun(database, ["list"]).status == 0)
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 99, serves_from = 99")
        try await check(database.connectionString(.operator), 78, "version 99")
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--yes"]).status == 78)
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 0")
        try await check(database.connectionString(.operator), 78, "version 0")
    }

    @Test func aRowThatIsLockedMeansTryAgain() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let other = try database.pool(.owner)
        let run = try await other.transaction(.readCommitted) { connection in
            _ = try await connection.query(
                "SELECT id FROM public.users_convonet WHERE email = \(email) FOR UPDATE", limit: .seconds(10))
            return try await CommandRun(database, ["reset-pin", email, "--generate", "--yes", "--json"])
        }
        #expect(run.status == 75)
        #expect(run.errors.contains("try again"))
        #expect(try await database.events().isEmpty)
        #expect(try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]).status == 0)
    }
}
