import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
public import SchemaMaintenance

/// A cluster and its templates, each made when first asked for.
actor TestCluster {
    /// The one of this process.
    static let shared = TestCluster()

    private let settings: [String: String]

    private var cluster: PrivateCluster?
    private var templates: [TestDatabase.Template: Task<Void, any Error>] = [:]
    private var count = 0
    private var unneeded: [String] = []
    private var droppers = 0

    init(settings: [String: String] = [:]) { self.settings = settings }

    func database(from template: TestDatabase.Template) async throws -> TestDatabase {
        try await prepare(template)
        count += 1
        return try copy(template, to: "test_\(count)")
    }

    /// Drops databases that nobody needs any more, several at a time, for each takes a checkpoint. One that still has a session
    /// is left for the next time, and one that cannot be dropped, until the server goes.
    func drop(_ names: @Sendable (PrivateCluster) -> [String]) async {
        guard let cluster else { return }
        unneeded += names(cluster)
        // On a busy disk a drop takes seconds: then the tests that end drop more than one batch, and so wait for the disk.
        guard unneeded.count >= (droppers == 0 ? 8 : 48) else { return }
        droppers += 1
        defer { droppers -= 1 }
        let due = unneeded.prefix(16)
        unneeded.removeFirst(due.count)
        let them = "d.datname IN (" + due.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ") + ")"
        let left = try? await cluster.sql(
            """
            \\set ON_ERROR_STOP off
            SELECT format('DROP DATABASE %I', d.datname) FROM pg_database d
            WHERE \(them) AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) \\gexec
            SELECT d.datname FROM pg_database d WHERE \(them);
            """)
        unneeded += left?.split(separator: "\n").map(String.init) ?? Array(due)
    }

    private func prepare(_ template: TestDatabase.Template) async throws {
        let task = templates[template] ?? Task { try await make(template) }
        templates[template] = task
        try await task.value
    }

    private func make(_ template: TestDatabase.Template) async throws {
        let name = "template_\(template.rawValue)"
        switch template {
        case .empty, .application:
            let cluster = try running()
            try cluster.run("CREATE DATABASE \(name) OWNER convonet_owner")
            var sql = "SET ROLE convonet_owner;\n" + (try ApplicationSchema.tables())
            if template == .application { sql += try ApplicationSchema.people(200) }
            try cluster.run(sql, database: name)
        case .migrated, .migratedWithoutRoles:
            try await prepare(.application)
            let pool = try copy(.application, to: name).pool()
            let request =
                template == .migrated
                ? MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants)
                : MigrationRequest(withoutRoles: true)
            _ = try await Migrator(pool).migrate(request)
            await pool.close()
            try Mutant.apply(to: name, on: try running())
        }
    }

    private func copy(_ template: TestDatabase.Template, to name: String) throws -> TestDatabase {
        let cluster = try running()
        try cluster.run("CREATE DATABASE \(name) TEMPLATE template_\(template.rawValue) OWNER convonet_owner")
        return TestDatabase(cluster: cluster, name: name)
    }

    private func running() throws -> PrivateCluster {
        if let cluster { return cluster }
        BrokenPipe.isAnError
        // Whoever waits for a lock that never comes free fails by name, and does not hold the whole run up.
        let cluster = try PrivateCluster.start(
            PrivateCluster.Options(
                settings: [
                    "max_connections": "200", "log_statement": "all", "lock_timeout": "120s",
                    "max_prepared_transactions": "64",
                ].merging(settings) { $1 }))
        self.cluster = cluster
        let roles = TestDatabase.User.allCases.map { "CREATE ROLE \($0.rawValue) LOGIN;" }
        try cluster.run(roles.joined() + "ALTER ROLE convonet_owner CREATEROLE;")
        return cluster
    }
}

extension TestDatabase {
    /// Who is in which group in the migrated template.
    public static let grants: [MigrationRequest.Grant] = [
        .init(kind: .viewer, role: User.viewer.rawValue), .init(kind: .operator, role: User.operator.rawValue),
        .init(kind: .operator, role: User.secondOperator.rawValue), .init(kind: .auditor, role: User.auditor.rawValue),
        .init(kind: .supervisor, role: User.supervisor.rawValue), .init(kind: .supervisor, role: User.lead.rawValue),
        .init(kind: .operator, role: User.lead.rawValue),
        .init(kind: .selfservice, role: User.selfService.rawValue),
        .init(kind: .scheduler, role: User.scheduler.rawValue),
    ]
}
