package import ConvonetCore
package import TerminalKit

/// A column of the list of accounts.
package enum AccountColumn: String, CaseIterable, Sendable {
    case name, email, username, state, verified, pin, login, created, changed, team

    /// What is shown unless somebody chose otherwise.
    package static let usual: [AccountColumn] = [.name, .email, .username, .state, .pin, .login]
    /// What is always shown: without these nobody is told apart.
    package static let fixed: Set<AccountColumn> = [.name, .email]
    /// What is added on a wide screen unless somebody chose otherwise.
    package static let wide: [AccountColumn] = [.created, .verified, .team]
    /// Columns of the list from which those are added: a screen of 160 has that many beside the preview.
    package static let columnsForWide = 104

    /// What stands above it.
    package var title: String { table(isNarrow: false, isShort: false).title }

    /// The order that it shows; nil where the list cannot be sorted by it.
    private var order: AccountOrder.Column? { self == .changed ? .updated : AccountOrder.Column(rawValue: rawValue) }

    private func table(isNarrow: Bool, isShort: Bool) -> Table.Column {
        func column(_ title: String, _ least: Int, weight: Int = 0, most: Int = .max, _ priority: Int) -> Table.Column {
            Table.Column(title: title, minimumColumns: least, weight: weight, maximumColumns: most, priority: priority)
        }
        return switch self {
        case .name: column("Name", isNarrow ? 12 : 14, weight: 4, most: 36, 8)
        case .email: column("E-mail", isNarrow ? 22 : 24, weight: 6, most: 64, 9)
        case .username: column("Username", 9, weight: 2, most: 28, 5)
        case .state: column("State", 10, 7)
        case .verified: column("Verified", 8, 1)
        case .team: column("Team", 8, weight: 1, most: 24, 1)
        case .pin: column("PIN", 3, 6)
        case .login: column("Seen", isShort ? 6 : 10, 4)
        case .created: column("Created", isShort ? 7 : 10, 3)
        case .changed: column("Changed", isShort ? 7 : 10, 3)
        }
    }

    /// What is shown of the chosen columns in so many cells: that which the list is sorted by is always among them.
    package static func shown(_ chosen: [AccountColumn], _ order: AccountOrder, columns: Int) -> [AccountColumn] {
        var shown = chosen
        if chosen == usual, columns >= columnsForWide { shown += wide }
        if let sorted = allCases.first(where: { $0.order == order.column }), !shown.contains(sorted) {
            shown.append(sorted)
        }
        return shown
    }

    /// The table of these columns; the one that the list is sorted by says which way, and always stays.
    package static func table(_ shown: [AccountColumn], _ order: AccountOrder, columns: Int, _ display: Times.Display)
        -> Table
    {
        Table(
            columns: shown.map {
                var column = $0.table(isNarrow: columns < 60, isShort: display == .relative)
                guard $0.order == order.column else { return column }
                // The name begins with the given name, and is sorted by the other.
                if $0 == .name { column.title = "Name (last)" }
                column.title += order.descending ? " ▼" : " ▲"
                column.minimumColumns = max(column.minimumColumns, TextWidth.columns(of: column.title))
                column.priority = 10
                return column
            })
    }

    /// `teams` is nil where it is not known.
    package func item(_ account: Account, _ teams: [TeamMembership]?, _ times: Times) -> Table.Item {
        switch self {
        case .name: Table.Item(account.fullName, style: .strong)
        case .email: Table.Item(account.email)
        case .username: Table.Item(account.username)
        case .state: Self.state(account)
        case .verified: Table.Item(account.isVerified ? "yes" : "no", style: account.isVerified ? .plain : .caution)
        case .pin: Table.Item(account.hasVoicePIN ? "set" : "-")
        case .login: Table.Item(account.lastLoginAt.map(times.day) ?? "never")
        case .created: Table.Item(times.day(account.createdAt))
        case .changed: Table.Item(times.day(account.updatedAt))
        case .team: Table.Item(teams.map { $0.isEmpty ? "-" : $0.map(\.team).joined(separator: ", ") } ?? "")
        }
    }

    /// The gravest of the states in a word.
    private static func state(_ account: Account) -> Table.Item {
        if account.isFrozen { return Table.Item("FROZEN", style: .danger) }
        if !account.isActive { return Table.Item("INACTIVE", style: .danger) }
        if account.signIn == .external { return Table.Item("SSO", style: .accent) }
        return account.isVerified ? Table.Item("active") : Table.Item("unverified", style: .caution)
    }
}
