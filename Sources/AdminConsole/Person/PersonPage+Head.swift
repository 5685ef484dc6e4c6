import ConvonetCore
import TerminalKit

/// Who it is and what must be noticed: what never scrolls away.
extension PersonPage {
    /// Who it is, the states, and what must be noticed.
    func head(_ size: Size, _ times: Times, mayDecide: Bool) -> [Line] {
        let room = size.columns - 2
        let most = max(2, Console.bodyRows(size) / 2)
        var lines = identity(room)
        let notices = facts.notices(times, mayDecide: mayDecide).flatMap { notice in
            TextWrap.lines(DisplayText.visible(notice.text), columns: room).map {
                Line(parts: [Line.Part(column: 1, text: $0, style: notice.style)])
            }
        }
        // What does not fit goes on below, where it can be scrolled to.
        lines += notices.prefix(max(1, most - lines.count))
        return lines
    }

    private func identity(_ room: Int) -> [Line] {
        let account = facts.account
        let name = DisplayText.visible(facts.name)
        let address = DisplayText.visible(account.email) + "   @" + DisplayText.visible(account.username)
        let badgeColumns = facts.states.reduce(-1) { $0 + $1.word.count + 3 }
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
        return facts.states.map { state in
            defer { at += state.word.count + 3 }
            return Line.Part(column: at, text: "[\(state.word)]", style: state.style)
        }
    }
}
