import AuditVerification
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import Testing

@testable import EmbeddedPostgres
@testable import TestDatabase

/// pg_restore with a list (-L), and into a server that has other roles: migrate makes it well, or says what is missing.
@Suite(.dropsDatabases) struct SelectiveRestoreTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants)

    /// A database that watches direct changes, with one event.
    private func used() async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        var watching = request
        watching.watchesDirectChanges = true
        _ = try await Migrator(try database.pool()).migrate(watching)
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        return database
    }

    private func empty(_ name: String, in cluster: PrivateCluster) async throws -> TestDatabase {
        try await cluster.sql("CREATE DATABASE \(name) OWNER convonet_owner")
        return TestDatabase(in: cluster, name: name)
    }

    private func expectWell(_ database: TestDatabase, events: Int) async throws {
        let bare = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)
        #expect(try await Migrator(try database.pool()).plan(bare).isEmpty)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(!found.contains { $0.grade == .problem }, "\(found)")
        let filled =
            "SELECT (SELECT count(*) FROM convonet_admin.operator_slot), count(*) > 0 FROM convonet_admin.refused_pin"
        #expect(try await database.sql(filled) == "64|t")
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.people(2)[1]).outcome == .done)
        let verified = try await database.session(.auditor).audit.verify()
        #expect(verified.problem == nil && verified.events == events + 1, "\(verified)")
    }

    /// docs/INSTALL.md's own list: the application's schema without the trigger that needs ours.
    @Test func theApplicationsSchemaAlone() async throws {
        let database = try await used()
        let dump = try await Dump(database, ["-n", "public"])
        let other = try await empty("\(database.name)_list", in: database.cluster)
        try await dump.restore(to: other) {
            !$0.contains("convonet_admin_direct_change") && !$0.contains("SCHEMA - public")
        }
        _ = try await Migrator(try other.pool()).migrate(request)
        try await expectWell(other, events: 0)
    }

    /// What a list left out and migrate makes: it is there again.
    @Test(arguments: [
        "TRIGGER convonet_admin audit_event append_only", "TRIGGER public users_convonet convonet_admin_direct_change",
        " ACL ", " DEFAULT ACL ", "VIEW convonet_admin account", "VIEW convonet_admin password_changes",
        "FUNCTION convonet_admin run_deferred", "FUNCTION convonet_admin hand_read",
        "TABLE DATA convonet_admin operator_slot", "TABLE DATA convonet_admin refused_pin",
        "TABLE DATA convonet_admin as_installed",
    ])
    func whatMigrateMakesIsMadeAgain(left: String) async throws {
        let database = try await used()
        let dump = try await Dump(database)
        // What needs what was left out is left out with it.
        let other = try await empty("\(database.name)_left", in: database.cluster)
        try await dump.restore(to: other, mayFail: true) { !$0.contains(left) }
        _ = try await Migrator(try other.pool()).migrate(request)
        try await expectWell(other, events: 1)
    }

    /// What only a dump has is named, and is well once it is restored.
    @Test(arguments: ["policy", "audit_head", "pin_decoy_key", "installation"])
    func theRowsOfTheInstallation(table: String) async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_rows", in: database.cluster)
        try await dump.restore(to: other) {
            !$0.contains("TABLE DATA convonet_admin \(table) ") && !$0.contains("SCHEMA - public")
        }
        let migrator = Migrator(try other.pool())
        let error = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }
        let words = error?.description ?? ""
        #expect(words.contains("pg_restore --data-only -n convonet_admin -t \(table) "), "\(words)")
        try await dump.restore(to: other, ["--data-only"]) { $0.contains("TABLE DATA convonet_admin \(table) ") }
        _ = try await migrator.migrate(request)
        try await expectWell(other, events: 1)
    }

    /// pg_restore -t would leave the key out of it.
    @Test func theTableThatSaysWhatIsInstalled() async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_what", in: database.cluster)
        try await dump.restore(to: other, mayFail: true) {
            !$0.contains("TABLE convonet_admin installation ") && !$0.contains("SCHEMA - public")
        }
        let migrator = Migrator(try other.pool())
        let words = await #expect(throws: AdminError.self) { try await migrator.migrate(request) }?.description ?? ""
        #expect(words.contains("do not drop it") && !words.contains("DROP SCHEMA"), "\(words)")
        #expect(words.contains("grep 'convonet_admin.* installation' > LIST; pg_restore -L LIST"), "\(words)")
        try await dump.restore(to: other) { $0.contains(#/convonet_admin.* installation/#) }
        _ = try await migrator.migrate(request)
        try await expectWell(other, events: 1)
    }

    /// Whoever installs may work with it as well, and so read some of it without the owner's rights.
    @Test func whoInstallsMayBeAnOperatorToo() async throws {
        let database = try await TestDatabase.make(.application)
        let request = MigrationRequest(
            rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "convonet_owner")])
        let migrator = Migrator(try database.pool())
        for _ in 0..<2 { _ = try await migrator.migrate(request) }
        try await database.sql("DELETE FROM convonet_admin.pin_decoy_key")
        let error = await #expect(throws: AdminError.self) { try await migrator.plan(request) }
        #expect(error?.description.contains("-t pin_decoy_key ") == true, "\(error?.description ?? "")")
        try await migrator.uninstall()
    }

    @Test(arguments: [
        ("INDEX convonet_admin audit_event_done_once", "audit_event_done_once"),
        ("CONSTRAINT convonet_admin audit_event audit_event_pkey", "audit_event_pkey"),
        ("TABLE convonet_admin reset_token", "reset_token"),
        ("SEQUENCE convonet_admin pin_answers_1 ", "pin_answers_1"),
        ("TABLE DATA convonet_admin installation", "-t installation "),
        ("TABLE public users_convonet", "users_convonet"),
    ])
    func whatElseOnlyADumpHasIsNamed(left: String, name: String) async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_only", in: database.cluster)
        try await dump.restore(to: other, mayFail: true) { !$0.contains(left) }
        let error = await #expect(throws: AdminError.self) { try await Migrator(try other.pool()).migrate(request) }
        #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
    }

    /// The log's rows are not asked for by migrate: it is verifying the log that tells.
    @Test func theLogsRows() async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_log", in: database.cluster)
        try await dump.restore(to: other) {
            !$0.contains("TABLE DATA convonet_admin audit_event") && !$0.contains("SCHEMA - public")
        }
        _ = try await Migrator(try other.pool()).migrate(request)
        let verified = try await other.session(.auditor).audit.verify()
        #expect(verified.problem != nil, "\(verified)")
    }

    /// A server on which none of the roles is; each line about one is refused there, unless it was left out.
    @Test(arguments: [["--no-owner", "--no-acl"], []]) func anotherServerWithoutTheRoles(options: [String]) async throws
    {
        let database = try await used()
        let dump = try await Dump(database)
        let cluster = try PrivateCluster.start()
        try await cluster.sql(TestDatabase.User.allCases.map { "CREATE ROLE \($0.rawValue) LOGIN;" }.joined())
        try await cluster.sql("ALTER ROLE convonet_owner CREATEROLE SUPERUSER")
        let other = try await empty("moved", in: cluster)
        try await dump.restore(to: other, ["-U", "convonet_owner"] + options, mayFail: options.isEmpty) {
            !$0.contains("SCHEMA - public")
        }
        try await cluster.sql("ALTER ROLE convonet_owner NOSUPERUSER")
        _ = try await Migrator(try other.pool()).migrate(request)
        try await expectWell(other, events: 1)
    }

    /// Everything belongs to whoever restored it: that is said, and they make it well.
    @Test func restoredWithoutOwnersByASuperuser() async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_super", in: database.cluster)
        try await dump.restore(to: other, ["--no-owner", "--no-acl"]) { !$0.contains("SCHEMA - public") }
        let error = await #expect(throws: AdminError.self) { try await Migrator(try other.pool()).migrate(request) }
        #expect(error?.description.contains("Run migrate as postgres.") == true, "\(error?.description ?? "")")
        _ = try await Migrator(try other.superuserPool()).migrate(request)
        let found = await DatabaseExamination(try other.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(!found.contains { $0.grade == .problem }, "\(found)")
    }

    /// What is installed under one prefix stays so, and that is said.
    @Test func anotherPrefixIsAskedFor() async throws {
        let database = try await used()
        let dump = try await Dump(database)
        let other = try await empty("\(database.name)_prefix", in: database.cluster)
        try await dump.restore(to: other) { !$0.contains("SCHEMA - public") }
        var asked = MigrationRequest(rolePrefix: "other_")
        asked.insistsOnPrefix = true
        let error = await #expect(throws: AdminError.self) { try await Migrator(try other.pool()).migrate(asked) }
        #expect(error?.description.contains("with the role prefix “desk_”, and migrate cannot change that") == true)
    }
}
