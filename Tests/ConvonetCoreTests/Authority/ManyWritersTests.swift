import AuditVerification
import ConvonetCore
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ManyWritersTests {
    /// Sixteen writers and an application that changes the same rows, watched: one chain comes of it, and nobody fails.
    @Test func sixteenWritersAndTheApplicationMakeOneChain() async throws {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        try await database.setPolicy(
            "resets_per_operator_hour = 10000, resets_per_account_day = 1000, pin_answers_per_hour = 100000, refusals_per_operator_hour = 10000"
        )
        let turns = 120
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    let pool = try database.pool(writer % 2 == 0 ? .operator : .secondOperator)
                    for turn in 0..<turns {
                        // By name and version in one statement, as fast as it goes; a conflict is an event too.
                        let rows = try await pool.change(
                            """
                            SELECT (convonet_admin.issue_voice_pin(a.id, a.version, gen_random_uuid(), '{}')).outcome
                            FROM (SELECT id, version FROM convonet_admin.accounts
                                  ORDER BY id LIMIT 1 OFFSET \((writer * 7 + turn) % 20)) a
                            """
                        ).rows
                        #expect(["done", "conflict"].contains(try rows[0].text(0)))
                    }
                }
            }
            for writer in 0..<4 {
                group.addTask {
                    let pool = try database.pool(.owner)
                    for turn in 0..<turns {
                        let rows = try await pool.change(
                            """
                            UPDATE public.users_convonet SET last_login_at = now(), is_active = NOT is_active
                            WHERE id = (SELECT id FROM public.users_convonet ORDER BY id LIMIT 1 OFFSET \((writer + turn) % 20))
                            RETURNING id
                            """
                        ).rows
                        #expect(rows.count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        // The last notes come in with the next event.
        let desk = try await database.session()
        while try await database.sql("SELECT count(*) FROM convonet_admin.direct_change") != "0" {
            _ = try await desk.perform(.setVerified(true), on: try await desk.person { $0.isVerified })
        }
        let counts = try await database.sql(
            """
            SELECT count(*) FILTER (WHERE action = 'issue_voice_pin'), count(*) FILTER (WHERE action = 'direct_change'),
                   max(sequence) = count(*) FROM convonet_admin.audit_event
            """)
        #expect(counts == "\(16 * turns)|\(4 * turns)|t")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
        #expect(
            try await database.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == "0")
    }
}
