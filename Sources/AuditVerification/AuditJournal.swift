public import ConvonetCore
public import FoundationEssentials
import OperatingSystem
import PostgresClient

/// What the lines of a journal say about one log. They may come in any order and more than once.
public struct AuditJournal: Equatable, Sendable {
    /// Anchors and intents for `AuditLog.verify`.
    public private(set) var evidence = AuditLog.Evidence()
    /// Lines of this program about other logs.
    public private(set) var foreignLogs = 0
    /// Lines that begin like ours and cannot be read.
    public private(set) var malformed = 0
    /// What the lines say of each head besides its place.
    public private(set) var mentions: [AuditHash: Mention] = [:]
    private let log: LogIdentity
    private var seen: Set<AuditAnchor> = []

    /// What a line says of the event that it names.
    public struct Mention: Equatable, Sendable {
        /// The request that led to it.
        public var request: UUID?
        /// What was tried, such as `reset_password`.
        public var action: String
        /// For whom.
        public var account: UUID?
        /// Who was at the keyboard.
        public var operatorName: String
        /// How it ended.
        public var outcome: String
    }

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
        guard seen.insert(anchor).inserted else { return }
        evidence.anchors.append(anchor)
        mentions[hash] = Mention(
            request: words["request"].flatMap { UUID(uuidString: String($0)) }, action: Self.word(words["action"]),
            account: words["account"].flatMap { UUID(uuidString: String($0)) },
            operatorName: Self.word(words["operator"]), outcome: Self.word(words["outcome"]))
    }

    private mutating func takeIntent(_ words: [Substring: Substring]) {
        guard let request = words["request"].flatMap({ UUID(uuidString: String($0)) }) else {
            malformed += 1
            return
        }
        evidence.intents.insert(request)
    }

    /// As it stands in the line, escapes and all.
    private static func word(_ word: Substring?) -> String { word.map(String.init) ?? "" }

    /// Up to what cannot be in a line of ours, such as the quote that ends a text in JSON.
    private static func words(_ text: some StringProtocol) -> [Substring: Substring] {
        var words: [Substring: Substring] = [:]
        // By code points: with an accent behind it, a quote is another character.
        let line = Substring(text).unicodeScalars.prefix {
            $0 != "\"" && $0 != "\\" && !$0.properties.isPatternWhitespace || $0 == " "
        }
        for word in line.split(separator: " ") {
            guard let sign = word.firstIndex(of: "="), words[Substring(word[..<sign])] == nil else { continue }
            words[Substring(word[..<sign])] = Substring(word[word.index(after: sign)...])
        }
        return words
    }
}
