import OperatingSystem

/// The name of a table, with its schema.
///
/// Written as SQL writes it: `users_convonet`, `app.users_convonet`, `"App"."Users"`. Without a schema it is in
/// `public`. Unquoted names are folded to lower case, as the server does.
public struct QualifiedName: Equatable, Sendable, CustomStringConvertible {
    /// The schema, not quoted.
    public let schema: String
    /// The table, not quoted.
    public let table: String

    /// The application's own table, where no setting says otherwise.
    public static let usersConvonet = QualifiedName(schema: "public", table: "users_convonet")

    private init(schema: String, table: String) {
        self.schema = schema
        self.table = table
    }

    /// Reads a name; throws `AdminError.invalidTableName` for anything else.
    public init(parsing text: String) throws(AdminError) {
        var parts: [String] = []
        var rest = Substring(text)
        while true {
            guard let part = QualifiedName.takePart(&rest) else { throw .invalidTableName(text) }
            parts.append(part)
            if rest.isEmpty { break }
            guard rest.removeFirst() == "." else { throw .invalidTableName(text) }
        }
        switch parts.count {
        case 1: self.init(schema: "public", table: parts[0])
        case 2: self.init(schema: parts[0], table: parts[1])
        default: throw .invalidTableName(text)
        }
    }

    /// The application's table of who is in which team, which is named after the table of people.
    package var memberships: QualifiedName { sibling("team_memberships") }

    /// The application's table of teams.
    package var teams: QualifiedName { sibling("teams") }

    /// The view of telephone numbers that a site may make beside the table of people.
    package var phoneNumbers: QualifiedName { QualifiedName(schema: schema, table: "convonet_admin_phone_numbers") }

    private func sibling(_ name: String) -> QualifiedName {
        let suffix = table.hasPrefix("users_") ? String(table.dropFirst("users".count)) : ""
        return QualifiedName(schema: schema, table: name + suffix)
    }

    /// Both parts quoted, fit for SQL.
    public var quoted: String { "\(Self.quote(schema)).\(Self.quote(table))" }

    /// The name as a person writes it.
    public var description: String { "\(schema).\(table)" }

    /// An identifier in double quotes (PostgreSQL's manual, 4.1.1).
    public static func quote(_ identifier: String) -> String {
        "\"" + identifier.escaping(["\"": "\"\""]) + "\""
    }

    /// A string constant in single quotes; correct with standard_conforming_strings on or off.
    package static func literal(_ text: String) -> String {
        (text.unicodeScalars.contains("\\") ? " E'" : "'") + text.escaping(["\\": "\\\\", "'": "''"]) + "'"
    }

    private static func takePart(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let part = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
            guard let first = part.first, !first.isNumber else { return nil }
            rest = rest[part.endIndex...]
            return isIdentifier(part.lowercased()) ? part.lowercased() : nil
        }
        rest.removeFirst()
        var part = ""
        while let character = rest.popFirst() {
            if character != "\"" {
                part.append(character)
            } else if rest.first == "\"" {
                part.append(rest.removeFirst())
            } else {
                return isIdentifier(part) ? part : nil
            }
        }
        return nil
    }

    /// Names longer than 63 bytes would be cut by the server (NAMEDATALEN). The name is put into the text of functions: `$$` would end
    /// their bodies, a line of it would be taken for one of theirs, and `{{` for a place of theirs where something is put.
    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 63
            && ["$", "{"].allSatisfy { sign in text.unicodeScalars.count { $0 == sign } < 2 }
            && !text.unicodeScalars.contains {
                $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
            }
    }
}
