internal import Glibc
import OperatingSystem
internal import TOMLKit

/// The settings file of both programs: found, read, and held against the list of keys that there are.
public struct SettingsDocument {
    /// Its path, for the words of an error.
    public let path: String
    private let lines: SettingsLines
    let root: TOMLTable
    /// The tables of the file that it stands in; none for the file itself.
    private let scope: [String]
    /// Whether others than root and this process's user can change the file.
    let isOpenToChanges: Bool

    /// Every key that there is, by table.
    public static let keys: [String: [String]] = [
        "database": ["url", "host", "port", "name", "user", "password", "password_command", "allow_unencrypted"],
        "schema": ["users_table", "role_prefix"],
        "environment": ["name", "colour"],
        "appearance": ["color", "theme", "lines"],
        "dictation": ["alphabet", "passwords"],
        "console": [
            "cover_after_minutes", "end_after_minutes", "allow_suspend", "bell", "mouse", "window_title",
            "linear",
        ],
        "passwords": ["breached_passwords"],
        "programs": ["ssh_keygen"],
        "ssh": ["commands"],
        "self_service": [
            "listen", "port", "prefix", "public_url", "allowed_origins", "trusted_proxies", "tls_certificate",
            "tls_key",
            "sendmail", "send_code", "mail_from", "mail_templates", "service_name", "jwt_secret_key",
            "database_connections",
            "hashing_threads", "hashing_queue", "maximum_connections", "connections_per_address", "metrics_listen",
            "metrics_port",
        ],
    ]

    /// The file to read: `--config`, `$CONVONET_ADMIN_CONFIG`, then the user's own and the system's, where they exist.
    public static func path(explicit: String?, environment: [String: String]) throws(SettingsError) -> String? {
        if let named = explicit ?? environment["CONVONET_ADMIN_CONFIG"], !named.isEmpty {
            do { try ReadableFile.check(named, of: .settings) } catch {
                throw .unreadable(path: named, reason: error.description)
            }
            return named
        }
        // An empty or a relative one counts as none, by the XDG base directory specification.
        let home =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.config" }
        let candidates = [home.map { $0 + "/convonet-admin/config.toml" }, "/etc/convonet-admin/config.toml"]
        return candidates.compactMap { $0 }.first { access($0, F_OK) == 0 }
    }

    /// Reads a file.
    public init(reading path: String) throws(SettingsError) {
        let text: [UInt8]
        let isOpen: Bool
        do {
            let file = try ReadableFile(path, of: .settings)
            (text, isOpen) = (try file.contents(limit: Self.largest), file.isOpenToChanges)
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
        try self.init(parsing: String(decoding: text, as: UTF8.self), path: path, isOpenToChanges: isOpen)
    }

    /// Reads the text of a file.
    public init(parsing text: String, path: String, isOpenToChanges: Bool = false) throws(SettingsError) {
        self.isOpenToChanges = isOpenToChanges
        lines = SettingsLines(text)
        if let line = lines.namelessHeader {
            throw .malformed(
                path: path, line: line, reason: "no name follows the “[”: a section is one line, such as [database]")
        }
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw .malformed(
                path: path, line: error.source.begin.line, reason: "not valid TOML: \(error.description)")
        } catch {
            throw .malformed(path: path, line: nil, reason: "not valid TOML")
        }
        self.path = path
        scope = []
        try check()
        for name in environmentNames { try environment(name).check() }
    }

    /// What stands in tables of another one.
    init(_ table: TOMLTable, at scope: [String], of whole: SettingsDocument) {
        (path, lines, isOpenToChanges) = (whole.path, whole.lines, whole.isOpenToChanges)
        (root, self.scope) = (table, scope)
    }

    private func check() throws(SettingsError) {
        for name in root.keys.sorted() {
            if try hasOwnForm(name) { continue }
            guard let known = Self.keys[name], scope.isEmpty || Self.environmentTables.contains(name) else {
                throw unknown(name, in: nil)
            }
            guard let table = root[name]?.table else {
                throw .malformed(
                    path: path, line: line(of: name, in: nil),
                    reason: "“\(name)” is a section: write [\(path(of: name))]")
            }
            for key in table.keys.sorted() where !known.contains(key) { throw unknown(key, in: name) }
        }
    }

    /// Whether a key of this level is no table of settings, and is as it must be.
    private func hasOwnForm(_ name: String) throws(SettingsError) -> Bool {
        guard scope.isEmpty else { return name == "colour" }
        // A text names one of the environments; a table says what the file's own database is called.
        if name == "environment" { return root[name]?.string != nil }
        guard name == "environments" else { return false }
        guard let table = root[name]?.table else {
            throw wrong(name, in: nil, "must be sections: write [environments.NAME]")
        }
        for key in table.keys.sorted() where table[key]?.table == nil {
            throw .malformed(
                path: path, line: lines.number(of: [name, key]),
                reason: "“\(key)” is no section of a database: write [environments.\(key)]")
        }
        return true
    }

    /// Many times what every setting there is takes.
    private static let largest = 1 << 20

    /// A whole file that the settings name, such as a certificate.
    public static func bytes(of path: String) throws(SettingsError) -> [UInt8] {
        do { return try ReadableFile.contents(of: path, limit: largest) } catch {
            throw .fileUnusable(path: path, reason: error.description)
        }
    }

    /// The text of a file that may stand beside the settings, such as a template of mail; nil where there is none.
    public static func text(of path: String) throws(SettingsError) -> String? {
        do { return String(decoding: try ReadableFile.contents(of: path, limit: largest), as: UTF8.self) } catch {
            if error == .system(ENOENT) { return nil }
            throw .fileUnusable(path: path, reason: error.description)
        }
    }

    /// What is set; a key that stands in no table is one of this level.
    private func value(_ key: String, in table: String?) -> (any TOMLValueConvertible)? {
        guard let table else { return root[key] }
        return root[table]?.table?[key]
    }

    /// A text, or nil where it is not set.
    public func text(_ key: String, in table: String?) throws(SettingsError) -> String? {
        guard let value = value(key, in: table) else { return nil }
        guard let text = value.string else { throw wrong(key, in: table, "must be text in quotes") }
        return text
    }

    /// A list of texts, or nil where it is not set.
    public func texts(_ key: String, in table: String?) throws(SettingsError) -> [String]? {
        guard let value = value(key, in: table) else { return nil }
        let entries = value.array.map { list in list.map(\.string) } ?? [nil]
        let texts = entries.compactMap { $0 }
        guard texts.count == entries.count else {
            throw wrong(key, in: table, "must be a list of texts: [\"…\", \"…\"]")
        }
        return texts
    }

    /// true or false, or nil where it is not set.
    public func bool(_ key: String, in table: String?) throws(SettingsError) -> Bool? {
        guard let value = value(key, in: table) else { return nil }
        guard let flag = value.bool else { throw wrong(key, in: table, "must be true or false, without quotes") }
        return flag
    }

    /// A whole number in a range, or nil where it is not set; `what` says what it is.
    public func integer(
        _ key: String, in table: String?, _ range: ClosedRange<Int>, _ what: String
    ) throws(SettingsError) -> Int? {
        guard let value = value(key, in: table) else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw wrong(key, in: table, "must be \(what), without quotes")
        }
        return number
    }

    /// One of the cases of an enumeration, or nil where it is not set.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, in table: String?
    ) throws(SettingsError) -> Choice? {
        guard let name = try text(key, in: table) else { return nil }
        guard let choice = Choice(rawValue: name) else {
            throw wrong(
                key, in: table, "must be one of " + Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            )
        }
        return choice
    }

    /// The error for a key whose value will not do; `what` goes on from the key's name.
    public func wrong(_ key: String, in table: String?, _ what: String) -> SettingsError {
        .malformed(path: path, line: line(of: key, in: table), reason: "\(key) \(what)")
    }

    private func unknown(_ key: String, in table: String?) -> SettingsError {
        let names = scope + [table, key].compactMap { $0 }
        return .unknownKey(path: path, line: lines.number(of: names), key: names.joined(separator: "."))
    }

    /// A table's name as the file spells it.
    func path(of table: String) -> String { (scope + [table]).joined(separator: ".") }

    /// The line on which a key stands; TOMLKit knows places only for text that it cannot parse.
    public func line(of key: String?, in table: String?) -> Int? {
        lines.number(of: scope + [table, key].compactMap { $0 })
    }
}
