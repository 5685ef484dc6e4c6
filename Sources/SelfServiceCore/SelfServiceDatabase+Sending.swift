import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient

extension SelfServiceDatabase {
    /// Calls a function until it is known what became of it, or the time is over, in a task of its own: a client that hangs
    /// up must not stop what was sent. Nil where there is nobody to do it to. Throws `AdminError.outcomeUnknown` where it was
    /// sent and nobody knows the rest.
    func send(_ statement: Statement, request: UUID) async throws(AdminError) -> SelfServiceResult? {
        let sender = ReceiptSender(database: database, operation: .serveSelfService, retryPolicy: .selfService)
        let call = ReceiptSender.Call(statement: statement, request: request, action: "", account: nil)
        let sent = try await database.translating(.serveSelfService) {
            try await Task { try await sender.send(call) }.value
        }
        switch sent {
        case .nothing: return nil
        default:
            let (receipt, isReplicated) = try sent.done(.serveSelfService)
            return SelfServiceResult(receipt: receipt, rule: receipt.rule, isReplicated: isReplicated)
        }
    }
}
