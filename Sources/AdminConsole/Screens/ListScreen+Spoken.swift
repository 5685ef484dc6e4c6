import AccountDisplay
internal import ConsoleParts
import ConvonetCore
import TerminalKit

/// What is said above a list: what is in it, and what stands in the place of rows.
struct ListHeading: Equatable {
    var title: String
    var empty: String
}

extension ListScreen {
    func spoken(in console: Console) -> Spoken { spokenRows(in: console) }

    /// The rows of a page by their numbers, and as the focus the selected one.
    func spokenRows(in console: Console) -> Spoken {
        let (shared, heading) = (console.shared, heading(console.shared))
        let columns = shared.size.columns
        let table = table(columns: columns, shared.timeDisplay)
        let marked = Set(marked.map { AnyHashable($0.id) })
        func text(_ row: Row) -> String {
            (marked.contains(AnyHashable(row.id)) ? "marked; " : "")
                + table.spoken(items(row, shared, columns: columns))
        }
        var spoken = Spoken(place: name, lines: [heading.title, notice].compactMap { $0 })
        if !marked.isEmpty { spoken.lines.append("\(Marks.words(marked.count)) marked.") }
        guard showsAnswer, !window.rows.isEmpty, let index = window.selectedIndex else {
            if window.rows.isEmpty, window.fetch == nil {
                spoken.lines.append(window.isLoaded ? heading.empty : "Not loaded.")
            }
            return spoken
        }
        let total = window.total?.text
        if let total { spoken.lines.append("\(total) in the list.") }
        let first = window.firstIndex.map { $0.number + 1 }
        // The nine among which the selected one is.
        let before = first.map { ($0 - 1 + index) % ListLayout.spokenRows } ?? 0
        spoken.choices = (max(0, index - before)..<min(window.rows.count, index - before + ListLayout.spokenRows)).map {
            at in (first.map { "\($0 + at). " } ?? "") + text(window.rows[at])
        }
        spoken.numbers = first.flatMap { Spoken.Numbers(from: $0, count: window.rows.count, index: index) }
        let place = [window.position?.text, total].compactMap { $0 }.joined(separator: " of ")
        spoken.focus = Spoken.Focus("", .line(text(window.rows[index])), place: place)
        return spoken
    }
}

extension SearchableList {
    /// While a search is typed the keys go to it, and Enter to the line that is selected.
    func spoken(in console: Console) -> Spoken {
        var spoken = spokenRows(in: console)
        guard isSearching else { return spoken }
        if !search.isEmpty, let focus = spoken.focus, case .line(let text) = focus.entry {
            spoken.lines.append("Enter opens \(focus.place): \(text)")
        }
        if spoken.numbers != nil { spoken.lines.append("Tab goes to the list, where a number and Enter open a line.") }
        spoken.focus = Spoken.Focus("Search", .text(search.text, cursor: search.cursor))
        spoken.numbers = nil
        return spoken
    }
}
