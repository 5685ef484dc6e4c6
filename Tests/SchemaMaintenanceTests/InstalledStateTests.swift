import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// What somebody who had the owner's rights for a moment made weaker, and left looking the same.
@Suite(.dropsDatabases) struct InstalledStateTests {
    private static let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)

    private func problems(_ database: TestDatabase) async throws -> String {
        await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            .filter { ["installed", "schema", "owners"].contains($0.check) && $0.grade != .ok }
            .map(\.message).joined(separator: "\n")
    }

    /// A guard that looks at one column alone, a function that is not called, a view that says something else.
    @Test(arguments: [
        (
            """
            DROP TRIGGER append_only ON convonet_admin.audit_event;
            CREATE TRIGGER append_only BEFORE UPDATE OF tty OR DELETE OR TRUNCATE ON convonet_admin.audit_event
                FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
            ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only
            """, "trigger on audit_event"
        ),
        ("ALTER FUNCTION convonet_admin.require_plain_session(text) STRICT", "require_plain_session"),
        ("ALTER FUNCTION convonet_admin.run_deferred() IMMUTABLE PARALLEL SAFE", "run_deferred()"),
        (
            """
            CREATE OR REPLACE VIEW convonet_admin.password_changes AS SELECT e.account_id, max(e.occurred_at) AS password_changed_at
            FROM convonet_admin.audit_event e WHERE false GROUP BY 1
            """, "view password_changes"
        ),
        (
            """
            CREATE OR REPLACE VIEW convonet_admin.account_teams AS SELECT m.user_id AS account_id, t.name::text AS team,
                'none'::text AS role, t.is_active FROM public.team_memberships_convonet m JOIN public.teams_convonet t ON t.id = m.team_id
            """, "view account_teams"
        ),
        ("ALTER VIEW convonet_admin.accounts SET (security_barrier = true)", "view accounts"),
        ("ALTER FUNCTION convonet_admin.is_announced(uuid, text) COST 1000000 LEAKPROOF", "is_announced"),
        ("ALTER TABLE convonet_admin.policy FORCE ROW LEVEL SECURITY", "table policy"),
        (
            "ALTER TABLE convonet_admin.audit_event SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)",
            "table audit_event: option toast.autovacuum_enabled=false"
        ),
        ("REVOKE UPDATE ON convonet_admin.audit_head FROM desk_owner", "table audit_head: no UPDATE to its owner"),
        (
            "REVOKE EXECUTE ON FUNCTION convonet_admin.run_deferred() FROM desk_owner",
            "run_deferred(): no EXECUTE to its owner"
        ),
        ("REVOKE SELECT ON convonet_admin.accounts FROM desk_hand", "view accounts: no SELECT to its owner"),
        ("GRANT USAGE ON TYPE convonet_admin.receipt TO PUBLIC", "type receipt: USAGE to everybody"),
        ("GRANT SELECT ON convonet_admin.audit_event TO desk_auditor WITH GRANT OPTION", "desk_auditor, to pass on"),
    ])
    func whatWasMadeWeakerIsNamedAndMended(change: String, name: String) async throws {
        let database = try await TestDatabase.make()
        #expect(try await problems(database) == "")
        try await database.sql(change)
        #expect(try await problems(database).contains(name))
        let migrator = Migrator(try database.pool())
        #expect(try await migrator.migrate(Self.request).summary.contains { $0.contains(name) })
        #expect(try await problems(database) == "")
        #expect(try await migrator.plan(Self.request).isEmpty)
    }

    /// What is made of tables is not made anew; so migrate does not write it down as if it were right, either.
    @Test(arguments: [
        ("DROP INDEX convonet_admin.audit_event_done_once", "audit_event_done_once"),
        ("ALTER TABLE convonet_admin.audit_event DROP CONSTRAINT audit_event_pkey", "audit_event_pkey"),
        ("ALTER TABLE convonet_admin.policy DROP CONSTRAINT policy_bcrypt_cost_check", "policy_bcrypt_cost_check"),
        (
            "ALTER TABLE convonet_admin.audit_event ALTER COLUMN request_id SET DEFAULT gen_random_uuid()",
            "column request_id"
        ),
        ("ALTER TABLE convonet_admin.audit_event ALTER COLUMN db_user DROP NOT NULL", "column db_user"),
        ("ALTER TABLE convonet_admin.reset_token ADD COLUMN plain text", "column plain"),
        ("ALTER SEQUENCE convonet_admin.pin_answers_5 CYCLE", "in pin_answers_5"),
        ("ALTER TABLE convonet_admin.direct_change SET UNLOGGED", "in direct_change: is unlogged"),
        ("ALTER TABLE convonet_admin.audit_event REPLICA IDENTITY NOTHING", "in audit_event: is replicated by nothing"),
        ("ALTER EXTENSION plpgsql ADD TABLE convonet_admin.audit_event", "is dropped with the extension plpgsql"),
        (
            "CREATE TYPE public.slots AS (slot integer); ALTER TABLE convonet_admin.operator_slot OF public.slots",
            "in operator_slot: is dropped with type public.slots"
        ),
        ("ALTER TABLE convonet_admin.approval ALTER COLUMN decided_by TYPE text COLLATE \"C\"", "column decided_by"),
        (
            """
            ALTER TABLE convonet_admin.policy DROP CONSTRAINT policy_bcrypt_cost_check,
                ADD CONSTRAINT policy_bcrypt_cost_check CHECK (bcrypt_cost BETWEEN 10 AND 15) NOT VALID
            """, "policy_bcrypt_cost_check"
        ),
    ])
    func whatWasDoneToATableIsNamedAndNotSmoothedOver(change: String, name: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(change)
        #expect(try await problems(database).contains(name))
        let migrator = Migrator(try database.pool())
        for _ in 0..<2 {
            let error = await #expect(throws: AdminError.self) { try await migrator.migrate(Self.request) }
            #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
        }
    }

    /// Whoever changed a table as the owner could write down that it was so.
    @Test(arguments: [
        ("ALTER TABLE convonet_admin.audit_event ALTER COLUMN db_user DROP NOT NULL", "column db_user"),
        ("DROP INDEX convonet_admin.audit_event_done_once", "audit_event_done_once"),
        ("ALTER TABLE convonet_admin.reset_token ADD COLUMN plain text", "column plain"),
    ])
    func aTableIsNotItsOwnWitness(change: String, name: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(change)
        try await database.sql(
            InstalledState.record(users: .usersConvonet, roles: RoleNames(prefix: TestDatabase.rolePrefix)))
        #expect(try await problems(database).contains(name))
        var rebuilding = Self.request
        rebuilding.rebuilds = true
        for request in [Self.request, rebuilding] {
            let error = await #expect(throws: AdminError.self) {
                try await Migrator(try database.pool()).migrate(request)
            }
            #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
        }
    }

    /// A function, a view, a right, a row that were changed and written down as right are made anew by who does not trust that.
    @Test func aRebuildTrustsNothingThatIsWrittenDown() async throws {
        let database = try await TestDatabase.make()
        let state = """
            SELECT md5(string_agg(l.line, E'\\n' ORDER BY l.line COLLATE "C"))
            FROM (\(InstalledState.lines(users: .usersConvonet, roles: try RoleNames(prefix: TestDatabase.rolePrefix)).sql)) l (line)
            """
        let pins =
            "SELECT count(*), md5(string_agg(p.pin, ' ' ORDER BY p.pin COLLATE \"C\")) FROM convonet_admin.refused_pin p"
        let (made, refused) = (
            try await database.sql("SET search_path = pg_catalog; \(state)"), try await database.sql(pins)
        )
        try await database.sql(
            """
            CREATE OR REPLACE FUNCTION convonet_admin.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE OR REPLACE VIEW convonet_admin.password_changes AS SELECT e.account_id, max(e.occurred_at) AS password_changed_at
            FROM convonet_admin.audit_event e WHERE false GROUP BY 1;
            GRANT SELECT ON convonet_admin.pin_decoy_key TO desk_viewer;
            DELETE FROM convonet_admin.refused_pin WHERE pin = '123456';
            """)
        try await database.sql(
            "SET search_path = pg_catalog; "
                + InstalledState.record(users: .usersConvonet, roles: RoleNames(prefix: TestDatabase.rolePrefix)))
        let migrator = Migrator(try database.pool())
        #expect(try await migrator.plan(Self.request).isEmpty)
        var request = Self.request
        request.rebuilds = true
        let summary = try await migrator.migrate(request).summary
        #expect(summary.count == 1 && summary[0].hasPrefix("Make all functions, views and rights anew"), "\(summary)")
        #expect(try await database.sql("SET search_path = pg_catalog; \(state)") == made)
        #expect(try await database.sql(pins) == refused)
        #expect(try await problems(database) == "")
    }

    /// Links, approvals, callers' codes and positions of sequences that somebody planted end with it; what is done is left as it is.
    @Test func aRebuildEndsWhatIsOpen() async throws {
        let database = try await TestDatabase.make()
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await desk.perform(.sendResetLink, on: person).outcome == .done)
        try await database.sql(
            """
            INSERT INTO convonet_admin.approval (action, account_id, account_email, account_username, version, requested_at,
                requested_by, expires_at, state, decided_by)
            VALUES ('reset_password', '\(person.idText)', 'a', 'a', 'v', now(), 'test_operator', '2099-01-01', 'approved', 'x');
            INSERT INTO convonet_admin.caller_code (account_id, address, db_user, slot, created_at, asker_key, sender_key, proof_hash,
                expires_at, proven_at, points)
            VALUES ('\(person.idText)', '\(person.email)', 'test_operator', 63, '2099-01-01', sha256('a'), sha256('b'), sha256('c'),
                '2099-01-01', '2099-01-01', 100);
            SELECT setval('convonet_admin.direct_change_id_seq', 9223372036854775807);
            INSERT INTO convonet_admin.direct_change (id, noted_at, account_id, columns, db_user)
                OVERRIDING SYSTEM VALUE VALUES (7, now(), '\(person.idText)', 'ours:voice_pin', 'x')
            """)
        var request = Self.request
        request.rebuilds = true
        _ = try await Migrator(try database.pool()).migrate(request)
        let open = """
            SELECT (SELECT count(*) FROM convonet_admin.reset_token WHERE void_at IS NULL),
                   (SELECT count(*) FROM convonet_admin.approval WHERE expires_at > clock_timestamp()),
                   (SELECT count(*) FROM convonet_admin.mail_queue WHERE state IN ('waiting', 'sending')),
                   (SELECT count(*) FROM convonet_admin.caller_code),
                   (SELECT count(*) FROM convonet_admin.direct_change), nextval('convonet_admin.direct_change_id_seq')
            """
        #expect(try await database.sql(open) == "0|0|0|0|0|1")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    /// Our roles among each other: whoever is in one must not get another's rights by it.
    @Test(arguments: [("hand", "operator"), ("auditor", "hand"), ("auditor", "viewer"), ("supervisor", "selfservice")])
    func noRoleOfOursIsInAnother(group: String, member: String) async throws {
        let database = try await TestDatabase.make(.application)
        let prefix = "\(database.name)_"
        let migrator = Migrator(try database.pool())
        let request = MigrationRequest(rolePrefix: prefix, grants: [.init(kind: .viewer, role: "test_viewer")])
        _ = try await migrator.migrate(request)
        try await database.sql("GRANT \(prefix)\(group) TO \(prefix)\(member)", as: .owner)
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            .filter { $0.check == "owners" && $0.grade == .problem }.map(\.message).joined()
        #expect(found.contains("\(prefix)\(group)") && found.contains("\(prefix)\(member)"), "\(found)")
        if member == "hand" {
            // That role has rights of its own on the application's table, so somebody has to look at it.
            let error = await #expect(throws: AdminError.self) {
                var rebuilding = request
                rebuilding.rebuilds = true
                _ = try await migrator.migrate(rebuilding)
            }
            #expect(
                error?.description.contains("is a member of \(prefix)\(group)") == true, "\(error?.description ?? "")")
            try await database.sql("REVOKE \(prefix)\(group) FROM \(prefix)\(member)", as: .owner)
        } else {
            #expect(try await !migrator.migrate(request).isEmpty)
        }
        #expect(try await migrator.plan(request).notes.isEmpty)
        let left = """
            SELECT count(*) FROM pg_auth_members b WHERE b.roleid = '\(prefix)\(group)'::regrole
                AND b.member = '\(prefix)\(member)'::regrole
            """
        #expect(try await database.sql(left) == "0")
        try await migrator.uninstall()
    }

    /// Whoever had the owner's rights may have written that nobody wants the watch.
    @Test func onlyWhoAsksForItEndsTheWatch() async throws {
        let database = try await TestDatabase.make()
        var request = Self.request
        request.watchesDirectChanges = true
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(request)
        try await database.sql("UPDATE convonet_admin.installation SET watches_direct_changes = false")
        request.watchesDirectChanges = nil
        request.rebuilds = true
        #expect(try await migrator.migrate(request).summary.contains("Start watching direct changes."))
        #expect(try await database.sql("SELECT watches_direct_changes FROM convonet_admin.installation") == "t")
        #expect(try await database.sql(TestDatabase.triggers).contains("convonet_admin_direct_change"))
    }

    /// A newer server may write the same otherwise: that is said, and not taken for somebody's work.
    @Test func afterAnUpgradeOfTheServerItIsWrittenDownAnew() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            UPDATE convonet_admin.as_installed SET line = 'definitions of PostgreSQL 12' WHERE line LIKE 'definitions of %';
            UPDATE convonet_admin.as_installed SET line = line || ' ' WHERE line LIKE '% definition %';
            """)
        let said = try await problems(database)
        #expect(said.contains("PostgreSQL 12") && said.split(separator: "\n").count == 2, "\(said)")
        let migrator = Migrator(try database.pool())
        // What all servers write alike is compared all the same.
        try await database.sql("ALTER TABLE convonet_admin.direct_change SET UNLOGGED")
        #expect(try await problems(database).contains("is unlogged"))
        await #expect(throws: AdminError.self) { try await migrator.migrate(Self.request) }
        try await database.sql("ALTER TABLE convonet_admin.direct_change SET LOGGED")
        #expect(try await !migrator.migrate(Self.request).isEmpty)
        #expect(try await problems(database) == "")
    }

    /// Whoever publishes everything need not know of us: it is said who gets it, and nothing fails for it.
    @Test(arguments: ["FOR TABLE convonet_admin.reset_token", "FOR ALL TABLES"])
    func whoeverPublishesOurTablesIsNamed(tables: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "CREATE PUBLICATION everything \(tables); REVOKE SELECT ON convonet_admin.accounts FROM desk_hand")
        #expect(try await !Migrator(try database.pool()).migrate(Self.request).isEmpty)
        let found = await DatabaseExamination(try database.pool(.viewer), usersTable: .usersConvonet).findings()
            .first { $0.check == "publications" }
        #expect(found?.grade == .warning && found?.message.contains("\"everything\" of postgres") == true)
    }

    /// A trigger of the application's makes the hand give away what it makes next: migrate takes that back, and gives nothing.
    @Test(arguments: [
        "GRANT SELECT ON TABLES TO PUBLIC", "IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO test_stranger",
        "REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", "GRANT USAGE ON SCHEMAS TO test_stranger",
    ])
    func defaultPrivilegesOfTheHandAreTakenBack(privileges: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql("ALTER DEFAULT PRIVILEGES FOR ROLE desk_hand \(privileges)")
        #expect(try await problems(database).contains("default privileges"))
        let migrator = Migrator(try database.pool())
        #expect(try await migrator.migrate(Self.request).summary.contains { $0.contains("default privileges") })
        #expect(try await database.sql("SELECT count(*) FROM pg_default_acl") == "0")
        #expect(try await problems(database) == "")
        #expect(try await migrator.plan(Self.request).isEmpty)
    }
}
