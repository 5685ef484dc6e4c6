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
        }
    }

    private static func place(_ line: Int?) -> String { line.map { ", line \($0)" } ?? "" }
}
