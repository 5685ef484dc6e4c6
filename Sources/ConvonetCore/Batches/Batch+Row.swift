package import ConvonetDatabase
import PostgresClient

/// How it goes on with one person: the words and the standing that follow from what the database said.
extension Batch.Row {
    /// Takes that an earlier run did it.
    mutating func takeDoneBefore() { standing = .doneBefore }

    /// Takes what a rehearsal said; false for an error that says nothing of this person.
    package mutating func take(rehearsal: Result<ChangeResult, AdminError>, of action: AccountAction) -> Bool {
        switch rehearsal {
        case .failure(let error):
            guard Self.isOfOneAccount(error) else { return false }
            (self.error, standing) = (error, .conflict)
        case .success(let found):
            result = found
            standing =
                switch found.outcome {
                case .wouldDo: .wouldDo
                case .conflict: .conflict
                default: Batch.leavesNothingToDo(found.rule, action) ? .nothingToDo : .refused
                }
            // To ask for approval is a change for one person: it was only tried whether there is any.
            if found.rule == "approval_required" { result.message = Self.approvalText }
        }
        return true
    }

    /// Takes how the change itself ended.
    package mutating func take(outcome: Result<ChangeResult, AdminError>, of action: AccountAction) {
        let wasDone = standing == .doneBefore
        switch outcome {
        case .failure(let error):
            (self.error, standing) = (error, Self.isOfOneAccount(error) ? .conflict : .failed)
        case .success(let ended):
            result = ended
            standing =
                switch ended.outcome {
                case .done, .wouldDo: wasDone ? .doneBefore : .done
                case .refused: Batch.leavesNothingToDo(ended.rule, action) ? .nothingToDo : .refused
                case .conflict: .conflict
                case .failed: .failed
                case .unknown: .unknown
                }
            // What may have been late then is of no use now.
            if wasDone, ended.isReplicated { result.message = isUndoneSince(action) ? Self.undoneText : nil }
        }
    }

    /// Whether somebody has set another state since it was done.
    private func isUndoneSince(_ action: AccountAction) -> Bool {
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
