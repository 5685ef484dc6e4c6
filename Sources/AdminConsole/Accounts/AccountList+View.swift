import ConvonetCore
import PostgresClient
import TerminalKit

extension AccountList {
    private static let table = Table(columns: [
        Table.Column(title: "Name", minimumColumns: 14, weight: 3, maximumColumns: 36, priority: 8),
        Table.Column(title: "E-mail", minimumColumns: 30, weight: 6, maximumColumns: 48, priority: 9),
        Table.Column(title: "Username", minimumColumns: 8, weight: 2, maximumColumns: 28, priority: 5),
        Table.Column(title: "State", minimumColumns: 10, weight: 1, maximumColumns: 24, priority: 7),
        Table.Column(title: "PIN", minimumColumns: 3, priority: 6),
        Table.Column(title: "Signed in", minimumColumns: 10, maximumColumns: 16, priority: 3),
    ])

    /// For screens on which the other has room for addresses alone.
    private static let narrowTable = Table(
        columns: table.columns.map { column in
            var column = column
            if column.title == "Name" { column.minimumColumns = 12 }
            if column.title == "E-mail" { column.minimumColumns = 22 }
            return column
        })

    func draw(into buffer: inout Buffer, now: Timestamp) {
        drawSearchLine(into: &buffer)
        let table = buffer.size.columns < 60 ? Self.narrowTable : Self.table
        let layout = table.layout(width: buffer.size.columns)
        func line(_ row: Int) -> Rect { Rect(column: 0, row: row, columns: buffer.size.columns, rows: 1) }
        table.drawHeader(layout, into: &buffer, rect: line(2))
        let visible = window.accounts.dropFirst(window.top).prefix(rows)
        for (offset, account) in visible.enumerated() {
            let isSelected = account.id == window.selectedID
            table.drawRow(
                Self.items(account, now: now), layout, into: &buffer, rect: line(3 + offset), selected: isSelected,
                matching: selection.words)
            if isSelected, !isSearching { buffer.cursor = Position(column: 0, row: 3 + offset) }
        }
        if window.accounts.isEmpty, fetch == nil {
            let text =
                if !isLoaded {
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

    private static func items(_ account: Account, now: Timestamp) -> [Table.Item] {
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
            Table.Item(account.lastLoginAt.map { String($0.localText.prefix(10)) } ?? "never", style: .dim),
        ]
    }

    private func drawSearchLine(into buffer: inout Buffer) {
        let status = self.status
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
        buffer.write(status, column: buffer.size.columns - statusColumns - 1, row: 1, style: .dim)
    }

    private var status: String {
        switch fetch?.purpose {
        case .begin where !selection.isEverybody: return "searching…"
        case .begin, .end, .refresh: return "loading…"
        case .append, .prepend, nil: break
        }
        guard isLoaded else { return "" }
        let position = window.position.map(Self.grouped)
        if !selection.isEverybody {
            let count =
                window.hasAfter || window.hasBefore
                ? "more than \(Self.grouped(window.accounts.count))" : Self.grouped(window.accounts.count)
            let isShort = selection.words.contains(where: SearchFold.matchesBeginningsOnly)
            return [position, count].compactMap { $0 }.joined(separator: " of ")
                + (isShort ? ", by beginnings" : "")
        }
        let total = self.total.map { ($0.isExact ? "" : "about ") + Self.grouped($0.count) }
        return [position, total].compactMap { $0 }.joined(separator: " of ")
    }

    /// 1204 as `1,204`.
    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }
}
