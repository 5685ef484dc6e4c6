public import ConvonetCore
public import EmbeddedPostgres
public import PostgresClient

/// A database of a test's own, cloned from a template in about 30 ms, on one private cluster for the whole run unless told.
public struct TestDatabase: Sendable {
    /// Its server, which all tests of this process share unless told.
    public let cluster: PrivateCluster
    /// The database's name.
    public let name: String

    /// A database of another cluster.
    public init(in cluster: PrivateCluster, name: String) { self.init(cluster: cluster, name: name) }

    init(cluster: PrivateCluster, name: String) {
        self.cluster = cluster
        self.name = name
    }

    /// What a new database holds.
    public enum Template: String, Sendable {
        /// The application's tables without a person in them.
        case empty
        /// The same with 200 made-up people; everything belongs to `convonet_owner`.
        case application
        /// The same, migrated with the roles of `rolePrefix`, and the users below put into their groups.
        case migrated
        /// The same, migrated without roles: everybody works as `convonet_owner`.
        case migratedWithoutRoles = "migrated_without_roles"
    }

    /// The prefix of the roles of the migrated template.
    public static let rolePrefix = "desk_"

    /// Makes a database, which is the test's until it ends: ``DropsDatabases``.
    public static func make(_ template: Template = .migrated) async throws -> TestDatabase {
        let database = try await TestCluster.shared.database(from: template)
        DropsDatabases.note(database.name)
        return database
    }

    /// Makes a database on a server of its own, where nothing happens but what the test does. It takes seconds.
    public static func alone(_ template: Template = .migrated) async throws -> TestDatabase {
        try await TestCluster(settings: ["autovacuum": "off"]).database(from: template)
    }

    /// Ordinary roles that every test finds: the application's owner, who may create roles; one who may not; and one
    /// for each group, none of them granted anything yet.
    public enum User: String, CaseIterable, Sendable {
        /// Owns database and tables, may create roles.
        case owner = "convonet_owner"
        /// Owns nothing.
        case stranger = "test_stranger"
        /// To be granted viewer.
        case viewer = "test_viewer"
        /// To be granted operator.
        case `operator` = "test_operator"
        /// To be granted operator as well.
        case secondOperator = "test_operator_two"
        /// To be granted auditor.
        case auditor = "test_auditor"
        /// To be granted supervisor.
        case supervisor = "test_supervisor"
        /// To be granted selfservice.
        case selfService = "test_selfservice"
        /// To be granted scheduler.
        case scheduler = "test_scheduler"
        /// To be granted supervisor and operator.
        case lead = "test_supervisor_lead"
    }

    /// How libpq finds this database as one of the users.
    public func connectionString(_ user: User = .owner) -> String {
        cluster.connectionString(database: name, user: user.rawValue)
    }

    /// A pool of connections as one of the users.
    public func pool(_ user: User = .owner, maximum: Int = 3) throws -> PostgresPool {
        PostgresPool(
            try ConnectionParameters(connectionString(user), applicationName: "convonet-admin tests", environment: [:]),
            maximum: maximum)
    }

    /// A pool of connections as the superuser.
    public func superuserPool() throws -> PostgresPool {
        PostgresPool(
            try ConnectionParameters(
                cluster.connectionString(database: name), applicationName: "convonet-admin tests", environment: [:]))
    }

    /// Opens a session as one of the users, with somebody at the keyboard.
    public func session(_ user: User = .operator, identity: Operator = Self.identity) async throws -> AdminSession {
        try await AdminSession.open(try pool(user), operator: identity, application: "convonet-admin tests")
    }

    /// Who sits at the keyboard in tests.
    public static let identity = Operator(
        name: "anna", uid: 1001, loginUID: 1001, host: "desk-3", tty: "/dev/pts/4", sshOrigin: "192.0.2.7 50022")

    /// A second person, at the same machine.
    public static let secondIdentity = Operator(
        name: "carla", uid: 1002, loginUID: 1002, host: "desk-3", tty: "/dev/pts/5", sshOrigin: nil)

    /// Runs SQL as the superuser and gives back what psql prints, unaligned and without headers.
    @discardableResult
    public func sql(_ text: String) async throws -> String {
        try await cluster.sql(text, database: name)
    }
}
