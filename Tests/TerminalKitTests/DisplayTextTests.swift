import Testing

@testable import TerminalKit

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("plain ~text", "plain ~text"),
        ("a\rb\nc\td\u{8}", "a^Mb^Jc^Id^H"),
        ("\u{1B}[2J\u{7F}", "^[[2J^?"),
        ("\u{9B}31m", "<U+009B>31m"),
        ("gpj\u{202E}exe", "gpj<U+202E>exe"),
        ("\u{200B}\u{200F}\u{2028}\u{2066}\u{FEFF}\u{AD}", "<U+200B><U+200F><U+2028><U+2066><U+FEFF><U+00AD>"),
        ("a\u{E0041}", "a<U+E0041>"),
        ("\u{3164}", "<U+3164>"),
        ("\u{10FFFF}", "<U+10FFFF>"),
        ("\r\n", "^M^J"),
        ("An\u{200C}na \u{200D}", "An<U+200C>na <U+200D>"), ("\u{200C}علی", "<U+200C>علی"),
        ("علی\u{200C}", "علی<U+200C>"),
        ("علی\u{200C}\u{200C}رضا", "علی<U+200C><U+200C>رضا"),
    ])
    func showsWhatWouldHideOrMove(_ text: String, _ shown: String) {
        #expect(DisplayText.visible(text) == shown)
    }

    @Test(arguments: ["علی\u{200C}رضا", "क्\u{200D}ष", "නේ\u{200D}ර"]) func joinersAreWhereAScriptIsWrittenWithThem(
        _ name: String
    ) {
        #expect(DisplayText.visible(name).unicodeScalars.elementsEqual(name.unicodeScalars))
        #expect(
            TextWidth.columns(of: name)
                == TextWidth.columns(of: String(name.unicodeScalars.filter { $0.value >> 1 != 0x1006 })))
    }

    @Test func aMarkWithoutABaseGetsOne() {
        #expect(DisplayText.visible("\u{301}a") == "\u{25CC}\u{301}a")
        #expect(DisplayText.visible("\n\u{301}") == "^J\u{25CC}\u{301}")
    }

    @Test func onlyFourMarksStayOnABase() {
        let zalgo = "e" + String(repeating: "\u{301}", count: 50) + "x"
        #expect(DisplayText.visible(zalgo).unicodeScalars.count == 6)
        #expect(TextWidth.columns(of: zalgo) == 2)
    }

    @Test func aSelectorIsHiddenOnlyWhereItPicksAShape() {
        #expect(DisplayText.visible("\u{2764}\u{FE0F}").unicodeScalars.elementsEqual("\u{2764}".unicodeScalars))
        #expect(DisplayText.visible("a\u{FE0F}") == "a<U+FE0F>")
    }

    @Test(arguments: ["a\r\u{301}", "\u{202E}x", "e\u{301}\u{301}\u{301}\u{301}\u{301}", "山\u{200D}", "علی\u{200C}رضا"])
    func isTheSameWhenDoneAgain(_ text: String) {
        let once = DisplayText.visible(text)
        #expect(DisplayText.visible(once) == once)
    }
}
