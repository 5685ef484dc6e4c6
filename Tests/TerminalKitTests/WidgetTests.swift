import Testing

@testable import TerminalKit

@Suite struct WidgetTests {
    static let table = Table(columns: [
        .init(title: "E-mail", minimumColumns: 10, weight: 2, priority: 3),
        .init(title: "Name", minimumColumns: 8, weight: 1, maximumColumns: 12, priority: 2),
        .init(title: "PIN", minimumColumns: 3, alignment: .trailing, priority: 1),
    ])

    @Test(arguments: [(80, [0, 1, 2]), (27, [0, 1, 2]), (26, [0, 1]), (21, [0]), (12, [0]), (5, [0])])
    func dropsTheLeastImportantColumnFirst(_ width: Int, _ kept: [Int]) {
        #expect(Self.table.layout(width: width).map(\.index) == kept)
    }

    @Test(arguments: 3...120)
    func neverGoesBeyondItsWidth(_ width: Int) {
        let layout = Self.table.layout(width: width)
        #expect(layout.allSatisfy { $0.column + $0.columns <= width })
        for (left, right) in zip(layout, layout.dropFirst()) { #expect(left.column + left.columns + 2 == right.column) }
    }

    @Test func aColumnAtItsMaximumLeavesTheRestToOthers() {
        #expect(Self.table.layout(width: 80).map(\.columns) == [59, 12, 3])
    }

    @Test func theSelectedRowIsMarkedWithoutColoursToo() {
        var buffer = Buffer(size: Size(columns: 30, rows: 3))
        let layout = Self.table.layout(width: 30)
        let rect = Rect(buffer.size)
        Self.table.drawHeader(layout, into: &buffer, rect: rect)
        let items: [Table.Item] = [.init("SAKura@example.org"), .init("山田 sak"), .init("yes", style: .good)]
        for row in 1...2 {
            let place = Rect(column: 0, row: row, columns: 30, rows: 1)
            Self.table.drawRow(items, layout, into: &buffer, rect: place, selected: row == 2) {
                $0.ranges(of: /sak|SAK/)
            }
        }
        #expect(
            buffer.snapshot() == """
                  E-mail        Name       PIN
                  SAKura@exam…  山田 sak   yes
                > SAKura@exam…  山田 sak   yes
                --- styles: . plain, b strong, m match, g good, s selected, S selectedMatch
                bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
                ..mmm................mmm...ggg
                ssSSSssssssssssssssssSSSssssss
                --- cursor: hidden

                """)
    }

    @Test(arguments: [
        (60, "Enter open  / search  q quit"), (28, "Enter open  / search  q quit"), (27, "/ search  q quit"),
        (6, "q quit"), (5, ""),
    ])
    func theFooterKeepsWhatMattersAndCutsNoWord(_ columns: Int, _ shown: String) {
        let footer = Footer([
            .init("Enter", "open", priority: 1), .init("/", "search", priority: 2), .init("q", "quit", priority: 3),
        ])
        var buffer = Buffer(size: Size(columns: columns + 2, rows: 1))
        footer.draw(into: &buffer, row: 0)
        #expect(buffer.text() == (shown.isEmpty ? "" : " " + shown))
        #expect(buffer[columns + 1, 0].style == .footer)
    }

    @Test(arguments: [(0, 0), (1, 1), (50, 5), (99, 9), (100, 10)])
    func aMeterIsFullOnlyWhenItIs(_ filled: Int, _ cells: Int) {
        #expect(Meter.cells(filled: filled, total: 100, columns: 10) == cells)
    }

    @Test func aMeterIsABarAndItsWord() {
        #expect(Meter(filled: 1, total: 2, word: "fair").text(columns: 4) == "██░░ fair")
    }

    @Test func aDialogShrinksToTheScreen() {
        var buffer = Buffer(size: Size(columns: 40, rows: 10))
        let inner = Dialog(title: "Reset", columns: 70, rows: 20).draw(into: &buffer)
        #expect(inner == Rect(column: 2, row: 1, columns: 36, rows: 8))
        var tiny = Buffer(size: Size(columns: 10, rows: 3))
        #expect(Dialog(title: "Reset", columns: 70, rows: 20).draw(into: &tiny) == Rect(tiny.size))
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("", 5, [""]), ("a\n\nb", 9, ["a^J^Jb"]),
        ("abcdefghij k", 4, ["abcd", "efgh", "ij k"]), ("山田太郎", 5, ["山田", "太郎"]), ("x", 0, []),
        ("a  b ", 9, ["a  b "]), ("a  b ", 4, ["a b"]), ("山", 1, ["山"]),
    ])
    func wrapsBetweenWords(_ text: String, _ columns: Int, _ lines: [String]) {
        #expect(TextWrap.lines(text, columns: columns) == lines)
    }
}
