import TerminalKit

/// How somebody signs in and what the account is: in boxes beside each other where there is room, else below each other.
extension PersonPage {
    private static let labelColumns = 12
    /// From here on the groups of facts stand side by side.
    private static let columnsForGroups = 100

    func factLines(_ columns: Int, _ times: Times) -> [Line] {
        columns >= Self.columnsForGroups ? groups(columns, times) : column(columns, times)
    }

    private func column(_ columns: Int, _ times: Times) -> [Line] {
        Self.lines(
            facts.signIn(times) + facts.about(times), from: 1, columns: columns - 2)
    }

    /// Two boxes beside each other.
    private func groups(_ columns: Int, _ times: Times) -> [Line] {
        let left = (columns - 4) * 2 / 5
        let right = columns - 4 - left
        var one = Self.lines(facts.signIn(times), from: 3, columns: left - 4)
        var other = Self.lines(facts.about(times), from: left + 5, columns: right - 4)
        let rows = max(one.count, other.count)
        one += Array(repeating: Line(), count: rows - one.count)
        other += Array(repeating: Line(), count: rows - other.count)
        func edge(_ title: String, _ column: Int, _ columns: Int) -> [Line.Part] {
            let line = String(repeating: "─", count: max(0, columns - 5 - title.count))
            return [
                Line.Part(column: column, text: "┌─ ", style: .border),
                Line.Part(column: column + 3, text: title, style: .title),
                Line.Part(column: column + 3 + title.count, text: " \(line)┐", style: .border),
            ]
        }
        func bottom(_ column: Int, _ columns: Int) -> Line.Part {
            Line.Part(
                column: column, text: "└" + String(repeating: "─", count: columns - 2) + "┘", style: .border)
        }
        func sides(_ column: Int, _ columns: Int) -> [Line.Part] {
            [column, column + columns - 1].map { Line.Part(column: $0, text: "│", style: .border) }
        }
        let middle = zip(one, other).map {
            Line(parts: $0.parts + $1.parts + sides(1, left) + sides(left + 3, right))
        }
        return [Line(parts: edge("Sign-in", 1, left) + edge("Account", left + 3, right))] + middle
            + [Line(parts: [bottom(1, left), bottom(left + 3, right)])]
    }

    private static func lines(_ facts: [PersonFacts.Fact], from column: Int, columns: Int) -> [Line] {
        facts.flatMap { fact in
            // Made visible before it is broken: a line end in a name must not begin a line here.
            TextWrap.lines(DisplayText.visible(fact.text), columns: max(10, columns - labelColumns)).enumerated().map {
                Line(parts: [
                    Line.Part(column: column, text: $0.offset == 0 ? fact.label : "", style: .dim),
                    Line.Part(column: column + labelColumns, text: $0.element, style: fact.style),
                ])
            }
        }
    }
}
