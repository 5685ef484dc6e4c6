internal import ArgumentParser
import ProgramStart

/// What the parser says: help, the version, a completion script, or what is wrong with the arguments.
///
/// Arguments that nothing takes are not repeated, since somebody might have put a password there.
struct UsageReport {
    /// Commands whose options too are not repeated.
    private static let secretCommands: Set<String> = ["reset-password", "reset-pin", "hash"]

    /// What the parser says of its own definitions alone, without a word of what was typed.
    private static let ownWords = ["Missing expected argument", "Missing value for"]

    private let message: String
    private let isHelp: Bool
    private let command: String?

    init(_ error: any Error, arguments: [String]) {
        isHelp = ConvonetAdminCommand.exitCode(for: error).isSuccess
        message = ConvonetAdminCommand.fullMessage(for: error)
        let names = ConvonetAdminCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        command = arguments.first(where: names.contains)
    }

    /// Whether an error of a running command comes from the parser, as that of `help` does: others it gives EXIT_FAILURE.
    static func isParsers(_ error: any Error) -> Bool {
        ConvonetAdminCommand.exitCode(for: error) != .failure
    }

    /// Help to standard output, a complaint to standard error; returns the exit code.
    func write() -> Int32 {
        guard isHelp else {
            Output.say(complaint)
            return ExitStatus.usage.rawValue
        }
        do {
            try Output.data(message)
            return ExitStatus.done.rawValue
        } catch {
            return error.status.rawValue
        }
    }

    private var complaint: String {
        let said = message.hasPrefix("Error: ") ? message.dropFirst("Error: ".count) : message[...]
        let line = said.prefix { $0 != "\n" }
        let help = "See “\([Program.name, command, "--help"].compactMap { $0 }.joined(separator: " "))”."
        if isRepeatable(line) { return "\(Program.name): \(line)\n\(help)" }
        let what =
            command == nil
            ? "Unknown command or argument (not shown here)."
            : "Unknown or misplaced arguments (not shown here)."
        return "\(Program.name): \(what) \(SecretArguments.warning)\n\(help)"
    }

    private func isRepeatable(_ line: Substring) -> Bool {
        if Self.ownWords.contains(where: line.hasPrefix) { return true }
        guard let command, !Self.secretCommands.contains(command) else { return false }
        return !line.contains("nexpected argument")
    }
}

/// Arguments that somebody takes for the place of a password.
enum SecretArguments {
    static let warning =
        "Never give a password as an argument: use the prompt or --stdin, and do not use that password any more."

    /// Throws where there are arguments that nothing takes.
    static func refuse(_ extra: [String]) throws(CommandFailure) {
        guard extra.isEmpty else { throw CommandFailure(.usage, warning) }
    }
}
