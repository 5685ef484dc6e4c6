import ConvonetDatabase
import FoundationEssentials
import PostgresClient

extension AccountEditor {
    /// What the caller hears while a change takes longer than usual: a sentence.
    public typealias Progress = @Sendable (String) -> Void

    /// Sends a change and says how it ended.
    func submit(_ change: AccountChange, _ call: Statement, _ progress: @escaping Progress) async throws(AdminError)
        -> ChangeResult
    {
        let began = ContinuousClock.now
        let sent = try await send(change, call, progress)
        let isLate = began.duration(to: .now) > StandingSessions.grace
        guard case .answered(let receipt, let isReplicated) = sent else {
            return ChangeResult(
                outcome: .unknown, message: Self.unknownText(sent, of: change.action.kind), account: change.account,
                requestID: change.requestID)
        }
        var result = ChangeResult(
            outcome: receipt.outcome, rule: receipt.rule, account: change.account, requestID: change.requestID,
            receipt: receipt, newSecret: receipt.voicePIN)
        if receipt.outcome != .done {
            result.message = await message(receipt.rule, of: change, approval: receipt.approval)
        } else if receipt.isReplayed {
            result.message = Self.replayText(change.action.kind.value, isOfThisCall: receipt.isOfThisCall)
            result.isSecretLost = receipt.isOfThisCall && change.action.kind.value == .drawnPIN
        }
        if !isReplicated {
            result.isReplicated = false
            result.message = [Self.unreplicatedText, result.message].compactMap { $0 }.joined(separator: " ")
        }
        if receipt.outcome == .done, isLate || receipt.isReplayed, change.action.kind.endsSessions {
            result.message = [result.message, StandingSessions.lateNote].compactMap { $0 }.joined(separator: " ")
        }
        if receipt.outcome == .done, let updatedAt = receipt.updatedAt {
            result.account.updatedAt = updatedAt
            change.action.kind.apply(&result.account, change.action.secret)
        }
        return result
    }

    /// Sends a change until it is known what became of it, or the time is over.
    func send(
        _ change: AccountChange, _ statement: Statement, _ progress: @escaping Progress
    ) async throws(AdminError) -> ReceiptSender.Sent {
        let sender = ReceiptSender(
            database: database, operation: .changeCredentials, retryPolicy: .staff, reports: reports)
        let call = ReceiptSender.Call(
            statement: statement, request: change.requestID, action: change.action.name, account: change.account.id,
            isNewRequest: change.isNewRequest, lastBefore: { await lastEvent(before: change) })
        do {
            return try await sender.send(call, progress: progress)
        } catch .database(.server(let refusal)) where refusal.sqlState == .noDataFound {
            throw .accountUnknown(change.account.email)
        }
    }

    /// The number of the account's last event before a change is sent under an id that may have been used before: what
    /// was done under it earlier is no newer than that. Greater than any where it cannot be had or is not needed.
    private func lastEvent(before change: AccountChange) async -> Int {
        guard [.generatedPassword, .generatedCode].contains(change.action.kind.value),
            let numbers = try? await database.rows(
                "SELECT sequence FROM convonet_admin.account_history(\(change.account.id), 1::integer)",
                for: .changeCredentials, { try $0.int(0) })
        else { return .max }
        return numbers.first ?? 0
    }

    /// What a receipt that is given again does not give.
    private static func replayText(_ value: NewValue, isOfThisCall: Bool) -> String? {
        switch value {
        case .drawnPIN where isOfThisCall:
            "A PIN was issued, but lost with the connection: nobody has seen it, and it cannot be viewed. Issue another."
        case .drawnPIN: "This request has already issued a PIN. You cannot view it again; issue another."
        case .generatedCode where !isOfThisCall:
            "You cannot view the code again. Issue another without this request id."
        case .generatedPassword where !isOfThisCall:
            "You cannot view the generated password again. For another one, reset it without this request id."
        case .typedPassword where !isOfThisCall, .typedText where !isOfThisCall:
            "The new value was not used: this request id has already made the change."
        default: nil
        }
    }

    private static let unreplicatedText = """
        Made on this server, but its standby has not confirmed it: if the standby takes over now, the change and its log entry \
        are lost. Tell the database's administrator, and check again later.
        """

    private static func unknownText(_ sent: ReceiptSender.Sent, of kind: AccountAction) -> String {
        let what =
            if case .unknown(.uncommitted) = sent {
                """
                The database made the change but did not confirm it in time: a standby may be down. It may or may not last.
                """
            } else {
                "The connection was lost after the change was sent, so it may or may not have been made."
            }
        let why = if case .unknown(.lost(let ending?)) = sent { " " + ConnectionEndingText.cause(ending) } else { "" }
        return """
            \(what) Check the account's last change or its history.\(why)\(kind.endsSessions ? " " + StandingSessions.ifMade : "")
            """
    }
}
