import PostgresClient

/// One page of a list as a statement, with the plan chosen here and not by the planner's guess.
struct AccountPageStatement {
    /// What is selected; its order is the one in which rows are fetched.
    var selection: AccountSelection
    /// The account that the page begins after, and whether with that account itself.
    var start: (account: Account, including: Bool)?
    /// Rows wanted.
    var limit: Int
    /// Whether the search index is there.
    var isIndexed: Bool

    /// Rows looked at to see how common the words are: ids are random, so those after one place are a fair sample.
    private static let sampleSize = 200
    /// Hits in the sample, 1 in 40, from which on people are likely to be found sooner by a short walk along the list's
    /// own order than by collecting everybody with the search index; without it, any at all.
    private var hitsForWalk: Int { isIndexed ? 5 : 1 }
    /// Hits in the sample, 6 in 100, from which on the walk may be a long one: a million people would have 60,000 hits
    /// to be collected and sorted. A word that one in 50 has comes to as many by chance once in a thousand times. Without the index there is only the whole table to be read instead.
    private var hitsForLongWalk: Int { isIndexed ? 12 : 1 }
    /// Rows after which a walk gives up, since the hits stand far from where it began: twice as many as 50 hits take
    /// where they are spread evenly, and as many as take about as long as the other way.
    private static let walks = (short: 4000, long: 50_000)

    /// The statement: the columns of an account, in order; where words are looked for, a number is the first column: 0
    /// for whom the text names exactly, on the first page, and 1 for the others.
    var statement: Statement {
        if !selection.words.isEmpty { return searching }
        guard selection.order.hasIndex else { return sorting }
        return
            "SELECT \(Account.columns) FROM convonet_admin.accounts WHERE \(selection.conditions)\(position) \(order)"
    }

    private var position: Statement {
        start.map { " AND \(selection.order.after($0.account, including: $0.including))" } ?? ""
    }

    private var order: Statement { "ORDER BY \(selection.order.clause) LIMIT \(limit)" }

    /// No index gives this order: the whole table is read, but only the page's rows are fetched with all their columns.
    private var sorting: Statement {
        """
        SELECT \(Account.columns) FROM (SELECT id AS page_id FROM convonet_admin.accounts \
        WHERE \(selection.conditions)\(position) \(order)) AS page \
        JOIN convonet_admin.accounts ON id = page_id ORDER BY \(selection.order.clause)
        """
    }

    /// A sample says how common the hits are. If they are, the list's own order is walked along until there are enough;
    /// if not, or where that leads nowhere, all are collected through the search index and sorted.
    private var searching: Statement {
        let exact: Statement =
            start == nil
            ? "SELECT 0 AS part, id AS page_id FROM convonet_admin.accounts WHERE \(selection.exactMatch) UNION ALL "
            : ""
        let isEnough: Statement = "(SELECT count(*) = \(limit) FROM walk)"
        return """
            WITH sample AS MATERIALIZED (SELECT count(*) AS hits FROM (SELECT * FROM convonet_admin.accounts \
            WHERE id >= '80000000-0000-0000-0000-000000000000' ORDER BY id LIMIT \(Self.sampleSize)) AS sampled \
            WHERE \(selection.conditions)), \
            walk AS MATERIALIZED (\(walk)), \
            hits AS MATERIALIZED (SELECT id, \(selection.order.columns) FROM convonet_admin.accounts \
            WHERE NOT \(isEnough) AND \(selection.conditions)), \
            page AS (\(exact)SELECT 1 AS part, id AS page_id FROM walk WHERE \(isEnough) \
            UNION ALL (SELECT 1, id FROM hits WHERE true\(position) \(order))) \
            SELECT part, \(Account.columns) FROM page JOIN convonet_admin.accounts ON id = page_id \
            ORDER BY part, \(selection.order.clause)
            """
    }

    private var walk: Statement {
        guard selection.order.hasIndex else { return "SELECT id FROM convonet_admin.accounts WHERE false" }
        return """
            SELECT id FROM (SELECT * FROM convonet_admin.accounts WHERE true\(position) \
            ORDER BY \(selection.order.clause) LIMIT (SELECT CASE WHEN hits >= \(hitsForLongWalk) \
            THEN \(Self.walks.long) ELSE \(Self.walks.short) END FROM sample)) AS next \
            WHERE (SELECT hits >= \(hitsForWalk) FROM sample) AND \(selection.conditions) LIMIT \(limit)
            """
    }
}
