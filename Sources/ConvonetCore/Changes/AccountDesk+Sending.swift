import FoundationEssentials
import PostgresClient

extension AccountDesk {
    /// All tries together: so long it is tried to find out what became of a change.
    static let limit = Duration.seconds(43)

    /// What the caller hears while a change takes longer than usual: a sentence.
    public typealias Progress = @Sendable (String) -> Void

    /// Sends a change and says how it ended.
    func submit(_ change: AccountChange, _ call: Statement, _ progress: @escaping Progress) async throws -> ChangeResult
    {
        let sent = try await send(change, call, progress)
        guard case .answered(let receipt, let isReplicated) = sent else {
            return ChangeResult(
                outcome: .unknown, message: Self.unknownText(change, sent), account: change.account,
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
        if receipt.outcome == .done, let updatedAt = receipt.updatedAt {
            result.account.updatedAt = updatedAt
            change.action.kind.apply(&result.account)
        }
        return result
    }

    /// What came of sending a change.
    enum Sent {
        /// The receipt, and whether every standby that the server waits for has it.
        case answered(Receipt, isReplicated: Bool)
        /// The connection was lost after sending and could not be had again in time.
        case lost
        /// The server had carried it out, and did not confirm its commit in time.
        case uncommitted

        var receipt: Receipt? { if case .answered(let receipt, _) = self { receipt } else { nil } }
    }

    /// Sends a change until it is known what became of it, or the time is over.
    func send(_ change: AccountChange, _ call: Statement, _ progress: @escaping Progress) async throws -> Sent {
        let (request, action, account) = (change.requestID, change.action.name, change.account.id)
        reports.intent(request: request, action: action, account: account)
        let sent = try await tries(change, call, progress)
        if let receipt = sent.receipt { reports.head(receipt, request: request, action: action, account: account) }
        return sent
    }

    private func tries(_ change: AccountChange, _ call: Statement, _ progress: @escaping Progress) async throws -> Sent
    {
        let lastBefore = change.isNewRequest ? 0 : await lastEvent(before: change)
        let end = Deadline(in: Self.limit)
        let silence = Task {
            try await Task.sleep(for: .seconds(5))
            progress(
                "No answer from the database yet; it may be waiting for a standby. Waiting up to "
                    + "\(Self.limit.components.seconds) seconds in all.")
        }
        defer { silence.cancel() }
        var (wasSent, isTold, pause) = (false, false, 0)
        while true {
            do {
                let committed = try await database.pool.change(
                    Receipt.statement(call, isAskedAgain: wasSent || !change.isNewRequest), limit: .seconds(10),
                    until: end)
                // From here on it is done, whatever the answer looks like.
                wasSent = wasSent || committed.rows.isEmpty
                guard let row = committed.rows.first else { throw PostgresError.unexpectedResult("no receipt") }
                var receipt = try Receipt(row)
                receipt.isOfThisCall = !receipt.isReplayed || (wasSent && receipt.sequence > lastBefore)
                return .answered(receipt, isReplicated: committed.isReplicated)
            } catch PostgresError.commitUnanswered {
                return .uncommitted
            } catch PostgresError.connectionLost(let afterSending) {
                wasSent = wasSent || afterSending
            } catch PostgresError.cannotConnect(let failure) {
                if !wasSent { throw AdminError.database(.cannotConnect(failure)) }
            } catch is PostgresError where wasSent {
                // The first may still be running and hold the account's lock, or this may be another server after a
                // failover: what became of the first is not known by any error of the second.
            } catch PostgresError.server(let refusal) where refusal.sqlState == "P0002" {
                throw AdminError.accountUnknown(change.account.email)
            } catch let error as PostgresError {
                throw await database.explained(AdminError(error, during: .changeCredentials), error)
            }
            guard end.timeLeft > .seconds(pause) else { break }
            if wasSent, !isTold {
                isTold = true
                silence.cancel()
                progress(
                    "The connection was lost after the change was sent. Checking whether it was made, for up to "
                        + "\(Self.limit.components.seconds) seconds.")
            }
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
            pause = min(8, max(1, pause * 2))
        }
        if wasSent { return .lost }
        throw AdminError.database(.connectionLost(afterSending: false))
    }

    /// The number of the account's last event before a change is sent under an id that may have been used before: what
    /// was done under it earlier is no newer than that. Greater than any where it cannot be had or is not needed.
    private func lastEvent(before change: AccountChange) async -> Int {
        guard change.action.kind.value == .generatedPassword,
            let rows = try? await database.query(
                "SELECT sequence FROM convonet_admin.account_history(\(change.account.id), 1::integer)",
                for: .changeCredentials)
        else { return .max }
        return (try? rows.first?.int(0)) ?? 0
    }

    /// What a receipt that is given again does not give.
    private static func replayText(_ value: NewValue, isOfThisCall: Bool) -> String? {
        switch value {
        case .drawnPIN where isOfThisCall:
            "A PIN was issued, but lost with the connection: nobody has seen it, and it cannot be viewed. Issue another."
        case .drawnPIN: "This request has already issued a PIN. You cannot view it again; issue another."
        case .generatedPassword where !isOfThisCall:
            "You cannot view the generated password again. For another one, reset it without this request id."
        case .typedPassword where !isOfThisCall, .typedPIN where !isOfThisCall:
            "The new value was not used: this request id has already made the change."
        default: nil
        }
    }

    private static let unreplicatedText = """
        Made on this server, but its standby has not confirmed it: if the standby takes over now, the change and its log entry \
        are lost. Tell the database's administrator, and check again later.
        """

    private static func unknownText(_ change: AccountChange, _ sent: Sent) -> String {
        let what =
            if case .uncommitted = sent {
                """
                The database made the change but did not confirm it in time: a standby may be down. It may or may not last.
                """
            } else {
                "The connection was lost after the change was sent, so it may or may not have been made."
            }
        return """
            \(what) Check the account's last change or its history.
            """
    }
}
