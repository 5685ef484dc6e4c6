import ConvonetCore
import ConvonetDatabase
import Credentials
import PostgresClient
import ProgramStart
import TerminalKit

/// Everything that can be set for one run, after flags, environment and file were put together.
struct Settings: Equatable, Sendable {
    /// How to reach the database: a URL, a list of key=value, or empty for libpq's own defaults.
    var connectionString = ""
    /// Whether a connection over a network may be unencrypted.
    var allowsUnencrypted = false
    /// The application's table of people; only `migrate` needs it.
    var usersTable = QualifiedName.usersConvonet
    /// The prefix of the roles' names; only `migrate` needs it.
    var rolePrefix = RoleNames.standardPrefix
    /// What the environment is called, such as production; shown in the console's header.
    var environmentName: String?
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

    /// Puts file and environment together; `explicitFile` is what `--config` names. Throws `SettingsError`.
    static func load(explicitFile: String?, environment: [String: String]) throws -> Settings {
        var settings = Settings()
        var file: SettingsFile?
        if let path = try SettingsDocument.path(explicit: explicitFile, environment: environment) {
            file = try SettingsFile.read(path)
        }
        if let file { settings.apply(file) }
        if let address = DatabaseAddress.fromEnvironment(environment) { settings.connectionString = address }
        if let value = environment["NO_COLOR"], !value.isEmpty { settings.usesColor = false }
        return settings
    }

    /// Takes over what the file sets.
    mutating func apply(_ file: SettingsFile) {
        connectionString = file.connectionString ?? connectionString
        allowsUnencrypted = file.allowUnencrypted ?? allowsUnencrypted
        usersTable = file.usersTable ?? usersTable
        rolePrefix = file.rolePrefix ?? rolePrefix
        environmentName = file.environmentName ?? environmentName
        usesColor = file.color != "never"
        theme = file.theme ?? theme
        lines = file.lines ?? lines
        alphabet = file.alphabet ?? alphabet
        passwordForm = file.passwordForm ?? passwordForm
        idleTime = file.idleTime
        allowsSuspend = file.allowSuspend ?? allowsSuspend
        ringsBell = file.bell ?? ringsBell
        takesPointer = file.mouse ?? takesPointer
        isLinear = file.linear ?? isLinear
        setsTitle = file.windowTitle ?? setsTitle
        sshKeygen = file.sshKeygen ?? sshKeygen
    }

    /// Connections with these settings; none is made yet.
    func pool(environment: [String: String]) throws -> PostgresPool {
        do {
            return PostgresPool(
                try ConnectionParameters(
                    connectionString, applicationName: Program.identity, allowUnencrypted: allowsUnencrypted,
                    environment: environment), kept: 1)
        } catch let error as PostgresError {
            throw AdminError.database(error)
        }
    }
}
