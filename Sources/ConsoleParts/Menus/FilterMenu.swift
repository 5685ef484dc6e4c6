package import ConvonetCore
package import TerminalKit

/// The filters, each on or off; those that look back have a number of days.
package struct FilterMenu: LineMenu {
    package var title: String { "Filter" }
    package var hints: [Footer.Hint] {
        [
            .choose, Footer.Hint("Space", "on or off", priority: 8), Footer.Hint("← →", "days", priority: 6),
            Footer.Hint("Enter", "show", priority: 8),
        ]
    }

    package private(set) var choices: [Choice]
    package var cursor = MenuCursor(of: AccountSelection.Filter.examples.count)
    private var isTouched = false

    package struct Choice: Equatable, Sendable {
        package var filter: AccountSelection.Filter
        package var isOn: Bool
    }

    private static let days = [1, 7, 30, 90, 180, 365]

    package init(_ chosen: [AccountSelection.Filter]) {
        choices = AccountSelection.Filter.examples.map { example in
            let match = chosen.first { $0.hasSameKind(as: example) }
            return Choice(filter: match ?? example, isOn: match != nil)
        }
        isTouched = !chosen.isEmpty
    }

    /// What is on; where nothing ever was, the one under the cursor, which is what Enter then means.
    package var chosen: [AccountSelection.Filter] {
        let chosen = choices.filter(\.isOn).map(\.filter)
        return chosen.isEmpty && !isTouched ? [choices[index].filter] : chosen
    }

    package var rows: [MenuRow] {
        choices.map { choice in
            MenuRow(
                text: "[\(choice.isOn ? "x" : " ")] \(choice.filter.words)",
                note: choice.filter.days == nil ? "" : "← days →")
        }
    }

    package mutating func applyOwn(_ key: Key) -> Bool {
        switch key {
        case .character(" "):
            choices[index].isOn.toggle()
            isTouched = true
        case .left: changeDays(by: -1)
        case .right: changeDays(by: 1)
        default: return false
        }
        return true
    }

    private mutating func changeDays(by step: Int) {
        guard let days = choices[index].filter.days else { return }
        let place = Self.days.lastIndex { $0 <= days } ?? 0
        choices[index].filter.days = Self.days[min(max(0, place + step), Self.days.count - 1)]
        choices[index].isOn = true
    }
}
