import AuditVerification
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct AuditChainTests {
    @Test func eightClientsMakeOneChain() async throws {
        let database = try await TestDatabase.quick()
        let first = try await database.session()
        let people = try await first.people(104)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<8 {
                group.addTask {
                    let desk = try await database.session(client % 2 == 0 ? .operator : .secondOperator)
                    for turn in 0..<13 {
                        let action: AccountChange.Action =
                            turn % 4 == 0 ? .generatePassword : turn % 4 == 1 ? .clearPIN : .issuePIN
                        let change = AccountChange(account: people[client * 13 + turn], action: action)
                        #expect(try await desk.changes.perform(change).outcome == .done)
                    }
                }
            }
            try await group.waitForAll()
        }
        let log = try await database.log()
        #expect(log.map(\.sequence) == Array(1...104))
        #expect(zip(log, log.dropFirst()).allSatisfy { $1.previousHash == $0.hash && $1.occurredAt > $0.occurredAt })
        let found = try await database.session(.auditor).audit.verify()
        #expect(found.problem == nil && found.events == 104 && found.head == log.last?.hash)
    }

    @Test func bothSidesComputeTheSameHash() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let odd = ["日本 🙂", "", "a\u{7}b\nc", String(repeating: "ü", count: 2000), "' \" \\ \u{202e}x", " \t "]
        for text in odd {
            let change = AccountChange(
                account: try await desk.person(), action: .issuePIN, context: ChangeContext(reason: text, ticket: text))
            #expect(try await desk.changes.perform(change).outcome == .done)
        }
        let log = try await database.log()
        #expect(log.count == odd.count)
        for event in log { #expect(event.computedHash == event.hash) }
        #expect(
            try await database.sql(
                "SET TimeZone = 'Asia/Kolkata'; SELECT bool_and(hash = convonet_admin.event_hash(e)) FROM convonet_admin.audit_event e"
            ) == "t")
    }

    private static let edits: [(String, AuditProblem)] = {
        let columns = [
            "event_id = gen_random_uuid()", "request_id = NULL", "occurred_at = occurred_at + interval '1 microsecond'",
            "actor_kind = 'self'", "action = 'reset_password'", "outcome = 'refused'", "rule = 'x'",
            "account_id = gen_random_uuid()",
            "account_email = 'x@example.com'", "account_username = NULL", "operator = 'bert'", "db_user = 'bert'",
            "uid = 0",
            "login_uid = NULL", "host = ''", "tty = NULL", "ssh_origin = 'x'", "client_address = '::1'", "reason = ''",
            "ticket = 'T'",
            "verified_by = 'x'", "application = NULL", "detail = NULL", "format = 2", "hash = sha256(hash)",
        ]
        let edited = columns.map {
            ("UPDATE convonet_admin.audit_event SET \($0) WHERE sequence = 3", AuditProblem(sequence: 3, kind: .edited))
        }
        return edited + [
            (
                "UPDATE convonet_admin.audit_event SET previous_hash = sha256('') WHERE sequence = 3",
                AuditProblem(sequence: 3, kind: .linkBroken)
            ),
            ("DELETE FROM convonet_admin.audit_event WHERE sequence = 1", AuditProblem(sequence: 1, kind: .missing)),
            ("DELETE FROM convonet_admin.audit_event WHERE sequence = 3", AuditProblem(sequence: 3, kind: .missing)),
            ("DELETE FROM convonet_admin.audit_event WHERE sequence = 5", AuditProblem(sequence: 5, kind: .cutOff)),
            ("DELETE FROM convonet_admin.audit_event WHERE sequence > 2", AuditProblem(sequence: 3, kind: .cutOff)),
            ("DELETE FROM convonet_admin.audit_event", AuditProblem(sequence: 1, kind: .cutOff)),
            (
                "DELETE FROM convonet_admin.audit_event WHERE sequence = 3; UPDATE convonet_admin.audit_event SET sequence = sequence - 1 WHERE sequence > 3",
                AuditProblem(sequence: 3, kind: .reordered, writtenAs: 4)
            ),
            (
                """
                UPDATE convonet_admin.audit_event SET sequence = 100 WHERE sequence = 2;
                UPDATE convonet_admin.audit_event SET sequence = 2 WHERE sequence = 3;
                UPDATE convonet_admin.audit_event SET sequence = 3 WHERE sequence = 100
                """, AuditProblem(sequence: 2, kind: .reordered, writtenAs: 3)
            ),
            (
                "UPDATE convonet_admin.audit_event SET sequence = 0 WHERE sequence = 1",
                AuditProblem(sequence: 1, kind: .missing)
            ),
            (
                "UPDATE convonet_admin.audit_head SET (sequence, hash) = (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 4)",
                AuditProblem(sequence: 4, kind: .headWrong)
            ),
            ("UPDATE convonet_admin.audit_head SET sequence = 9", AuditProblem(sequence: 6, kind: .cutOff)),
            ("UPDATE convonet_admin.audit_head SET hash = sha256('')", AuditProblem(sequence: 5, kind: .headWrong)),
        ]
    }()

    /// Whoever can write to the table past the functions can write the greatest number that there is.
    @Test func theGreatestNumberIsJustAnotherOne() async throws {
        var event = try #require(try await TestDatabase.withLog(1).log().first)
        event.sequence = .max
        var verifier = AuditChainVerifier(from: .max)
        verifier.take(HashedEvent(event))
        #expect(verifier.problem == AuditProblem(sequence: .max, kind: .edited))
    }

    @Test func everyTamperingIsFound() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        for person in try await desk.people(5) {
            _ = try await desk.changes.perform(
                AccountChange(account: person, action: .clearPIN, context: ChangeContext(reason: "r")))
        }
        let audit = try await database.session(.auditor).audit
        try await database.sql(
            "CREATE TABLE public.kept AS TABLE convonet_admin.audit_event; CREATE TABLE public.head AS TABLE convonet_admin.audit_head"
        )
        for (edit, problem) in Self.edits {
            try await database.sql(
                "ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL; ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL; "
                    + edit)
            #expect(try await audit.verify().problem == problem, "\(edit)")
            try await database.sql(
                """
                DELETE FROM convonet_admin.audit_event; INSERT INTO convonet_admin.audit_event TABLE public.kept;
                DELETE FROM convonet_admin.audit_head; INSERT INTO convonet_admin.audit_head TABLE public.head;
                """)
        }
        #expect(try await audit.verify().problem == nil)
    }

    @Test func theLogIsAppendOnlyForItsOwnerToo() async throws {
        for isEmpty in [true, false] {
            let database = try await TestDatabase.quick()
            if !isEmpty {
                let desk = try await database.session()
                _ = try await desk.changes.perform(
                    AccountChange(account: try await desk.person(), action: .clearPIN))
            }
            for role in ["desk_owner", "postgres"] {
                for change in [
                    "UPDATE convonet_admin.audit_event SET reason = ''", "DELETE FROM convonet_admin.audit_event",
                    "TRUNCATE convonet_admin.audit_event", "DELETE FROM convonet_admin.audit_head",
                    "TRUNCATE convonet_admin.audit_head",
                    "UPDATE convonet_admin.audit_head SET sequence = 7",
                    "UPDATE convonet_admin.audit_head SET sequence = sequence",
                    "SET session_replication_role = replica; DELETE FROM convonet_admin.audit_event",
                ] where role == "postgres" || !change.hasPrefix("SET session") {
                    await #expect(throws: (any Error).self, "\(change) as \(role)") {
                        try await database.sql("SET ROLE \(role); " + change)
                    }
                }
            }
        }
    }

    @Test func repeatableReadCallersFailSafely() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        let stale = try database.pool(.operator)
        try await stale.withConnection { connection in
            try await connection.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ", limit: .seconds(5))
            _ = try await connection.query("SELECT count(*) FROM convonet_admin.accounts", limit: .seconds(5))
            _ = try await desk.changes.perform(AccountChange(account: people[0], action: .clearPIN))
            await #expect(throws: PostgresError.server(ServerError(sqlState: "25000"))) {
                try await connection.query(
                    """
                    SELECT outcome FROM convonet_admin.clear_voice_pin(\(people[1].id), \(people[1].version), gen_random_uuid(), '{}')
                    """, limit: .seconds(5))
            }
            await connection.rollback()
        }
        #expect(try await database.stored("voice_pin", of: people[1]) != "NULL")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }
}
