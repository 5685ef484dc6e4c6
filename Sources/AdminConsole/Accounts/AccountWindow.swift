import ConvonetCore
import FoundationEssentials

/// The part of a list that is loaded, and the selection in it, which is bound to an account's id and never to a row.
struct AccountWindow: Equatable, Sendable {
    private(set) var accounts: [Account] = []
    private(set) var hasBefore = false
    private(set) var hasAfter = false
    /// Place of the first loaded account in the whole list, from 0; nil where it is not known.
    private(set) var firstIndex: Int?
    private(set) var selectedID: UUID?
    /// Index of the account in the first row of the screen.
    private(set) var top = 0

    /// More than this is not kept: what is far from the cursor is fetched again when it is needed.
    static let capacity = 2000

    var selectedIndex: Int? { selectedID.flatMap { id in accounts.firstIndex { $0.id == id } } }
    var selected: Account? { selectedIndex.map { accounts[$0] } }
    /// Place of the selected account in the whole list, from 1.
    var position: Int? { selectedIndex.flatMap { index in firstIndex.map { $0 + index + 1 } } }

    /// Where what is loaded begins in the whole list.
    var origin: PageOrigin {
        guard let first = accounts.first, hasBefore else { return .after(nil) }
        return .from(first)
    }

    /// Replaces everything by the beginning of the list.
    mutating func begin(_ page: AccountDirectory.Page, rows: Int) {
        self = AccountWindow()
        accounts = page.accounts
        hasAfter = page.hasMore
        firstIndex = 0
        selectedID = accounts.first?.id
    }

    /// Replaces everything by the end of the list.
    mutating func end(_ page: AccountDirectory.Page, rows: Int, total: Int?) {
        self = AccountWindow()
        accounts = page.accounts
        hasBefore = page.hasMore
        firstIndex = page.hasMore ? total.map { $0 - accounts.count } : 0
        selectedID = accounts.last?.id
        scroll(rows: rows)
    }

    /// Puts newly read accounts in the place of all; false means that the selected one is not among them any more.
    mutating func refresh(_ page: AccountDirectory.Page, rows: Int) -> Bool {
        let index = selectedIndex ?? 0
        accounts = page.accounts
        hasAfter = page.hasMore
        let isStillThere = selectedIndex != nil
        if !isStillThere { selectedID = accounts.isEmpty ? nil : accounts[min(index, accounts.count - 1)].id }
        scroll(rows: rows)
        return isStillThere
    }

    /// Adds a page behind the last account.
    mutating func append(_ page: AccountDirectory.Page, rows: Int) {
        let known = Set(accounts.map(\.id))
        accounts += page.accounts.filter { !known.contains($0.id) }
        hasAfter = page.hasMore
        let excess = accounts.count - Self.capacity
        if excess > 0, top > excess {
            accounts.removeFirst(excess)
            top -= excess
            hasBefore = true
            firstIndex = firstIndex.map { $0 + excess }
        }
    }

    /// Adds a page before the first account.
    mutating func prepend(_ page: AccountDirectory.Page, rows: Int) {
        let known = Set(accounts.map(\.id))
        let new = page.accounts.filter { !known.contains($0.id) }
        accounts = new + accounts
        top += new.count
        hasBefore = page.hasMore
        firstIndex = page.hasMore ? firstIndex.flatMap { $0 >= new.count ? $0 - new.count : nil } : 0
        if accounts.count > Self.capacity, top + rows < Self.capacity {
            accounts.removeLast(accounts.count - Self.capacity)
            hasAfter = true
        }
    }

    /// Moves the selection by so many rows, as far as there are any.
    mutating func move(by rows: Int, visible: Int) {
        guard !accounts.isEmpty else { return }
        let index = min(max(0, (selectedIndex ?? 0) + rows), accounts.count - 1)
        selectedID = accounts[index].id
        scroll(rows: visible)
    }

    /// Shows one account as it is now, wherever it is loaded.
    mutating func replace(_ account: Account) {
        if let index = accounts.firstIndex(where: { $0.id == account.id }) { accounts[index] = account }
    }

    /// Brings the selected account into view.
    mutating func scroll(rows: Int) {
        guard let index = selectedIndex, rows > 0 else {
            top = 0
            return
        }
        top = min(max(top, index - rows + 1), index)
        top = max(0, min(top, accounts.count - rows))
    }
}
