import ConvonetCore
import Glibc
import ProgramStart
import SchemaMaintenance

/// Looks at the settings file and at libpq's password file, as `doctor` does.
struct SettingsExamination {
    var explicitFile: String?
    var environment: [String: String]

    func findings() -> [Finding] { [settings()] + [passwordFile()].compactMap { $0 } }

    private func settings() -> Finding {
        let path: String?
        let file: SettingsFile?
        do {
            path = try SettingsDocument.path(explicit: explicitFile, environment: environment)
            file = try path.map { path throws(SettingsError) in try SettingsFile.read(path) }
        } catch {
            return Finding("settings", .problem, error.description, mend: "config.example.toml shows every setting.")
        }
        let source = Self.addressSource(environment)
        guard let path, let file else {
            return Finding(
                "settings",
                "No settings file. The database address comes from \(source ?? "libpq's defaults").")
        }
        guard let mode = Self.mode(of: path) else {
            return Finding("settings", .problem, "\(path) cannot be examined.", mend: "Use another with --config.")
        }
        if mode & 0o022 != 0 {
            return Finding(
                "settings", .problem, "Others can change \(path), and send you to another database.",
                mend: "chmod go-w \(path)")
        }
        if mode & 0o044 != 0, let address = file.connectionString, Self.mayHoldPassword(address) {
            return Finding(
                "settings", .warning, "\(path) holds a password, and others can read it.", mend: "chmod 600 \(path)")
        }
        let address = source ?? (file.connectionString == nil ? "libpq's defaults" : "this file")
        return Finding("settings", "Read \(path). The database address comes from \(address).")
    }

    /// libpq ignores its password file where others have a right on it (its manual, 34.16).
    private func passwordFile() -> Finding? {
        let named = environment["PGPASSFILE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? environment["HOME"].map({ $0 + "/.pgpass" }) else { return nil }
        guard let mode = Self.mode(of: path) else {
            return named == nil
                ? nil
                : Finding(
                    "pgpass", .warning, "PGPASSFILE names \(path), which does not exist.", mend: "Correct or unset it.")
        }
        guard mode & 0o077 != 0 else { return Finding("pgpass", "Only you can read \(path).") }
        return Finding(
            "pgpass", .warning, "Others can read \(path), so libpq ignores it.",
            mend: "chmod 600 \(path)")
    }

    /// The variables that name a database, where any is set; none is quoted, since it may hold a password.
    private static func addressSource(_ environment: [String: String]) -> String? {
        guard DatabaseAddress.fromEnvironment(environment) != nil else { return nil }
        for name in ["CONVONET_DB_URI", "DATABASE_URL", "DB_URI"] where environment[name]?.isEmpty == false {
            return name
        }
        return "DB_HOST and related variables"
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
