import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetSchema
@testable import SchemaMaintenance

/// What somebody with the owner's rights planted, of which a rebuild leaves nothing.
@Suite(.dropsDatabases) struct RebuildTests {
    private func rebuild(_ database: TestDatabase, watching: Bool? = nil) async throws {
        var request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: watching)
        request.rebuilds = true
        _ = try await Migrator(try database.superuserPool()).migrate(request)
    }

    private func expectWell(_ database: TestDatabase) async throws {
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        // Of mail it is said that nobody sends it.
        let problems = found.filter { $0.grade == .problem && $0.check != "mail" }
        #expect(problems.isEmpty, "\(problems)")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    private func watched() async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true))
        return database
    }

    /// Numbers that leave none for those that follow: in rows, and in what gives them.
    @Test func noNumbersAreUsedUp() async throws {
        let database = try await watched()
        let (desk, lead) = (try await database.session(), try await database.session(.supervisor))
        let people = try await desk.people(4)
        try await database.sql(
            """
            INSERT INTO convonet_admin.direct_change (id, noted_at, account_id, columns, db_user)
                OVERRIDING SYSTEM VALUE VALUES (9223372036854775806, now(), '\(people[0].idText)', 'voice_pin', 'x');
            INSERT INTO convonet_admin.approval (id, action, account_id, account_email, account_username, version, requested_at,
                requested_by, expires_at)
                OVERRIDING SYSTEM VALUE VALUES (9223372036854775807, 'a', '\(people[0].idText)', 'a', 'a', 'v', now(), 'x', now());
            INSERT INTO convonet_admin.caller_code (id, account_id, address, db_user, slot, created_at, asker_key)
                OVERRIDING SYSTEM VALUE VALUES (9223372036854775807, '\(people[0].idText)', 'a', 'x', 1, now(), sha256('a'));
            INSERT INTO convonet_admin.mail_queue (id, kind, address, request_id, created_at, give_up_at, next_try_at, state)
                OVERRIDING SYSTEM VALUE VALUES (9223372036854775807, 'notice', 'a', gen_random_uuid(), now(), now(), now(), 'sent');
            SELECT setval(c.oid, 9223372036854775807) FROM pg_class c
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'S';
            """)
        try await rebuild(database, watching: true)
        try await database.sql("UPDATE users_convonet SET voice_pin = NULL", as: .owner)
        #expect(
            try await database.sql(
                "SELECT count(*) > 100 FROM convonet_admin.direct_change WHERE columns = 'voice_pin'")
                == "t")
        #expect(try await desk.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await desk.perform(.sendResetLink, on: people[1]).outcome == .done)
        #expect(try await desk.callers.sendCode(to: people[2], key: CallerKey()).isDone)
        try await database.protect(people[3])
        let asked = try await desk.perform(.issuePIN, on: people[3])
        let request = try await lead.approvals.request(try #require(asked.receipt?.approval))
        #expect(request.id == 1)
        try await expectWell(database)
    }

    /// The application's change of a watched column fails where no number is left to note it by.
    @Test func aChangeThatCannotBeNumberedIsNotMade() async throws {
        let database = try await watched()
        try await database.sql("SELECT setval('convonet_admin.direct_change_id_seq', 9223372036854775807)")
        for statement in [
            "UPDATE users_convonet SET voice_pin = NULL", "TRUNCATE users_convonet CASCADE",
            "UPDATE users_convonet SET is_active = NOT is_active",
        ] {
            let refusal = await database.refusal(of: statement, as: .owner)
            #expect(refusal?.contains("reached maximum value") == true, "\(refusal ?? "went through")")
        }
    }

    @Test func noPlantedRowIsBelieved() async throws {
        let database = try await watched()
        let desk = try await database.session()
        let person = try await desk.person()
        let (lead, people) = (try await database.session(.supervisor), try await desk.people(4))
        let context = ChangeContext(reason: "stolen telephone")
        #expect(try await lead.perform(.setFrozen(true), on: people[1], context: context).outcome == .done)
        #expect(try await lead.perform(.setFrozen(true), on: people[2], context: context).outcome == .done)
        #expect(try await lead.perform(.setFrozen(false), on: people[2]).outcome == .done)
        #expect(try await desk.perform(.signOut, on: people[3]).outcome == .done)
        let emptied = RebuiltRows.emptied.filter {
            !["operator_slot", "pin_decoy_key", "direct_change", "account_freeze", "token_cutoff"].contains($0)
        }
        try await database.sql(
            """
            UPDATE convonet_admin.installation SET told_refusals = -1000000000, installed_at = 'infinity', installed_by = 'nobody',
                serves_from = 99;
            UPDATE convonet_admin.pin_decoy_key SET key = '\\x00';
            INSERT INTO convonet_admin.wrong_password VALUES ('\(person.idText)', 99, now() + interval '50 seconds', 'infinity');
            INSERT INTO convonet_admin.mail_program VALUES (true, 'infinity');
            INSERT INTO convonet_admin.request_counter VALUES ('total', now(), 2000000);
            INSERT INTO convonet_admin.operator_slot VALUES (64), (-1);
            DELETE FROM convonet_admin.operator_slot WHERE slot = 7;
            SELECT setval(('convonet_admin.slot_role_' || i)::regclass, 10) FROM generate_series(0, 63) i;
            INSERT INTO convonet_admin.reset_token (account_id, address, requested_by, db_user, password_fingerprint, created_at,
                void_at, void_reason) VALUES ('\(person.idText)', 'a', 'self', 'x', sha256('x'), 'infinity', now(), 'revoked');
            DELETE FROM convonet_admin.account_freeze; DELETE FROM convonet_admin.token_cutoff;
            INSERT INTO convonet_admin.account_freeze VALUES ('\(person.idText)', 'infinity', 'x', 'planted');
            INSERT INTO convonet_admin.token_cutoff VALUES ('\(person.idText)', 'infinity');
            INSERT INTO convonet_admin.replaced_credential VALUES
                (-1, '\(person.idText)', 'voice_pin', '830519', 'v', 'test_operator', NULL, 'infinity');
            INSERT INTO convonet_admin.direct_change (noted_at, account_id, account_email, account_username, columns, db_user)
                VALUES (now(), '\(person.idText)', 'a', 'a', 'password_hash', 'anna'), (now(), '\(person.idText)', 'a', 'a', 'id', 'anna');
            """)
        try await rebuild(database)
        #expect(
            try await database.sql(
                """
                SELECT told_refusals, isfinite(installed_at), installed_by, serves_from FROM convonet_admin.installation
                """) == "0|t|postgres|\(SchemaVersion.servesFrom)")
        #expect(try await database.sql("SELECT length(key) FROM convonet_admin.pin_decoy_key") == "32")
        #expect(
            try await database.sql("SELECT count(*), min(slot), max(slot) FROM convonet_admin.operator_slot")
                == "64|0|63")
        #expect(
            try await database.sql(
                """
                SELECT count(*) FROM generate_series(0, 63) i
                WHERE pg_sequence_last_value(('convonet_admin.slot_role_' || i)::regclass) IS NOT NULL
                """) == "0")
        for table in emptied {
            #expect(try await database.sql("SELECT count(*) FROM convonet_admin.\(table)") == "0", "\(table)")
        }
        // The log says who is frozen, and whose tokens ended.
        #expect(
            try await database.sql(
                """
                SELECT (SELECT string_agg(f.account_id || f.note, ' ') FROM convonet_admin.account_freeze f),
                       (SELECT string_agg(c.account_id::text, ' ') FROM convonet_admin.token_cutoff c)
                """) == "\(people[1].idText)stolen telephone|\(people[3].idText)")
        #expect(try await desk.perform(.issuePIN, on: person).outcome == .done)
        // An event says how much that was noted is gone, and none is what was planted.
        let log = Array(try await database.log().suffix(2))
        #expect(log.map(\.action) == ["direct_change", "issue_voice_pin"])
        #expect(log[0].detail?.hasPrefix("dropped=2 at=") == true && log[0].accountID == nil, "\(log[0])")
        _ = try await database.selfService().faultOfOldPassword(
            try newHash(), of: person.id, from: "192.0.2.1", request: .init())
        #expect(try await database.log().allSatisfy { $0.action != "count_refusals" })
        try await expectWell(database)
    }

    /// A number in the log means one code, and a new code begins without tries.
    @Test func codesGoOnAfterThoseInTheLog() async throws {
        let database = try await TestDatabase.quick()
        let (desk, sender) = (try await database.session(), try database.selfService())
        let person = try await desk.person()
        for _ in 0..<2 {
            let key = CallerKey()
            #expect(try await desk.callers.sendCode(to: person, key: key).isDone)
            guard case .callerCode(let code, _) = try #require(try await sender.nextMail()).content else { return }
            let wrong = code.digits == "000000" ? "000001" : "000000"
            for _ in 0..<5 {
                #expect(try await desk.callers.verify(person, code: wrong, key: key).rule == "code_wrong")
            }
        }
        try await database.sql("SELECT setval('convonet_admin.caller_code_id_seq', 1, false)")
        try await rebuild(database)
        let key = CallerKey()
        #expect(try await desk.callers.sendCode(to: person, key: key).isDone)
        guard case .callerCode(let code, _) = try #require(try await sender.nextMail()).content else { return }
        #expect(try await desk.callers.verify(person, code: code.digits, key: key).isDone)
        let last = try #require(try await database.log().last)
        #expect(last.action == "verify_caller" && last.detail?.hasPrefix("code=3 ") == true, "\(last.detail ?? "")")
    }

    /// A version that was set back has nobody drop what is ours.
    @Test(arguments: [7, 6, 4, 0, -1, -2_147_483_648]) func aVersionThatWasSetBackIsNamed(version: Int) async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = \(version)")
        let error = await #expect(throws: AdminError.self) { try await rebuild(database) }
        let words = error?.description ?? ""
        let mend = "UPDATE convonet_admin.installation SET schema_version = \(SchemaVersion.current);"
        #expect(words.contains(mend) && !words.contains("DROP"), "\(words)")
        try await database.sql(mend)
        try await rebuild(database)
        try await expectWell(database)
    }

    /// Whatever a version has, it is said what becomes of it.
    @Test func everyTableIsKeptOrEmptied() async throws {
        let database = try await TestDatabase.make()
        let tables = try await database.sql(
            """
            SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
            """)
        #expect(tables == (RebuiltRows.emptied + RebuiltRows.kept).sorted().joined(separator: " "))
    }
}
