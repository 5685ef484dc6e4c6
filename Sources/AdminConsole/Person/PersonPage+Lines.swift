import AccountDisplay
import ConsoleParts
import ConvonetCore
import TerminalKit

extension PersonPage {
    /// Who it is, the states, and what must be noticed: what never scrolls away.
    func head(_ size: Size, _ shared: Shared) -> [Line] {
        let identity = identity(size.columns - 2)
        return identity + notices(size, shared).prefix(Self.noticesInHead(identity.count, size))
    }

    /// The notices that have no room in the head: the first lines that scroll.
    func restOfNotices(_ columns: Int, _ shared: Shared) -> [Line] {
        let size = Size(columns: columns, rows: shared.size.rows)
        return Array(notices(size, shared).dropFirst(Self.noticesInHead(identity(columns - 2).count, size)))
    }

    private func notices(_ size: Size, _ shared: Shared) -> [Line] {
        let alike = [(text: "Alike: nobody had what you searched for.", style: Style.caution)]
        return ((shared.alike.contains(person.id) ? alike : []) + known.notices(shared.display)).flatMap {
            Line.wrapped($0.text, $0.style, from: 1, columns: size.columns - 2)
        }
    }

    private static func noticesInHead(_ taken: Int, _ size: Size) -> Int {
        max(1, max(2, Console.bodyRows(size) / 2) - taken)
    }

    private func identity(_ room: Int) -> [Line] {
        let account = known.account
        let name = DisplayText.visible(known.name)
        let address = DisplayText.visible(account.email) + "   @" + DisplayText.visible(account.username)
        let badgeColumns = known.states.reduce(-1) { $0 + $1.word.count + 3 }
        let left = TextWidth.columns(of: name) + 3 + TextWidth.columns(of: address)
        if left + 3 + badgeColumns <= room {
            return [
                Line(
                    [
                        Line.Part(column: 1, text: name, style: .strong),
                        Line.Part(column: 1 + TextWidth.columns(of: name) + 3, text: address),
                    ] + badges(from: room + 1 - badgeColumns))
            ]
        }
        let names = Line.wrapped(name, .strong, from: 1, columns: room).prefix(2)
        let addresses = Line.wrapped(address, from: 1, columns: room).prefix(2)
        return Array(names) + addresses + [Line(badges(from: 1))]
    }

    private func badges(from column: Int) -> [Line.Part] { known.stateParts(from: column, gap: 1) { "[\($0)]" } }

    private static let labelColumns = 12
    /// From here on the groups of facts stand side by side.
    private static let columnsForGroups = 100

    /// How somebody signs in and what the account is: in boxes beside each other where there is room, else below each other.
    func factLines(_ columns: Int, _ shared: Shared) -> [Line] {
        columns >= Self.columnsForGroups ? groups(columns, shared) : column(columns, shared)
    }

    private func column(_ columns: Int, _ shared: Shared) -> [Line] {
        Line.facts(
            known.signIn(shared.display) + known.about(shared.times), from: 1, labels: Self.labelColumns,
            columns: columns - 2)
    }

    /// Two boxes beside each other.
    private func groups(_ columns: Int, _ shared: Shared) -> [Line] {
        let left = (columns - 4) * 2 / 5
        let right = columns - 4 - left
        let one = Line.facts(known.signIn(shared.display), from: 3, labels: Self.labelColumns, columns: left - 4)
        let other = Line.facts(known.about(shared.times), from: left + 5, labels: Self.labelColumns, columns: right - 4)
        let rows = max(one.count, other.count)
        return zip(
            box("Sign-in", one, rows, from: 1, columns: left),
            box("Account", other, rows, from: left + 3, columns: right)
        ).map { Line($0.parts + $1.parts) }
    }

    private func box(_ title: String, _ lines: [Line], _ rows: Int, from column: Int, columns: Int) -> [Line] {
        let rule = String(repeating: "─", count: columns - 2)
        let title = Line.Part(column: column + 2, text: " \(title) ", style: .title)
        let sides = [column, column + columns - 1].map { Line.Part(column: $0, text: "│", style: .border) }
        return [Line(Line("┌\(rule)┐", .border, from: column).parts + [title])]
            + (0..<rows).map { Line(sides + (lines.indices.contains($0) ? lines[$0].parts : [])) }
            + [Line("└\(rule)┘", .border, from: column)]
    }
}
