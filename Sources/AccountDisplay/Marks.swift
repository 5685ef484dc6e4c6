package import ConvonetCore
package import FoundationEssentials
import TerminalKit

/// People who are marked, in the order in which they were, whatever the list shows by now.
package struct Marks: Sendable {
    /// The most people.
    package static let most = 500
    /// Each as they were when they were marked.
    package private(set) var people: [Account] = []
    private var ids: Set<UUID> = []
    /// Whether Esc was pressed once to clear them.
    package var isLeaving = false

    package init() {}

    package var isEmpty: Bool { people.isEmpty }

    package func contains(_ id: UUID) -> Bool { ids.contains(id) }

    package mutating func toggle(_ account: Account) {
        if ids.contains(account.id) { return remove([account.id]) }
        add([account])
    }

    package mutating func add(_ accounts: [Account]) {
        for account in accounts where ids.insert(account.id).inserted { people.append(account) }
    }

    package mutating func remove(_ others: Set<UUID>) {
        ids.subtract(others)
        people.removeAll { others.contains($0.id) }
    }

    /// Who stays marked, and how the marks are taken off in the list; nil where nobody does.
    package static func remaining(_ count: Int) -> String? {
        switch count {
        case 0: nil
        case 1: "1 person stays marked. In the list, Esc takes the mark off."
        default: "\(words(count)) stay marked. In the list, Esc takes the marks off."
        }
    }

    /// What somebody is called where there are others of their name.
    package static func name(_ account: Account) -> String {
        DisplayText.visible([account.email, account.username].first { !$0.isEmpty } ?? account.fullName)
    }

    /// The first few by name, and how many others.
    package static func names(_ people: [Account]) -> String {
        let shown = people.count > 4 ? 3 : people.count
        let names = people.prefix(shown).map(name) + (people.count > shown ? ["\(people.count - shown) others"] : [])
        return names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }

    /// Who was marked and is nobody any more, in a sentence.
    package static func gone(_ people: [Account]) -> String {
        "\(words(people.count)) who \(people.count == 1 ? "was marked is" : "were marked are") gone: \(names(people))."
    }

    /// How many, in words.
    package static func words(_ count: Int) -> String { count == 1 ? "1 person" : "\(count) people" }
}

extension Batch.Row {
    /// Whether the person stays marked: it was not done, and may still be.
    package var staysMarked: Bool { ![.done, .doneBefore, .nothingToDo].contains(standing) }
}
