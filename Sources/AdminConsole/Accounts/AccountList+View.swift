import ConvonetCore
import PostgresClient
import TerminalKit

extension AccountList {
    private static let wideTable = Table(columns: [
        Table.Column(title: "Name", minimumColumns: 14, weight: 3, maximumColumns: 36, priority: 8),
        Table.Column(title: "E-mail", minimumColumns: 30, weight: 6, maximumColumns: 48, priority: 9),
        Table.Column(title: "Username", minimumColumns: 8, weight: 2, maximumColumns: 28, priority: 5),
        Table.Column(title: "State", minimumColumns: 10, weight: 1, maximumColumns: 24, priority: 7),
        Table.Column(title: "PIN", minimumColumns: 3, priority: 6),
        Table.Column(title: "Signed in", minimumColumns: 10, maximumColumns: 16, priority: 3),
    ])

    /// For screens on which the other has room for addresses alone.
    private static let narrowTable = Table(
        columns: wideTable.columns.map { column in
            var column = column
            if column.title == "Name" { column.minimumColumns = 12 }
            if column.title == "E-mail" { column.minimumColumns = 22 }
            return column
        })

    func table(columns: Int) -> Table { columns < 60 ? Self.narrowTable : Self.wideTable }

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.search, "search", 8), (.open, "open", 7), (.resetPassword, "password", 6),
            (.resetVoicePIN, "voice PIN", 6),
            (.filter, "filter", 4), (.sort, "sort", 3), (.clear, "clear", 5), (.accountHistory, "history", 2),
            (.auditLog, "log", 1), (.copy, "copy", 2), (.refresh, "refresh", 2), (.back, "clear search", 9),
            (.palette, "keys", 9), (.quit, "quit", 10),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        drawSearchLine(into: &buffer)
        let words = selection.words
        drawRows(into: &buffer, now: console.now, showsCursor: !isSearching) {
            words.isEmpty ? [] : SearchFold.places(of: words, in: $0)
        }
        if window.rows.isEmpty, window.fetch == nil {
            let text =
                if !window.isLoaded {
                    "Not loaded."
                } else if selection.isEverybody {
                    "There are no accounts."
                } else if selection.words.isEmpty {
                    "Nobody matches the filter. Press c to clear it."
                } else {
                    "Nobody matches “\(selection.text)”" + (selection.filters.isEmpty ? "." : " within the filter.")
                }
            buffer.write(text, column: 2, row: 4, style: .dim, limit: buffer.size.columns - 3)
        }
    }

    func items(_ account: Account, now: Timestamp) -> [Table.Item] {
        let state: Table.Item =
            if !account.isActive {
                Table.Item("INACTIVE", style: .danger)
            } else if account.signIn == .external {
                Table.Item("elsewhere", style: .accent)
            } else if !account.isVerified {
                Table.Item("unverified", style: .caution)
            } else {
                Table.Item("active")
            }
        return [
            Table.Item(account.fullName, style: .strong), Table.Item(account.email),
            Table.Item(account.username), state, Table.Item(account.hasVoicePIN ? "set" : "-"),
            Table.Item(account.lastLoginAt.map { String($0.localText.prefix(10)) } ?? "never"),
        ]
    }

    private func drawSearchLine(into buffer: inout Buffer) {
        let isByBeginnings = selection.words.contains(where: SearchFold.matchesBeginningsOnly)
        let status =
            status(whileFetching: selection.isEverybody ? "loading…" : "searching…")
            + (isByBeginnings && window.isLoaded && window.fetch == nil ? ", by beginnings" : "")
        let statusColumns = TextWidth.columns(of: status)
        let room = buffer.size.columns - statusColumns - 4
        if isSearching || !search.isEmpty {
            buffer.write("Search", column: 1, row: 1, style: .title)
            let limits = selection.description.map { " " + TextWidth.fitted($0, to: max(0, room / 2 - 8)) } ?? ""
            let fieldColumns = max(8, room - 8 - TextWidth.columns(of: limits))
            search.draw(into: &buffer, column: 8, row: 1, columns: fieldColumns, focused: isSearching)
            buffer.write(limits, column: 8 + fieldColumns, row: 1, style: .title, limit: max(0, room - fieldColumns))
        } else {
            let full = "All accounts, by e-mail address"
            let title = selection.description ?? (TextWidth.columns(of: full) <= room ? full : "All accounts")
            buffer.write(TextWidth.fitted(title, to: room), column: 1, row: 1, style: .title)
        }
        buffer.write(status, column: buffer.size.columns - statusColumns - 1, row: 1)
    }
}
