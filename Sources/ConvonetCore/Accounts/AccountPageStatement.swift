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
    var isIndexed = false
    /// Whether all that the index finds is compared with the words, and not only the first of it.
    var isThorough = false

    /// Rows looked at to see how common the words are: ids are random, so those after one place are a fair sample.
    private static let sampleSize = 64
    /// Hits in the sample from which on people are likely to be found sooner by a short walk along the list's own order
    /// than by collecting all hits, which takes 30 ms for 80,000 of a million people. Without the index, which would leave
    /// only the whole table to be read, any hit at all.
    private var hitsForWalk: Int { isIndexed ? 5 : 1 }
    /// Rows after which a walk gives up, since the hits stand far from where it began: six times as many as 50 hits
    /// take where one in 12 has them, and read in 10 ms; without the index, in a fraction of what the table takes.
    private var longestWalk: Int { isIndexed ? 4000 : 50_000 }
    /// How many of the index's candidates are compared with the words: some more than are wanted, for hardly any of them
    /// has only the words' pieces.
    private var candidates: Int? { isThorough ? nil : limit + limit / 4 + 3 }
    /// Accounts that a text can name exactly: two spellings of an address, two of a username, one id.
    private static let mostExact = 5

    /// The statement: the columns of an account, in order. Where words are looked for, two columns come first: 0 for whom
    /// the text names exactly, on the first page, and 1 or 2 for the others; and whether there were more candidates than
    /// were compared. Where nobody is found there is one row of that, without an account.
    var statement: Statement {
        if !selection.words.isEmpty { return searching }
        guard selection.order.hasIndex else { return sorting }
        return
            "SELECT \(Account.columns) FROM convonet_admin.accounts WHERE \(selection.conditions)\(position) \(order)"
    }

    /// Those without an address or a username, who stand at the end and behind nobody: what is missing of a later page that
    /// comes to that end with so many rows. nil where nothing is.
    func withoutKey(beyond rows: Int) -> Statement? {
        guard let start, rows < limit, selection.order.hasIndex, !selection.order.descending,
            !selection.order.isWithoutKey(start.account)
        else { return nil }
        return """
            SELECT \(Account.columns) FROM convonet_admin.accounts \
            WHERE \(selection.conditions) AND \(selection.order.columns) IS NULL ORDER BY id LIMIT \(limit - rows)
            """
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
    /// if not, or where that leads nowhere, candidates are collected through the search index and sorted, and the first
    /// of them (part 2) are compared with the words. OFFSET 0 keeps the planner from walking for these too.
    private var searching: Statement {
        let exact: Statement =
            start == nil
            ? "SELECT 0 AS part, id AS page_id FROM convonet_admin.accounts WHERE \(selection.exactConditions) UNION ALL "
            : ""
        let isEnough: Statement = "(SELECT count(*) = \(limit) FROM walk)"
        let most = candidates.parameter
        return """
            WITH sample AS MATERIALIZED (SELECT count(*) AS hits FROM (SELECT * FROM convonet_admin.account_search \
            WHERE id >= '80000000-0000-0000-0000-000000000000' ORDER BY id LIMIT \(Self.sampleSize)) AS sampled \
            WHERE \(selection.conditions)), \
            walk AS MATERIALIZED (\(walk)), \
            candidates AS MATERIALIZED (SELECT id AS page_id FROM (SELECT id, \(selection.order.columns) \
            FROM \(candidateSource) WHERE NOT \(isEnough) AND \(candidateConditions)\(position) OFFSET 0) AS hit \
            ORDER BY \(selection.order.clause) LIMIT \(most)), \
            page AS (\(exact)SELECT 1 AS part, id AS page_id FROM walk WHERE \(isEnough) \
            UNION ALL SELECT 2, page_id FROM candidates) \
            SELECT part, is_cut, \(Account.columns) \
            FROM (SELECT coalesce(count(*) = \(most), false) AS is_cut FROM candidates) AS end_of_candidates \
            LEFT JOIN (SELECT * FROM page JOIN convonet_admin.account_search ON id = page_id \
            WHERE part < 2 OR \(selection.conditions) \
            ORDER BY part, \(selection.order.clause) LIMIT \(limit + Self.mostExact)) AS found ON true \
            ORDER BY part, \(selection.order.clause)
            """
    }

    private var candidateSource: Statement {
        isIndexed ? "convonet_admin.account_pieces" : "convonet_admin.account_search"
    }

    private var candidateConditions: Statement { isIndexed ? selection.conditionsByIndex : selection.conditions }

    private var walk: Statement {
        guard selection.order.hasIndex else { return "SELECT id FROM convonet_admin.accounts WHERE false" }
        return """
            SELECT id FROM (SELECT * FROM convonet_admin.account_search WHERE true\(position) \
            ORDER BY \(selection.order.clause) LIMIT \(longestWalk)) AS next \
            WHERE (SELECT hits >= \(hitsForWalk) FROM sample) AND \(selection.conditions) LIMIT \(limit)
            """
    }
}
