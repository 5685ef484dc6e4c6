import ConvonetCore
import ConvonetDatabase
import Credentials
import PostgresClient
import ProgramStart
import SSHAccess
import TerminalKit

/// Everything that can be set for one run, after flags, environment and file were put together.
struct Settings: Equatable, Sendable {
    /// The database that is used, and what belongs to it.
    var database = DatabaseSettings()
    /// All that can be gone over to by name, that one among them.
    var databases: [DatabaseSettings] = []
    /// The variable that names the database, so that no other can be gone over to; nil where none does.
    var variable: String?
    /// Whether colour is used where the terminal has it.
    var usesColor = true
    /// How styles are told apart.
    var theme = Theme.dark
    /// What lines are drawn with.
    var lines = LineSet.unicode
    /// The words by which a new secret is read out.
    var alphabet = SpellingAlphabet.icao
    /// What passwords that are made up look like.
    var passwordForm = PasswordForm.letters
    /// The file of leaked passwords; nil where there is none.
    var breachedPasswords: String?
    /// The same two, as a session takes them.
    var passwords: PasswordSettings {
        PasswordSettings(form: passwordForm, breached: BreachedPasswords(path: breachedPasswords))
    }
    /// What the console does when nobody presses a key.
    var idleTime = IdleTime()
    /// Whether the bell rings for what waits for a second person.
    var ringsBell = false
    /// Whether the mouse selects and scrolls.
    var takesPointer = false
    /// Whether the console is told line by line.
    var isLinear = false
    /// Whether the terminal's window gets a title.
    var setsTitle = true
    /// Whether Ctrl-Z may suspend the console.
    var allowsSuspend = true
    /// The program that checks signatures.
    var sshKeygen = "ssh-keygen"
    /// The commands that run over SSH where sshd forces `forced-command`.
    var sshCommands: [String] = []

    init() {}

    /// Puts file and environment together; `explicitFile` is what `--config` names, `named` what `--environment` does.
    static func load(explicitFile: String?, named: String? = nil, environment: [String: String]) throws(SettingsError)
        -> Settings
    {
        let path = try SettingsDocument.path(explicit: explicitFile, environment: environment)
        let file = try path.map { path throws(SettingsError) in try SettingsDocument(reading: path) }
        return try Settings(file, named: named, environment: environment)
    }

    /// What a file sets, with what the environment says instead.
    init(_ file: SettingsDocument?, named: String? = nil, environment: [String: String]) throws(SettingsError) {
        if let file {
            apply(try SettingsFile(file))
            for (_, choice) in try file.choices() { databases.append(try DatabaseSettings(file, choice)) }
            for place in databases.indices { databases[place].isNamed = !file.environmentNames.isEmpty }
        }
        let choice = try DatabaseChoice.of(file, option: named, environment: environment)
        if let file { database = try DatabaseSettings(file, choice) }
        switch choice {
        case .variable(let name):
            // The name that the file has for its own database is not that of another.
            let isOther = try file.map { file throws(SettingsError) in
                try file.namesDatabase() || !file.environmentNames.isEmpty
            }
            if isOther == true { database.label = EnvironmentLabel(String(name.prefix { $0 != " " })) }
            database.connectionString = DatabaseAddress.fromEnvironment(environment) ?? ""
            variable = name
        case .top, .environment: database.isNamed = file?.environmentNames.isEmpty == false
        }
        if let value = environment["NO_COLOR"], !value.isEmpty { usesColor = false }
    }

    /// The names of the databases, to complete a command that names its settings file or not.
    static func names(for words: [String]) -> [String] {
        let flag = words.firstIndex(of: "--config").map { words[($0 + 1)...].first } ?? nil
        let environment = ProcessEnvironment.current()
        guard let path = try? SettingsDocument.path(explicit: flag, environment: environment),
            let choices = try? SettingsDocument(reading: path).choices()
        else { return [] }
        return choices.map(\.name)
    }

    /// The same for another of the databases.
    func entering(_ name: String) throws(SettingsError) -> Settings {
        guard let other = databases.first(where: { $0.label?.name == name }) else {
            throw .unknownEnvironment(name, known: databases.compactMap(\.label?.name))
        }
        var settings = self
        settings.database = other
        return settings
    }

    /// Takes over what the file sets.
    mutating func apply(_ file: SettingsFile) {
        usesColor = file.color != "never"
        theme = file.theme ?? theme
        lines = file.lines ?? lines
        alphabet = file.alphabet ?? alphabet
        passwordForm = file.passwordForm ?? passwordForm
        breachedPasswords = file.breachedPasswords
        idleTime = file.idleTime
        allowsSuspend = file.allowSuspend ?? allowsSuspend
        ringsBell = file.bell ?? ringsBell
        takesPointer = file.mouse ?? takesPointer
        isLinear = file.linear ?? isLinear
        setsTitle = file.windowTitle ?? setsTitle
        sshKeygen = file.sshKeygen ?? sshKeygen
        sshCommands = file.sshCommands ?? sshCommands
    }

    /// Throws where the database was chosen by its name, and a variable of libpq would lead to another one; or where the command
    /// for its password cannot be used.
    func checkPlace(environment: [String: String]) throws(SettingsError) {
        try database.passwordCommand?.check(environment, mayStartPrograms: !Confinement.isInForce)
        guard database.isNamed, let name = database.label?.name else { return }
        try DatabaseChoice.check(database.connectionString, of: name, environment)
    }

    /// Connections with these settings; none is made yet.
    func pool(environment: [String: String]) throws -> PostgresPool {
        try checkPlace(environment: environment)
        do {
            return PostgresPool(
                try ConnectionParameters(
                    database.connectionString, applicationName: Program.identity,
                    allowUnencrypted: database.allowsUnencrypted, environment: environment
                ).withPassword(from: database.passwordCommand), kept: 1)
        } catch let error as PostgresError {
            throw AdminError.database(error)
        }
    }
}
