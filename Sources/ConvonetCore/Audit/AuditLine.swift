import FoundationEssentials
import PostgresClient

/// A line for a journal outside the database: that a change is about to be sent, or what became of it. Never a secret.
public enum AuditLine {
    /// Says that a change is about to be sent, so that one without an end can be seen.
    static func intent(_ log: LogIdentity, request: UUID, action: String, account: UUID?, operatorName: String)
        -> String
    {
        line("audit-intent", log, [], request, action, account, operatorName, [])
    }

    /// Says what the new head of the log is.
    static func head(
        _ log: LogIdentity, _ receipt: Receipt, request: UUID, action: String, account: UUID?, operatorName: String
    ) -> String {
        let position = [("sequence", String(receipt.sequence)), ("hash", receipt.hash.hexadecimal)]
        let end = [("outcome", receipt.outcome.rawValue)] + (receipt.rule.map { [("rule", $0)] } ?? [])
        return line("audit-head", log, position, request, action, account, operatorName, end)
    }

    private static func line(
        _ kind: String, _ log: LogIdentity, _ position: [(String, String)], _ request: UUID, _ action: String,
        _ account: UUID?, _ operatorName: String, _ end: [(String, String)]
    ) -> String {
        var words = [("format", "1"), ("database", log.database), ("log", String(log.installedAt.microseconds))]
        words += position
        words += [("request", request.uuidString.lowercased()), ("action", action)]
        if let account { words.append(("account", account.uuidString.lowercased())) }
        words.append(("operator", operatorName))
        return kind + (words + end).map { " \($0)=\(escaped($1))" }.joined()
    }

    /// Every byte but ASCII letters, digits and `._@:/-` as `%` and two digits, so that no name can end a word or a line.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    [byte]
                case _ where "._@:/-".utf8.contains(byte): [byte]
                default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }, as: UTF8.self)
    }
}

/// What the lines of a journal say about one log. They may come in any order and more than once.
public struct AuditJournal: Equatable, Sendable {
    /// Anchors and intents for `AuditLog.verify`.
    public private(set) var evidence = AuditLog.Evidence()
    /// Lines of this program about other logs.
    public private(set) var foreignLogs = 0
    /// Lines that begin like ours and cannot be read.
    public private(set) var malformed = 0
    private let log: LogIdentity
    private var seen: Set<AuditAnchor> = []

    /// A journal without lines yet.
    public init(of log: LogIdentity) { self.log = log }

    /// Takes a line with whatever the system put before it; what is not ours is skipped.
    public mutating func take(_ line: some StringProtocol) {
        for kind in ["audit-head", "audit-intent"] {
            // The last, since a name before it could hold the same words; ours has none behind it.
            guard let range = line.ranges(of: "\(kind) format=1 ").last else { continue }
            let words = Self.words(line[range.upperBound...])
            guard words["database"] == AuditLine.escaped(log.database)[...],
                words["log"] == String(log.installedAt.microseconds)[...]
            else {
                if words["database"] == nil || words["log"] == nil { malformed += 1 } else { foreignLogs += 1 }
                return
            }
            if kind == "audit-intent" { takeIntent(words) } else { takeHead(words) }
            return
        }
    }

    private mutating func takeHead(_ words: [Substring: Substring]) {
        guard let sequence = words["sequence"].flatMap({ Int($0) }), sequence > 0,
            let hash = words["hash"].flatMap({ AuditHash(hexadecimal: $0) })
        else {
            malformed += 1
            return
        }
        let anchor = AuditAnchor(sequence: sequence, hash: hash, origin: .journal)
        if seen.insert(anchor).inserted { evidence.anchors.append(anchor) }
    }

    private mutating func takeIntent(_ words: [Substring: Substring]) {
        guard let request = words["request"].flatMap({ UUID(uuidString: String($0)) }) else {
            malformed += 1
            return
        }
        evidence.intents.insert(request)
    }

    /// Up to what cannot be in a line of ours, such as the quote that ends a text in JSON.
    private static func words(_ text: some StringProtocol) -> [Substring: Substring] {
        var words: [Substring: Substring] = [:]
        for word in Substring(text).prefix(while: { $0 != "\"" && $0 != "\\" && !$0.isNewline }).split(separator: " ") {
            guard let sign = word.firstIndex(of: "="), words[word[..<sign]] == nil else { continue }
            words[word[..<sign]] = word[word.index(after: sign)...]
        }
        return words
    }
}
