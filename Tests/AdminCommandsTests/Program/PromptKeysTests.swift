import Testing

@testable import AdminCommands

@Suite struct PromptKeysTests {
    private func events(_ text: String) -> [PromptKeys.Event] {
        var keys = PromptKeys()
        return text.utf8.flatMap { keys.take($0) }
    }

    private func bytes(_ text: String) -> [PromptKeys.Event] { text.utf8.map { .byte($0) } }

    @Test func aPasteIsTheTextBetweenItsMarks() {
        #expect(events("\u{1B}[200~pw\u{1B}[201~") == [.pasteBegins] + bytes("pw") + [.pasteEnds])
    }

    @Test(arguments: ["\u{1B}[A", "\u{1B}OP", "\u{1B}[1;5C", "\u{1B}[3~", "\u{1B}[27;5;13~"])
    func aKeyOfSeveralBytesIsOne(_ sequence: String) {
        #expect(events(sequence + "x") == [.otherKey] + bytes("x"))
    }

    @Test(arguments: ["\r", "\u{3}", "x", "é"])
    func whatIsNoSequenceIsNotSwallowed(_ rest: String) {
        #expect(events("\u{1B}" + rest) == [.otherKey] + bytes(rest))
        #expect(events("\u{1B}[12\r") == [.otherKey] + bytes("\r"))
    }

    @Test func aSequenceWithoutEndIsGivenUp() {
        let endless = events("\u{1B}[" + String(repeating: "1", count: 100))
        #expect(endless.first == .otherKey && endless.contains(.byte(UInt8(ascii: "1"))))
    }
}
