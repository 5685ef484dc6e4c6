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
    /// The command that the first argument, which is none, is most like.
    private let likeliest: String?

    init(_ error: any Error, arguments: [String]) {
        isHelp = ConvonetAdminCommand.exitCode(for: error).isSuccess
        message = ConvonetAdminCommand.fullMessage(for: error)
        let names = ConvonetAdminCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        command = arguments.first(where: names.contains)
        likeliest = command == nil ? arguments.first.flatMap { Self.likeliest($0, of: names) } : nil
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
        return Output.answer(message)
    }

    private var complaint: String {
        let said = message.hasPrefix("Error: ") ? message.dropFirst("Error: ".count) : message[...]
        let line = said.prefix { $0 != "\n" }
        let help = "See “\([Program.name, command, "--help"].compactMap { $0 }.joined(separator: " "))”."
        if isRepeatable(line) { return "\(Program.name): \(line)\n\(help)" }
        if let likeliest {
            let warning = Self.secretCommands.contains(likeliest) ? " " + SecretArguments.warning : ""
            return "\(Program.name): Unknown command. Did you mean “\(likeliest)”?\(warning)\n\(help)"
        }
        let what =
            command == nil
            ? "Unknown command or argument (not shown here)."
            : "Unknown or misplaced arguments (not shown here)."
        return "\(Program.name): \(what) \(SecretArguments.warning)\n\(help)"
    }

    /// The name that is no more than two letters or hyphens away; nil where none is.
    static func likeliest(_ word: String, of names: [String]) -> String? {
        let distances = names.map { (name: $0, letters: distance(Array(word), Array($0))) }
        guard let best = distances.min(by: { $0.letters < $1.letters }), best.letters <= min(2, best.name.count / 2)
        else { return nil }
        return best.name
    }

    /// Levenshtein's distance: how many letters have to be added, left out or replaced.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, letterOfOther) in other.enumerated() {
                let above = row[column + 1]
                row[column + 1] = letter == letterOfOther ? diagonal : 1 + min(diagonal, above, row[column])
                diagonal = above
            }
        }
        return row[other.count]
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
