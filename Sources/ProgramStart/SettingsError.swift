/// What is wrong with the settings, with the line where that is known.
public enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// A file that the settings name cannot be used.
    case fileUnusable(path: String, reason: String)
    /// What is set there cannot be taken.
    case malformed(path: String, line: Int?, reason: String)
    /// There is no such setting.
    case unknownKey(path: String, line: Int?, key: String)
    /// There is no environment of this name.
    case unknownEnvironment(String, known: [String])
    /// Of several databases none was named.
    case noneNamed(known: [String])
    /// One variable names a database, and another an environment.
    case namedTwice(variable: String)
    /// The environment leaves open what a variable would decide.
    case leftOpen(environment: String, key: String, variable: String)
    /// PGPASSWORD and a command both say a password.
    case passwordTwice(setting: String)
    /// There is a command to run where no other program may be started.
    case commandForbidden(setting: String)
    /// Two environments are one database.
    case sameDatabase(path: String, line: Int?, String, String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "The settings file \(path) cannot be read: \(reason). Fix it, or use another with --config."
        case .fileUnusable(let path, let reason):
            "The settings name \(path), which cannot be used: \(reason)."
        case .malformed(let path, let line, let reason):
            "The settings file \(path)\(Self.place(line)): \(reason)."
        case .unknownKey(let path, let line, let key):
            "The settings file \(path)\(Self.place(line)): unknown setting “\(key)”. "
                + "config.example.toml lists all settings."
        case .unknownEnvironment(let name, let known):
            known.isEmpty
                ? "There is no environment “\(name)”: the settings file names none. config.example.toml shows how."
                : "There is no environment “\(name)”. The settings file names \(Self.list(known))."
        case .noneNamed(let known):
            "The settings file names several databases: \(Self.list(known)). Choose one with --environment, or say "
                + "environment = \"…\" in its first line."
        case .namedTwice(let variable):
            "Both \(variable) and \(DatabaseChoice.variableName) name a database. Unset one of them, or use --environment."
        case .leftOpen(let environment, let key, let variable):
            "The environment “\(environment)” does not say its \(key), and \(variable) would decide it. Unset \(variable), or set "
                + "the \(key) in the settings file."
        case .passwordTwice(let setting):
            "Both PGPASSWORD and \(setting) say the password. Unset PGPASSWORD, or remove password_command."
        case .commandForbidden(let setting):
            "\(setting.prefix(1).uppercased() + setting.dropFirst()) cannot be run where sshd forces this program, which starts no "
                + "other there. Let this user sign in by peer, with a client certificate or with Kerberos, or put a password "
                + "that lasts into ~/.pgpass; see docs/SIGN-IN.md."
        case .sameDatabase(let path, let line, let one, let other):
            "The settings file \(path)\(Self.place(line)): “\(one)” and “\(other)” are the same database. Correct one, or "
                + "remove it."
        }
    }

    /// Names in a sentence.
    static func list(_ names: [String], or nothing: String = "none") -> String {
        names.isEmpty ? nothing : names.map { "“\($0)”" }.joined(separator: ", ")
    }

    private static func place(_ line: Int?) -> String { line.map { ", line \($0)" } ?? "" }
}
