import AccountPolicy
public import ConvonetDatabase
import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// A password that staff gave somebody for a time, and that the account still has; or what is left of it once that is over.
public struct TemporaryPassword: Equatable, Sendable {
    /// Until when it works, unless the person changes it.
    public var until: Timestamp
    /// Since when it does not work any more; nil where it still does.
    public var expiredAt: Timestamp?

    /// A password.
    public init(until: Timestamp, expiredAt: Timestamp? = nil) {
        self.until = until
        self.expiredAt = expiredAt
    }
}

extension TemporaryPassword {
    static func statement(_ account: UUID) -> Statement {
        "SELECT until, expired_at FROM convonet_admin.account_temporary_password(\(account))"
    }

    /// Reads the row that `statement` gives; nil where the password is not temporary.
    static func read(_ rows: QueryResult) throws -> TemporaryPassword? {
        guard let row = rows.first, let until = try row.optional(0, row.timestamp) else { return nil }
        return TemporaryPassword(until: until, expiredAt: try row.optional(1, row.timestamp))
    }
}

extension AccountDirectory {
    /// The temporary password that an account has; nil where its password is its own.
    public func temporaryPassword(of account: Account) async throws(AdminError) -> TemporaryPassword? {
        let rows = try await database.query(TemporaryPassword.statement(account.id), for: .viewAccounts)
        return try await database.translating(.viewAccounts) { try TemporaryPassword.read(rows) }
    }
}

extension Policy {
    /// What is said beforehand of a password that staff give somebody; nil where it is not temporary.
    var temporaryNote: String? {
        let hours = temporaryPasswordHours
        return hours == 0
            ? nil
            : "It would be temporary: it works for \(hours) hour\(hours == 1 ? "" : "s") unless the person changes it."
    }
}
