import TerminalKit

/// Keys as a test writes them: characters for themselves, others by name in angle brackets, as in `v<Enter>yes`.
enum KeyText {
    struct Unknown: Error {
        let name: String
    }

    static func keys(_ text: String) throws -> [Key] {
        var keys: [Key] = []
        var rest = text[...]
        while let first = rest.first {
            rest.removeFirst()
            guard first == "<", let end = rest.firstIndex(of: ">") else {
                keys.append(.character(first))
                continue
            }
            keys.append(try key(String(rest[..<end])))
            rest = rest[rest.index(after: end)...]
        }
        return keys
    }

    private static let named: [String: Key] = [
        "Enter": .enter, "Tab": .tab, "S-Tab": .backTab, "Esc": .escape, "BS": .backspace, "Del": .delete, "Up": .up,
        "Down": .down, "Left": .left, "Right": .right, "PgUp": .pageUp, "PgDn": .pageDown, "Home": .home, "End": .end,
        "Space": .character(" "), "F1": .function(1), "F5": .function(5), "F10": .function(10),
    ]

    private static func key(_ name: String) throws -> Key {
        if let key = named[name] { return key }
        guard name.hasPrefix("C-"), let letter = name.last, name.count == 3 else { throw Unknown(name: name) }
        return .control(letter)
    }
}
