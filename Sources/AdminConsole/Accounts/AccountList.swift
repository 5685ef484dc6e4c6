import ConvonetCore
import TerminalKit

/// The list of accounts: what is searched for, what is loaded, what is being fetched.
struct AccountList: Sendable {
    /// The search line's text.
    var search = TextField(limit: 100)
    /// Whether keys go to the search line.
    var isSearching = false
    /// What the loaded accounts were selected by.
    var selection = AccountSelection()
    var window = AccountWindow()
    var total: Total?
    var fetch: Fetch?
    /// Whether the rows are an answer to the selection.
    var isLoaded = false
    /// Whether it was said that searches could be quicker.
    var hasSpokenOfIndex = false
    /// Keys from Enter on that wait for the answer to what is typed.
    var heldKeys: [Key] = []
    /// The request that reads one account of the list anew.
    var rereading: Int?
    /// Rows of accounts on the screen.
    var rows = 20

    /// A fetch that is under way.
    struct Fetch: Equatable, Sendable {
        enum Purpose: Equatable, Sendable {
            case begin, end, append, prepend, refresh
        }

        var request: Int
        var purpose: Purpose

        /// Whether the answer takes the place of all rows and of the selection.
        var replacesRows: Bool { purpose == .begin || purpose == .end }
    }

    /// Whether a key must wait: it would act on a row that the answer under way may take away, or it is behind such a key.
    func mustWait(_ key: Key) -> Bool {
        if !heldKeys.isEmpty { return true }
        guard fetch?.replacesRows == true else { return false }
        return key == .enter || !isSearching && ["p", "v", "a", "y"].contains { key == .character($0) }
    }

    /// Shows nobody rather than people who are no answer to what was asked.
    mutating func forgetRows() {
        window = AccountWindow()
        isLoaded = false
    }

    /// Accounts in one fetch: enough for the screen and what comes next.
    var pageSize: Int { max(50, rows * 3) }
}
