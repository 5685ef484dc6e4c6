internal import ArgumentParser
import OperatingSystem
import ProgramStart
import SSHAccess

struct ForcedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forced-command",
        abstract: "Be all that somebody can do over SSH: for sshd.",
        discussion: """
            For “command=” in authorized_keys, or ForceCommand in sshd_config. It opens the console. What a client asks for \
            instead (SSH_ORIGINAL_COMMAND) is run, without a shell, if it is one of “commands” under [ssh] in the settings \
            file. No other program can be started and no file be named from within, the settings come from \(system) or \
            --config alone, and no variable of the environment names a database. docs/SSH.md has examples.

            Example: command="\(Program.name) forced-command",restrict,pty ssh-ed25519 AAAA…
            """)

    /// Where settings are whatever the user's home holds.
    private static let system = "/etc/convonet-admin/config.toml"

    @Flag(name: .customLong("read-only"), help: "Do not allow changes in the console.") var readOnly = false
    @Flag(help: "Tell everything in the console line by line.") var linear = false
    @Option(name: .long, help: ArgumentHelp("Settings file to use.", valueName: "file")) var config = Self.system
    @Option(name: .long, help: ArgumentHelp("Database of the settings file to use, by its name.", valueName: "name"))
    var environment: String?

    /// Gives up what nobody may use from within, and returns the arguments to go on with.
    func begin() throws -> [String] {
        let variables = ProcessEnvironment.current()
        // Of the system's administrator, as is every file that it names.
        let file = try SettingsFile(SettingsDocument(reading: config))
        let columns = ColumnFile(environment: ["HOME": variables["HOME"] ?? ""]).path
        let kept = [config, file.breachedPasswords, variables["SSH_USER_AUTH"], columns]
        do {
            try Confinement.begin(files: kept.compactMap(\.self))
        } catch {
            throw CommandFailure(
                .systemShortage,
                "This system does not let a program give up starting others (\(error)). Without "
                    + "“forced-command”, sshd can still force the console; see docs/SSH.md.")
        }
        ProcessEnvironment.set("CONVONET_ADMIN_CONFIG", config)
        if let environment { ProcessEnvironment.set(DatabaseChoice.variableName, environment) }
        let allowed = file.sshCommands ?? []
        let words = try Self.words(variables["SSH_ORIGINAL_COMMAND"] ?? "")
        let consoles = (readOnly ? ["--read-only"] : []) + (linear ? ["--linear"] : [])
        guard let first = words.first else { return ["console"] + consoles }
        try Self.check(words, allowed)
        return first == "console" ? words + consoles : words
    }

    /// The words of what a client asks for; they may begin with our name.
    private static func words(_ text: String) throws(CommandFailure) -> [String] {
        do {
            let words = try CommandWords.split(text)
            return words.first == Program.name ? Array(words.dropFirst()) : words
        } catch {
            throw CommandFailure(.usage, "The command that came over SSH cannot be read. \(error).")
        }
    }

    /// Throws where the site does not allow it. Words are repeated only as far as they name a command of ours.
    private static func check(_ words: [String], _ allowed: [String]) throws(CommandFailure) {
        guard !allowed.contains(where: { words.starts(with: $0.split(separator: " ").map(String.init)) }) else {
            return
        }
        let name = CommandNames.longest(in: words).map { "“\($0)”" } ?? "This"
        let rest =
            allowed.isEmpty
            ? "no command is" : "these are: " + allowed.map { "“\($0)”" }.joined(separator: ", ")
        throw CommandFailure(
            .notPermitted,
            "\(name) is not among the commands that can be run over SSH here; \(rest). Connect with “ssh -t” and no command "
                + "for the console, or ask whoever keeps the settings file of this machine (“commands” under [ssh]).")
    }
}

/// The names of the commands, those of several words too.
enum CommandNames {
    /// All that the settings can allow over SSH: what starts programs is not among them.
    static let all: [String] = ConvonetAdminCommand.configuration.subcommands.flatMap { command -> [String] in
        guard let name = command.configuration.commandName, command != DemoCommand.self, command != ForcedCommand.self
        else { return [] }
        return [name]
            + command.configuration.subcommands.compactMap { $0.configuration.commandName }.map { "\(name) \($0)" }
    }

    /// The longest name that words begin with; nil where they begin with none.
    static func longest(in words: [String]) -> String? {
        let others = [DemoCommand.configuration.commandName, ForcedCommand.configuration.commandName].compactMap(\.self)
        let known = Set(all + others)
        return [2, 1].lazy.map { words.prefix($0).joined(separator: " ") }.first(where: known.contains)
    }
}
