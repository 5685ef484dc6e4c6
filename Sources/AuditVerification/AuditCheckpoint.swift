public import ConvonetCore
public import OperatingSystem
import PostgresClient

/// A short statement of the log's head, made to be signed and kept elsewhere.
public struct AuditCheckpoint: Equatable, Sendable {
    /// Which log it is about.
    public var log: LogIdentity
    /// The number of the last event; 0 for an empty log.
    public var sequence: Int
    /// The hash of the last event; zeros for an empty log.
    public var hash: AuditHash
    /// When it was made, by the server's clock.
    public var madeAt: Timestamp

    /// The namespace of its signature: one made for another purpose does not count (ssh-keygen(1), -n).
    public static let namespace = "convonet-admin-audit"

    private static let title = "convonet-admin audit checkpoint, format 1"

    /// A statement of this head.
    public init(log: LogIdentity, sequence: Int, hash: AuditHash, madeAt: Timestamp) {
        self.log = log
        self.sequence = sequence
        self.hash = hash
        self.madeAt = madeAt
    }

    /// The statement's lines, each with its end; the signature is over exactly these bytes.
    public var text: String {
        """
        \(Self.title)
        database: \(AuditLine.escaped(log.database))
        log: \(log.installedAt.microseconds)
        sequence: \(sequence)
        hash: \(hash.hexadecimal)
        time: \(madeAt.rfc3339)

        """
    }

    /// Reads the number and the hash of a statement's text; nil where it is none. Whatever else stands there is for people.
    public static func anchor(parsing text: String) -> AuditAnchor? {
        guard let sequence = value("sequence", in: text).flatMap({ Int($0) }), sequence >= 0,
            let hash = value("hash", in: text).flatMap({ AuditHash(hexadecimal: $0) })
        else { return nil }
        return AuditAnchor(sequence: sequence, hash: hash, origin: .checkpoint)
    }

    /// Whether a statement's text is about this log: two databases of one name can have one each.
    public static func isAbout(_ log: LogIdentity, _ text: String) -> Bool {
        value("log", in: text).flatMap { Int64($0) } == log.installedAt.microseconds
    }

    private static func value(_ name: String, in text: String) -> Substring? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first == title[...] else { return nil }
        let found = lines.filter { $0.hasPrefix("\(name): ") }
        return found.count == 1 ? found[0].dropFirst(name.count + 2) : nil
    }
}
