import Testing

@testable import TerminalKit

@Suite struct BufferTests {
    @Test func writesWhereItIsToldAndSaysHowFarItCame() {
        var buffer = Buffer(size: Size(columns: 8, rows: 2))
        #expect(buffer.write("山 e\u{301}", column: 1, row: 1) == 4)
        #expect(buffer.text() == "\n 山 e\u{301}")
        #expect(buffer[1, 1].columns == 2)
        #expect(buffer[2, 1].columns == 0)
        #expect(buffer[4, 1].text == "e\u{301}")
    }

    @Test func clipsAtEveryEdge() {
        var buffer = Buffer(size: Size(columns: 4, rows: 1))
        #expect(buffer.write("abcdef", column: 2, row: 0) == 2)
        #expect(buffer.write("zz", column: 0, row: 1) == 0)
        #expect(buffer.write("zz", column: 0, row: -1) == 0)
        #expect(buffer.write("zz", column: 9, row: 0) == 0)
        #expect(buffer.text() == "  ab")
        buffer.write("xyz", column: -2, row: 0)
        #expect(buffer.text() == "z ab")
    }

    @Test func aWideCharacterIsNeverCutInHalf() {
        var buffer = Buffer(size: Size(columns: 5, rows: 1))
        #expect(buffer.write("山田太", column: 0, row: 0) == 4)
        #expect(buffer.text() == "山田")
        #expect(buffer.write("山田", column: 0, row: 0, limit: 3) == 2)
        buffer.write("山", column: -1, row: 0)
        #expect(buffer.text() == "  田")
    }

    @Test func writingOverHalfOfAWideCharacterLeavesASpace() {
        var buffer = Buffer(size: Size(columns: 6, rows: 1))
        buffer.write("山田太", column: 0, row: 0)
        buffer.write("x", column: 1, row: 0)
        buffer.write("y", column: 2, row: 0)
        buffer.fill(Rect(column: 5, row: 0, columns: 1, rows: 1), style: .plain)
        #expect(buffer.text() == " xy")
    }

    @Test func hostileTextStaysInItsRow() {
        var buffer = Buffer(size: Size(columns: 12, rows: 2))
        buffer.write("a\r\nb", column: 0, row: 0)
        #expect(buffer.text() == "a^M^Jb\n")
    }

    @Test func everyCellHoldsWhatATerminalCanShow() {
        var buffer = Buffer(size: Size(columns: 10, rows: 1))
        buffer.write("\u{301}e" + String(repeating: "\u{302}", count: 9), column: 0, row: 0)
        #expect(buffer.row(0).allSatisfy { $0.text.unicodeScalars.count <= 5 })
    }

    @Test func drawsABoxWithItsTitle() {
        var buffer = Buffer(size: Size(columns: 12, rows: 3))
        buffer.box(Rect(buffer.size), title: "A title that is long", style: .border)
        #expect(buffer.text() == "┌─ A tit… ─┐\n│          │\n└──────────┘")
        #expect(buffer[3, 0].style == .title)
        buffer.box(Rect(column: 0, row: 0, columns: 1, rows: 1), title: "x", style: .border)
        #expect(buffer[0, 0].text == "┌")
    }

    @Test func aSnapshotShowsTextStylesAndCursor() {
        var buffer = Buffer(size: Size(columns: 6, rows: 2))
        buffer.write("ab", column: 0, row: 0, style: .strong)
        buffer.write("c", column: 3, row: 1, style: .danger)
        buffer.cursor = Position(column: 3, row: 1)
        #expect(
            buffer.snapshot() == """
                ab
                   c
                --- styles: . plain, b strong, ! danger
                bb
                ...!
                --- cursor: column 3, row 1

                """)
    }

    @Test func everyStyleHasALetterOfItsOwn() {
        #expect(Set(Style.allCases.map(\.letter)).count == Style.allCases.count)
    }

    @Test func aRectangleInTheMiddleShrinksToFit() {
        let size = Size(columns: 10, rows: 4)
        #expect(Rect.centered(columns: 4, rows: 2, in: size) == Rect(column: 3, row: 1, columns: 4, rows: 2))
        #expect(Rect.centered(columns: 40, rows: 20, in: size) == Rect(size))
    }
}
