internal import ArgumentParser
internal import ConvonetCore
import ConvonetDatabase
internal import Glibc
internal import Logging
internal import ProgramStart

/// Runs the program with the process's own arguments, and ends it with its exit code.
public enum SelfServiceProgram {
    /// Makes the process fit to hold secrets; to be called once, before anything else.
    public static func prepareProcess() { ProcessPreparation.prepare(Program.name, say: SelfServiceCommand.say) }

    /// Comes back only where it was stopped as told.
    public static func run() async {
        if let report = Program.report.answer(to: Array(CommandLine.arguments.dropFirst())) {
            SelfServiceCommand.exit(withError: CleanExit.message(report))
        }
        await SelfServiceCommand.main()
    }
}

/// The program's command line.
struct SelfServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: Program.name,
        abstract: "Let people in Convonet set their own passwords, over HTTP.",
        discussion: """
            Serves the routes under /auth, and sends the e-mail that waits in the database. Settings are under \
            [self_service] in the settings file of convonet-admin, which also says how to find the database; the key of \
            the application's access tokens is in JWT_SECRET_KEY. Where metrics_port is set, /metrics is served there, for \
            Prometheus. Logs JSON, one object per line, to standard error. Stops \
            on SIGTERM, after answering open requests.

            --version --verbose also names the libraries in use, for reports of bugs; with --json as JSON.

            Examples:
              \(Program.name) --check
              \(Program.name) --config /etc/convonet-admin/config.toml

            Exit codes: 0 stopped as told; 64 wrong usage; 69 cannot listen, or database not reachable (--check); 70 bug; \
            71 too few resources; 77 not permitted; 78 settings or schema.
            """,
        version: Program.version)

    @Option(
        name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?
    @Option(
        name: .long, help: ArgumentHelp("Database of the settings file to use, by its name.", valueName: "name"))
    var environment: String?
    @Flag(name: .long, help: "Check settings, templates, database and mail program, then exit.") var check =
        false

    func run() async throws {
        do {
            let variables = ProcessEnvironment.current()
            let settings = try ServiceSettings.load(
                explicitFile: config, named: environment, environment: variables)
            // The key is ours alone: no mail program inherits it.
            unsetenv("JWT_SECRET_KEY")
            if let shortage = settings.shortage() { throw SystemShortage(description: shortage) }
            let logger = Logger(label: Program.name) { _ in JSONLineHandler() }
            let server = SelfServiceServer(settings: settings, environment: variables, logger: logger)
            guard check else { return try await server.run() }
            try await server.check()
            Self.say("\(Program.name): settings, templates, database and mail program are as they must be.")
        } catch {
            throw Self.report(error)
        }
    }

    private static func report(_ error: any Error) -> ExitCode {
        let text: String
        let status: ExitStatus
        switch error {
        case let error as SettingsError: (text, status) = (error.description, .configuration)
        case let error as AdminError: (text, status) = (error.description, ExitStatus(known: error) ?? .defect)
        case let error as ListenFailure: (text, status) = (error.description, .unavailable)
        case let error as Unready: (text, status) = (error.description, .configuration)
        case let error as SystemShortage: (text, status) = (error.description, .systemShortage)
        default:
            let report = "Please report it, with what “\(Program.name) --version --verbose” says."
            (text, status) = ("This is a bug (\(type(of: error))). \(report)", .defect)
        }
        say("\(Program.name): \(text)")
        return ExitCode(status.rawValue)
    }

    static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

/// The system lets the process have too little for its settings.
struct SystemShortage: Error, CustomStringConvertible {
    let description: String
}
