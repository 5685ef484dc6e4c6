import ConvonetCore
import EmbeddedPostgres
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct TypedPINTests {
    /// PINs that somebody has or that are decoys, and some that are free, none of them weak.
    private struct Candidates {
        var taken: [String]
        var decoys: [String]
        var free: [String]

        init(_ database: TestDatabase) async throws {
            func pins(_ condition: String) async throws -> [String] {
                try await database.sql(
                    """
                    SELECT string_agg(pin, ' ') FROM (SELECT pin FROM
                    (SELECT lpad((n * 37 % 1000000)::text, 6, '0') AS pin FROM generate_series(1, 3000) n
                     UNION ALL SELECT voice_pin FROM users_convonet WHERE voice_pin IS NOT NULL) c
                    WHERE \(condition) AND pin NOT IN (SELECT pin FROM convonet_admin.refused_pin) LIMIT 20) few
                    """
                ).split(separator: " ").map(String.init)
            }
            let someoneHas = "pin IN (SELECT voice_pin FROM users_convonet WHERE voice_pin IS NOT NULL)"
            taken = try await pins("\(someoneHas) AND NOT convonet_admin.is_decoy(pin)")
            decoys = try await pins("NOT \(someoneHas) AND convonet_admin.is_decoy(pin)")
            free = try await pins("NOT \(someoneHas) AND NOT convonet_admin.is_decoy(pin)")
            try #require(taken.count == 20 && decoys.count == 20 && free.count == 20)
        }
    }

    private func typed(_ pin: String, for person: Account, by desk: AdminSession) async throws -> ChangeResult {
        let now = try #require(try await desk.accounts.account(id: person.id))
        return try await desk.changes.perform(AccountChange(account: now, action: .setPIN(.text(pin))))
    }

    @Test func takenAndDecoyGiveOneAnswer() async throws {
        let database = try await TestDatabase.quick()
        let pins = try await Candidates(database)
        let desk = try await database.session()
        let person = try await desk.person { !$0.hasVoicePIN }
        let answers = [
            try await typed(pins.taken[0], for: person, by: desk),
            try await typed(pins.decoys[0], for: person, by: desk),
        ]
        for answer in answers {
            #expect(answer.outcome == .refused && answer.rule == "pin_unavailable" && answer.newSecret == nil)
        }
        #expect(answers[0].message == answers[1].message && answers[0].account == answers[1].account)
        #expect(answers[0].receipt?.updatedAt == answers[1].receipt?.updatedAt)
        var rows = try await database.log()
        for index in rows.indices {
            rows[index].sequence = 0
            rows[index].eventID = UUID(uuid: noID)
            rows[index].requestID = nil
            rows[index].occurredAt = Timestamp(microseconds: 0)
            rows[index].previousHash = []
            rows[index].hash = []
        }
        #expect(rows.count == 2 && rows[0] == rows[1])
    }

    /// All that every role may read of the server's statistics, except for times, for the log's own growth, and for
    /// the list of weak PINs, where the digits alone decide how many pages of its index are read. On a server of its own:
    /// what other tests do there takes pages out of memory, and has catalogues read again.
    @Test func takenAndDecoyLeaveTheSameTraces() async throws {
        let database = try await TestDatabase.alone()
        let pins = try await Candidates(database)
        try await database.sql(
            "VACUUM ANALYZE users_convonet; UPDATE convonet_admin.policy SET typed_pin_limit = 20; VACUUM ANALYZE")
        let session = try await database.session()
        let person = try await session.person { !$0.hasVoicePIN }
        let scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'users_convonet'"
        let settled: (String) async throws -> String = { pin in
            let look = """
                SELECT string_agg(concat_ws(' ', t.relname, seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_upd, n_dead_tup,
                    heap_blks_hit, heap_blks_read, idx_blks_hit, idx_blks_read), chr(10) ORDER BY t.relname) || chr(10) ||
                    (SELECT string_agg(concat_ws(' ', i.indexrelname, idx_scan, idx_tup_read, idx_tup_fetch,
                        idx_blks_hit, idx_blks_read), chr(10) ORDER BY i.indexrelname)
                        FROM pg_stat_user_indexes i JOIN pg_statio_user_indexes USING (indexrelid)
                        WHERE i.relname NOT LIKE 'audit%' AND i.relname <> 'refused_pin')
                FROM pg_stat_user_tables t JOIN pg_statio_user_tables USING (relid) WHERE t.relname NOT LIKE 'audit%' AND t.relname <> 'refused_pin';
                """
            let scansBefore = try await database.sql(scans, as: .stranger)
            let before = try await database.sql(look, as: .stranger)
            try await database.sql(
                """
                SELECT outcome FROM convonet_admin.set_voice_pin('\(person.idText)', '\(person.version)', '\(pin)', gen_random_uuid(), '{}')
                """, as: .operator)
            // Each psql is a session that hands its counts in, all at once, as it ends.
            try await eventually("the counts are handed in") {
                try await database.sql(scans, as: .stranger) != scansBefore
            }
            let after = try await database.sql(look, as: .stranger)
            return Self.difference(before, after)
        }
        // The first calls read the catalogue into caches, and set hint bits.
        for pin in [pins.taken[0], pins.decoys[0]] { _ = try await settled(pin) }
        let taken = Set(try await pins.taken[1...4].asyncMap(settled))
        let decoys = Set(try await pins.decoys[1...4].asyncMap(settled))
        #expect(taken == decoys)
        #expect(taken.count == 1)
    }

    private static func difference(_ before: String, _ after: String) -> String {
        var lines: [String] = []
        for (left, right) in zip(before.split(separator: "\n"), after.split(separator: "\n")) {
            var words: [String] = []
            for (old, new) in zip(left.split(separator: " "), right.split(separator: " ")) {
                if let old = Int(old), let new = Int(new) {
                    words.append("\(new - old)")
                } else {
                    words.append("\(new)")
                }
            }
            lines.append(words.joined(separator: " "))
        }
        return lines.joined(separator: "\n")
    }

    @Test func afterThreeOnlyIssueRemains() async throws {
        let database = try await TestDatabase.quick()
        let pins = try await Candidates(database)
        let (desk, other) = (try await database.session(), try await database.session(.secondOperator))
        let person = try await desk.person { !$0.hasVoicePIN }
        let tried = [pins.taken[0], pins.decoys[0], pins.taken[1], pins.taken[2], pins.decoys[1], pins.free[0]]
        var rules: [String?] = []
        for pin in tried { rules.append(try await typed(pin, for: person, by: desk).rule) }
        let (no, limit) = ("pin_unavailable", "typed_pin_limit")
        #expect(rules == [no, no, no, limit, limit, limit])
        let now = try #require(try await desk.accounts.account(id: person.id))
        #expect(try await desk.changes.perform(AccountChange(account: now, action: .issuePIN)).outcome == .done)
        #expect(try await typed(pins.free[0], for: person, by: other).outcome == .done)
        // An hour later.
        try await database.sql(
            """
            SELECT setval('convonet_admin.typed_pin_refusals_' || n, (extract(epoch FROM now()) - 3601)::bigint * 1048576 + 3)
            FROM generate_series(0, 63) n
            """)
        #expect(try await typed(pins.taken[3], for: person, by: desk).rule == no)
    }

    /// Whatever their names are, one operator uses up nothing of another's.
    @Test func eachOperatorHasCountersOfTheirOwn() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("pin_answers_per_hour = 1")
        let person = try await database.session().person()
        let names = (0..<8).map { "\(database.name)_operator_\($0)" }
        try await database.sql(names.map { "CREATE ROLE \($0) LOGIN IN ROLE desk_operator;" }.joined())
        let call = "BEGIN; \(TestDatabase.call(.issuePIN, person)) ROLLBACK;"
        for name in names {
            #expect(try await database.cluster.sql(call, database: database.name, user: name) == "done")
            #expect(
                try await database.cluster.sql(call, database: database.name, user: name) == "refused:pin_answer_limit")
        }
        try await database.sql(names.map { "DROP ROLE \($0);" }.joined())
    }

    @Test func parallelCallersDoNotPassTheLimitTogether() async throws {
        let database = try await TestDatabase.quick()
        let pins = try await Candidates(database)
        let sessions = try await (0..<8).asyncMap { _ in try await database.session() }
        let people = try await sessions[0].people(16)
        let rules = try await withThrowingTaskGroup(of: [String?].self) { group in
            for (number, session) in sessions.enumerated() {
                group.addTask {
                    var rules: [String?] = []
                    for turn in 0..<2 {
                        rules.append(
                            try await typed(
                                (pins.taken + pins.decoys)[number * 2 + turn], for: people[number * 2 + turn],
                                by: session
                            ).rule)
                    }
                    return rules
                }
            }
            return try await group.reduce(into: [String?]()) { $0 += $1 }
        }
        #expect(rules.filter { $0 == "pin_unavailable" }.count == 3)
        #expect(rules.filter { $0 == "typed_pin_limit" }.count == 13)
    }

    @Test func rollingBackDoesNotGiveAnotherTry() async throws {
        let database = try await TestDatabase.quick()
        let pins = try await Candidates(database)
        let person = try await database.session().person { !$0.hasVoicePIN }
        let calls = pins.taken.prefix(6).map { pin in
            """
            BEGIN; SELECT rule FROM convonet_admin.set_voice_pin(
                '\(person.idText)', '\(person.version)', '\(pin)', gen_random_uuid(), '{"uid": 5}'); ROLLBACK;
            """
        }
        let answers = try await database.sql(calls.joined(), as: .operator).split(separator: "\n")
        #expect(
            answers == [
                "pin_unavailable", "pin_unavailable", "pin_unavailable", "typed_pin_limit", "typed_pin_limit",
                "typed_pin_limit",
            ])
        #expect(try await database.log().isEmpty)
        // What the transaction undid stands in the server's own log.
        let serverLog = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        #expect(
            serverLog.contains("set_voice_pin of account \(person.idText): refused typed_pin_limit, by test_operator"))
    }
}

/// Sixteen zero bytes.
private let noID: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

extension Sequence {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
