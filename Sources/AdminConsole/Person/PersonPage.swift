import AccountDisplay
import ConsoleParts
import ConvonetCore
internal import TerminalKit

/// One person's page.
struct PersonPage: Sendable {
    /// What is known of the person.
    var known: PersonFacts
    var live = LiveReading()
    /// First line below the head on the screen.
    var top = 0
    /// Index of the selected line of recent activity, among those that are shown.
    var selection = 0
    /// Which lines of recent activity are shown.
    var shown = Shown.everything

    enum Shown: String, CaseIterable, Sendable {
        case everything = "", done = "done only", notDone = "not done only"
    }

    /// What the list knows of the person is there at once, and read anew all the same.
    init(of account: Account, knowing facts: PersonFacts?) {
        known = facts.flatMap { $0.account.id == account.id ? $0 : nil } ?? PersonFacts(account)
    }

    var facts: PersonFacts? { known }
    var person: Account { known.account }

    /// The lines of recent activity that are shown, newest first.
    var entries: [HistoryEntry] {
        known.entries.filter {
            switch shown {
            case .everything: true
            case .done: $0.outcome == "done"
            case .notDone: $0.outcome != "done"
            }
        }
    }

    /// Takes what was read, and keeps the selected line of recent activity, in its row if that is seen; the newest stays the
    /// newest.
    mutating func keepSelection(_ shared: Shared, _ take: (inout PersonFacts) -> Void) {
        let selected = selection > 0 && entries.indices.contains(selection) ? entries[selection].sequence : nil
        let row = selected == nil ? nil : selectedRow(shared)
        take(&known)
        guard let selected else { return }
        selection = entries.firstIndex { $0.sequence == selected } ?? 0
        if let row, let moved = selectedRow(shared), row < Console.bodyRows(shared.size) {
            top = max(0, top + moved - row)
        }
    }

    /// The row below the header in which the selected line of recent activity stands; nil above the rows that are seen.
    private func selectedRow(_ shared: Shared) -> Int? {
        let place = lines(columns: shared.size.columns, shared).firstIndex(of: .entry(selection))
        return place.flatMap { $0 < top ? nil : head(shared.size, shared).count + $0 - top }
    }

    /// Shows the next kind of lines, from the first on.
    mutating func showNext() {
        shown = shown.next
        selection = 0
    }
}
