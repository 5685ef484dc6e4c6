internal import ArgumentParser
import Glibc
internal import NcursesTerminal

/// Runs the program: parses the arguments, runs a command, gives back the exit code.
public enum AdminCommandLine {
    /// Runs with these arguments (without the program's own name) and returns the exit code; for the first thread.
    ///
    /// The console reads signals like keys, so they are blocked before there is a second thread that could get them.
    public static func run(arguments: [String]) -> Int32 {
        if let command = try? ConvonetAdminCommand.parseAsRoot(arguments), opensConsole(command) {
            NcursesTerminal.blockSignals()
        }
        return MainThread.shared.serve { await execute(arguments: arguments) }
    }

    /// Parses and runs one command; a demo runs another inside.
    static func execute(arguments: [String]) async -> Int32 {
        do {
            var command = try ConvonetAdminCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return report(error, arguments: arguments)
        }
    }

    private static func opensConsole(_ command: any ParsableCommand) -> Bool {
        switch command {
        case is ConsoleCommand: true
        case let demo as DemoCommand: demo.command.isEmpty || demo.command.first == "console" || demo.command.first?.hasPrefix("-") == true
        default: false
        }
    }

    /// The one place where an error becomes text and an exit code.
    private static func report(_ error: any Error, arguments: [String]) -> Int32 {
        guard isParserError(error) else {
            let text = "\(error)"
            if !text.isEmpty { Output.say("\(Program.name): \(text)") }
            return ExitStatus(error).rawValue
        }
        let code = ConvonetAdminCommand.exitCode(for: error)
        let message = ConvonetAdminCommand.fullMessage(for: error)
        if code.isSuccess {
            do { try Output.data(message) } catch { return ExitStatus.unknown.rawValue }
        } else if let command = arguments.first(where: SecretArguments.commands.contains) {
            Output.say("\(Program.name): \(SecretArguments.warning)\nSee “\(Program.name) \(command) --help”.")
            return ExitStatus.usage.rawValue
        } else {
            Output.say(message)
        }
        return code.rawValue
    }

    private static func isParserError(_ error: any Error) -> Bool {
        !(error is CommandFailure || ExitStatus(error) != .defect)
    }
}

/// Commands whose arguments somebody might take for the place of a password: theirs are never repeated.
enum SecretArguments {
    static let commands: Set<String> = ["reset-password", "reset-pin", "hash"]

    static let warning = """
        These arguments are not understood, and not repeated here. \
        A password is never an argument; use the prompt or --stdin, and take that one as seen.
        """

    /// Throws where there are arguments that nothing takes.
    static func refuse(_ extra: [String]) throws(CommandFailure) {
        guard extra.isEmpty else {
            throw CommandFailure(
                .usage, "A password is never an argument; use the prompt or --stdin, and take that one as seen.")
        }
    }
}
