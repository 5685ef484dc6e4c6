import FoundationEssentials
import PostgresClient

/// Shows what needs a second person, and takes that person's word. All methods throw `AdminError`.
public struct ApprovalDesk: Sendable {
    let database: Database
    let claims: Claims
    let rules: RulesInForce
    let reports: AnchorReports

    /// A second person's word.
    public enum Decision: String, Equatable, Sendable {
        /// The requester may do it, once.
        case approve
        /// They may not.
        case deny
    }

    /// How a decision ended; where it was refused, why and the next step.
    public struct Result: Equatable, Sendable {
        /// The log's row.
        public var receipt: Receipt
        /// Why it was refused; nil where it is done.
        public var message: String?
    }

    /// Requests before a number (the newest for nil), newest first: one's own, or everybody's for who may decide them
    /// or read the log. Without `all`, those that can still be decided or used.
    public func page(before id: Int? = nil, all: Bool, limit: Int) async throws -> [ApprovalRequest] {
        try await requests(from: id, oldestFirst: false, all: all, limit: limit)
    }

    /// The same after a number (the oldest for nil), oldest first.
    public func page(after id: Int?, all: Bool, limit: Int) async throws -> [ApprovalRequest] {
        try await requests(from: id, oldestFirst: true, all: all, limit: limit)
    }

    /// At most 1001 of them.
    private func requests(from id: Int?, oldestFirst: Bool, all: Bool, limit: Int) async throws -> [ApprovalRequest] {
        let position: Statement = id.map { "\($0)" } ?? "NULL"
        return try await database.query(
            """
            SELECT \(ApprovalRequest.columns) \
            FROM convonet_admin.approvals(\(position), \(oldestFirst), \(all), \(min(limit, 1001))::integer)
            """, for: .changeCredentials
        ).map { try ApprovalRequest($0) }
    }

    /// The request of this number; throws `AdminError.approvalUnknown` where there is none that this user may see.
    public func request(_ id: Int) async throws -> ApprovalRequest {
        guard id > 0, id < Int.max, let found = try await page(before: id + 1, all: true, limit: 1).first,
            found.id == id
        else {
            throw AdminError.approvalUnknown(id)
        }
        return found
    }

    /// Approves or denies a request and logs it; or says why not, which is logged as well.
    public func decide(_ request: ApprovalRequest, _ decision: Decision, reason: String?) async throws -> Result {
        let claimed = claims.parameter(ChangeContext(reason: reason))
        let call = UUID()
        reports.intent(request: call, action: decision.rawValue, account: request.accountID)
        let committed: Committed
        do {
            committed = try await database.change(
                """
                SELECT \(Receipt.columns) \
                FROM convonet_admin.decide_approval(\(request.id), \(decision.rawValue), \(call), \(claimed))
                """, for: .decideApprovals)
        } catch let error as AdminError where error.leavesOutcomeOpen {
            throw AdminError.outcomeUnknown(.decideApprovals)
        } catch AdminError.database(.server(let refusal)) where refusal.sqlState == "P0002" {
            throw AdminError.approvalUnknown(request.id)
        }
        guard let row = committed.rows.first else { throw AdminError.schemaMissing }
        let receipt = try Receipt(row)
        reports.head(receipt, request: call, action: decision.rawValue, account: request.accountID)
        guard committed.isReplicated else { throw AdminError.database(.notReplicated) }
        let message =
            receipt.outcome == .done ? nil : RefusalText.message(rule: receipt.rule, detail: rules.current.policy)
        return Result(receipt: receipt, message: message)
    }
}
