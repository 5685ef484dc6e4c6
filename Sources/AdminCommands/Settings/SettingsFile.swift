import ConvonetCore
import ConvonetDatabase
import Credentials
import ProgramStart
import TerminalKit

/// What the settings file says to the console and its commands.
struct SettingsFile: Equatable, Sendable {
    var connectionString: String?
    var allowUnencrypted: Bool?
    var usersTable: QualifiedName?
    var rolePrefix: String?
    var environmentName: String?
    var color: String?
    var theme: Theme?
    var lines: LineSet?
    var alphabet: SpellingAlphabet?
    var passwordForm: PasswordForm?
    var coverAfterMinutes: Int?
    var endAfterMinutes: Int?
    var allowSuspend: Bool?
    var bell: Bool?
    var mouse: Bool?
    var windowTitle: Bool?
    var linear: Bool?
    var sshKeygen: String?

    /// Reads a file.
    static func read(_ path: String) throws(SettingsError) -> SettingsFile {
        try SettingsFile(try SettingsDocument(reading: path))
    }

    init(_ document: SettingsDocument) throws(SettingsError) {
        allowUnencrypted = try document.bool("allow_unencrypted", in: "database")
        rolePrefix = try document.text("role_prefix", in: "schema")
        environmentName = try document.text("name", in: "environment")
        color = try document.text("color", in: "appearance")
        if let color, !["auto", "never"].contains(color) {
            throw document.wrong("color", in: "appearance", "must be \"auto\" or \"never\"")
        }
        if let name = try document.text("users_table", in: "schema") {
            do { usersTable = try QualifiedName(parsing: name) } catch {
                throw document.wrong(
                    "users_table", in: "schema", "must be the name of a table, such as \"public.users_convonet\"")
            }
        }
        if let prefix = rolePrefix, (try? RoleNames(prefix: prefix)) == nil {
            throw document.wrong(
                "role_prefix", in: "schema", "must be at most 40 lower-case letters, digits and underscores")
        }
        theme = try document.choice("theme", in: "appearance")
        lines = try document.choice("lines", in: "appearance")
        alphabet = try document.choice("alphabet", in: "dictation")
        passwordForm = try document.choice("passwords", in: "dictation")
        coverAfterMinutes = try document.integer(
            "cover_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        endAfterMinutes = try document.integer(
            "end_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        allowSuspend = try document.bool("allow_suspend", in: "console")
        bell = try document.bool("bell", in: "console")
        mouse = try document.bool("mouse", in: "console")
        windowTitle = try document.bool("window_title", in: "console")
        linear = try document.bool("linear", in: "console")
        sshKeygen = try document.text("ssh_keygen", in: "programs")
        if let sshKeygen, !sshKeygen.hasPrefix("/") {
            throw document.wrong("ssh_keygen", in: "programs", "must be a full path, such as \"/usr/bin/ssh-keygen\"")
        }
        connectionString = try document.databaseAddress()
    }
}

extension SettingsFile {
    /// The quiet times in seconds; 0 minutes is never.
    var idleTime: IdleTime {
        func seconds(_ minutes: Int) -> Int? { minutes == 0 ? nil : minutes * 60 }
        return IdleTime(coverAfter: seconds(coverAfterMinutes ?? 5), endAfter: seconds(endAfterMinutes ?? 0))
    }
}
