internal import AdminConsole
internal import ArgumentParser
internal import ConsoleParts
import ConvonetCore
import LinearConsole
internal import NcursesTerminal
import PostgresClient
import ProgramStart
import SSHAccess

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", _superCommandName: Program.name, abstract: "Open the console.",
        discussion: """
            In the console, press ? for all keys. With --linear, everything is told line by line, for screen readers and very \
            slow lines; the terminal may be of any type.

            Example: \(Program.name) console --read-only
            """)

    @Flag(name: .customLong("read-only"), help: "Do not allow changes.") var readOnly = false
    @Flag(inversion: .prefixedNo, help: "Tell everything line by line, or draw screens.") var linear: Bool?
    @Option(name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file")) var config: String?
    @Option(
        name: .long, help: ArgumentHelp("Database of the settings file to use, by its name.", valueName: "name"),
        completion: .custom { words, _, _ in Settings.names(for: words) })
    var environment: String?

    func run() async throws {
        let variables = ProcessEnvironment.current()
        let settings = try settings(variables)
        try Self.requireTerminal(isLinear: settings.isLinear)
        let opener = ConsoleOpener(settings: settings, variables: variables, isReadOnly: readOnly)
        let opening = try await Self.connect(opener)
        let columns = ColumnFile(environment: variables)
        try await MainThread.shared.run { try Self.show(opening, settings, columns) }
    }

    /// The settings with what the options say instead.
    private func settings(_ variables: [String: String]) throws -> Settings {
        var settings = try Settings.load(explicitFile: config, named: environment, environment: variables)
        settings.isLinear = linear ?? settings.isLinear
        if Confinement.isInForce { settings.allowsSuspend = false }
        return settings
    }

    private static func connect(_ opener: ConsoleOpener) async throws -> Opening {
        let notice = try ConnectingNotice(isLinear: opener.settings.isLinear)
        defer { notice.end() }
        return try await opener.open()
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
    private static func show(_ opening: Opening, _ settings: Settings, _ columns: ColumnFile) throws {
        let signal: Int32?
        do {
            signal = try settings.isLinear ? tell(opening, columns) : draw(opening, settings, columns)
        } catch {
            throw CommandFailure(.configuration, error.message)
        }
        if let signal { throw CommandFailure.ended(by: signal) }
    }

    private static func draw(
        _ opening: Opening, _ settings: Settings, _ columns: ColumnFile
    ) throws(TerminalFailure) -> Int32? {
        let terminal = try NcursesTerminal(
            options: .init(
                usesColours: settings.usesColor ? nil : false, theme: settings.theme, lines: settings.lines,
                setsTitle: settings.setsTitle, takesPointer: settings.takesPointer))
        defer { terminal.close() }
        return ConsoleProgram.run(opening, on: terminal, columns: columns.columns, keepColumns: columns.keep)
    }

    private static func tell(_ opening: Opening, _ columns: ColumnFile) throws(TerminalFailure) -> Int32? {
        let terminal = try LinearTerminal()
        defer { terminal.close() }
        return LinearProgram.run(opening, on: terminal, columns: columns.columns, keepColumns: columns.keep)
    }
}
