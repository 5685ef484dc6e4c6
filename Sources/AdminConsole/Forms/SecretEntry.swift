import ConvonetCore
import Credentials
import TerminalKit

/// A secret as it is typed; the text itself is in locked memory only.
struct SecretEntry: EditedLine, Equatable, Sendable {
    private(set) var secret = Secret(utf8: [])
    /// Code points to the left of the cursor.
    private(set) var cursor = 0

    /// Longer than any password that can be stored; more is not taken.
    static let limit = 256

    var isEmpty: Bool { secret.isEmpty }

    mutating func clear() { self = SecretEntry() }
    mutating func move(to index: Int) { cursor = min(max(0, index), secret.codePointCount) }

    /// Inserts text without its line ends, so that a paste never submits.
    mutating func insert(_ text: String) {
        let text = text.filter { !$0.isNewline }
        let count = text.unicodeScalars.count
        guard secret.codePointCount + count <= Self.limit else { return }
        secret = secret.inserting(text, atCodePoint: cursor)
        cursor += count
    }

    mutating func remove(at index: Int) {
        guard index >= 0, index < secret.codePointCount else { return }
        secret = secret.removing(codePointAt: index)
        cursor = index
    }
}
