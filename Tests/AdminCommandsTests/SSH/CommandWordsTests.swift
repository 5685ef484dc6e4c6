import SSHAccess
import Testing

/// What comes over SSH is taken apart as ssh(1) put it together, and a shell's signs are never taken for words.
@Suite struct CommandWordsTests {
    @Test(arguments: [
        ("", []), ("  \t ", []), ("show anna", ["show", "anna"]), (" show  anna ", ["show", "anna"]),
        ("search 'Anna Berg'", ["search", "Anna Berg"]), ("search \"Anna Berg\"", ["search", "Anna Berg"]),
        (#"search "O'Brien""#, ["search", "O'Brien"]), (#"search O\'Brien"#, ["search", "O'Brien"]),
        (#"search 'O'\''Brien'"#, ["search", "O'Brien"]), (#"search O"'"Brien"#, ["search", "O'Brien"]),
        ("show ''", ["show", ""]), (#"show """#, ["show", ""]), (#"a\ b c\\d"#, ["a b", #"c\d"#]),
        (#""a\"b\\c\$d\`e\n""#, [#"a"b\c$d`e\n"#]), (#"'a\b $HOME `x` ; |'"#, [#"a\b $HOME `x` ; |"#]),
        ("--reason 'forgot it; (twice)'", ["--reason", "forgot it; (twice)"]),
        ("a*b ?[c] {d} ~e #f !g =h %i ^j", ["a*b", "?[c]", "{d}", "~e", "#f", "!g", "=h", "%i", "^j"]),
        ("search Jürgen Åsa 李", ["search", "Jürgen", "Åsa", "李"]),
    ])
    func wordsAreThoseOfAShell(text: String, words: [String]) throws {
        #expect(try CommandWords.split(text) == words)
    }

    @Test(arguments: [
        ("search O'Brien", CommandWords.Malformed.openQuote("'")), ("search \"a", .openQuote("\"")),
        (#""a\"#, .openQuote("\"")),
        (#"show anna\"#, .openBackslash), ("show anna; sh", .forShells(";")), ("show a|sh", .forShells("|")),
        ("show a&", .forShells("&")), ("show a>b", .forShells(">")), ("show <b", .forShells("<")),
        ("show $HOME", .forShells("$")), ("show \"$(sh)\"", .forShells("$")), ("show `sh`", .forShells("`")),
        ("show \"`sh`\"", .forShells("`")), ("(sh)", .forShells("(")), ("sh)", .forShells(")")),
        ("show a\nsh", .controlCharacter), ("show 'a\nb'", .controlCharacter), ("show \u{1B}[2J", .controlCharacter),
        ("show \\\n", .controlCharacter), ("show \u{85}", .controlCharacter), ("show \u{7F}", .controlCharacter),
        (String(repeating: "a", count: 8193), .tooLong),
    ])
    func whatAShellWouldDoMoreWithIsRefused(text: String, reason: CommandWords.Malformed) {
        #expect(throws: reason) { try CommandWords.split(text) }
    }

    /// Whatever words there are: quoted as Python's shlex.quote and a shell's own %q do it, they come back.
    @Test func wordsThatWereQuotedComeBack() throws {
        let letters = Array(#"ab '"\$`;|&<>()*?#~=é"#)
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let words = (0..<Int.random(in: 1...4, using: &numbers)).map { _ in
                String(
                    (0..<Int.random(in: 0...6, using: &numbers)).map { _ in
                        letters.randomElement(using: &numbers) ?? "a"
                    })
            }
            let single = words.map { "'" + $0.replacing("'", with: #"'"'"'"#) + "'" }.joined(separator: " ")
            #expect(try CommandWords.split(single) == words)
            let escaped = words.map { $0.isEmpty ? "''" : $0.map { $0.isLetter ? "\($0)" : "\\\($0)" }.joined() }
            #expect(try CommandWords.split(escaped.joined(separator: "  ")) == words)
        }
    }
}
