package import Credentials

/// A secret as it is typed; the text itself is in locked memory only.
package struct SecretEntry: EditedLine, Equatable, Sendable {
    package private(set) var secret = Secret(utf8: [])
    /// Code points to the left of the cursor.
    package private(set) var cursor = 0

    /// Longer than any password that can be stored; more is not taken.
    package static let limit = 256

    package init() {}

    package var isEmpty: Bool { secret.isEmpty }

    package mutating func clear() { self = SecretEntry() }
    package mutating func move(to index: Int) { cursor = min(max(0, index), secret.codePointCount) }

    /// Inserts text without its line ends, so that a paste never submits.
    package mutating func insert(_ text: String) {
        let text = text.filter { !$0.isNewline }
        let count = text.unicodeScalars.count
        guard secret.codePointCount + count <= Self.limit else { return }
        secret = secret.inserting(text, atCodePoint: cursor)
        cursor += count
    }

    package mutating func remove(at index: Int) {
        guard index >= 0, index < secret.codePointCount else { return }
        secret = secret.removing(codePointAt: index)
        cursor = index
    }
}
