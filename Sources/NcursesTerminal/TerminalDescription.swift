import CNcurses
import TerminalKit

/// What terminfo says of the terminal in use.
enum TerminalDescription {
    /// The sequences of its keys.
    static func keys() -> [[UInt8]: Key] {
        var keys: [[UInt8]: Key] = [:]
        for (name, key) in KeySequences.capabilities {
            guard let sequence = cn_capability(name) else { continue }
            keys[Array(String(cString: sequence).utf8)] = key
        }
        return keys
    }

    /// Whether a terminal of this type is known to act upon sequences rather than to print them.
    static func takesSequences(_ type: String) -> Bool { !["", "dumb", "unknown"].contains(type) }

    /// How a terminal of this type takes a window's title; nil where it takes none.
    static func title(_ type: String) -> TitleSequences? {
        TitleSequences(
            type: type, text: { name in cn_capability(name).map { String(cString: $0) } }, flag: { cn_flag($0) })
    }
}
