import FoundationEssentials
import PostgresClient

extension AccountDesk {
    /// Sends a change and says how it ended.
    func submit(_ change: AccountChange, _ call: Statement) async throws -> ChangeResult {
        guard let receipt = try await send(change, call) else {
            return ChangeResult(
                outcome: .unknown, message: Self.unknownText(change), account: change.account,
                requestID: change.requestID)
        }
        var result = ChangeResult(
            outcome: receipt.outcome, rule: receipt.rule, account: change.account, requestID: change.requestID,
            receipt: receipt, newSecret: receipt.voicePIN)
        if receipt.outcome != .done {
            result.message = RefusalText.message(
                rule: receipt.rule, detail: policy, action: change.action, approval: receipt.approval)
        } else if receipt.isReplayed {
            result.message = Self.replayText(change.action, isOfThisCall: receipt.isOfThisCall)
            result.isSecretLost = receipt.isOfThisCall && change.action == .issuePIN
        }
        if receipt.outcome == .done, let updatedAt = receipt.updatedAt {
            result.account.updatedAt = updatedAt
            result.account.apply(change.action)
        }
        return result
    }

    /// The receipt, or nil where the connection was lost after sending and could not be had again in time.
    func send(_ change: AccountChange, _ call: Statement) async throws -> Receipt? {
        let (request, action, account) = (change.requestID, change.action.name, change.account.id)
        reports.intent(request: request, action: action, account: account)
        let receipt = try await receipt(change, call)
        if let receipt { reports.head(receipt, request: request, action: action, account: account) }
        return receipt
    }

    private func receipt(_ change: AccountChange, _ call: Statement) async throws -> Receipt? {
        let statement: Statement = "SELECT \(Receipt.columns) FROM convonet_admin.\(call)"
        let lastBefore = change.isNewRequest ? 0 : await lastEvent(before: change)
        var wasSent = false
        for pause in [0, 0, 1, 2, 4, 8] {
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
            do {
                let rows = try await database.pool.change(statement, limit: .seconds(10)).rows
                // From here on it is done, whatever the answer looks like.
                wasSent = wasSent || rows.isEmpty
                guard let row = rows.first else { throw PostgresError.unexpectedResult("no receipt") }
                var receipt = try Receipt(row)
                receipt.isOfThisCall = !receipt.isReplayed || (wasSent && receipt.sequence > lastBefore)
                return receipt
            } catch PostgresError.connectionLost(let afterSending) {
                wasSent = wasSent || afterSending
            } catch PostgresError.cannotConnect(let failure) {
                if !wasSent { throw AdminError.database(.cannotConnect(failure)) }
            } catch is PostgresError where wasSent {
                // The first may still be running and hold the account's lock, or this may be another server after a
                // fail-over: what became of the first is not known by any error of the second.
                continue
            } catch PostgresError.server(let refusal) where refusal.sqlState == "P0002" {
                throw AdminError.accountUnknown(change.account.email)
            } catch let error as PostgresError {
                throw AdminError(error, during: .changeCredentials)
            }
        }
        if wasSent { return nil }
        throw AdminError.database(.connectionLost(afterSending: false))
    }

    /// The number of the account's last event before a change is sent under an id that may have been used before: what
    /// was done under it earlier is no newer than that. Greater than any where it cannot be had or is not needed.
    private func lastEvent(before change: AccountChange) async -> Int {
        guard change.action == .generatePassword,
            let rows = try? await database.query(
                "SELECT sequence FROM convonet_admin.account_history(\(change.account.id), 1::integer)",
                for: .changeCredentials)
        else { return .max }
        return (try? rows.first?.int(0)) ?? 0
    }

    /// What a receipt that is given again does not give.
    private static func replayText(_ action: AccountChange.Action, isOfThisCall: Bool) -> String? {
        switch action {
        case .issuePIN where isOfThisCall:
            "A PIN was issued, and lost with the answer: nobody has it, and it is not shown again. Issue another one."
        case .issuePIN: "A PIN was issued by this request already, and is not shown again. Issue another one."
        case .generatePassword where !isOfThisCall:
            "The password that was made up then is not shown again. For another, reset it without this request id."
        case .setPassword where !isOfThisCall, .setPIN where !isOfThisCall:
            "What was given now was not used: this request id had done its work already."
        default: nil
        }
    }

    private static func unknownText(_ change: AccountChange) -> String {
        """
        The connection was lost after the change was sent, and it is not known whether it was done. \
        Find out by the time of the account's last change, or by its history.
        """
    }
}
