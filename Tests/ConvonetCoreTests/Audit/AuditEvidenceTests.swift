import AuditVerification
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct AuditEvidenceTests {
    @Test func onlyWhatWasKeptElsewhereShowsAWholeRewriteOrACutWithTheHeadSetBack() async throws {
        let cut = """
            DELETE FROM convonet_admin.audit_event WHERE sequence > 3;
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 3)
            """
        for origin in [AuditAnchor.Origin.checkpoint, .journal] {
            let database = try await TestDatabase.withLog(5)
            let audit = try await database.session(.auditor).audit
            let anchors = try await database.log().map {
                AuditAnchor(sequence: $0.sequence, hash: try #require(AuditHash($0.hash)), origin: origin)
            }
            let all = AuditLog.Evidence(anchors: anchors.reversed() + anchors)
            #expect(try await audit.verify(against: all).problem == nil)

            try await database.tamper(cut)
            #expect(try await audit.verify().problem == nil)
            #expect(
                try await audit.verify(against: all).problem
                    == AuditProblem(sequence: 4, kind: .cutOff, accuser: origin))
            #expect(try await audit.verify(against: AuditLog.Evidence(anchors: [anchors[2]])).problem == nil)

            try await database.tamper("UPDATE convonet_admin.audit_event SET reason = 'because' WHERE sequence = 2")
            try await database.rewriteChain(from: 2)
            #expect(try await audit.verify().problem == nil)
            #expect(
                try await audit.verify(against: AuditLog.Evidence(anchors: [anchors[2]])).problem
                    == AuditProblem(sequence: 3, kind: .rewritten, accuser: origin))
            #expect(try await audit.verify(against: AuditLog.Evidence(anchors: [anchors[0]])).problem == nil)
        }
    }

    /// What a standby that lacked the last events leaves when it takes over: the log goes on from before, and holds together.
    @Test func whatAFailOverLostIsListedAndAForgeryIsNotCalledOne() async throws {
        let database = try await TestDatabase.withLog(5)
        let audit = try await database.session(.auditor).audit
        let anchors = try await database.log().map {
            AuditAnchor(sequence: $0.sequence, hash: try #require(AuditHash($0.hash)), origin: .journal)
        }
        let evidence = AuditLog.Evidence(anchors: anchors)
        #expect(try await audit.verify(against: evidence).missing.isEmpty)
        try await database.tamper(
            """
            DELETE FROM convonet_admin.audit_event WHERE sequence > 3;
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 3);
            ALTER TABLE convonet_admin.audit_event ENABLE TRIGGER ALL;
            ALTER TABLE convonet_admin.audit_head ENABLE TRIGGER ALL
            """)
        let before = try await audit.verify(against: evidence)
        #expect(before.missing == Array(anchors[3...]) && before.couldBeFailOver)
        let desk = try await database.session()
        for person in try await desk.people(3) {
            _ = try await desk.changes.perform(AccountChange(account: person, action: .clearPIN))
        }
        let after = try await audit.verify(against: evidence)
        #expect(after.problem == AuditProblem(sequence: 4, kind: .rewritten, accuser: .journal))
        #expect(after.missing == Array(anchors[3...]) && after.couldBeFailOver && after.events == 6)
        #expect(after.problem?.text.contains("a failover lost that event") == true)

        try await database.tamper("UPDATE convonet_admin.audit_event SET ticket = 'x' WHERE sequence = 5")
        let forged = try await audit.verify(against: evidence)
        #expect(forged.problem?.sequence == 4 && !forged.couldBeFailOver && forged.missing == [anchors[3]])
    }

    /// What row-level security hides looks like a log that was cut off, or like an empty one.
    @Test(arguments: ["audit_event", "audit_head"])
    func rowLevelSecurityIsNamedAndMended(table: String) async throws {
        let database = try await TestDatabase.withLog(2)
        let audit = try await database.session(.auditor).audit
        try await database.sql("ALTER TABLE convonet_admin.\(table) ENABLE ROW LEVEL SECURITY")
        let hidden = AdminError.rowsHidden(table: "convonet_admin.\(table)")
        await #expect(throws: hidden) { try await audit.verify() }
        await #expect(throws: hidden) { try await audit.newest(limit: 5) }
        await #expect(throws: hidden) { try await audit.count(most: 5) }
        await #expect(throws: hidden) { try await audit.head() }
        let examination = DatabaseExamination(try database.pool(.auditor), usersTable: .usersConvonet)
        #expect(
            await examination.findings().contains { $0.grade == .problem && $0.message.contains("row-level security") })
        _ = try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: TestDatabase.rolePrefix))
        #expect(try await audit.verify().problem == nil)
    }

    @Test func aForgedEventAtTheEndIsFound() async throws {
        let database = try await TestDatabase.withLog(2)
        try await database.tamper(
            """
            INSERT INTO convonet_admin.audit_event SELECT 3, format, gen_random_uuid(), NULL, occurred_at, actor_kind, action,
                outcome, rule, account_id, account_email, account_username, operator, db_user, uid, login_uid, host, tty,
                ssh_origin, client_address, reason, ticket, verified_by, application, detail, hash, hash
            FROM convonet_admin.audit_event WHERE sequence = 2;
            UPDATE convonet_admin.audit_event e SET hash = convonet_admin.event_hash(e) WHERE sequence = 3
            """)
        let audit = try await database.session(.auditor).audit
        #expect(try await audit.verify().problem == AuditProblem(sequence: 2, kind: .headWrong))
    }

    @Test func anEmptyLogFitsItsCheckpointAndNoOther() async throws {
        let database = try await TestDatabase.quick()
        let audit = try await database.session(.auditor).audit
        let empty = AuditAnchor(sequence: 0, hash: .zero, origin: .checkpoint)
        #expect(try await audit.verify(against: .init(anchors: [empty])).problem == nil)
        let later = AuditAnchor(sequence: 1, hash: .zero, origin: .checkpoint)
        #expect(
            try await audit.verify(against: .init(anchors: [later])).problem
                == AuditProblem(sequence: 1, kind: .cutOff, accuser: .checkpoint))
    }

    @Test func aVerificationFromTheMiddleSeesWhatLiesThereAndTheLinkBefore() async throws {
        let database = try await TestDatabase.withLog(6)
        let audit = try await database.session(.auditor).audit
        let log = try await database.log()
        let whole = try await audit.verify(from: .sequence(4))
        #expect(whole.problem == nil && whole.first == 3 && whole.events == 4 && whole.head == log[5].hash)
        #expect(try await audit.verify(from: .time(log[4].occurredAt)).first == 4)
        #expect(try await audit.verify(from: .sequence(1)).events == 6)
        await #expect(throws: AdminError.eventUnknown(7)) { try await audit.verify(from: .sequence(7)) }
        await #expect(throws: AdminError.eventUnknown(nil)) {
            try await audit.verify(from: .time(Timestamp(microseconds: log[5].occurredAt.microseconds + 1)))
        }
        let early = AuditAnchor(sequence: 1, hash: .zero, origin: .journal)
        let passed = try await audit.verify(from: .sequence(4), against: .init(anchors: [early]))
        #expect(passed.problem == nil && passed.anchorsPassedOver == 1)

        try await database.tamper("UPDATE convonet_admin.audit_event SET ticket = 'x' WHERE sequence = 3")
        #expect(try await audit.verify(from: .sequence(4)).problem == AuditProblem(sequence: 3, kind: .edited))
        #expect(try await audit.verify(from: .sequence(5)).problem == nil)
        try await database.tamper("DELETE FROM convonet_admin.audit_event WHERE sequence = 3")
        #expect(try await audit.verify(from: .sequence(4)).problem == AuditProblem(sequence: 3, kind: .missing))
    }

    @Test func aCheckpointIsReadAsItWasWrittenAndNothingElseIs() throws {
        let hash = try #require(AuditHash([UInt8](0..<32)))
        let log = LogIdentity(database: "a b\nsequence: 9", installedAt: Timestamp(microseconds: 5))
        let checkpoint = AuditCheckpoint(log: log, sequence: 7, hash: hash, madeAt: Timestamp(microseconds: 0))
        #expect(
            AuditCheckpoint.anchor(parsing: checkpoint.text)
                == AuditAnchor(sequence: 7, hash: hash, origin: .checkpoint))
        for text in [
            "", "x\n" + checkpoint.text, checkpoint.text + "sequence: 8\n", checkpoint.text.replacing("7", with: "-7"),
            checkpoint.text.replacing(hash.hexadecimal, with: hash.hexadecimal.uppercased()),
            checkpoint.text.replacing(hash.hexadecimal, with: String(hash.hexadecimal.dropLast())),
        ] {
            #expect(AuditCheckpoint.anchor(parsing: text) == nil)
        }
    }
}
