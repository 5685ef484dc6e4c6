internal import AdminConsole
internal import ArgumentParser
internal import ConsoleParts
import ConvonetCore
import LinearConsole
internal import NcursesTerminal
import PostgresClient
import ProgramStart

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console.",
        discussion: """
            In the console, press ? for all keys. With --linear, everything is told line by line, for screen readers and very \
            slow lines; the terminal may be of any type.

            Example: \(Program.name) console --read-only
            """)

    @Flag(name: .customLong("read-only"), help: "Do not allow changes.") var readOnly = false
    @Flag(inversion: .prefixedNo, help: "Tell everything line by line, or draw screens.") var linear: Bool?
    @Option(name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file")) var config: String?

    func run() async throws {
        let environment = ProcessEnvironment.current()
        let settings = try settings(environment)
        try Self.requireTerminal(isLinear: settings.isLinear)
        let session = try await Self.connect(settings, environment)
        let context = ConsoleContext(
            session, environmentName: settings.environmentName, readOnly: readOnly,
            allowsSuspend: settings.allowsSuspend, ringsBell: settings.ringsBell,
            idleTime: settings.idleTime, alphabet: settings.alphabet)
        let columns = ColumnFile(environment: environment)
        try await MainThread.shared.run { try Self.show(session, context, settings, columns) }
    }

    /// The settings with what the options say instead.
    private func settings(_ environment: [String: String]) throws -> Settings {
        var settings = try Settings.load(explicitFile: config, environment: environment)
        settings.isLinear = linear ?? settings.isLinear
        return settings
    }

    private static func connect(_ settings: Settings, _ environment: [String: String]) async throws -> AdminSession {
        let pool = try settings.pool(environment: environment)
        let notice = try ConnectingNotice(isLinear: settings.isLinear)
        defer { notice.end() }
        return try await AdminSession.open(
            pool, operator: .current(environment: environment), application: Program.identity, anchor: SystemLog(),
            passwordForm: settings.passwordForm, firstPage: ConsoleProgram.firstPage)
    }

    /// Throws where the console has no terminal to be shown on.
    static func requireTerminal(isLinear: Bool) throws(CommandFailure) {
        do {
            try NcursesTerminal.requireTerminal(hasScreen: !isLinear)
        } catch {
            throw CommandFailure(.configuration, error.message)
        }
    }

    /// Draws and reads keys on the calling thread until the console is left.
    private static func show(
        _ session: AdminSession, _ context: ConsoleContext, _ settings: Settings, _ columns: ColumnFile
    ) throws {
        let signal: Int32?
        do {
            signal =
                try settings.isLinear
                ? tell(session, context, columns) : draw(session, context, settings, columns)
        } catch {
            throw CommandFailure(.configuration, error.message)
        }
        if let signal { throw CommandFailure.ended(by: signal) }
    }

    private static func draw(
        _ session: AdminSession, _ context: ConsoleContext, _ settings: Settings, _ columns: ColumnFile
    ) throws(TerminalFailure) -> Int32? {
        let terminal = try NcursesTerminal(
            options: .init(
                usesColours: settings.usesColor ? nil : false, theme: settings.theme, lines: settings.lines,
                setsTitle: settings.setsTitle, takesPointer: settings.takesPointer))
        defer { terminal.close() }
        return ConsoleProgram.run(
            session, context, on: terminal, columns: columns.columns(), keepColumns: columns.keep)
    }

    private static func tell(
        _ session: AdminSession, _ context: ConsoleContext, _ columns: ColumnFile
    ) throws(TerminalFailure) -> Int32? {
        let terminal = try LinearTerminal()
        defer { terminal.close() }
        return LinearProgram.run(session, context, on: terminal, columns: columns.columns(), keepColumns: columns.keep)
    }
}
