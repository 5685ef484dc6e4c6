internal import CLibpq

/// The address of a database as somebody wrote it: a URL or a list of key=value.
///
/// Nothing of it may be repeated in an error: what looks like a host or a port may be a piece of a password.
struct AddressText {
    private let text: String

    /// Without what came with it by accident: line ends and blanks around it, and a pair of quotes.
    init(_ raw: String) {
        var text = Self.trimmed(raw)
        while text.count > 1, let quote = text.first, quote == text.last, quote == "'" || quote == "\"" {
            text = Self.trimmed(String(text.dropFirst().dropLast()))
        }
        self.text = Self.normalised(text)
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{FEFF}" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }

    /// libpq's parameters.
    func parameters() throws(PostgresError) -> [String: String] {
        if isURL { try checkURL() }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            // libpq's message quotes the part that it stumbled over.
            PQfreemem(message)
            throw .invalidConnectionString(reason: unknownParameter ?? Self.malformed)
        }
        defer { PQconninfoFree(options) }
        let values = Self.values(of: options) { _ in true }
        if isURL { try checkParts(values) }
        return values
    }

    /// What a list of options has values for.
    static func values(
        of options: UnsafeMutablePointer<PQconninfoOption>, where isWanted: (PQconninfoOption) -> Bool
    ) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, isWanted(option.pointee) {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return values
    }

    private static let malformed =
        "it is neither a URL like postgresql://user@host/database nor a list of key=value"
    private static let escaping =
        "in the user and password of a URL, write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F and % as %25"

    private var isURL: Bool { text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") }

    private static func normalised(_ text: String) -> String {
        for scheme in ["postgresql+", "postgres+"] where text.hasPrefix(scheme) {
            if let end = text.firstRange(of: "://") { return "postgresql" + text[end.lowerBound...] }
        }
        return text
    }

    private var afterScheme: Substring { text.firstRange(of: "://").map { text[$0.upperBound...] } ?? "" }

    /// An @ or / that belongs to a password cuts it in two, and libpq takes the rest for host, port or database.
    private func checkURL() throws(PostgresError) {
        guard !text.contains(where: \.isNewline) else {
            throw .invalidConnectionString(reason: "it contains a line break")
        }
        let place = afterScheme.prefix { $0 != "?" }
        let authority = place.prefix { $0 != "/" }
        let marks = place.count { $0 == "@" }
        guard marks <= 1, authority.count(where: { $0 == "@" }) == marks else {
            throw .invalidConnectionString(reason: "it has too many @, or a / before an @; " + Self.escaping)
        }
    }

    private func checkParts(_ values: [String: String]) throws(PostgresError) {
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let arePorts = ports.allSatisfy { port in
            port.isEmpty || Int(port).map { (1...65535).contains($0) } ?? false
        }
        let areHosts = (values["host"] ?? "").split(separator: ",").allSatisfy { host in
            host.hasPrefix("/") || host.hasPrefix("@")
                || host.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "-._:%".unicodeScalars.contains($0)
                }
        }
        guard arePorts, areHosts else {
            throw .invalidConnectionString(
                reason: "its host is not a host name, or its port is not a number; " + Self.escaping)
        }
    }

    /// Names the first parameter that libpq does not know. Behind the question mark is no password, unless an @ follows.
    private var unknownParameter: String? {
        let parts = afterScheme.split(separator: "?", maxSplits: 1)
        guard isURL, parts.count == 2, !parts[1].contains("@"), let known = Self.keywords() else { return nil }
        for pair in parts[1].split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard !known.contains(String(name)), !pair.hasPrefix("ssl=true"),
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "_" || $0 == "-") })
            else { continue }
            let instead = name == "ssl" ? "; use sslmode=require or, better, sslmode=verify-full" : ""
            return
                "PostgreSQL has no parameter “\(name)”: remove it\(instead)"
        }
        return nil
    }

    private static func keywords() -> Set<String>? {
        guard let options = PQconndefaults() else { return nil }
        defer { PQconninfoFree(options) }
        var names: Set<String> = []
        var option = options
        while let keyword = option.pointee.keyword {
            names.insert(String(cString: keyword))
            option += 1
        }
        return names
    }
}
