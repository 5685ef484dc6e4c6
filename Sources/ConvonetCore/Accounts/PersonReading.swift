import ConvonetDatabase
import PostgresClient

/// Reads what is shown of somebody in the transaction that finds them: first what there is of everybody, then, where a look says that
/// there is any, what most accounts have none of. Who was found is given out at once, so that whoever asks goes on meanwhile.
struct PersonReading: Sendable {
    typealias Answers = [Result<QueryResult, PostgresError>]

    let claims: Claims
    /// Where among the first answers the candidates stand.
    let place: Int
    private let found: AsyncStream<Answers>
    private let finding: AsyncStream<Answers>.Continuation

    init(claims: Claims, place: Int) {
        self.claims = claims
        self.place = place
        (found, finding) = AsyncStream.makeStream()
    }

    /// The first answers, as soon as they are there; nil where there were none.
    var first: Answers? {
        get async { await found.first { _ in true } }
    }

    /// All of it, the first answers first.
    func read(
        _ asked: [(statement: Statement, scans: TableScans)], _ connection: PostgresConnection
    ) async throws -> Answers {
        defer { finding.finish() }
        return try await SchemaTrust.read(asked, connection) { answers in
            if answers.count == asked.count { finding.yield(answers) }
            return next(answers).map { ($0, .allowed) }
        }
    }

    /// What to ask after these answers; nothing where not exactly one account was found.
    private func next(_ answers: Answers) -> [Statement] {
        guard let rows = try? answers[place].get(), rows.count == 1, let account = try? Account(rows[0]) else {
            return []
        }
        let (everybody, seldom) = AccountDirectory.dossierStatements(account.id, claims)
        switch answers.count - place - 1 {
        case 0: return everybody + [AccountMarks.statement(account.id)]
        case everybody.count + 1:
            let marks = AccountMarks(answers.last)
            return zip(seldom, marks.hasAny).compactMap { $1 ? $0 : nil }
        default: return []
        }
    }

    /// The dossier of the only candidate; nil where it could not be read.
    func dossier(
        from answers: Answers, of candidates: [Account]?, _ accounts: AccountDirectory
    ) async -> AccountDossier? {
        guard let candidates, candidates.count == 1, let empty = QueryResult.empty() else { return nil }
        let count = AccountDirectory.dossierStatements(candidates[0].id, claims).everybody.count
        let read = answers.dropFirst(place + 1)
        guard read.count > count else { return nil }
        let hasAny = AccountMarks(read.dropFirst(count).first).hasAny
        var seldom = read.dropFirst(count + 1)
        guard seldom.count == hasAny.count(where: { $0 }) else { return nil }
        let all = Array(read.prefix(count)) + hasAny.map { $0 ? seldom.removeFirst() : .success(empty) }
        return await accounts.dossier(from: all, knowing: candidates[0])
    }
}
