import ConvonetCore
import Credentials
import TerminalKit

/// A secret as it is typed; the text itself is in locked memory only.
struct SecretEntry: Equatable, Sendable {
    private(set) var secret = Secret(utf8: [])
    /// Code points to the left of the cursor.
    private(set) var cursor = 0

    /// Longer than any password that can be stored; more is not taken.
    static let limit = 256

    var isEmpty: Bool { secret.isEmpty }

    /// Edits by a key; false where it has no meaning to a field.
    mutating func apply(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace: remove(at: cursor - 1)
        case .delete: remove(at: cursor)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(secret.codePointCount, cursor + 1)
        case .home: cursor = 0
        case .end: cursor = secret.codePointCount
        case .control("u"): self = SecretEntry()
        default: return false
        }
        return true
    }

    /// Inserts what was pasted without its line ends, so that a paste never submits.
    mutating func paste(_ text: String) { insert(text.filter { !$0.isNewline }) }

    private mutating func insert(_ text: String) {
        let count = text.unicodeScalars.count
        guard secret.codePointCount + count <= Self.limit else { return }
        secret = secret.inserting(text, atCodePoint: cursor)
        cursor += count
    }

    private mutating func remove(at index: Int) {
        guard index >= 0, index < secret.codePointCount else { return }
        secret = secret.removing(codePointAt: index)
        cursor = index
    }
}
