/// What a client of SSH asks to be run, taken apart without a shell.
///
/// It comes as one text, in which ssh(1) joined its arguments by spaces. Quotes and backslashes mean what they mean to a shell;
/// what a shell would do more with is refused, since it would mean something else here.
public enum CommandWords {
    /// Why it cannot be taken apart.
    public enum Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        /// A quote has no end.
        case openQuote(Unicode.Scalar)
        /// A backslash has nothing behind it.
        case openBackslash
        /// A shell would do something with it.
        case forShells(Unicode.Scalar)
        /// A line break or another character without a sign.
        case controlCharacter
        /// It is longer than anything that is asked for.
        case tooLong

        /// What is wrong and what to send; never what was sent, since a password could be in it.
        public var description: String {
            switch self {
            case .openQuote(let quote):
                "A quote (\(quote)) has no end. Your own shell takes one level of quotes away, so quote twice: \"\\\"O'Brien\\\"\""
            case .openBackslash: "A backslash stands at the end, with nothing behind it"
            case .forShells(let scalar):
                "“\(scalar)” is for shells, and no shell runs here. Write it in single quotes that arrive here, such as "
                    + "\"'\(scalar)'\", if you mean the character itself"
            case .controlCharacter: "It has a line break or another control character in it, which no command needs"
            case .tooLong: "It has more than \(CommandWords.limit) bytes, which no command needs"
            }
        }
    }

    static let limit = 8192

    /// The words of a command.
    public static func split(_ text: String) throws(Malformed) -> [String] {
        guard text.utf8.count <= limit else { throw .tooLong }
        var splitter = Splitter(rest: text.unicodeScalars[...])
        try splitter.run()
        return splitter.words
    }

    private struct Splitter {
        var rest: Substring.UnicodeScalarView
        var words: [String] = []
        /// What there is of the word so far; nil between words.
        var word: String.UnicodeScalarView?

        init(rest: Substring.UnicodeScalarView) { self.rest = rest }

        mutating func run() throws(Malformed) {
            while let scalar = try next() {
                switch scalar {
                case " ", "\t": end()
                case "'": try takeSingle()
                case "\"": try takeDouble()
                case "\\":
                    guard let escaped = try next() else { throw .openBackslash }
                    add(escaped)
                case _ where "|&;<>()$`".unicodeScalars.contains(scalar): throw .forShells(scalar)
                default: add(scalar)
                }
            }
            end()
        }

        private mutating func takeSingle() throws(Malformed) {
            begin()
            while let scalar = try next() {
                if scalar == "'" { return }
                add(scalar)
            }
            throw .openQuote("'")
        }

        private mutating func takeDouble() throws(Malformed) {
            begin()
            while let scalar = try next() {
                switch scalar {
                case "\"": return
                case "$", "`": throw .forShells(scalar)
                case "\\":
                    guard let escaped = try next() else { throw .openQuote("\"") }
                    // Before any other character it stands for itself.
                    if !"$`\"\\".unicodeScalars.contains(escaped) { add("\\") }
                    add(escaped)
                default: add(scalar)
                }
            }
            throw .openQuote("\"")
        }

        private mutating func next() throws(Malformed) -> Unicode.Scalar? {
            guard let scalar = rest.popFirst() else { return nil }
            if scalar != "\t", scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) { throw .controlCharacter }
            return scalar
        }

        private mutating func begin() { word = word ?? String.UnicodeScalarView() }

        private mutating func add(_ scalar: Unicode.Scalar) {
            begin()
            word?.append(scalar)
        }

        private mutating func end() {
            if let word { words.append(String(word)) }
            word = nil
        }
    }
}
