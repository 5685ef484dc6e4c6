import PostgresClient

extension SelfServiceDesk {
    /// All tries together: whoever sent the form waits no longer.
    static let limit = Duration.seconds(25)

    /// Calls a function until it is known what became of it, or the time is over, in a task of its own: a client that hangs
    /// up must not stop what was sent. Throws `AdminError.outcomeUnknown` where it was sent and nobody knows the rest.
    func send(_ call: Statement) async throws -> SelfServiceResult? {
        try await Task { try await sendUntilAnswered(call) }.value
    }

    private func sendUntilAnswered(_ call: Statement) async throws -> SelfServiceResult? {
        let end = Deadline(in: Self.limit)
        var failure = PostgresError.connectionLost(afterSending: false)
        var wasSent = false
        for pause in [0, 100, 1000, 3000] {
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            guard end.timeLeft > .zero else { break }
            do {
                let committed = try await database.pool.change(
                    Receipt.statement(call, isAskedAgain: wasSent), limit: .seconds(10), until: end)
                return try committed.rows.first.map { row in
                    let receipt = try Receipt(row)
                    return SelfServiceResult(
                        receipt: receipt, rule: receipt.rule, isReplicated: committed.isReplicated)
                }
            } catch PostgresError.commitUnanswered {
                throw AdminError.outcomeUnknown(.serveSelfService)
            } catch let error as PostgresError {
                failure = error
                switch error {
                case .connectionLost(let afterSending): wasSent = wasSent || afterSending
                case .cannotConnect: continue
                // The account is locked by another change; the one who waits is answered later rather than not at all.
                case .server(let refusal) where refusal.sqlState.isTransient: continue
                // What became of the first is not known by any error of the next, which another server may have given.
                default:
                    if !wasSent { throw await database.explained(AdminError(error, during: .serveSelfService), error) }
                }
            }
        }
        throw wasSent ? AdminError.outcomeUnknown(.serveSelfService) : AdminError(failure, during: .serveSelfService)
    }
}
