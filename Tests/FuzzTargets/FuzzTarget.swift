/// The readers of what comes from outside, each with what must be so of its answer, whatever the bytes.
public enum FuzzTarget {
    /// Reads bytes; throws ``Fault`` where the answer is not as it must be.
    public typealias Reader = @Sendable ([UInt8]) throws -> Void

    /// What is not as it must be.
    public struct Fault: Error, CustomStringConvertible {
        /// What it is, in words.
        public let description: String
    }

    /// All of them by name, which is that of their folder in the corpus, too.
    public static let all: [String: Reader] = [
        "terminal": terminal, "settings": settings, "address": address, "policy": policy, "secret": secret,
        "folding": folding, "alike": alike, "journal": journal, "checkpoint": checkpoint, "people": people,
        "words": words, "signin": signIn, "mail": mail, "body": body, "token": token, "proxy": proxy,
    ]

    static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    static func require(_ isSo: Bool, _ words: String) throws {
        guard isSo else { throw Fault(description: words) }
    }
}
