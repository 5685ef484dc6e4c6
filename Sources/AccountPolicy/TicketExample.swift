/// A ticket that the policy's pattern takes, to be shown in place of the pattern: few who are on the phone read regular
/// expressions.
public enum TicketExample {
    /// `For example T-123.`; the pattern itself where none can be made from it.
    public static func words(_ pattern: String) -> String {
        if let example = of(pattern) { return "For example \(example)." }
        return "It must match \(pattern)."
    }

    /// A text for the plain parts of PostgreSQL's regular expressions: characters, `\d`, `\w`, `.`, ranges in brackets,
    /// groups, alternatives and counts. nil where there is more in it.
    static func of(_ pattern: String) -> String? {
        var parser = Parser(rest: Array(pattern))
        guard let text = parser.alternatives(), parser.rest.isEmpty, !text.isEmpty else { return nil }
        return text
    }

    private struct Parser {
        var rest: [Character]
        private var digit = 0

        init(rest: [Character]) { self.rest = rest }

        private var next: Character? { rest.first }

        private mutating func take() -> Character { rest.removeFirst() }

        /// The first of the alternatives up to a closing parenthesis or the end.
        mutating func alternatives() -> String? {
            guard let first = sequence() else { return nil }
            while next == "|" {
                _ = take()
                guard sequence() != nil else { return nil }
            }
            return first
        }

        private mutating func sequence() -> String? {
            var text = ""
            while let character = next, character != "|", character != ")" {
                guard let item = atom(), let count = count() else { return nil }
                text += item
                for _ in 1..<max(1, count) { text += item.count == 1 ? another(item) : item }
                if count == 0 { text.removeLast(item.count) }
            }
            return text
        }

        private mutating func atom() -> String? {
            switch take() {
            case "(":
                if rest.starts(with: "?:") { rest.removeFirst(2) } else if next == "?" { return nil }
                guard let inner = alternatives(), next == ")" else { return nil }
                _ = take()
                return inner
            case "[": return bracket()
            case "^", "$": return ""
            case ".": return "x"
            case "\\":
                guard next != nil else { return nil }
                switch take() {
                case "d": return nextDigit()
                case "w": return "a"
                case "m", "M", "y", "A", "Z": return ""
                case let character where !character.isLetter && !character.isNumber: return String(character)
                default: return nil
                }
            case "*", "+", "?", "{", "}", "]": return nil
            case let character: return String(character)
            }
        }

        private mutating func bracket() -> String? {
            guard let end = rest.firstIndex(of: "]"), end > 0, next != "^" else { return nil }
            let inside = String(rest[..<end])
            rest.removeFirst(end + 1)
            if inside.hasPrefix("0-9") || inside == "\\d" || inside == "[:digit:" { return nextDigit() }
            guard let first = inside.first, first != "[", first != "\\" else { return nil }
            return String(first)
        }

        /// How often what stands before it comes: 3 where it is open, for that looks like a ticket.
        private mutating func count() -> Int? {
            switch next {
            case "*", "+":
                _ = take()
                return 3
            case "?":
                _ = take()
                return 1
            case "{":
                guard let end = rest.firstIndex(of: "}") else { return nil }
                let numbers = String(rest[1..<end]).split(separator: ",", omittingEmptySubsequences: false).map {
                    Int($0)
                }
                rest.removeFirst(end + 1)
                guard let least = numbers.first ?? nil, least <= 20 else { return nil }
                let most = numbers.count == 1 ? least : numbers[1] ?? max(least, 3)
                return max(least, min(most, 3))
            default: return 1
            }
        }

        private mutating func nextDigit() -> String {
            digit = digit % 9 + 1
            return String(digit)
        }

        private mutating func another(_ item: String) -> String {
            item.first?.isNumber == true ? nextDigit() : item
        }
    }
}
