import ConvonetDatabase

/// The command for the next step after an error whose own words serve the console too, as ``RefusalHint`` does for refusals.
enum ErrorHint {
    /// The words for an error with the way on.
    static func text(of error: AdminError) -> String {
        [error.description, command(error).map { "Use “\(Program.name) \($0)”." }].compactMap { $0 }.joined(
            separator: " ")
    }

    private static func command(_ error: AdminError) -> String? {
        switch error {
        case .accountUnknown: "search TEXT"
        case .eventUnknown: "audit list --limit 1"
        case .approvalUnknown, .outcomeUnknown(.decideApprovals, _): "approvals --all"
        case .outcomeUnknown(.setPolicy, _): "policy show"
        default: nil
        }
    }
}
