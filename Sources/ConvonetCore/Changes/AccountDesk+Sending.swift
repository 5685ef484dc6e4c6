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
            result.message = Self.replayText(change.action, wasSentTwice: receipt.wasSentTwice)
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
        var wasSent = false
        for pause in [0, 0, 1, 2, 4, 8] {
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
            do {
                let rows = try await database.pool.change(statement, limit: .seconds(10)).rows
                // From here on it is done, whatever the answer looks like.
                wasSent = wasSent || rows.isEmpty
                guard let row = rows.first else { throw PostgresError.unexpectedResult("no receipt") }
                var receipt = try Receipt(row)
                receipt.wasSentTwice = wasSent && change.isNewRequest
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

    /// What the receipt of an earlier call does not give; `wasSentTwice` is true where that call was this one.
    private static func replayText(_ action: AccountChange.Action, wasSentTwice: Bool) -> String? {
        switch action {
        case .issuePIN: "A PIN was issued by this request already, and is not shown again. Issue another one."
        case .generatePassword where !wasSentTwice:
            "The password that was made up then is not shown again. For another, reset it without this request id."
        case .setPassword where !wasSentTwice, .setPIN where !wasSentTwice:
            "What was given now was not used: this request id had done its work already."
        default: nil
        }
    }

    private static func unknownText(_ change: AccountChange) -> String {
        """
        The connection was lost after the change was sent, and it is not known whether it was done. \
        Find out with “convonet-admin show \(change.account.email)” (look at the time of the last change), or send it \
        again with --request-id \(change.requestID.uuidString.lowercased()): it is carried out at most once.
        """
    }
}
