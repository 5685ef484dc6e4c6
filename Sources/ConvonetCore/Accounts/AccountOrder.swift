import OperatingSystem
import PostgresClient

/// The order of a list of accounts: a column and a direction, with the id to tell equal ones apart.
public struct AccountOrder: Equatable, Sendable {
    /// The columns that a list can be sorted by.
    public enum Column: String, CaseIterable, Sendable {
        /// E-mail address.
        case email
        /// Username.
        case username
        /// Family name, then given name.
        case name
        /// When the account was made.
        case created
        /// When it was changed last.
        case updated
        /// When they signed in last; never counts as earliest.
        case login
    }

    /// The column.
    public var column: Column
    /// Whether the greatest comes first.
    public var descending: Bool

    /// An order; by e-mail address unless told.
    public init(_ column: Column = .email, descending: Bool = false) {
        self.column = column
        self.descending = descending
    }

    /// The order in words.
    public var words: String {
        switch column {
        case .email: "by e-mail address" + (descending ? ", Z to A" : "")
        case .username: "by username" + (descending ? ", Z to A" : "")
        case .name: "by last name" + (descending ? ", Z to A" : "")
        case .created: "by date created, " + (descending ? "newest first" : "oldest first")
        case .updated: "by last change, " + (descending ? "newest first" : "oldest first")
        case .login: "by last sign-in, " + (descending ? "newest first" : "never, then oldest first")
        }
    }

    /// The opposite order.
    public var reversed: AccountOrder { AccountOrder(column, descending: !descending) }

    /// Whether the application's own table has an index in this order; else a page needs a scan and a sort.
    public var hasIndex: Bool { column == .email || column == .username }

    /// The columns that the order is made of.
    var columns: Statement {
        switch column {
        case .email: "email"
        case .username: "username"
        case .name: "last_name, first_name"
        case .created: "created_at"
        case .updated: "updated_at, created_at"
        case .login: "last_login_at"
        }
    }

    /// What the rows are compared by. E-mail and username are unique, and their indexes then serve alone.
    var key: Statement {
        switch column {
        case .email: "(email)"
        case .username: "(username)"
        case .name: "(coalesce(last_name, ''), coalesce(first_name, ''), id)"
        case .created: "(coalesce(created_at, '-infinity'), id)"
        case .updated: "(coalesce(updated_at, created_at, '-infinity'), id)"
        case .login: "(coalesce(last_login_at, '-infinity'), id)"
        }
    }

    /// The same key with the values of one account.
    func key(of account: Account) -> Statement {
        switch column {
        case .email: "(\(account.email))"
        case .username: "(\(account.username))"
        case .name: "(\(account.lastName), \(account.firstName), \(account.id))"
        case .created: "(\(account.createdAt), \(account.id))"
        case .updated: "(\(account.updatedAt), \(account.id))"
        case .login: "(\(account.lastLoginAt ?? Timestamp(microseconds: .min)), \(account.id))"
        }
    }

    var clause: Statement {
        let direction: Statement = descending ? " DESC" : ""
        return switch column {
        case .email: "email\(direction)"
        case .username: "username\(direction)"
        case .name: "coalesce(last_name, '')\(direction), coalesce(first_name, '')\(direction), id\(direction)"
        case .created: "coalesce(created_at, '-infinity')\(direction), id\(direction)"
        case .updated: "coalesce(updated_at, created_at, '-infinity')\(direction), id\(direction)"
        case .login: "coalesce(last_login_at, '-infinity')\(direction), id\(direction)"
        }
    }

    /// Whether it has no address or no username by which the list is sorted.
    func isWithoutKey(_ account: Account) -> Bool {
        switch column {
        case .email: account.email.isEmpty
        case .username: account.username.isEmpty
        case .name, .created, .updated, .login: false
        }
    }

    /// Whether `other` comes behind `account`, as far as that can be told without the database's collation.
    func mayFollow(_ other: Account, _ account: Account) -> Bool {
        func moment(_ account: Account) -> Timestamp? {
            switch column {
            case .email, .username, .name: nil
            case .created: account.createdAt
            case .updated: account.updatedAt
            case .login: account.lastLoginAt ?? Timestamp(microseconds: .min)
            }
        }
        guard other.id != account.id else { return false }
        guard let mine = moment(account), let its = moment(other), mine != its else { return true }
        return (its > mine) != descending
    }

    /// The rows that come after the account in this order, or from it on.
    func after(_ account: Account, including: Bool = false) -> Statement {
        let comparison: Statement =
            switch (descending, including) {
            case (false, false): ">"
            case (false, true): ">="
            case (true, false): "<"
            case (true, true): "<="
            }
        // Without a value it stands at the end, where nobody without one but itself can be told apart by it.
        if isWithoutKey(account) {
            let others: Statement = descending ? "\(columns) IS NOT NULL" : "false"
            return including ? "(\(others) OR id = \(account.id))" : "(\(others))"
        }
        return "\(key) \(comparison) \(key(of: account))"
    }
}
