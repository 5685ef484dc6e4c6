import ConvonetCore
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase

/// A server of a test's own, for what is set for a whole server, with the application's people and without roles.
struct OwnServer {
    static let replication = ["wal_level": "replica", "max_wal_senders": "2"]

    let database: TestDatabase
    let person: Person
    /// How libpq finds the database as its owner.
    let address: String

    /// Starts it and sets it up.
    init(_ options: PrivateCluster.Options) async throws {
        let cluster = try PrivateCluster.start(options)
        try await cluster.sql("CREATE ROLE own LOGIN; CREATE DATABASE c OWNER own;")
        try await cluster.sql(try ApplicationSchema.tables() + ApplicationSchema.people(20), database: "c", user: "own")
        database = TestDatabase(in: cluster, name: "c")
        address = cluster.connectionString(database: "c", user: "own")
        let pool = PostgresPool(try ConnectionParameters(address, applicationName: "tests", environment: [:]))
        _ = try await Migrator(pool).migrate(MigrationRequest(withoutRoles: true))
        await pool.close()
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 10")
        person = try await database.person()
    }
}
