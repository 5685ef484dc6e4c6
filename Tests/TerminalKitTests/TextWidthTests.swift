import Testing

@testable import TerminalKit

@Suite struct TextWidthTests {
    @Test(arguments: [("", 0), ("abc", 3), ("山田", 4), ("e\u{301}", 1), ("👍", 2), ("\u{202E}", 8), ("\n", 2), ("กำ", 2)])
    func countsColumns(_ text: String, _ columns: Int) {
        #expect(TextWidth.columns(of: text) == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abc", 1, "…"), ("abc", 0, ""), ("abc", -1, ""),
        ("山田太郎", 6, "山田…"), ("山田太郎", 8, "山田太郎"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func cutsToAWidth(_ text: String, _ columns: Int, _ fitted: String) {
        #expect(TextWidth.fitted(text, to: columns) == fitted)
    }

    @Test func fillsToExactlyTheWidth() {
        #expect(TextWidth.padded("山", to: 5) == "山   ")
        #expect(TextWidth.padded("ab", to: 5, alignment: .trailing) == "   ab")
        #expect(TextWidth.padded("ab", to: 5, alignment: .center) == " ab  ")
        #expect(TextWidth.padded("山田", to: 3) == "山…")
        #expect(TextWidth.columns(of: TextWidth.padded("山田", to: 2)) == 2)
    }
}
