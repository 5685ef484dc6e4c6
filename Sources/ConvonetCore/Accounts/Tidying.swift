public import ConvonetDatabase
import PostgresClient

/// What was tidied.
public enum Tidying: Equatable, Sendable {
    /// Everything.
    case everything
    /// What is over was deleted. This database user may not end temporary passwords: whoever resets them could keep them valid.
    case deletionOnly
}

extension AccountEditor {
    /// Deletes what is over, which is what can no longer be taken back, and old links, codes and mails; and ends temporary passwords
    /// whose time is over.
    public func tidy() async throws(AdminError) -> Tidying {
        _ = try await database.change("SELECT convonet_admin.tidy()", for: .tidy)
        let mayEnd = try await database.rows(
            "SELECT has_function_privilege('convonet_admin.end_due_passwords(uuid)', 'EXECUTE')", for: .tidy
        ) { try $0.bool(0) }
        guard mayEnd.first == true else { return .deletionOnly }
        try await PasswordExpiry(database: database).endDue(for: .tidy)
        return .everything
    }
}
