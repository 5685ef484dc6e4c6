import ConvonetCore
import FoundationEssentials
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts

/// Whom the console is about at one moment: who is selected, and whose pages and dialogs are open.
struct WalkPlace {
    /// The number of what is on top.
    private(set) var top: Int?
    private var selected: UUID?
    /// Those whose rows are loaded.
    private var rows: Set<UUID> = []
    /// Whether the list is being read from one of its ends.
    private var isMoving = false
    private var isSearching = false
    private var hasOverlay = false
    /// Whom keys act on.
    private var account: UUID?
    /// Whose page or dialog is open, by its number.
    private var people: [Int: UUID] = [:]
    /// Whose dialog is on top.
    private(set) var dialogAccount: UUID?

    init() {}

    init(_ console: Console) {
        let list = console.list
        top = console.stack.last?.number
        selected = list.window.selectedID
        rows = Set(list.window.rows.map(\.id))
        isMoving =
            switch list.window.fetch?.purpose {
            case .begin, .end: true
            default: !list.showsAnswer
            }
        isSearching = list.isSearching
        hasOverlay = console.overlay != nil
        account = console.screen.account?.id
        for held in console.stack {
            if let page = held.part as? PersonPage { people[held.number] = page.person.id }
            if let dialog = held.part as? ResetDialog { people[held.number] = dialog.account.id }
            if let dialog = held.part as? CallerDialog { people[held.number] = dialog.account.id }
        }
        dialogAccount = hasOverlay ? top.flatMap { people[$0] } : nil
    }

    /// What is not as it must be after one step; nil where all is.
    func fault(after before: WalkPlace, byKey: Bool) -> String? {
        for (number, id) in people {
            if let former = before.people[number], former != id {
                return "what is open is for \(id) now, and was for \(former)"
            }
        }
        if !byKey, !before.isMoving, let former = before.selected, selected != former, rows.contains(former) {
            return "the selection went from \(former) to \(selected?.uuidString ?? "nobody") by itself"
        }
        // What a key opens on a screen is for whom that screen is about.
        guard byKey, let top, before.top != top, let id = people[top], before.people[top] == nil else { return nil }
        guard before.top != nil, !before.hasOverlay, !before.isSearching, let account = before.account else {
            return nil
        }
        return id == account || dialogAccount == nil ? nil : "opened for \(id), and \(account) was selected"
    }
}
