extension ListPage {
    /// A window of rows that have numbers, the highest first.
    ///
    /// `newest` reads rows with lower numbers than the given one, the highest first, and `oldest` those with higher ones,
    /// the lowest first; without a number from the end.
    public init(
        _ origin: ListOrigin<Row>, limit: Int, number: (Row) -> Int,
        newest: (_ before: Int?, _ limit: Int) async throws -> [Row],
        oldest: (_ after: Int?, _ limit: Int) async throws -> [Row]
    ) async throws {
        switch origin {
        case .after(let row):
            let found = try await newest(row.map(number), limit + 1)
            self.init(rows: Array(found.prefix(limit)), hasAfter: found.count > limit)
        case .before(let row):
            let found = try await oldest(row.map(number), limit + 1)
            self.init(rows: found.prefix(limit).reversed(), hasBefore: found.count > limit)
        case .around(let row):
            let half = limit - limit / 2
            let newer = try await oldest(number(row), limit / 2 + 1)
            let rest = try await newest(number(row) + 1, half + 1)
            self.init(
                rows: newer.prefix(limit / 2).reversed() + rest.prefix(half), hasBefore: newer.count > limit / 2,
                hasAfter: rest.count > half)
        }
    }
}

extension ListCount {
    /// A number that was counted no further than one beyond `most`.
    public init(_ counted: Int, most: Int) {
        self.init(min(counted, most), counted > most ? .moreThan : .exact)
    }
}
