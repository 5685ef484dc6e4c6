import AccountPolicy
public import ConvonetDatabase
public import Credentials
import EmailAddresses
public import FoundationEssentials
import PostgresClient

/// Finds out who is speaking: sends a caller a code, and takes what they read back.
public struct CallerVerification: Sendable {
    let database: Database
    let claims: Claims
    let rules: RulesInForce
    let reports: AnchorReports

    /// How a call ended; where it was refused, why and the next step.
    public struct Result: Equatable, Sendable {
        /// The log's row; nil where it did not come to one.
        public var receipt: Receipt?
        /// Which rule refused it.
        public var rule: String?
        /// Why it was refused; nil where it is done.
        public var message: String?

        /// A result.
        public init(receipt: Receipt?, rule: String? = nil, message: String? = nil) {
            (self.receipt, self.rule, self.message) = (receipt, rule, message)
        }

        /// Whether it is done.
        public var isDone: Bool { receipt?.outcome == .done }
        /// Whether the account is not any more what it was.
        public var isConflict: Bool { receipt?.outcome == .conflict }
    }

    /// What is known of the caller now.
    public func state(of account: Account) async throws(AdminError) -> CallerState {
        let statement = CallerState.statement(account.id, claims.parameter(ChangeContext()))
        let rows = try await database.rows(statement, for: .changeCredentials) { try CallerState($0) }
        guard let state = rows.first else { throw .accountUnknown(account.email) }
        return state
    }

    /// Queues a code, unless the account has another address by now. It can be checked with this key alone.
    public func sendCode(
        to account: Account, by way: CallerWay = .mail, key: CallerKey, context: ChangeContext = ChangeContext(),
        request: UUID = UUID()
    ) async throws(AdminError) -> Result {
        guard way == .text || EmailAddress(typed: account.email)?.isDeliverable == true else {
            return Result(
                receipt: nil, rule: ClientRule.unusableAddress,
                message: "This account's e-mail address cannot receive mail. Correct it in the application first.")
        }
        let publicKey = Parameter.bytea(key.publicKey)
        let claimed = claims.parameter(context)
        let function: Statement = way == .mail ? "send_caller_code" : "send_caller_text"
        return try await send(
            "\(function)(\(account.id), \(account.email), \(publicKey), \(request), \(claimed))", "send_caller_code",
            account,
            request)
    }

    /// Takes what the caller read back, in whatever groups it was typed.
    public func verify(
        _ account: Account, code text: String, key: CallerKey?, context: ChangeContext = ChangeContext(),
        request: UUID = UUID()
    ) async throws(AdminError) -> Result {
        guard let digits = CallerCode.digits(of: text) else { return refusal("code_malformed") }
        let code = try await state(of: account).code
        // What the database refuses whatever is entered it says itself, and so logs.
        var proof: [UInt8] = []
        if let code, code.isOpen {
            guard let senderKey = code.senderKey else { return refusal("code_not_sent") }
            guard let key, code.isAskedFor(with: key) else { return refusal("code_elsewhere") }
            proof = key.proof(of: digits, senderKey: senderKey) ?? []
        }
        let (sent, claimed) = (Parameter.bytea(proof), claims.parameter(context))
        var result = try await send(
            "verify_caller(\(account.id), \(sent), \(request), \(claimed))", "verify_caller", account, request)
        if result.rule == "code_wrong", let left = (try? await state(of: account))?.code?.triesLeft {
            result.message = result.message.map { $0 + " \(left) \(left == 1 ? "try" : "tries") left." }
        }
        return result
    }

    private func refusal(_ rule: String) -> Result {
        Result(receipt: nil, rule: rule, message: RefusalText.message(rule: rule, detail: rules.current.policy))
    }

    private func send(
        _ call: Statement, _ action: String, _ account: Account, _ request: UUID
    ) async throws(AdminError) -> Result {
        let sender = ReceiptSender(
            database: database, operation: .changeCredentials, retryPolicy: .staff, reports: reports)
        do throws(AdminError) {
            let sent = try await sender.send(
                ReceiptSender.Call(statement: call, request: request, action: action, account: account.id))
            let (receipt, isReplicated) = try sent.done(.changeCredentials)
            guard isReplicated else { throw AdminError.database(.notReplicated) }
            if receipt.outcome == .done { return Result(receipt: receipt) }
            let changed = receipt.outcome == .conflict ? await account.changes(in: database) : []
            return Result(
                receipt: receipt, rule: receipt.rule,
                message: RefusalText.message(rule: receipt.rule, detail: rules.current.policy, changed: changed))
        } catch .database(.server(let refusal)) where refusal.sqlState == "P0002" {
            throw .accountUnknown(account.email)
        }
    }
}
