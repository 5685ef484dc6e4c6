import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import SearchText

/// Searches beside hand-written SQL for the same people.
enum Searches {
    private static let columns = """
        id, email, username, first_name, last_name, sign_in, external_marker, has_voice_pin, is_active, is_verified, \
        created_at, updated_at, last_login_at, version
        """
    private static let rounds = 15

    static func run(_ texts: [String]) async throws {
        let pool = try Database.pool()
        let session = try await Database.session(pool)
        for text in texts { try await compare(text, session.accounts, pool) }
    }

    /// Who is alike, beside the search that found nobody before it, in turn.
    static func alike(_ texts: [String]) async throws {
        let accounts = try await Database.session(try Database.pool()).accounts
        for text in texts {
            let exact = AccountSelection(text: text)
            var alike = exact
            alike.isAlike = true
            var (nobody, ours) = (Measurement("search: \(text)"), Measurement("alike: \(text)"))
            var found: [Account] = []
            for _ in 0..<rounds {
                let hits = try await nobody.time { try await accounts.page(of: exact, limit: 50) }.accounts
                if !hits.isEmpty { throw AdminError.cannotMigrate("somebody matches \(text)") }
                found = try await ours.time { [alike] in try await accounts.page(of: alike, limit: 20) }.accounts
            }
            print(
                """
                {"text": "\(text)", "rows": \(found.count), "first": "\(found.first?.fullName ?? "nobody")", \
                "ours_ms": \(ours.median), "ours_p99_ms": \(ours.quantile(0.99)), "exact_ms": \(nobody.median)}
                """)
        }
    }

    private static func compare(_ text: String, _ accounts: AccountDirectory, _ pool: PostgresPool) async throws {
        let selection = AccountSelection(text: text)
        var ours = Measurement("search: \(text)")
        var rivals: [(sql: String, scans: TableScans, times: Measurement)] = []
        for (name, sql, scans) in handWritten(selection) {
            // One that takes this long the first time is not the best.
            let once = try? await pool.query(Statement(trusted: sql), limit: .milliseconds(600), scans: scans)
            if once != nil { rivals.append((sql, scans, Measurement(name))) }
        }
        var hits = 0
        for _ in 0..<rounds {
            hits = try await ours.time { try await accounts.page(of: selection, limit: 50) }.accounts.count
            for index in rivals.indices {
                let (sql, scans) = (rivals[index].sql, rivals[index].scans)
                _ = try await rivals[index].times.time {
                    let rows = try await pool.query(Statement(trusted: sql), scans: scans)
                    return try rows.map { try $0.text(1) }
                }
            }
        }
        let best = rivals.map(\.times).min { $0.median < $1.median }
        print(
            """
            {"text": "\(text)", "rows": \(hits), "ours_ms": \(ours.median), "ours_p99_ms": \(ours.quantile(0.99)), \
            "best_ms": \(best?.median ?? 0), "best": "\(best?.name ?? "none")"}
            """)
    }

    /// Words of ASCII and of other letters alike, folded here.
    private static func handWritten(_ selection: AccountSelection) -> [(String, String, TableScans)] {
        let accounts = "convonet_admin.account_search"
        let indexed = "convonet_admin.account_pieces"
        var (likes, pieces): ([String], [String]) = ([], [])
        for word in selection.words {
            let isBeginning = SearchFold.matchesBeginningsOnly(word)
            let folded = SearchFold.fold(word).replacing("'", with: "''")
            likes.append("search_key LIKE '\(isBeginning ? "% " : "%")\(folded)%'")
            let wide = Array((isBeginning ? "  " : "") + SearchFold.fold(word))
            pieces += wide.indices.dropLast(2).map { String(wide[$0...$0 + 2]).replacing("'", with: "''") }
        }
        let condition = likes.joined(separator: " AND ")
        let byIndex = "search_pieces @> ARRAY[\(pieces.map { "'\($0)'" }.joined(separator: ", "))]"
        return [
            (
                "as the planner likes",
                """
                SELECT s.* FROM \(indexed) p JOIN \(accounts) s ON s.id = p.id \
                WHERE \(byIndex) AND \(condition) ORDER BY p.email LIMIT 51
                """, .allowed
            ),
            (
                "all hits, sorted",
                """
                WITH hits AS MATERIALIZED (SELECT id AS page_id FROM \
                (SELECT id, email FROM \(indexed) WHERE \(byIndex) OFFSET 0) AS h ORDER BY email LIMIT 200) \
                SELECT \(columns) FROM hits JOIN \(accounts) ON id = page_id WHERE \(condition) ORDER BY email LIMIT 51
                """, .lastResort
            ),
            (
                "a walk by e-mail",
                "SELECT \(columns) FROM (SELECT * FROM \(accounts) ORDER BY email OFFSET 0) AS s WHERE \(condition) LIMIT 51",
                .lastResort
            ),
        ]
    }
}

/// The database that is measured.
enum Database {
    static func pool() throws -> PostgresPool {
        guard let address = environment("CONVONET_DB_URI") else { throw AdminError.cannotMigrate("no CONVONET_DB_URI") }
        return PostgresPool(
            try ConnectionParameters(address, applicationName: "convonet-admin benchmark", environment: [:]), maximum: 1
        )
    }

    static func session(_ pool: PostgresPool) async throws -> AdminSession {
        let somebody = Operator(
            name: "benchmark", uid: 0, loginUID: nil, host: "localhost", tty: nil, sshOrigin: nil)
        return try await AdminSession.open(pool, operator: somebody, application: "convonet-admin benchmark")
    }
}
