import ConvonetCore
import TerminalKit

extension PersonPage {
    /// Who it is, the states, and what must be noticed: what never scrolls away.
    func head(_ size: Size, _ shared: Shared) -> [Line] {
        let room = size.columns - 2
        let most = max(2, Console.bodyRows(size) / 2)
        var lines = identity(room)
        let notices = known.notices(shared).flatMap { notice in
            TextWrap.lines(DisplayText.visible(notice.text), columns: room).map {
                Line(parts: [Line.Part(column: 1, text: $0, style: notice.style)])
            }
        }
        // What does not fit goes on below, where it can be scrolled to.
        lines += notices.prefix(max(1, most - lines.count))
        return lines
    }

    private func identity(_ room: Int) -> [Line] {
        let account = known.account
        let name = DisplayText.visible(known.name)
        let address = DisplayText.visible(account.email) + "   @" + DisplayText.visible(account.username)
        let badgeColumns = known.states.reduce(-1) { $0 + $1.word.count + 3 }
        let left = TextWidth.columns(of: name) + 3 + TextWidth.columns(of: address)
        func part(_ text: String, _ column: Int = 1, _ style: Style = .strong) -> Line.Part {
            Line.Part(column: column, text: text, style: style)
        }
        if left + 3 + badgeColumns <= room {
            return [
                Line(
                    parts: [part(name), part(address, 1 + TextWidth.columns(of: name) + 3, .plain)]
                        + badges(from: room + 1 - badgeColumns))
            ]
        }
        let names = TextWrap.lines(name, columns: room).prefix(2).map { Line(parts: [part($0)]) }
        let addresses = TextWrap.lines(address, columns: room).prefix(2).map { Line(parts: [part($0, 1, .plain)]) }
        return names + addresses + [Line(parts: badges(from: 1))]
    }

    private func badges(from column: Int) -> [Line.Part] {
        var at = column
        return known.states.map { state in
            defer { at += state.word.count + 3 }
            return Line.Part(column: at, text: "[\(state.word)]", style: state.style)
        }
    }

    static let labelColumns = 12
    /// From here on the groups of facts stand side by side.
    private static let columnsForGroups = 100

    /// How somebody signs in and what the account is: in boxes beside each other where there is room, else below each other.
    func factLines(_ columns: Int, _ shared: Shared) -> [Line] {
        columns >= Self.columnsForGroups ? groups(columns, shared) : column(columns, shared)
    }

    private func column(_ columns: Int, _ shared: Shared) -> [Line] {
        Self.lines(
            known.signIn(shared) + known.about(shared.times), from: 1, columns: columns - 2)
    }

    /// Two boxes beside each other.
    private func groups(_ columns: Int, _ shared: Shared) -> [Line] {
        let left = (columns - 4) * 2 / 5
        let right = columns - 4 - left
        var one = Self.lines(known.signIn(shared), from: 3, columns: left - 4)
        var other = Self.lines(known.about(shared.times), from: left + 5, columns: right - 4)
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

    /// Facts with their labels, each on `most` lines at most.
    static func lines(
        _ facts: [PersonFacts.Fact], from column: Int, columns: Int, labels: Int = labelColumns, most: Int = .max
    )
        -> [Line]
    {
        facts.flatMap { fact in
            // Made visible before it is broken: a line end in a name must not begin a line here.
            TextWrap.lines(DisplayText.visible(fact.text), columns: max(10, columns - labels)).prefix(most).enumerated()
                .map {
                    Line(parts: [
                        Line.Part(column: column, text: $0.offset == 0 ? fact.label : "", style: .dim),
                        Line.Part(column: column + labels, text: $0.element, style: fact.style),
                    ])
                }
        }
    }
}
