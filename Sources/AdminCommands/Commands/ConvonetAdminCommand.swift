internal import ArgumentParser
import ConvonetCore
import Glibc
import ProgramStart
import SSHAccess

/// The whole command line.
struct ConvonetAdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Program.name,
        abstract: "Find people in Convonet, reset their passwords and voice PINs, and set their status.",
        discussion: """
            Without a command, the console opens.

            Examples:
              \(Program.name) search carter example.org
              \(Program.name) reset-pin anna@example.org --generate
              \(Program.name) reset-password anna@example.org --generate --ticket T-17

            The database address comes from --environment NAME, CONVONET_ADMIN_ENVIRONMENT, CONVONET_DB_URI, DATABASE_URL, DB_URI, \
            DB_HOST and related variables, the settings file, or the PG* variables of libpq, in this order. The first two name \
            one of [environments] in the settings file.

            --version --verbose also names the libraries in use, for reports of bugs; with --json as JSON.

            Exit codes:
              0    done
              1    not confirmed
              64   wrong usage
              65   refused, bad input, or a broken log
              67   no such account, or several
              69   database not reachable or not writable
              70   bug
              71   out of threads, memory or files
              74   outcome unknown
              75   account changed or database busy: try again
              77   not permitted
              78   settings or schema
              130  interrupted; 129, 131, 143: ended by SIGHUP, SIGQUIT, SIGTERM
            """,
        version: Program.version,
        subcommands: [
            ConsoleCommand.self, DemoCommand.self, ListCommand.self, SearchCommand.self, ShowCommand.self,
            VerifyCallerCommand.self, ResetPasswordCommand.self, ResetPINCommand.self, SendResetLinkCommand.self,
            ResetLinksCommand.self,
            ActivateCommand.self, DeactivateCommand.self,
            MarkVerifiedCommand.self, MarkUnverifiedCommand.self, SignOutCommand.self, UndoCommand.self,
            UnblockCommand.self, FreezeCommand.self, UnfreezeCommand.self, ApplyCommand.self,
            ApprovalsCommand.self, AuditCommand.self, StatsCommand.self,
            HashCommand.self, PolicyCommand.self, MigrateCommand.self, DoctorCommand.self,
            TidyCommand.self, ForcedCommand.self,
        ],
        defaultSubcommand: ConsoleCommand.self)
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    @Option(
        name: .long, help: ArgumentHelp("Database of the settings file to use, by its name.", valueName: "name"),
        completion: .custom { words, _, _ in Settings.names(for: words) })
    var environment: String?

    @Flag(name: .long, help: "Print JSON, one object per line.")
    var json = false

    func settings() throws -> Settings {
        try Settings.load(explicitFile: config, named: environment, environment: ProcessEnvironment.current())
    }

    /// A session of a command that shows something, and says on a terminal of which environment; where somebody is named, it
    /// begins with the candidates for them, and with what is shown of the only one.
    func session(showing account: String? = nil) async throws -> AdminSession {
        let settings = try settings()
        sayPlace(of: settings)
        return try await session(by: settings, finding: account, showing: account != nil)
    }

    /// Names the environment for whoever reads along; programs read a field, where there is one.
    func sayPlace(of settings: Settings) {
        guard let label = settings.database.label, !json, isatty(STDERR_FILENO) == 1 else { return }
        Output.say(TextForms.environment(label))
    }

    func session(
        by settings: Settings, finding account: String? = nil, showing isShown: Bool = false
    ) async throws -> AdminSession {
        let environment = ProcessEnvironment.current()
        return try await AdminSession.open(
            try settings.pool(environment: environment), operator: .current(environment: environment),
            application: Program.identity, anchor: SystemLog(), passwords: settings.passwords,
            finding: account, showing: isShown)
    }
}
