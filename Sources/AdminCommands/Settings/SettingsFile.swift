internal import AdminConsole
import ConvonetCore
import Glibc
internal import TOMLKit
import TerminalKit

/// The settings file, read and checked: an unknown key, a wrong type or an unreadable file is an error.
struct SettingsFile: Equatable, Sendable {
    var connectionString: String?
    var allowUnencrypted: Bool?
    var usersTable: QualifiedName?
    var rolePrefix: String?
    var environmentName: String?
    var color: String?
    var theme: Theme?
    var lines: LineSet?
    var coverAfterMinutes: Int?
    var endAfterMinutes: Int?
    var allowSuspend: Bool?

    /// Every key that there is, by table.
    static let keys: [String: [String]] = [
        "database": ["url", "host", "port", "name", "user", "password", "allow_unencrypted"],
        "schema": ["users_table", "role_prefix"],
        "environment": ["name"],
        "appearance": ["color", "theme", "lines"],
        "console": ["cover_after_minutes", "end_after_minutes", "allow_suspend"],
    ]

    /// The file to read: `--config`, `$CONVONET_ADMIN_CONFIG`, then the user's own and the system's, where they exist.
    static func path(explicit: String?, environment: [String: String]) throws(SettingsError) -> String? {
        if let named = explicit ?? environment["CONVONET_ADMIN_CONFIG"], !named.isEmpty {
            guard access(named, R_OK) == 0 else {
                throw .unreadable(path: named, reason: String(cString: strerror(errno)))
            }
            return named
        }
        let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
        let candidates = [home.map { $0 + "/convonet-admin/config.toml" }, "/etc/convonet-admin/config.toml"]
        return candidates.compactMap { $0 }.first { access($0, F_OK) == 0 }
    }

    /// Reads a file.
    static func read(_ path: String) throws(SettingsError) -> SettingsFile {
        guard let text = contents(of: path) else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        return try parse(text, path: path)
    }

    /// Reads the text of a file; `path` is for the words of an error.
    static func parse(_ text: String, path: String) throws(SettingsError) -> SettingsFile {
        let root: TOMLTable
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw .malformed(
                path: path, line: error.source.begin.line, reason: "this is not TOML: \(error.description)")
        } catch {
            throw .malformed(path: path, line: nil, reason: "this is not TOML")
        }
        var reader = Reader(
            path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false), root: root)
        return try reader.read()
    }

    /// The text of a whole file; nil, with errno, where it cannot be read.
    static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

private struct Reader {
    let path: String
    let lines: [Substring]
    let root: TOMLTable

    mutating func read() throws(SettingsError) -> SettingsFile {
        for name in root.keys.sorted() {
            guard let known = SettingsFile.keys[name] else { throw unknown(name, in: nil) }
            guard let table = root[name]?.table else {
                throw .malformed(
                    path: path, line: line(of: name, in: nil), reason: "“\(name)” is a table: write [\(name)]")
            }
            for key in table.keys.sorted() where !known.contains(key) { throw unknown(key, in: name) }
        }
        var file = SettingsFile()
        file.allowUnencrypted = try bool("allow_unencrypted", in: "database")
        file.rolePrefix = try text("role_prefix", in: "schema")
        file.environmentName = try text("name", in: "environment")
        file.color = try text("color", in: "appearance")
        if let color = file.color, !["auto", "never"].contains(color) {
            throw wrong("color", in: "appearance", "takes \"auto\" or \"never\"")
        }
        if let name = try text("users_table", in: "schema") {
            do { file.usersTable = try QualifiedName(parsing: name) } catch {
                throw wrong("users_table", in: "schema", "takes the name of a table, such as \"public.users_convonet\"")
            }
        }
        if let prefix = file.rolePrefix, (try? RoleNames(prefix: prefix)) == nil {
            throw wrong("role_prefix", in: "schema", "takes at most 40 lower-case letters, digits and underscores")
        }
        file.theme = try choice("theme", in: "appearance")
        file.lines = try choice("lines", in: "appearance")
        file.coverAfterMinutes = try integer(
            "cover_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        file.endAfterMinutes = try integer(
            "end_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        file.allowSuspend = try bool("allow_suspend", in: "console")
        file.connectionString = try address()
        return file
    }

    private func address() throws(SettingsError) -> String? {
        let parts = try ["host", "name", "user", "password"].map { key throws(SettingsError) in
            try text(key, in: "database")
        }
        let port = try integer("port", in: "database", 1...65535, "a port number")
        let hasParts = port != nil || parts.contains { $0 != nil }
        if let url = try text("url", in: "database") {
            guard !hasParts else {
                throw wrong("url", in: "database", "goes alone, without host, port, name, user and password")
            }
            return url
        }
        guard hasParts else { return nil }
        return DatabaseAddress.keywords(
            host: parts[0], port: port.map { String($0) }, name: parts[1], user: parts[2], password: parts[3])
    }

    private func text(_ key: String, in table: String) throws(SettingsError) -> String? {
        guard let value = root[table]?.table?[key] else { return nil }
        guard let text = value.string else { throw wrong(key, in: table, "takes text in quotes") }
        return text
    }

    private func bool(_ key: String, in table: String) throws(SettingsError) -> Bool? {
        guard let value = root[table]?.table?[key] else { return nil }
        guard let flag = value.bool else { throw wrong(key, in: table, "takes true or false, without quotes") }
        return flag
    }

    private func integer(
        _ key: String, in table: String, _ range: ClosedRange<Int>, _ what: String
    ) throws(SettingsError) -> Int? {
        guard let value = root[table]?.table?[key] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw wrong(key, in: table, "takes \(what), without quotes")
        }
        return number
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, in table: String
    ) throws(SettingsError) -> Choice? {
        guard let name = try text(key, in: table) else { return nil }
        guard let choice = Choice(rawValue: name) else {
            throw wrong(
                key, in: table, "takes one of " + Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        return choice
    }

    private func wrong(_ key: String, in table: String, _ what: String) -> SettingsError {
        .malformed(path: path, line: line(of: key, in: table), reason: "\(key) \(what)")
    }

    private func unknown(_ key: String, in table: String?) -> SettingsError {
        .unknownKey(path: path, line: line(of: key, in: table), key: table.map { "\($0).\(key)" } ?? key)
    }

    /// The line on which a key stands; TOMLKit knows places only for text that it cannot parse.
    private func line(of key: String, in table: String?) -> Int? {
        var current: String?
        for (index, line) in lines.enumerated() {
            let line = line.drop(while: \.isWhitespace)
            if line.hasPrefix("[") {
                current = String(line.dropFirst().prefix { $0 != "]" })
                if table == nil, current == key { return index + 1 }
            } else if current == table, line.hasPrefix(key),
                line.dropFirst(key.count).drop(while: \.isWhitespace).first == "="
            {
                return index + 1
            }
        }
        return nil
    }
}

extension SettingsFile {
    /// The quiet times in seconds; 0 minutes is never.
    var quietTime: QuietTime {
        func seconds(_ minutes: Int) -> Int? { minutes == 0 ? nil : minutes * 60 }
        return QuietTime(coverAfter: seconds(coverAfterMinutes ?? 5), endAfter: seconds(endAfterMinutes ?? 0))
    }
}
