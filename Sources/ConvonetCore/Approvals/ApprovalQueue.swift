import AccountPolicy
public import ConvonetDatabase
import FoundationEssentials
import PostgresClient

/// Shows what needs a second person, and takes that person's word.
public struct ApprovalQueue: Sendable {
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
    public func page(before id: Int? = nil, all: Bool, limit: Int) async throws(AdminError) -> [ApprovalRequest] {
        try await requests(from: id, oldestFirst: false, all: all, limit: limit)
    }

    /// The same after a number (the oldest for nil), oldest first.
    public func page(after id: Int?, all: Bool, limit: Int) async throws(AdminError) -> [ApprovalRequest] {
        try await requests(from: id, oldestFirst: true, all: all, limit: limit)
    }

    /// How many of those there are, counted no further than 1001.
    public func count(all: Bool) async throws(AdminError) -> Int {
        let rows = try await database.rows(
            "SELECT count(*) FROM convonet_admin.approvals(NULL, false, \(all), 1001)", for: .changeCredentials
        ) { try $0.int(0) }
        return rows.first ?? 0
    }

    /// What waits for a second person, as far as it concerns one operator.
    public struct Pending: Equatable, Sendable {
        /// Requests of others that nobody has decided.
        public var ofOthers: Int
        /// One's own requests that nobody has decided.
        public var own: Int
        /// One's own requests that were approved and can be used.
        public var granted: Int

        /// Frozen accounts whose people reported: that was not me.
        public var reports: Int

        /// Makes the numbers.
        public init(ofOthers: Int, own: Int, granted: Int, reports: Int = 0) {
            self.ofOthers = ofOthers
            self.own = own
            self.granted = granted
            self.reports = reports
        }
    }

    /// What waits for a second person: requests that can still be decided or used, and people's reports.
    public func pending() async throws(AdminError) -> Pending {
        let rows = try await database.rows(
            "SELECT of_others, own, granted, reports FROM convonet_admin.pending_approvals()", for: .changeCredentials
        ) { Pending(ofOthers: try $0.int(0), own: try $0.int(1), granted: try $0.int(2), reports: try $0.int(3)) }
        return rows.first ?? Pending(ofOthers: 0, own: 0, granted: 0)
    }

    /// At most 1001 of them.
    private func requests(from id: Int?, oldestFirst: Bool, all: Bool, limit: Int) async throws(AdminError)
        -> [ApprovalRequest]
    {
        let position: Statement = id.map { "\($0)" } ?? "NULL"
        return try await database.rows(
            """
            SELECT \(ApprovalRequest.columns) \
            FROM convonet_admin.approvals(\(position), \(oldestFirst), \(all), \(min(limit, 1001))::integer)
            """, for: .changeCredentials
        ) { try ApprovalRequest($0) }
    }

    /// The request of this number; throws `AdminError.approvalUnknown` where there is none that this user may see.
    public func request(_ id: Int) async throws(AdminError) -> ApprovalRequest {
        guard id > 0, id < Int.max, let found = try await page(before: id + 1, all: true, limit: 1).first,
            found.id == id
        else {
            throw AdminError.approvalUnknown(id)
        }
        return found
    }

    /// Approves or denies a request and logs it; or says why not, which is logged as well.
    public func decide(_ request: ApprovalRequest, _ decision: Decision, reason: String?) async throws(AdminError)
        -> Result
    {
        let claimed = claims.parameter(ChangeContext(reason: reason))
        let id = UUID()
        let sender = ReceiptSender(
            database: database, operation: .decideApprovals, retryPolicy: .staff, reports: reports)
        let call = ReceiptSender.Call(
            statement: "decide_approval(\(request.id), \(decision.rawValue), \(id), \(claimed))", request: id,
            action: decision.rawValue, account: request.accountID)
        do throws(AdminError) {
            let receipt = try await sender.send(call).lastingReceipt(.decideApprovals)
            let message =
                receipt.outcome == .done ? nil : RefusalText.message(rule: receipt.rule, detail: rules.current.policy)
            return Result(receipt: receipt, message: message)
        } catch .database(.server(let refusal)) where refusal.sqlState == .noDataFound {
            throw .approvalUnknown(request.id)
        }
    }
}
