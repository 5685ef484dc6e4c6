import ConvonetCore
import TerminalKit

/// A column of the list of accounts.
enum AccountColumn: String, CaseIterable, Sendable {
    case name, email, username, state, verified, pin, login, created, changed, team

    /// What is shown unless somebody chose otherwise.
    static let usual: [AccountColumn] = [.name, .email, .username, .state, .pin, .login]
    /// What is always shown: without these nobody is told apart.
    static let fixed: Set<AccountColumn> = [.name, .email]
    /// What is added on a wide screen unless somebody chose otherwise.
    static let wide: [AccountColumn] = [.created, .verified, .team]
    /// Columns of the list from which those are added: a screen of 160 has that many beside the preview.
    static let columnsForWide = 104

    /// What stands above it.
    var title: String {
        switch self {
        case .name: "Name"
        case .email: "E-mail"
        case .username: "Username"
        case .state: "State"
        case .verified: "Verified"
        case .pin: "PIN"
        case .login: "Seen"
        case .created: "Created"
        case .changed: "Changed"
        case .team: "Team"
        }
    }

    /// The order that it shows; nil where the list cannot be sorted by it.
    private var order: AccountOrder.Column? {
        switch self {
        case .name: .name
        case .email: .email
        case .username: .username
        case .login: .login
        case .created: .created
        case .changed: .updated
        case .state, .verified, .pin, .team: nil
        }
    }

    private func column(isNarrow: Bool, isShort: Bool) -> Table.Column {
        switch self {
        case .name:
            Table.Column(
                title: title, minimumColumns: isNarrow ? 12 : 14, weight: 4, maximumColumns: 36, priority: 8)
        case .email:
            Table.Column(
                title: title, minimumColumns: isNarrow ? 22 : 24, weight: 6, maximumColumns: 64, priority: 9)
        case .username: Table.Column(title: title, minimumColumns: 9, weight: 2, maximumColumns: 28, priority: 5)
        case .state: Table.Column(title: title, minimumColumns: 10, priority: 7)
        case .verified: Table.Column(title: title, minimumColumns: 8, priority: 1)
        case .team: Table.Column(title: title, minimumColumns: 8, weight: 1, maximumColumns: 24, priority: 1)
        case .pin: Table.Column(title: title, minimumColumns: 3, priority: 6)
        case .login: Table.Column(title: title, minimumColumns: isShort ? 6 : 10, priority: 4)
        case .created, .changed: Table.Column(title: title, minimumColumns: isShort ? 7 : 10, priority: 3)
        }
    }

    /// What is shown of the chosen columns in so many cells: that which the list is sorted by is always among them.
    static func shown(_ chosen: [AccountColumn], _ order: AccountOrder, columns: Int) -> [AccountColumn] {
        var shown = chosen
        if chosen == usual, columns >= columnsForWide { shown += wide }
        if let sorted = allCases.first(where: { $0.order == order.column }), !shown.contains(sorted) {
            shown.append(sorted)
        }
        return shown
    }

    /// The table of these columns; the one that the list is sorted by says which way, and always stays.
    static func table(_ shown: [AccountColumn], _ order: AccountOrder, columns: Int, _ display: Times.Display) -> Table
    {
        Table(
            columns: shown.map {
                var column = $0.column(isNarrow: columns < 60, isShort: display == .relative)
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
    func item(_ account: Account, _ teams: [TeamMembership]?, _ times: Times) -> Table.Item {
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
        if !account.isActive { return Table.Item("INACTIVE", style: .danger) }
        if account.signIn == .external { return Table.Item("SSO", style: .accent) }
        return account.isVerified ? Table.Item("active") : Table.Item("unverified", style: .caution)
    }
}
