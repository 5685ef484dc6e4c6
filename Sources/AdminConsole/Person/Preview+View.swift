import ConvonetCore
import TerminalKit

extension Preview {
    private static let labelColumns = 11

    /// Draws over `area`, whose first column is the line between list and preview.
    func draw(into buffer: inout Buffer, _ area: Rect, _ console: Console) {
        for row in area.row..<area.endRow {
            buffer.write("│", column: area.column, row: row, style: .border)
        }
        let column = area.column + 2
        let room = area.columns - 3
        for (offset, line) in lines(room, console.times, mayDecide: console.context.mayDecide).prefix(area.rows)
            .enumerated()
        {
            for part in line.parts {
                buffer.write(
                    part.text, column: column + part.column, row: area.row + offset, style: part.style,
                    limit: room - part.column)
            }
        }
    }

    private func lines(_ room: Int, _ times: Times, mayDecide: Bool) -> [PersonPage.Line] {
        typealias Line = PersonPage.Line
        func wrapped(_ text: String, _ style: Style) -> [Line] {
            TextWrap.lines(DisplayText.visible(text), columns: room).map {
                Line(parts: [Line.Part(column: 0, text: $0, style: style)])
            }
        }
        var states: [Line.Part] = []
        var at = 0
        for state in facts.states {
            states.append(Line.Part(column: at, text: state.word, style: state.style))
            at += state.word.count + 2
        }
        let account = facts.account
        var lines =
            wrapped(facts.name, .strong) + wrapped(account.email, .plain) + wrapped("@" + account.username, .plain)
        lines.append(Line(parts: states))
        lines.append(Line(parts: [Line.Part(column: 0, text: String(repeating: "─", count: room), style: .border)]))
        // Nothing of what goes with somebody is shown before it is known to be theirs.
        let notices = facts.notices(times, mayDecide: mayDecide)
        for notice in notices { lines += wrapped(notice.text, notice.style) }
        let facts = self.facts.signIn(times) + self.facts.about(times)
        for fact in isComplete ? facts : facts.filter({ !["Links", "Teams"].contains($0.label) }) {
            lines += TextWrap.lines(DisplayText.visible(fact.text), columns: room - Self.labelColumns).prefix(3)
                .enumerated().map {
                    Line(parts: [
                        Line.Part(column: 0, text: $0.offset == 0 ? fact.label : "", style: .dim),
                        Line.Part(column: Self.labelColumns, text: $0.element, style: fact.style),
                    ])
                }
        }
        guard case .entries(let entries) = self.facts.history, !entries.isEmpty else { return lines }
        lines.append(Line())
        lines.append(Line(parts: [Line.Part(column: 0, text: "Recent activity", style: .title)]))
        lines += entries.map { entry in
            let outcome = OutcomeText.item(entry.outcome, entry.rule, of: entry.action)
            let what =
                outcome.text.hasPrefix("✓") ? ActionName.words(entry.action) : "\(ActionName.words(entry.action)) ✗"
            let rest = [ActorName.user(of: entry.operatorName), entry.ticket].compactMap { $0 }.joined(separator: "  ")
            return Line(parts: [
                Line.Part(column: 0, text: TextWidth.fitted(times.cell(entry.occurredAt), to: 18), style: .plain),
                Line.Part(column: 18, text: TextWidth.fitted(what, to: 18), style: outcome.style),
                Line.Part(column: 37, text: TextWidth.fitted(rest, to: room - 37), style: .dim),
            ])
        }
        return lines
    }
}
