import AuditVerification
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import Glibc
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import Testing

@testable import EmbeddedPostgres
@testable import TestDatabase

/// The system's own, which is the older one here.
private let olderServer: ServerBinaries? = {
    let directory = "/usr/lib/postgresql/15/bin"
    return access("\(directory)/pg_ctl", X_OK) == 0 ? ServerBinaries(directory: directory, version: 15) : nil
}()

/// A server's data taken over by a newer one, with an installation in them.
@Suite(.server(since: 16), .enabled(if: olderServer != nil, "needs the system's PostgreSQL 15 as well"))
struct ServerUpgradeTests {
    private let request = MigrationRequest(
        rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants, watchesDirectChanges: true)

    /// Users of the server, and the application's database.
    private func prepare(_ cluster: PrivateCluster) async throws -> TestDatabase {
        let roles = TestDatabase.User.allCases.map { "CREATE ROLE \($0.rawValue) LOGIN;" }
        try await cluster.sql(roles.joined() + "ALTER ROLE convonet_owner CREATEROLE;")
        try await cluster.sql("CREATE DATABASE application OWNER convonet_owner")
        try await cluster.sql(
            "SET ROLE convonet_owner;\n" + ApplicationSchema.tables() + ApplicationSchema.people(50),
            database: "application")
        return TestDatabase(in: cluster, name: "application")
    }

    private func issue(_ database: TestDatabase, _ place: Int) async throws {
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.people(place + 1)[place]).outcome == .done)
    }

    /// As docs/INSTALL.md says: migrate, pg_upgrade, a right for whoever runs it, and migrate.
    @Test func theNewerServerTakesTheInstallationOver() async throws {
        let older = try #require(olderServer)
        let newer = try ServerBinaries.find()
        let user = try ServerUser.current()
        let place = "/tmp/convonet-upgrade-\(UUID().uuidString.prefix(8))"
        func run(_ words: String...) async throws -> ChildProcess.Outcome {
            try await elsewhere { try ChildProcess.run(user.launcher() + words) }
        }
        #expect(try await run("mkdir", "-m", "700", place).succeeded)
        defer { _ = try? ChildProcess.run(user.launcher() + ["rm", "-rf", place]) }
        let (old, new) = (PrivateCluster.Options(keep: "\(place)/old"), PrivateCluster.Options(keep: "\(place)/new"))
        #expect(try await run("mkdir", "-m", "700", "\(place)/old", "\(place)/new").succeeded)
        do {
            let cluster = try PrivateCluster.start(old, binaries: older)
            defer { cluster.stop() }
            let database = try await prepare(cluster)
            let pool = try database.pool()
            _ = try await Migrator(pool).migrate(request)
            try await issue(database, 0)
            await pool.close()
        }
        try PrivateCluster.start(new, binaries: newer).stop()
        if newer.version >= 18 {
            // Which are on by default there, and have to be as they were.
            #expect(try await run(newer.path("pg_checksums"), "--disable", "-D", "\(place)/new/data").succeeded)
        }
        let upgrade = try await run(
            "sh", "-c", "cd '\(place)' && exec \"$@\"", "sh", newer.path("pg_upgrade"), "-b", older.directory, "-B",
            newer.directory, "-d", "\(place)/old/data", "-D", "\(place)/new/data", "-U", "postgres", "-s", place)
        #expect(upgrade.succeeded, "\(upgrade.output)\(upgrade.errors)")

        let cluster = try PrivateCluster.start(new, binaries: newer)
        defer { cluster.stop() }
        let database = TestDatabase(in: cluster, name: "application")
        // Before migrate has seen it, it works, and doctor says that migrate is to be run.
        try await issue(database, 1)
        let look = DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet)
        let found = await look.findings()
        #expect(found.allSatisfy { $0.grade != .problem }, "\(found)")
        #expect(found.contains { $0.mend?.contains("records it again") == true }, "\(found)")
        let bare = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        let migrator = Migrator(try database.pool())
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(bare) }
        let words = error?.description ?? ""
        let grant = try #require(words.firstMatch(of: #/GRANT .* SET FALSE;/#), "\(words)")
        try await database.sql(String(grant.0))
        #expect(try await !migrator.migrate(bare).isEmpty)
        #expect(try await migrator.plan(bare).isEmpty)
        #expect(await look.findings().allSatisfy { $0.grade != .problem })
        try await issue(database, 2)
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL WHERE voice_pin IS NOT NULL", as: .owner)
        #expect(try await database.sql("SELECT count(*) > 0 FROM convonet_admin.direct_change") == "t")
        let verified = try await database.session(.auditor).audit.verify()
        #expect(verified.problem == nil && verified.events == 3, "\(verified)")
    }
}
