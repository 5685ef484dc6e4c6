internal import ArgumentParser
import ConvonetCore
import ProgramStart

/// The whole command line.
struct ConvonetAdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Program.name,
        abstract: "Finds people of Convonet, and resets their passwords, voice PINs and states.",
        discussion: """
            Without a command it opens the console. The database is found by CONVONET_DB_URI, DATABASE_URL, DB_URI, \
            DB_HOST and its like, the settings file, or libpq's own PG* variables.

            Exit codes: 0 done; 1 answered no; 64 usage; 65 refused, bad input or a broken log; 67 no such account, or \
            more than one; 69 the database cannot be reached or could not write; 70 a defect; 71 no threads, memory or files left; 74 outcome unknown; \
            75 the account changed meanwhile or is busy, try again; 77 not permitted; 78 configuration or schema; \
            130 interrupted, 129 or 143 ended by SIGHUP or SIGTERM.
            """,
        version: Program.version,
        subcommands: [
            ConsoleCommand.self, DemoCommand.self, ListCommand.self, SearchCommand.self, ShowCommand.self,
            ResetPasswordCommand.self, ResetPINCommand.self, SendResetLinkCommand.self, ResetLinksCommand.self,
            ActivateCommand.self, DeactivateCommand.self,
            MarkVerifiedCommand.self, MarkUnverifiedCommand.self, ApprovalsCommand.self, AuditCommand.self,
            HashCommand.self, PolicyCommand.self, MigrateCommand.self, DoctorCommand.self,
        ],
        defaultSubcommand: ConsoleCommand.self)
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Settings file.", valueName: "file"), completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(name: .long, help: "Print JSON, one object a line.")
    var json = false

    func settings() throws -> Settings {
        try Settings.load(explicitFile: config, environment: ProcessEnvironment.current())
    }

    func session() async throws -> AdminSession {
        let environment = ProcessEnvironment.current()
        return try await AdminSession.open(
            try settings().pool(environment: environment), operator: .current(environment: environment),
            application: Program.identity, anchor: SystemLog())
    }
}
