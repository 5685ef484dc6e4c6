public import ConvonetDatabase
import PostgresClient

extension AccountEditor {
    /// Finds out what would become of one person of a batch; nothing is written.
    ///
    /// Throws what ends all requests; what stands in the way of this one is in the row.
    public func look(at row: Batch.Row, of batch: Batch) async throws(AdminError) -> Batch.Row {
        var row = row
        let change = batch.change(row)
        do {
            if try await isDone(change) {
                row.takeDoneBefore()
            } else {
                _ = row.take(rehearsal: .success(try await rehearse(change)), of: change.action.kind)
            }
        } catch {
            guard row.take(rehearsal: .failure(error), of: change.action.kind) else { throw error }
        }
        return row
    }

    /// Carries the change of one person of a batch out, as ``perform(_:progress:)`` does. For whom it was done before, the
    /// receipt of that comes back, and nothing else happens.
    public func carryOut(_ row: Batch.Row, of batch: Batch, progress: @escaping Progress = { _ in }) async -> Batch.Row
    {
        var row = row
        do {
            row.take(outcome: .success(try await perform(batch.change(row), progress: progress)), of: batch.action.kind)
        } catch {
            row.take(outcome: .failure(error), of: batch.action.kind)
        }
        return row
    }

    /// Whether an earlier call with the same request id did the change.
    ///
    /// By a rehearsal under a policy that is in force nowhere: it gets past that only where the request is known already.
    private func isDone(_ change: AccountChange) async throws(AdminError) -> Bool {
        let claimed = claims.parameter(change.context, method: change.action.kind.method, policy: "none")
        return try await database.translating(.changeCredentials) {
            do {
                let rows = try await database.change(
                    """
                    SELECT convonet_admin.rehearse_change(\(change.action.name), \(change.account.id), \
                    \(change.account.version), \(change.requestID), \(claimed)) IS NULL
                    """, mayRepeat: true, for: .changeCredentials
                ).rows
                return try rows.first?.bool(0) ?? false
            } catch AdminError.database(.server(let refusal)) where refusal.sqlState == .noDataFound {
                throw AdminError.accountUnknown(change.account.email)
            }
        }
    }
}
