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
                row.standing = .doneBefore
                return row
            }
            row.result = try await rehearse(change)
        } catch {
            guard Self.isOfOneAccount(error) else { throw error }
            row.error = error
            row.standing = .conflict
            return row
        }
        row.standing =
            switch row.result.outcome {
            case .wouldDo: .wouldDo
            case .conflict: .conflict
            default: Batch.leavesNothingToDo(row.result.rule, change.action.kind) ? .nothingToDo : .refused
            }
        // To ask for approval is a change for one person: it was only tried whether there is any.
        if row.result.rule == "approval_required" { row.result.message = Self.approvalText }
        return row
    }

    /// Carries the change of one person of a batch out, as ``perform(_:progress:)`` does. For whom it was done before, the
    /// receipt of that comes back, and nothing else happens.
    public func carryOut(_ row: Batch.Row, of batch: Batch, progress: @escaping Progress = { _ in }) async -> Batch.Row
    {
        var row = row
        let wasDone = row.standing == .doneBefore
        do {
            row.result = try await perform(batch.change(row), progress: progress)
        } catch {
            row.error = error
            row.standing = Self.isOfOneAccount(error) ? .conflict : .failed
            return row
        }
        row.standing =
            switch row.result.outcome {
            case .done, .wouldDo: wasDone ? .doneBefore : .done
            case .refused: Batch.leavesNothingToDo(row.result.rule, batch.action.kind) ? .nothingToDo : .refused
            case .conflict: .conflict
            case .failed: .failed
            case .unknown: .unknown
            }
        // What may have been late then is of no use now.
        if wasDone, row.result.isReplicated {
            row.result.message = isUndoneSince(row.account, batch.action.kind) ? Self.undoneText : nil
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

    /// Whether somebody has set another state since it was done.
    private func isUndoneSince(_ account: Account, _ action: AccountAction) -> Bool {
        var changed = account
        action.apply(&changed, nil)
        return changed != account
    }

    /// What says nothing of the next one: the person is gone, or somebody else holds the account.
    private static func isOfOneAccount(_ error: AdminError) -> Bool {
        switch error {
        case .accountUnknown: true
        case .database(.server(let refusal)): refusal.sqlState.isTransient
        default: false
        }
    }

    private static let approvalText = """
        This account is protected, and a supervisor has to approve the change. Change it on its own, which asks for that; then \
        repeat this.
        """

    private static let undoneText = """
        An earlier run did it, and it was changed back since. It stays so: to do it again, give the batch a name of its own.
        """
}
