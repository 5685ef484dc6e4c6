internal import ArgumentParser
internal import CGlibc
import ConvonetCore
import ConvonetDatabase
import Glibc
internal import NcursesTerminal
import ProgramStart
import TerminalKit

/// Runs the program: parses the arguments, runs a command, gives back the exit code.
public enum AdminCommandLine {
    /// Makes the process fit to hold secrets; to be called once, before anything else.
    public static func prepareProcess() {
        cg_share_heap()
        ProcessPreparation.prepare(Program.name, say: Output.say)
    }

    /// Runs with these arguments (without the program's own name) and returns the exit code; for the first thread.
    ///
    /// The console reads signals like keys, so they are blocked before there is a second thread that could get them.
    public static func run(arguments: [String]) -> Int32 {
        if let report = Program.report.answer(to: arguments) { return Output.answer(report) }
        var arguments = arguments
        let command: any ParsableCommand
        do {
            command = try parsed(&arguments)
        } catch  where error is CommandFailure || error is SettingsError {
            return report(error)
        } catch {
            return UsageReport(error, arguments: arguments).write()
        }
        if opensConsole(command) { NcursesTerminal.blockSignals() }
        return MainThread.shared.serve { await execute(command, arguments: arguments) }
    }

    /// Parses; where sshd forces us, what comes of that once more.
    private static func parsed(_ arguments: inout [String]) throws -> any ParsableCommand {
        if let command = parsedAlone(arguments) { return command }
        let command = try ConvonetAdminCommand.parseAsRoot(arguments)
        guard let forced = command as? ForcedCommand else { return command }
        arguments = try forced.begin()
        return try ConvonetAdminCommand.parseAsRoot(arguments)
    }

    /// What most people type most often, nothing at all or a daily command by its name, is parsed by that command: the parser's tree
    /// of all of them, with their texts, takes half a millisecond. So does looking for a request of a completion script, which a
    /// command with a `_superCommandName` is spared. What it does not take as it is, a call for help or a mistake, is the whole's to
    /// answer.
    private static func parsedAlone(_ arguments: [String]) -> (any ParsableCommand)? {
        let daily: [any ParsableCommand.Type] = [
            ListCommand.self, SearchCommand.self, ShowCommand.self, ResetPasswordCommand.self, ResetPINCommand.self,
        ]
        let command =
            arguments.first.map { name in daily.first { $0.configuration.commandName == name } } ?? ConsoleCommand.self
        guard let command, let parsed = try? command.parseAsRoot(Array(arguments.dropFirst())),
            type(of: parsed) == command
        else { return nil }
        return parsed
    }

    /// Parses and runs one command; a demo runs another inside.
    static func execute(arguments: [String]) async -> Int32 {
        do {
            return await execute(try ConvonetAdminCommand.parseAsRoot(arguments), arguments: arguments)
        } catch {
            return UsageReport(error, arguments: arguments).write()
        }
    }

    private static func execute(_ command: any ParsableCommand, arguments: [String]) async -> Int32 {
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                var command = command
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch  where ExitStatus(error) == .defect && !(error is CommandFailure) && UsageReport.isParsers(error) {
            return UsageReport(error, arguments: arguments).write()
        } catch {
            return report(error)
        }
    }

    /// Whether a command ends in the console.
    static func opensConsole(_ command: any ParsableCommand) -> Bool {
        switch command {
        case is ConsoleCommand: true
        case let demo as DemoCommand:
            demo.command.isEmpty || demo.command.first == "console" || demo.command.first?.hasPrefix("-") == true
        default: false
        }
    }

    /// The one place where an error of a command becomes text and an exit code.
    private static func report(_ error: any Error) -> Int32 {
        let status = ExitStatus(error)
        let text = ErrorText.text(of: error)
        if !text.isEmpty { Output.say("\(Program.name): \(text)") }
        return status.rawValue
    }
}

/// The words for an error of a command.
enum ErrorText {
    static func text(of error: any Error) -> String {
        switch error {
        case let failure as CommandFailure: failure.description
        case let error as AdminError: Output.indented(ErrorHint.text(of: error))
        case let error as SettingsError: Output.indented(error.description)
        // Of what nobody foresaw only the kind is said: the rest could hold anything.
        default:
            "This is a bug (\(type(of: error))). Please report it, with what you did and what "
                + "“\(Program.name) --version --verbose” says."
        }
    }
}
