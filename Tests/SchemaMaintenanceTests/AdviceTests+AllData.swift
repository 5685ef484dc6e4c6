import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Memberships of the whole server, on one of their own: other tests' doctors would find them.
extension AdviceTests {
    private static let grants = """
        CREATE ROLE backups NOLOGIN; CREATE ROLE nightly LOGIN IN ROLE backups; CREATE ROLE loader LOGIN NOINHERIT;
        CREATE ROLE nobody NOLOGIN; CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE deputy LOGIN IN ROLE loader;
        GRANT pg_read_all_data TO backups, loader, nobody, boss; GRANT pg_write_all_data TO loader, boss;
        """

    @Test(arguments: [false, true]) func whoReadsOrWritesEverything(withoutRoles: Bool) async throws {
        let cluster = try PrivateCluster.start()
        guard try await cluster.sql("SHOW server_version_num").hasPrefix("13") == false else { return }
        try await cluster.sql(TestDatabase.User.allCases.map { "CREATE ROLE \($0.rawValue) LOGIN;" }.joined())
        try await cluster.sql("ALTER ROLE convonet_owner CREATEROLE")
        try await cluster.sql("CREATE DATABASE everything OWNER convonet_owner")
        let database = TestDatabase(in: cluster, name: "everything")
        try await database.sql("SET ROLE convonet_owner;\n" + (try ApplicationSchema.tables()))
        _ = try await Migrator(try database.pool()).migrate(
            withoutRoles
                ? MigrationRequest(withoutRoles: true)
                : MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants))
        let user = withoutRoles ? TestDatabase.User.owner : .operator
        try await expectNothing("all-data", database, user)
        try await cluster.sql(Self.grants)
        let found = try await findings(database, user).filter { $0.check == "all-data" }
        #expect(found.map(\.grade) == [.warning, .problem], "\(found)")
        #expect(
            found.first?.message.hasPrefix("backups, and through it nightly, can read every table") == true, "\(found)")
        #expect(
            found.last?.message.hasPrefix("loader, and through it deputy, can change every table") == true, "\(found)")
        // It is so: what only our functions write is written.
        try await cluster.sql(
            "SET ROLE pg_write_all_data; UPDATE convonet_admin.policy SET require_reason = true",
            database: database.name,
            user: "loader")
        for mend in found.compactMap(\.mend) {
            let start = try #require(mend.firstRange(of: "REVOKE")?.lowerBound, "\(mend)")
            try await database.sql(String(mend[start...]))
        }
        try await expectNothing("all-data", database, user)
        // Of the two roles it is said once.
        guard !withoutRoles else { return }
        try await cluster.sql("GRANT pg_read_all_data TO desk_hand")
        let owners = try await findings(database, user).filter { $0.message.contains("pg_read_all_data") }
        #expect(owners.map(\.check) == ["owners"], "\(owners)")
    }
}
