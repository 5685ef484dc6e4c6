internal import CLibpq

/// What a change gave, once it is committed.
public struct Committed: Sendable {
    /// Its rows.
    public let rows: QueryResult
    /// Whether every standby that the server waits for has it; true where it waits for none.
    ///
    /// Where false, the change is made on this server, and is lost if a standby takes its place.
    public let isReplicated: Bool
}

/// Requests that are transactions of their own.
///
/// The statement and the end of its transaction go to the server together, each with a synchronisation point of its own:
/// so the end is carried out whatever became of the statement, and is a rollback where that failed.
extension Exchange {
    /// Whether a transaction was begun, so that a statement belongs to it.
    var isInTransaction: Bool { PQtransactionStatus(handle.connection) != PQTRANS_IDLE }

    /// A statement that only reads, and what is set for it alone.
    struct Reading {
        private(set) var settings: [Statement] = []
        let statement: Statement

        init(_ statement: Statement, scans: TableScans = .allowed) {
            self.statement = statement
            // Which is what the transaction begins with.
            if scans != .allowed { settings = [TransactionOpening.setting(scans)] }
        }
    }

    /// Carries out several readings together; each has its result, or fails alone.
    ///
    /// Each is undone before the next, and all in the end: before PostgreSQL 16 code of the application's that reading runs could
    /// make the transaction write again (RESET transaction_read_only), and on every version leave settings behind. A savepoint does
    /// that for a quarter of what it costs to begin a transaction with its settings; a single reading needs none.
    ///
    /// With `next`, what is read further depends on all answers so far, until that is nothing, in the same transaction. Where there was
    /// something, its end is not waited for: the connection is used up.
    func read(
        _ readings: [Reading], opening: [Statement], limit: Duration, then next: Continuation? = nil
    ) throws -> [Result<QueryResult, PostgresError>] {
        guard let first = readings.first else { return [] }
        let others = readings.dropFirst()
        let opening = opening + (others.isEmpty && next == nil ? [] : ["SAVEPOINT reading"])
        try send(opening + first.settings + [first.statement])
        for reading in others { try sendBehindSavepoint(reading) }
        if next == nil { try send(["ROLLBACK"]) }
        // All answers are read, whatever becomes of the task: the next request must not meet one of them.
        let answers = try collectAnswers(limit: limit)
        let firstResult = try attempt { try outcome(answers)[opening.count + first.settings.count] }
        var results = [firstResult] + (try others.map { try collectBehindSavepoint($0, limit) })
        // Where it did not begin, none was carried out.
        let hasBegun = answers.results.count >= opening.count
        if !hasBegun { results = readings.map { _ in firstResult } }
        guard let next else {
            try end(limit)
            return results
        }
        while hasBegun, case let further = next(results), !further.isEmpty {
            for reading in further { try sendBehindSavepoint(reading) }
            results += try further.map { try collectBehindSavepoint($0, limit) }
        }
        try send(["ROLLBACK"])
        if results.count == readings.count {
            try end(limit)
        } else {
            PQflush(handle.connection)
            handle.isUsedUp = true
        }
        return results
    }

    /// What to read after the answers so far.
    typealias Continuation = ([Result<QueryResult, PostgresError>]) -> [Reading]

    private func sendBehindSavepoint(_ reading: Reading) throws {
        try send(["ROLLBACK TO SAVEPOINT reading"] + reading.settings + [reading.statement])
    }

    private func collectBehindSavepoint(
        _ reading: Reading, _ limit: Duration
    ) throws -> Result<QueryResult, PostgresError> {
        try attempt { try collectPipeline(limit: limit)[1 + reading.settings.count] }
    }

    /// Takes the answer to ROLLBACK.
    private func end(_ limit: Duration) throws {
        _ = try attempt { try collectPipeline(limit: limit) }
        endFailedTransaction()
    }

    /// Carries out a statement that writes. Neither the task's end nor the time limit cancels anything on the server.
    func change(_ opening: [Statement], _ statement: Statement, limit: Duration, until end: Deadline) throws
        -> Committed
    {
        try send(opening + [statement] + TransactionOpening.closing)
        try send(["COMMIT"])
        handle.forgetUnreplicatedCommit()
        let result = try attempt { try collectPipeline(limit: limit, mayCancel: false)[opening.count] }
        let answer = try collectEnd(limit: end.timeLeft, isCommit: (try? result.get()) != nil)
        endFailedTransaction()
        let rows = try result.get()
        try check(answer.get())
        return Committed(rows: rows, isReplicated: !handle.sawUnreplicatedCommit)
    }

    /// Commits the transaction that was begun.
    func commit(limit: Duration) throws {
        let hasFailed = PQtransactionStatus(handle.connection) == PQTRANS_INERROR
        handle.forgetUnreplicatedCommit()
        try send(hasFailed ? ["COMMIT"] : TransactionOpening.closing + ["COMMIT"])
        try check(collectEnd(limit: limit, isCommit: !hasFailed).get())
        if handle.sawUnreplicatedCommit { throw PostgresError.notReplicated }
    }

    /// The answer to COMMIT. Where there is none and the connection still stands, all that is missing is that.
    private func collectEnd(limit: Duration, isCommit: Bool) throws -> Result<[QueryResult], PostgresError> {
        do {
            return try attempt { try collectPipeline(limit: limit, mayCancel: false) }
        } catch PostgresError.connectionLost(_, ending: nil) where isCommit && !handle.isBad {
            throw PostgresError.commitUnanswered
        }
    }

    private func check(_ results: [QueryResult]) throws {
        guard results.last?.commandTag == "COMMIT" else {
            throw PostgresError.unexpectedResult("the transaction was rolled back")
        }
    }

    /// The outcome of one of several requests, unless the connection is lost, which is that of all.
    private func attempt<Value>(_ body: () throws -> Value) throws -> Result<Value, PostgresError> {
        do {
            return .success(try body())
        } catch let error as PostgresError {
            if case .connectionLost = error { throw error }
            return .failure(error)
        }
    }

    /// A cancellation that came late has met the COMMIT. Where this does not help, the connection is not used again.
    private func endFailedTransaction() {
        guard PQtransactionStatus(handle.connection) == PQTRANS_INERROR else { return }
        _ = try? perform(["ROLLBACK"], limit: .seconds(5), mayCancel: false)
    }
}
