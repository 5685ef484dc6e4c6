import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Memberships as PostgreSQL 16 knows them: by ADMIN alone, and each ended only as what one role granted.
@Suite(.dropsDatabases, .server(since: 16)) struct GrantedMembershipTests {
    private func installed() async throws -> (TestDatabase, MigrationRequest) {
        let database = try await TestDatabase.make(.application)
        let request = MigrationRequest(
            rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "test_operator")])
        _ = try await Migrator(try database.pool()).migrate(request)
        return (database, MigrationRequest(rolePrefix: "\(database.name)_"))
    }

    private func problems(_ database: TestDatabase) async throws -> [String] {
        await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
            .filter { $0.grade == .problem }.map { "\($0.message) \($0.mend ?? "")" }
    }

    private func members(of role: String, _ database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            SELECT string_agg(DISTINCT b.member::regrole::text, ' ' ORDER BY b.member::regrole::text) FROM pg_auth_members b
            WHERE b.roleid = '\(role)'::regrole AND b.member <> 'convonet_owner'::regrole
            """)
    }

    private func revocation(in text: String) throws -> String {
        String(try #require(text.firstMatch(of: #/REVOKE .*? CASCADE/#), "\(text)").0)
    }

    /// What doctor says ends it, whoever granted it and however it can be used.
    @Test(
        arguments: ["owner", "hand", "reader"],
        ["ADMIN TRUE, INHERIT FALSE, SET FALSE", "SET TRUE, INHERIT FALSE", "INHERIT TRUE, SET FALSE"])
    func isNamedWithWhatEndsIt(kind: String, options: String) async throws {
        let (database, request) = try await installed()
        let role = "\(database.name)_\(kind)"
        for grantor in [TestDatabase.User.owner, nil] {
            let grant = "GRANT \(role) TO test_stranger WITH \(options)"
            if let grantor { try await database.sql(grant, as: grantor) } else { try await database.sql(grant) }
            let found = try await problems(database)
            let problem = try #require(found.first { $0.contains("test_stranger") }, "\(found)")
            try await database.sql(try revocation(in: problem))
            #expect(try await members(of: role, database) == "")
            #expect(try await problems(database) == [])
        }
        #expect(try await Migrator(try database.pool()).plan(request).isEmpty)
        try await Migrator(try database.pool()).uninstall()
    }

    /// Whoever has ADMIN passes it on; both memberships end with the first.
    @Test func endsWithWhatItsHolderGranted() async throws {
        let (database, request) = try await installed()
        let role = "\(database.name)_owner"
        try await database.sql("GRANT \(role) TO test_stranger WITH ADMIN TRUE, INHERIT FALSE, SET FALSE", as: .owner)
        try await database.sql("GRANT \(role) TO test_viewer", as: .stranger)
        let error = await #expect(throws: AdminError.self) { try await Migrator(try database.pool()).migrate(request) }
        try await database.sql(try revocation(in: error?.description ?? ""))
        #expect(try await members(of: role, database) == "")
        #expect(try await Migrator(try database.pool()).plan(request).isEmpty)
        try await Migrator(try database.pool()).uninstall()
    }

    /// `migrate` ends what whoever runs it granted, and says who has to end the rest.
    @Test func migrateEndsItsOwnAndNamesTheRest() async throws {
        let (database, request) = try await installed()
        let role = "\(database.name)_hand"
        let migrator = Migrator(try database.pool())
        try await database.sql("GRANT \(role) TO test_stranger WITH ADMIN TRUE, INHERIT FALSE, SET FALSE", as: .owner)
        #expect(
            try await migrator.migrate(request).summary.contains { $0.hasPrefix("Remove test_stranger from \(role)") })
        #expect(try await members(of: role, database) == "")
        try await database.sql("GRANT \(role) TO test_stranger WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        let text = error?.description ?? ""
        #expect(text.contains("Run first: REVOKE \(role) FROM test_stranger GRANTED BY postgres CASCADE;"), "\(text)")
        try await database.sql(try revocation(in: text))
        #expect(try await migrator.plan(request).isEmpty)
        try await migrator.uninstall()
    }

    /// Whoever makes a role may decide who is in it, and is no member by that.
    @Test func whoMadeTheRolesIsNoMember() async throws {
        let (database, _) = try await installed()
        #expect(try await problems(database) == [])
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        let roles = try #require(found.first { $0.check == "roles" })
        #expect(
            roles.message.contains("viewer: nobody") && !roles.message.contains("convonet_owner"), "\(roles.message)")
        try await Migrator(try database.pool()).uninstall()
    }
}
