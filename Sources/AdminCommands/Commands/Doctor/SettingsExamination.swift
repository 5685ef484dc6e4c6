import ConvonetCore
import Glibc
import ProgramStart
import SchemaMaintenance
internal import TerminalKit

/// Looks at the settings file, as `doctor` does.
struct SettingsExamination {
    var explicitFile: String?
    /// What `--environment` names.
    var named: String?
    var environment: [String: String]

    func finding() -> Finding {
        let path: String?
        let settings: Settings
        let addresses: [String]
        do {
            path = try SettingsDocument.path(explicit: explicitFile, environment: environment)
            settings = try Settings.load(explicitFile: explicitFile, named: named, environment: environment)
            try settings.checkPlace(environment: environment)
            addresses = try path.map { path throws(SettingsError) in try Self.addresses(in: path) } ?? []
        } catch {
            return Finding("settings", .problem, error.description, mend: "config.example.toml shows every setting.")
        }
        guard let path else {
            return Finding(
                "settings",
                "No settings file. The database address comes from \(settings.variable ?? "libpq's defaults").")
        }
        guard let mode = Self.mode(of: path) else {
            return Finding("settings", .problem, "\(path) cannot be examined.", mend: "Use another with --config.")
        }
        if mode & 0o022 != 0 {
            return Finding(
                "settings", .problem, "Others can change \(path), and send you to another database.",
                mend: "chmod go-w \(path)")
        }
        if mode & 0o044 != 0, addresses.contains(where: Self.mayHoldPassword) {
            return Finding(
                "settings", .warning, "\(path) holds a password, and others can read it.", mend: "chmod 600 \(path)")
        }
        let isOpen = settings.database.connectionString.isEmpty
        let address = settings.variable ?? (isOpen ? "libpq's defaults" : "this file")
        return Finding(
            "settings",
            "Read \(path). The database address comes from \(address).\(passwordWords(settings))\(environmentWords(settings))"
        )
    }

    private func passwordWords(_ settings: Settings) -> String {
        settings.database.passwordCommand.map { " Each connection asks \($0.program) for the password." } ?? ""
    }

    /// Which of the databases it is, and which others there are.
    private func environmentWords(_ settings: Settings) -> String {
        let others = settings.databases.compactMap(\.label).filter { $0 != settings.database.label }
        let own = settings.database.label.map { " The environment is \($0.text(inColours: false))" }
        let rest = others.isEmpty ? "" : "; others: " + others.map { $0.text(inColours: false) }.joined(separator: ", ")
        return own.map { $0 + rest + "." } ?? ""
    }

    /// Every address that stands in the file.
    private static func addresses(in path: String) throws(SettingsError) -> [String] {
        let file = try SettingsDocument(reading: path)
        var addresses = [try file.databaseAddress()].compactMap { $0 }
        for name in file.environmentNames { addresses.append(try file.databaseAddress(of: name)) }
        return addresses
    }

    /// A URL with `user:password@`, or a list with `password=`.
    private static func mayHoldPassword(_ address: String) -> Bool {
        if address.contains("password") { return true }
        guard let start = address.firstRange(of: "://")?.upperBound, let at = address[start...].firstIndex(of: "@")
        else {
            return false
        }
        return address[start..<at].contains(":")
    }

    private static func mode(of path: String) -> mode_t? {
        var state = stat()
        return stat(path, &state) == 0 ? state.st_mode : nil
    }
}
