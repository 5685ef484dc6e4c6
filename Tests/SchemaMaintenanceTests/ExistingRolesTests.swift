import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Roles belong to the whole server: those of the prefix may be there before anything is installed, and be another's.
@Suite(.dropsDatabases) struct ExistingRolesTests {
    private static let kinds = ["owner", "hand", "reader"] + RoleNames.Kind.allCases.map(\.rawValue)

    /// The application's database with an owner of its own, who may create roles or not.
    private static func database(owner attribute: String) async throws -> (TestDatabase, Migrator) {
        let database = try await TestDatabase.make(.application)
        let owner = "other_\(database.name)"
        try await database.sql(
            """
            CREATE ROLE \(owner) LOGIN \(attribute);
            ALTER DATABASE \(database.name) OWNER TO \(owner);
            ALTER TABLE users_convonet OWNER TO \(owner); ALTER TABLE teams_convonet OWNER TO \(owner);
            ALTER TABLE team_memberships_convonet OWNER TO \(owner);
            """)
        let parameters = try ConnectionParameters(
            database.cluster.connectionString(database: database.name, user: owner), applicationName: "tests",
            environment: [:])
        return (database, Migrator(PostgresPool(parameters)))
    }

    private func refusal(_ migrator: Migrator, _ request: MigrationRequest) async throws -> String? {
        do throws(any Error) {
            _ = try await migrator.migrate(request)
            return nil
        } catch AdminError.cannotMigrate(let reason) {
            return reason
        }
    }

    @Test(arguments: ["NOCREATEROLE", "CREATEROLE"])
    func anotherInstallationsRolesAreNotTaken(attribute: String) async throws {
        let first = try await TestDatabase.make(.application)
        let request = MigrationRequest(rolePrefix: "\(first.name)_")
        _ = try await Migrator(try first.pool()).migrate(request)
        let (second, migrator) = try await Self.database(owner: attribute)
        let reason = try #require(try await refusal(migrator, request))
        #expect(reason.contains("\(first.name)_") && reason.contains("--role-prefix"))
        #expect(try await second.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
        let other = attribute == "CREATEROLE" ? "\(second.name)_" : request.rolePrefix
        let way = MigrationRequest(rolePrefix: other, withoutRoles: attribute == "NOCREATEROLE")
        #expect(try await !migrator.migrate(way).isEmpty)
    }

    @Test(arguments: kinds)
    func noneOfTheRolesMayBeAnothers(kind: String) async throws {
        let (database, migrator) = try await Self.database(owner: "NOCREATEROLE")
        let role = "\(database.name)_\(kind)"
        try await database.sql("CREATE ROLE \(role) NOLOGIN")
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        #expect(try await refusal(migrator, request)?.contains("The role \(role) already exists") == true)
    }

    @Test(arguments: kinds)
    func noneOfTheRolesMayBeAPerson(kind: String) async throws {
        let database = try await TestDatabase.make(.application)
        let role = "\(database.name)_\(kind)"
        try await database.sql("SET ROLE convonet_owner; CREATE ROLE \(role) LOGIN")
        let request = MigrationRequest(rolePrefix: "\(database.name)_", insistsOnPrefix: true)
        let reason = try await refusal(Migrator(try database.pool()), request)
        #expect(reason?.contains(role) == true && reason?.contains("LOGIN") == true, "\(reason ?? "")")
    }

    /// Before PostgreSQL 16 whoever may create roles may grant any of them, so that it can only be asked for or not.
    @Test func rolesOfAnotherDatabaseAreSharedWhereTheirPrefixIsAskedFor() async throws {
        let first = try await TestDatabase.make(.application)
        _ = try await Migrator(try first.pool()).migrate(MigrationRequest(rolePrefix: "\(first.name)_"))
        let (second, migrator) = try await Self.database(owner: "CREATEROLE")
        guard second.cluster.serverVersion < 16 else { return }
        let request = MigrationRequest(rolePrefix: "\(first.name)_", insistsOnPrefix: true)
        #expect(try await !migrator.migrate(request).isEmpty)
    }

    @Test func whoIsInTheGroupsAlreadyIsSaid() async throws {
        let database = try await TestDatabase.make(.application)
        let group = "\(database.name)_operator"
        try await database.sql("SET ROLE convonet_owner; CREATE ROLE \(group); GRANT \(group) TO test_stranger")
        let plan = try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: "\(database.name)_"))
        #expect(plan.summary.contains { $0.contains(group) && $0.contains("test_stranger") })
    }
}
