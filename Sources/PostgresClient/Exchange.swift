internal import CLibpq
import Glibc
import OperatingSystem

/// One request to the server and its answer: statements sent together, in one round trip and one transaction.
struct Exchange {
    let handle: ConnectionHandle
    let wake: WakeSignal
    let flag: Flag

    /// Sends the statements as one pipeline and waits for all their results.
    func perform(_ statements: [Statement], limit: Duration, mayCancel: Bool = true) throws -> [QueryResult] {
        try send(statements)
        return try collectPipeline(limit: limit, mayCancel: mayCancel)
    }

    /// Sends the statements, and behind them a synchronisation point.
    func send(_ statements: [Statement]) throws {
        for statement in statements { try send(statement) }
        guard PQpipelineSync(handle.connection) == 1 else { throw lost(sent: false) }
    }

    /// Waits for all results up to the next synchronisation point.
    func collectPipeline(limit: Duration, mayCancel: Bool = true) throws -> [QueryResult] {
        try outcome(collectAnswers(limit: limit, mayCancel: mayCancel))
    }

    /// The same, with the results of what came before a statement that failed.
    func collectAnswers(limit: Duration, mayCancel: Bool = true) throws -> Answers {
        try collect(limit: limit, mayCancel: mayCancel) { $0 == PGRES_PIPELINE_SYNC }
    }

    /// What the server said up to a synchronisation point: behind a refusal it carried out nothing.
    struct Answers {
        var results: [QueryResult] = []
        var refusal: ServerError?
    }

    /// Sends a script of several statements by the simple protocol.
    func performScript(_ sql: String, limit: Duration) throws {
        PQexitPipelineMode(handle.connection)
        defer { PQenterPipelineMode(handle.connection) }
        guard PQsendQuery(handle.connection, sql) == 1 else { throw lost(sent: false) }
        _ = try outcome(collect(limit: limit, mayCancel: true, isEnd: { _ in false }))
    }

    private func send(_ statement: Statement) throws {
        let types = statement.parameters.map { Oid($0.type) }
        let lengths = statement.parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: types.count)
        // One block holds all values; a NULL pointer means NULL, so an empty value needs an address too.
        var block: [UInt8] = []
        let offsets = statement.parameters.map { parameter -> Int? in
            guard let bytes = parameter.bytes else { return nil }
            defer { block += bytes + [0] }
            return block.count
        }
        let sent = block.withUnsafeBytes { bytes in
            let values = offsets.map { offset in
                offset.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return PQsendQueryParams(
                handle.connection, statement.sql, Int32(types.count), types, values, lengths, formats, 1)
        }
        block.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
        guard sent == 1 else { throw lost(sent: false) }
    }

    /// Waits for results; where time passes or the task ends and nothing may be cancelled, the connection is lost.
    private func collect(limit: Duration, mayCancel: Bool, isEnd: (ExecStatusType) -> Bool) throws -> Answers {
        var answers = Answers()
        var deadline = Deadline(in: limit)
        var cancellation: PendingCancellation?
        func settled() throws -> Answers {
            guard cancellation?.settle() ?? true else { throw lost(sent: true) }
            return answers
        }
        let isPipeline = PQpipelineStatus(handle.connection) != PQ_PIPELINE_OFF
        var wasNothing = false
        while true {
            let flushed = PQflush(handle.connection)
            // What was received before the end still counts: an answer, or why there is none.
            let isOpen = flushed >= 0 && PQconsumeInput(handle.connection) == 1
            while PQisBusy(handle.connection) == 0 {
                guard let result = PQgetResult(handle.connection) else {
                    guard isPipeline else { return try settled() }
                    // One ends the results of each statement, and two in a row all of them.
                    guard !wasNothing else { throw lost(sent: true) }
                    wasNothing = true
                    continue
                }
                wasNothing = false
                let status = PQresultStatus(result)
                switch status {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                    answers.results.append(QueryResult(adopting: result))
                case PGRES_FATAL_ERROR:
                    defer { PQclear(result) }
                    if let ending = ConnectionEnding(result) {
                        throw PostgresError.connectionLost(afterSending: true, ending: ending)
                    }
                    // Without a code it is libpq that says that there will be no answer.
                    guard let error = ServerError(result) else { throw lost(sent: true) }
                    answers.refusal = answers.refusal ?? error
                default:
                    PQclear(result)
                }
                if isEnd(status) { return try settled() }
            }
            guard isOpen else { throw lost(sent: true) }
            let events = flushed == 1 ? POLLIN | POLLOUT : POLLIN
            let mayWake = mayCancel && cancellation == nil
            switch waitFor(handle.socket, Int32(events), wake: mayWake ? wake : nil, until: deadline) {
            case .ready:
                continue
            case .woken where !flag.isSet:
                continue
            case .woken, .timedOut:
                guard mayCancel else { throw lost(sent: true) }
                if cancellation == nil {
                    cancellation = PendingCancellation(of: handle)
                } else if cancellation?.tryAgain() != true {
                    throw lost(sent: true)
                }
                deadline = cancellation?.nextTry ?? deadline
            }
        }
    }

    /// All results, or why there are none.
    func outcome(_ answers: Answers) throws -> [QueryResult] {
        guard let refusal = answers.refusal else { return answers.results }
        // BEGIN READ WRITE at a standby, which has no code of its own for that.
        if answers.results.isEmpty, refusal.sqlState == "0A000" {
            handle.note(isStandby: true)
            throw PostgresError.server(ServerError(sqlState: .readOnlyTransaction, isStandby: true))
        }
        if refusal.sqlState == .queryCanceled {
            throw flag.isSet ? PostgresError.cancelled : PostgresError.timedOut
        }
        throw PostgresError.server(refusal)
    }

    /// The connection is gone, and why may still lie among what was received.
    private func lost(sent: Bool) -> PostgresError {
        var nothings = 0
        while nothings < 2, PQisBusy(handle.connection) == 0 {
            guard let result = PQgetResult(handle.connection) else {
                nothings += 1
                continue
            }
            defer { PQclear(result) }
            nothings = 0
            if let ending = ConnectionEnding(result) {
                return .connectionLost(afterSending: sent, ending: ending)
            }
        }
        return .connectionLost(afterSending: sent)
    }
}

extension ServerError {
    /// nil for what libpq says without having been told a code.
    fileprivate init?(_ result: OpaquePointer) {
        guard let code = field(result, DiagnosticField.sqlState) else { return nil }
        self.init(sqlState: SQLState(code), constraint: field(result, DiagnosticField.constraint))
        if sqlState == .lockNotAvailable {
            holder = LockHolder(
                table: field(result, DiagnosticField.table), column: field(result, DiagnosticField.column))
        }
    }
}
