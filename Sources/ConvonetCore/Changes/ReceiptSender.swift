package import ConvonetDatabase
package import FoundationEssentials
package import PostgresClient

/// Sends a call that answers with a receipt until it is known what became of it: the one way of everything that is logged.
///
/// After a lost connection the same call goes again, with the same request id: the functions carry each out at most once.
package struct ReceiptSender: Sendable {
    /// What the caller hears while it takes longer than usual: a sentence.
    package typealias Progress = @Sendable (String) -> Void

    /// How long and how often it is tried.
    package struct RetryPolicy: Sendable {
        /// All tries together.
        package var limit: Duration
        /// Between the tries, the last of them again and again where it `persists`.
        var pauses: [Duration]
        /// Whether it is tried until the limit is over, and not only as often as there are pauses.
        var persists: Bool
        /// Whether it is also tried again where nothing was sent yet: no connection, or a lock that somebody else holds.
        var waitsToSend: Bool

        /// Somebody sits before it who is told what is happening.
        static let staff = RetryPolicy(
            limit: .seconds(43), pauses: [.zero, .seconds(1), .seconds(2), .seconds(4), .seconds(8)], persists: true,
            waitsToSend: false)
        /// Whoever sent the form waits no longer, and is answered late rather than not at all.
        package static let selfService = RetryPolicy(
            limit: .seconds(25), pauses: [.milliseconds(100), .seconds(1), .seconds(3)], persists: false,
            waitsToSend: true)
    }

    /// One call.
    package struct Call: Sendable {
        /// The function with its arguments.
        var statement: Statement
        var request: UUID
        /// The log's name of what it does.
        var action: String
        var account: UUID?
        /// Whether the id was made for this call, so that nothing can have been done under it before.
        var isNewRequest = true
        /// Where something may have been done under it before: the last event that is no newer than that.
        var lastBefore: @Sendable () async -> Int = { 0 }
    }

    /// What came of sending.
    package enum Sent: Sendable {
        /// The receipt, and whether every standby that the server waits for has it.
        case answered(Receipt, isReplicated: Bool)
        /// The function gave no receipt: there is nothing that it could be done to.
        case nothing
        /// It was sent, and no answer could be had in time.
        case unknown(AdminError.Uncertainty)

        /// The answer; throws `AdminError.outcomeUnknown` where there is none.
        package func done(_ operation: AdminError.Operation) throws(AdminError) -> (
            receipt: Receipt, isReplicated: Bool
        ) {
            switch self {
            case .answered(let receipt, let isReplicated): return (receipt, isReplicated)
            case .nothing: throw .database(.unexpectedResult("no receipt"))
            case .unknown(let why): throw .outcomeUnknown(operation, why)
            }
        }

        /// The same; throws `AdminError.database(.notReplicated)` where what was done may be lost by a failover.
        func lastingReceipt(_ operation: AdminError.Operation) throws(AdminError) -> Receipt {
            let (receipt, isReplicated) = try done(operation)
            guard isReplicated || receipt.outcome != .done else { throw .database(.notReplicated) }
            return receipt
        }

        var receipt: Receipt? { if case .answered(let receipt, _) = self { receipt } else { nil } }
    }

    let database: Database
    let operation: AdminError.Operation
    let retryPolicy: RetryPolicy
    /// Who hears of it besides, before it is sent and when it is logged.
    var reports: AnchorReports?

    /// Sends it. Throws where it was never sent, or the server refused it.
    package func send(_ call: Call, progress: Progress? = nil) async throws(AdminError) -> Sent {
        reports?.intent(request: call.request, action: call.action, account: call.account)
        let sent = try await tries(call, progress)
        if let receipt = sent.receipt {
            reports?.head(receipt, request: call.request, action: call.action, account: call.account)
        }
        return sent
    }

    private func tries(_ call: Call, _ progress: Progress?) async throws(AdminError) -> Sent {
        let lastBefore = call.isNewRequest ? 0 : await call.lastBefore()
        let end = Deadline(in: retryPolicy.limit)
        let silence = announceSilence(progress)
        defer { silence?.cancel() }
        var (wasSent, isTold, failure) = (false, false, PostgresError.connectionLost(afterSending: false))
        var ending: ConnectionEnding?
        for attempt in 0... {
            let wasSentBefore = wasSent
            do {
                let committed = try await database.pool.change(
                    Receipt.statement(call.statement, isAskedAgain: wasSent || !call.isNewRequest),
                    limit: .seconds(10), until: end)
                // From here on it is done, whatever the answer looks like.
                wasSent = true
                guard let row = committed.rows.first else { return .nothing }
                var receipt = try Receipt(row)
                receipt.isOfThisCall = !receipt.isReplayed || (wasSentBefore && receipt.sequence > lastBefore)
                return .answered(receipt, isReplicated: committed.isReplicated)
            } catch PostgresError.commitUnanswered {
                return .unknown(.uncommitted)
            } catch let error as PostgresError {
                failure = error
                if case .connectionLost(let afterSending, let said) = error {
                    wasSent = wasSent || afterSending
                    ending = said
                    if said?.isLasting == true { break }
                }
                // Once sent, an error of a later try says nothing of the first: another server may have given it, or the first
                // still holds the lock.
                guard wasSent || isWorthAnother(error) else { break }
            } catch {
                throw .database(.unexpectedResult("\(error)"))
            }
            guard let pause = pause(after: attempt), end.timeLeft > pause else { break }
            if wasSent, !isTold {
                isTold = true
                silence?.cancel()
                progress?(
                    "The connection was lost after the change was sent. Checking whether it was made, for up to "
                        + "\(retryPolicy.limit.components.seconds) seconds.")
            }
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
        if wasSent { return .unknown(.lost(ending)) }
        throw await database.explained(AdminError(failure, during: operation), failure)
    }

    /// Whether to try again what was not sent.
    private func isWorthAnother(_ error: PostgresError) -> Bool {
        switch error {
        case .connectionLost: true
        case .cannotConnect: retryPolicy.waitsToSend
        case .server(let refusal): retryPolicy.waitsToSend && (refusal.sqlState.isTransient || refusal.isStandby)
        default: false
        }
    }

    private func pause(after attempt: Int) -> Duration? {
        if attempt < retryPolicy.pauses.count { return retryPolicy.pauses[attempt] }
        return retryPolicy.persists ? retryPolicy.pauses.last : nil
    }

    private func announceSilence(_ progress: Progress?) -> Task<Void, any Error>? {
        progress.map { progress in
            Task {
                try await Task.sleep(for: .seconds(5))
                progress(
                    "No answer from the database yet; it may be waiting for a standby. Waiting up to "
                        + "\(retryPolicy.limit.components.seconds) seconds in all.")
            }
        }
    }
}

extension ReceiptSender {
    /// A sender whose calls nobody else hears of.
    package init(database: Database, operation: AdminError.Operation, retryPolicy: RetryPolicy) {
        self.init(database: database, operation: operation, retryPolicy: retryPolicy, reports: nil)
    }
}

extension ReceiptSender.Call {
    /// A call under an id that was made for it.
    package init(statement: Statement, request: UUID, action: String, account: UUID?) {
        self.init(statement: statement, request: request, action: action, account: account, isNewRequest: true)
    }
}
