internal import AdminConsole
internal import ArgumentParser
internal import ConsoleParts
import ConvonetCore
internal import NcursesTerminal
import PostgresClient
import ProgramStart

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console.",
        discussion: "In the console, press ? for all keys.\n\nExample: \(Program.name) console --read-only")

    @Flag(name: .customLong("read-only"), help: "Do not allow changes.") var readOnly = false
    @Option(name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file")) var config: String?

    func run() async throws {
        try Self.requireTerminal()
        let environment = ProcessEnvironment.current()
        let settings = try Settings.load(explicitFile: config, environment: environment)
        let session = try await Self.connect(settings, environment)
        let context = ConsoleContext(
            session, environmentName: settings.environmentName, readOnly: readOnly,
            allowsSuspend: settings.allowsSuspend, ringsBell: settings.ringsBell,
            idleTime: settings.idleTime, alphabet: settings.alphabet)
        let columns = ColumnFile(environment: environment)
        try await MainThread.shared.run { try Self.show(session, context, settings, columns) }
    }

    private static func connect(_ settings: Settings, _ environment: [String: String]) async throws -> AdminSession {
        let pool = try settings.pool(environment: environment)
        let notice = try ConnectingNotice()
        defer { notice.end() }
        return try await AdminSession.open(
            pool, operator: .current(environment: environment), application: Program.identity, anchor: SystemLog(),
            passwordForm: settings.passwordForm, firstPage: ConsoleProgram.firstPage)
    }

    /// Throws where the console has no terminal to be shown on.
    static func requireTerminal() throws(CommandFailure) {
        do {
            try NcursesTerminal.requireTerminal()
        } catch {
            throw CommandFailure(.configuration, error.message)
        }
    }

    /// Draws and reads keys on the calling thread until the console is left.
    private static func show(
        _ session: AdminSession, _ context: ConsoleContext, _ settings: Settings, _ columns: ColumnFile
    ) throws {
        let terminal: NcursesTerminal
        do {
            terminal = try NcursesTerminal(
                options: .init(
                    usesColours: settings.usesColor ? nil : false, theme: settings.theme, lines: settings.lines,
                    setsTitle: settings.setsTitle, takesPointer: settings.takesPointer))
        } catch {
            throw CommandFailure(.configuration, error.message)
        }
        defer { terminal.close() }
        let signal = ConsoleProgram.run(
            session, context, on: terminal, columns: columns.columns(), keepColumns: columns.keep)
        if let signal { throw CommandFailure.ended(by: signal) }
    }
}
