import PostgresClient
import SearchText

/// The people whose names sound or are typed like the words of a search that finds nobody, as a statement.
struct AlikeStatement {
    let selection: AccountSelection
    /// The most people.
    let limit: Int

    /// People who have the pieces of one meaning: how many are compared with it, and how many are taken.
    private static let (mostCompared, mostOfOne) = (1000, 20)
    /// People after whom no further meaning is looked for, so that some others are seen beside those of the first.
    private static let mostTaken = 60

    /// The statement; its rows are the columns of an account, the most alike first. nil where nothing is like the words.
    var statement: Statement? {
        let meanings = AlikeMeanings(selection.words)
        guard !meanings.all.isEmpty else { return nil }
        return """
            WITH meaning AS MATERIALIZED (\(Self.rows(meanings))), near AS MATERIALIZED (\(hits(of: "cost < 2"))), \
            far AS MATERIALIZED (\(hits(of: "cost BETWEEN 2 AND 3 AND \(isTooFew(of: "near"))"))), \
            farthest AS MATERIALIZED (\(hits(of: "cost > 3 AND \(isTooFew(of: "near")) AND \(isTooFew(of: "far"))"))) \
            SELECT \(Account.columns) FROM (SELECT hit_id, min(2 * cost + CASE WHEN is_whole THEN 0 ELSE 1 END) AS rank \
            FROM (TABLE near UNION ALL TABLE far UNION ALL TABLE farthest) AS hit \
            GROUP BY hit_id ORDER BY rank, min(hit_email) LIMIT \(limit)) AS nearest \
            JOIN convonet_admin.accounts ON id = hit_id ORDER BY rank, email
            """
    }

    /// Whether there is room for people who are less alike than these.
    private func isTooFew(of hits: Statement) -> Statement { "(SELECT count(DISTINCT hit_id) < \(limit) FROM \(hits))" }

    /// The meanings as rows, in their order.
    private static func rows(_ meanings: AlikeMeanings) -> Statement {
        func texts(_ value: (AlikeMeanings.Meaning) -> String) -> [String] { meanings.all.map(value) }
        // No word has a line end in it.
        let rest = meanings.unchanged.map { $0.map(\.pattern).joined(separator: "\n") }
        let pieces = meanings.unchanged.map { $0.map { $0.pieces.joined() }.joined() }
        return """
            SELECT cost::integer, ARRAY(SELECT substr(letters, i, 3) COLLATE "C" \
            FROM (SELECT own || (\(pieces))[rest::integer] AS letters) AS joined, \
            generate_series(1, length(letters), 3) AS i) AS pieces, \
            string_to_array((\(rest))[rest::integer], E'\\n') AS others, \
            string_to_array(beginning, E'\\n') AS beginnings, string_to_array(whole, E'\\n') AS wholes \
            FROM unnest(\(texts { String($0.rest + 1) }), \(texts { String($0.cost) }), \(texts { $0.pieces.joined() }), \
            \(texts { $0.beginnings.joined(separator: "\n") }), \(texts { $0.wholes.joined(separator: "\n") })) \
            AS m (rest, cost, own, beginning, whole)
            """
    }

    /// Who has the pieces of a meaning, compared with its patterns: one meaning after the other, until there are enough. OFFSET 0
    /// keeps the planner from walking for these.
    private func hits(of condition: Statement) -> Statement {
        """
        SELECT cost, hit_id, hit_email, is_whole FROM (SELECT * FROM meaning WHERE \(condition)) AS meant CROSS JOIN LATERAL (\
        SELECT hit_id, hit_email, search_key LIKE ALL (wholes) AS is_whole FROM (\
        SELECT id AS hit_id, email AS hit_email, \(Statement(trusted: SearchFold.sqlKeyOfAnybody)) || ' ' AS search_key \
        FROM (SELECT * FROM convonet_admin.account_pieces \
        WHERE search_pieces @> pieces AND \(selection.filterConditions) OFFSET 0) AS a LIMIT \(Self.mostCompared)) AS candidate \
        WHERE search_key LIKE ALL (beginnings) AND search_key LIKE ALL (others) \
        ORDER BY is_whole DESC LIMIT \(Self.mostOfOne)) AS found LIMIT \(Self.mostTaken)
        """
    }
}
