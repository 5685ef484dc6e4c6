import ConvonetCore
import ConvonetDatabase
import ProgramStart
import TerminalKit

/// What belongs to a database: what the settings say of the one that is used.
struct DatabaseSettings: Equatable, Sendable {
    /// What it is called, such as production, and its colour.
    var label: EnvironmentLabel?
    /// How to reach it: a URL, a list of key=value, or empty for libpq's own defaults.
    var connectionString = ""
    /// The command that says the password; nil where none does.
    var passwordCommand: PasswordCommand?
    /// Whether a connection over a network may be unencrypted.
    var allowsUnencrypted = false
    /// The application's table of people; only `migrate` needs it.
    var usersTable = QualifiedName.usersConvonet
    /// The prefix of the roles' names; only `migrate` needs it.
    var rolePrefix = RoleNames.standardPrefix
    /// Whether it was chosen by its name, so that nothing but the settings may say where it is.
    var isNamed = false
}

extension DatabaseSettings {
    /// What the file says of one of its databases; the rest is as `common` has it.
    init(_ file: SettingsDocument, _ choice: DatabaseChoice) throws(SettingsError) {
        try takeTables(of: file)
        connectionString = try file.databaseAddress() ?? ""
        passwordCommand = try file.passwordCommand(of: choice)
        if try file.choices().contains(where: { $0.choice == .top }) || file.environmentNames.isEmpty {
            label = try file.label(try file.text("name", in: "environment"), colourIn: "environment")
        }
        guard case .environment(let name) = choice else { return }
        let own = file.environment(name)
        try takeTables(of: own)
        connectionString = try file.databaseAddress(of: name)
        label = try own.label(name, colourIn: nil)
    }

    private mutating func takeTables(of file: SettingsDocument) throws(SettingsError) {
        allowsUnencrypted = try file.bool("allow_unencrypted", in: "database") ?? allowsUnencrypted
        if let name = try file.text("users_table", in: "schema") {
            do { usersTable = try QualifiedName(parsing: name) } catch {
                throw file.wrong(
                    "users_table", in: "schema", "must be the name of a table, such as \"public.users_convonet\"")
            }
        }
        guard let prefix = try file.text("role_prefix", in: "schema") else { return }
        guard (try? RoleNames(prefix: prefix)) != nil else {
            throw file.wrong(
                "role_prefix", in: "schema", "must be at most 40 lower-case letters, digits and underscores")
        }
        rolePrefix = prefix
    }
}

extension SettingsDocument {
    /// A database's name with its colour; nil where it has no name.
    fileprivate func label(_ name: String?, colourIn table: String?) throws(SettingsError) -> EnvironmentLabel? {
        let colour: EnvironmentColour? = try choice("colour", in: table)
        guard let name else { return nil }
        if let fault = EnvironmentLabel.fault(of: name) {
            throw .malformed(
                path: path, line: line(of: table.map { _ in "name" }, in: table),
                reason: "the environment’s name “\(name)” \(fault)")
        }
        return EnvironmentLabel(name, colour)
    }
}
