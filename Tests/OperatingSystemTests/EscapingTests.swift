import OperatingSystem
import Testing

@Suite struct EscapingTests {
    /// Whatever is drawn on a quote, it is one for who reads the text next.
    @Test(arguments: ["\u{308}", "\u{200D}", "\u{FE0F}", "\u{7EF}", "\u{1F3FD}", ""])
    func aSignIsFoundWhateverFollowsIt(mark: String) {
        let text = "a\"\(mark)b\\\(mark)".escaping(["\"": "\"\"", "\\": "\\\\"])
        #expect(text.unicodeScalars.elementsEqual("a\"\"\(mark)b\\\\\(mark)".unicodeScalars))
    }

    @Test func theRestStaysAsItIs() {
        #expect("e\u{301}\r\n".escaping(["\n": "|"]).unicodeScalars.elementsEqual("e\u{301}\r|".unicodeScalars))
        #expect("".escaping(["a": "b"]).isEmpty)
    }
}
