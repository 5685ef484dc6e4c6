package import TerminalKit

/// Counted events in columns: with bars on a terminal, with a TAB between the fields elsewhere.
package struct TallyTable {
    /// The terminal's columns; nil where the output is none.
    package var terminalColumns: Int?
    /// What bars are drawn with.
    package var lines: LineSet

    /// A table for so many columns.
    package init(terminalColumns: Int?, lines: LineSet) {
        self.terminalColumns = terminalColumns
        self.lines = lines
    }

    private static let headings = ["EVENTS", "DONE", "NOT DONE"]
    /// A bar says nothing in fewer columns, and no more in more.
    private static let barColumns = 8...60

    /// The lines, under headings.
    package func text(_ tallies: [AuditTally], by grouping: AuditGrouping) -> String {
        let heading = grouping.rawValue.uppercased()
        let names = tallies.map { DisplayText.visible(grouping.words($0.group)) }
        let numbers = tallies.map { [$0.events, $0.done, $0.undone].map(String.init) }
        guard let terminalColumns else {
            return ([[heading] + Self.headings] + zip(names, numbers).map { [$0] + $1 })
                .map { $0.joined(separator: "\t") }.joined(separator: "\n")
        }
        let widths = Self.headings.indices.map { index in
            ([Self.headings[index]] + numbers.map { $0[index] }).map(\.count).max() ?? 0
        }
        let taken = widths.reduce(0) { $0 + $1 + 2 }
        let widest = ([heading] + names).map { TextWidth.columns(of: $0) }.max() ?? 0
        let nameColumns = max(8, min(widest, terminalColumns - taken))
        let room = terminalColumns - nameColumns - taken - 2
        let bar =
            Self.barColumns.contains(room) ? room : room < Self.barColumns.lowerBound ? 0 : Self.barColumns.upperBound
        func line(_ name: String, _ fields: [String], _ end: String = "") -> String {
            let cells = zip(fields, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
            return ([TextWidth.padded(name, to: nameColumns)] + cells + (end.isEmpty ? [] : [end])).joined(
                separator: "  ")
        }
        let most = tallies.map(\.events).max() ?? 0
        return
            ([line(heading, Self.headings)]
            + tallies.indices.map {
                line(names[$0], numbers[$0], TallyBar.text(tallies[$0], of: most, columns: bar, lines: lines))
            })
            .joined(separator: "\n")
    }
}
