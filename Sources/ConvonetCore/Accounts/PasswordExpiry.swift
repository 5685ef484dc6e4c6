package import ConvonetDatabase
import PostgresClient

/// Ends temporary passwords whose time is over.
///
/// Each is taken in one transaction and ended in another: where the application's code hangs or fails, those of others are
/// ended meanwhile, and nobody waits for the log.
package struct PasswordExpiry: Sendable {
    private let database: Database

    package init(database: Database) { self.database = database }

    /// How long one may take, which waits for the application's code.
    private static let patience = Duration.seconds(10)
    /// When to stop, for whoever calls again in a minute.
    private static let longest = Duration.seconds(45)

    /// Ends those that are due. What went wrong with one is thrown when the others are done.
    package func endDue(for operation: AdminError.Operation) async throws(AdminError) {
        var failure: AdminError?
        let end = ContinuousClock.now + Self.longest
        while ContinuousClock.now < end {
            let taken = try await database.change("SELECT convonet_admin.take_due_password()", for: operation).rows
            let account = try await database.translating(operation) {
                try taken.first.flatMap { try $0.optional(0, $0.uuid) }
            }
            guard let account else { break }
            do throws(AdminError) {
                _ = try await database.change(
                    "SELECT convonet_admin.end_due_passwords(\(account))", limit: Self.patience, for: operation)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}
