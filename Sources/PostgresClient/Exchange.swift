internal import CLibpq
import Glibc

/// One request to the server and its answer: statements sent together, in one round trip and one transaction.
struct Exchange {
    let handle: ConnectionHandle
    let wake: WakeSignal
    let flag: CancellationFlag

    /// Sends the statements as one pipeline and waits for all their results.
    func perform(_ statements: [Statement], limit: Duration) throws -> [QueryResult] {
        for statement in statements { try send(statement) }
        guard PQpipelineSync(handle.connection) == 1 else { throw lost(sent: false) }
        return try collect(limit: limit) { $0 == PGRES_PIPELINE_SYNC }
    }

    /// Sends several such requests together; each has its own transaction and its own result.
    func performEach(_ requests: [[Statement]], limit: Duration) throws -> [Result<QueryResult, PostgresError>] {
        for request in requests {
            for statement in request { try send(statement) }
            guard PQpipelineSync(handle.connection) == 1 else { throw lost(sent: false) }
        }
        // All answers are read, whatever becomes of the task: the next request must not meet one of them.
        return try requests.map { _ in
            do {
                guard let last = try collect(limit: limit, isEnd: { $0 == PGRES_PIPELINE_SYNC }).last else {
                    throw PostgresError.unexpectedResult("no result")
                }
                return .success(last)
            } catch PostgresError.connectionLost(let afterSending) {
                throw PostgresError.connectionLost(afterSending: afterSending)
            } catch let error as PostgresError {
                return .failure(error)
            }
        }
    }

    /// Sends a script of several statements by the simple protocol.
    func performScript(_ sql: String, limit: Duration) throws {
        PQexitPipelineMode(handle.connection)
        defer { PQenterPipelineMode(handle.connection) }
        guard PQsendQuery(handle.connection, sql) == 1 else { throw lost(sent: false) }
        _ = try collect(limit: limit, isEnd: { _ in false })
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

    private func collect(limit: Duration, isEnd: (ExecStatusType) -> Bool) throws -> [QueryResult] {
        var results: [QueryResult] = []
        var refusal: ServerError?
        var deadline = Deadline(in: limit)
        var cancellation: PendingCancellation?
        func settled(_ results: [QueryResult], _ refusal: ServerError?) throws -> [QueryResult] {
            guard cancellation?.settle() ?? true else { throw lost(sent: true) }
            return try outcome(results, refusal)
        }
        let isPipeline = PQpipelineStatus(handle.connection) != PQ_PIPELINE_OFF
        while true {
            let flushed = PQflush(handle.connection)
            guard flushed >= 0, PQconsumeInput(handle.connection) == 1 else { throw lost(sent: true) }
            while PQisBusy(handle.connection) == 0 {
                guard let result = PQgetResult(handle.connection) else {
                    if isPipeline { continue }
                    return try settled(results, refusal)
                }
                let status = PQresultStatus(result)
                switch status {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                    results.append(QueryResult(adopting: result))
                case PGRES_FATAL_ERROR:
                    refusal = refusal ?? serverError(result)
                    PQclear(result)
                default:
                    PQclear(result)
                }
                if handle.isBad { throw lost(sent: true) }
                if isEnd(status) { return try settled(results, refusal) }
            }
            let events = flushed == 1 ? POLLIN | POLLOUT : POLLIN
            switch waitFor(handle.socket, Int32(events), wake: cancellation == nil ? wake : nil, until: deadline) {
            case .ready:
                continue
            case .woken where !flag.isCancelled:
                continue
            case .woken, .timedOut:
                if cancellation == nil {
                    cancellation = PendingCancellation(of: handle)
                } else if cancellation?.tryAgain() != true {
                    throw lost(sent: true)
                }
                deadline = cancellation?.nextTry ?? deadline
            }
        }
    }

    private func outcome(_ results: [QueryResult], _ refusal: ServerError?) throws -> [QueryResult] {
        guard let refusal else { return results }
        if refusal.sqlState.endsConnection { throw lost(sent: true) }
        if refusal.sqlState == .queryCanceled {
            throw flag.isCancelled ? PostgresError.cancelled : PostgresError.timedOut
        }
        throw PostgresError.server(refusal)
    }

    private func serverError(_ result: OpaquePointer) -> ServerError? {
        field(result, DiagnosticField.sqlState).map {
            let state = SQLState($0)
            return ServerError(
                sqlState: state, constraint: field(result, DiagnosticField.constraint),
                holder: state == .lockNotAvailable
                    ? LockHolder(
                        table: field(result, DiagnosticField.table), column: field(result, DiagnosticField.column))
                    : nil)
        }
    }

    private func lost(sent: Bool) -> PostgresError { .connectionLost(afterSending: sent) }
}
