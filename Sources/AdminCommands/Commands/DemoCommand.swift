internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import Glibc
import PostgresClient
import ProgramStart
import SchemaMaintenance

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Try the console on a private, made-up database.",
        discussion: """
            Starts a private PostgreSQL with made-up people. It uses its own socket and stops with this program. Everyone's \
            password is Convonet-demo-1. To run another command on it, put the command after --.

            Example: \(Program.name) demo -- list --limit 5
            """)

    @Option(name: .long, help: ArgumentHelp("Number of people.", valueName: "number")) var users = 1000
    @Option(
        name: .long, help: ArgumentHelp("Directory to keep the data in, for the next time.", valueName: "directory")
    )
    var keep: String?
    @Argument(parsing: .postTerminator, help: "A command to run instead of the console.") var command: [String] = []

    func validate() throws {
        if !(1...10_000_000).contains(users) { throw ValidationError("--users must be from 1 to 10000000.") }
        if command.first == "demo" { throw ValidationError("A demo cannot run in a demo.") }
        if command.contains(where: { $0 == "--environment" || $0.hasPrefix("--environment=") }) {
            throw ValidationError("A demo has its own database: leave --environment out.")
        }
    }

    func run() async throws {
        // The demo's database is the only one.
        unsetenv(DatabaseChoice.variableName)
        if AdminCommandLine.opensConsole(self), !command.contains("--linear") {
            let environment = ProcessEnvironment.current().merging(["CONVONET_DB_URI": "demo"]) { $1 }
            let settings = try Settings.load(explicitFile: nil, environment: environment)
            try ConsoleCommand.requireTerminal(isLinear: settings.isLinear)
        }
        let cluster = try cluster()
        setenv("CONVONET_DB_URI", cluster.connectionString(database: "convonet", user: "convonet"), 1)
        let everything = [RoleNames.Kind.operator, .auditor, .supervisor]
        // Only to migrate: nobody lists people who could become somebody else.
        try cluster.run("ALTER ROLE convonet CREATEROLE")
        _ = try await Migrator(try Settings().pool(cluster)).migrate(
            MigrationRequest(grants: everything.map { .init(kind: $0, role: "convonet") }))
        try cluster.run("ALTER ROLE convonet NOCREATEROLE")
        // As any installation of some size has it: people whose names are alike are found by it alone.
        let index = SearchIndex(try Settings().pool(cluster))
        if try await !index.plan().isEmpty { try await index.build { _, _, _ in } }
        if command.isEmpty {
            // Read before the console opens, and once it is closed.
            Output.say("Commands on this database, as long as the demo runs, in another terminal after:")
            Output.say("export CONVONET_DB_URI='\(cluster.connectionString(database: "convonet", user: "convonet"))'")
        }
        let status = await AdminCommandLine.execute(arguments: command)
        cluster.stop()
        if let status = ExitStatus(rawValue: status), status != .done { throw CommandFailure.silent(status) }
    }

    private func cluster() throws(CommandFailure) -> PrivateCluster {
        do {
            let cluster = try PrivateCluster.start(.init(keep: keep))
            try fill(cluster)
            return cluster
        } catch {
            throw CommandFailure(.unavailable, error.description)
        }
    }

    private func fill(_ cluster: PrivateCluster) throws(ClusterFailure) {
        guard try cluster.run("SELECT 1 FROM pg_database WHERE datname = 'convonet'").isEmpty else { return }
        if users > 20_000 { Output.say("Making \(users) people…") }
        try cluster.run("CREATE ROLE convonet LOGIN;\nCREATE DATABASE convonet OWNER convonet;")
        let people = String(decoding: PackageResources.demo_people_sql, as: UTF8.self)
            .replacing("{{count}}", with: String(users))
        try cluster.run(
            String(decoding: PackageResources.convonet_schema_sql, as: UTF8.self) + "\n" + people, database: "convonet",
            user: "convonet")
    }
}

extension Settings {
    fileprivate func pool(_ cluster: PrivateCluster) throws -> PostgresPool {
        var settings = self
        settings.database.connectionString = cluster.connectionString(database: "convonet", user: "convonet")
        return try settings.pool(environment: [:])
    }
}
