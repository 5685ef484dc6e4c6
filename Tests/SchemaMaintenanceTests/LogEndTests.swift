import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// The log's head and its events, of which a restore brought back one without the other.
@Suite(.dropsDatabases) struct LogEndTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants)
    private var following: MigrationRequest {
        var following = request
        following.followsLog = true
        return following
    }

    private func issue(_ times: Int, _ database: TestDatabase) async throws {
        let desk = try await database.session()
        let people = try await desk.people(times)
        for person in people { #expect(try await desk.perform(.issuePIN, on: person).outcome == .done) }
    }

    private func empty(_ name: String, in cluster: PrivateCluster) async throws -> TestDatabase {
        try await cluster.sql("CREATE DATABASE \(name) OWNER convonet_owner")
        return TestDatabase(in: cluster, name: name)
    }

    /// A database of three events whose head was restored from a backup of the first one, and that of all of them.
    private func withOlderHead() async throws -> (TestDatabase, Dump) {
        let database = try await TestDatabase.quick()
        try await issue(1, database)
        let older = try await Dump(database, as: "\(database.name)_older")
        try await issue(2, database)
        let newer = try await Dump(database)
        let other = try await empty("\(database.name)_head", in: database.cluster)
        try await newer.restore(to: other) {
            !$0.contains("TABLE DATA convonet_admin audit_head ") && !$0.contains("SCHEMA - public")
        }
        try await older.restore(to: other, ["--data-only"]) { $0.contains("TABLE DATA convonet_admin audit_head ") }
        return (other, newer)
    }

    /// What doctor says of it to each of these, and to a superuser.
    private func said(_ database: TestDatabase, to users: [TestDatabase.User] = [.viewer, .operator, .auditor, .owner])
        async throws -> Set<String>
    {
        var pools = try users.map { try database.pool($0) }
        pools.append(try database.superuserPool())
        var said: Set<String> = []
        for pool in pools {
            let found = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
            said.insert(found.first { $0.check == "log-end" }.map { "\($0.message) \($0.mend ?? "")" } ?? "nothing")
        }
        return said
    }

    private func refusal(of request: MigrationRequest, _ database: TestDatabase) async throws -> String {
        let migrator = Migrator(try database.pool())
        return await #expect(throws: AdminError.self) { try await migrator.migrate(request) }?.description ?? ""
    }

    private func expectWell(_ database: TestDatabase, events: Int) async throws {
        #expect(
            try await Migrator(try database.pool()).plan(MigrationRequest(rolePrefix: TestDatabase.rolePrefix)).isEmpty)
        #expect(try await said(database, to: [.operator, .auditor]) == ["nothing"])
        try await issue(1, database)
        let verified = try await database.session(.auditor).audit.verify()
        #expect(verified.problem == nil && verified.events == events + 1, "\(verified)")
    }

    @Test func anOlderHeadIsNamedAndFollowsTheEvents() async throws {
        let (database, _) = try await withOlderHead()
        // Who makes roles calls no function of the schema.
        let said = try await said(database, to: [.viewer, .operator, .auditor])
        #expect(said.count == 1)
        for text in said.union([try await refusal(of: request, database)]) {
            #expect(text.contains("is that of event 1, but its newest event is 3"), "\(text)")
            #expect(text.contains("migrate --follow-log") && text.contains("audit verify --checkpoint"), "\(text)")
        }
        let plan = try await Migrator(try database.pool()).migrate(following)
        #expect(
            plan.summary.contains("Let the log's head follow its events, from event 1 to event 3."), "\(plan.summary)")
        try await expectWell(database, events: 3)
        // Where there is nothing to follow, it asks for nothing.
        #expect(try await Migrator(try database.pool()).plan(following).summary.allSatisfy { !$0.contains("head") })
    }

    /// What is printed does what it does.
    @Test func thePrintedScriptDoesTheSame() async throws {
        let (database, _) = try await withOlderHead()
        let script = try await Migrator(try database.pool()).plan(following).script
        try await database.sql("BEGIN;\n\(script)COMMIT;", as: .owner)
        try await expectWell(database, events: 3)
    }

    /// None of the events behind the head is lost, though it does not say that they are there.
    @Test func noEventBehindAnOlderHeadIsRemovedWithoutAnExport() async throws {
        let (database, _) = try await withOlderHead()
        let migrator = Migrator(try database.pool())
        await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 1) }
        var walk = try await migrator.log().walk()
        #expect(try await walk.next()?.map(\.sequence) == [1, 2, 3])
        try await migrator.uninstall(lastEvent: walk.end)
        #expect(try await database.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
    }

    /// As a superuser could, with the guard off.
    private func change(_ sql: String, _ database: TestDatabase) async throws {
        let guarded = "ALTER TABLE convonet_admin.audit_event"
        try await database.sql(
            "\(guarded) DISABLE TRIGGER append_only; \(sql); \(guarded) ENABLE ALWAYS TRIGGER append_only")
    }

    /// A head does not follow what is no log.
    @Test(arguments: [
        "UPDATE convonet_admin.audit_event SET previous_hash = hash WHERE sequence = 3",
        "UPDATE convonet_admin.audit_event SET hash = previous_hash WHERE sequence = 2",
        "UPDATE convonet_admin.audit_event SET sequence = 4 WHERE sequence = 3",
        "UPDATE convonet_admin.audit_event SET reason = 'asked for it' WHERE sequence = 3",
        "UPDATE convonet_admin.audit_event SET occurred_at = occurred_at + interval '1 microsecond' WHERE sequence = 2",
        "UPDATE convonet_admin.audit_event SET operator = '' WHERE sequence = 3",
    ])
    func eventsThatDoNotFollowFromOneAnotherAreNotFollowed(sql: String) async throws {
        let (database, _) = try await withOlderHead()
        try await change(sql, database)
        let text = try await refusal(of: following, database)
        #expect(text.contains("do not follow from one another") && !text.contains("SQLSTATE"), "\(text)")
        #expect(try await database.sql("SELECT sequence FROM convonet_admin.audit_head") == "1")
    }

    /// Who may not look at the log is not told that nothing is to be done to it.
    @Test(arguments: [TestDatabase.User.viewer, .operator, .auditor])
    func whoMayNotLetItFollowIsTold(user: TestDatabase.User) async throws {
        let (database, _) = try await withOlderHead()
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            _ = try await Migrator(try database.pool(user)).migrate(following)
        }
        let whole = try await TestDatabase.quick()
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            _ = try await Migrator(try whole.pool(user)).plan(following)
        }
    }

    @Test func aHeadOfAnotherLogIsNamed() async throws {
        let database = try await TestDatabase.quick()
        try await issue(2, database)
        try await change("UPDATE convonet_admin.audit_event SET hash = previous_hash WHERE sequence = 2", database)
        let plan = try await Migrator(try database.pool()).plan(following)
        #expect(plan.notes.contains { $0.contains("belongs to another log than its events") }, "\(plan.notes)")
        #expect(try await said(database, to: [.operator]).allSatisfy { $0.contains("from the same backup") })
    }

    /// What is lost at the end of the log is brought back as docs/AUDIT.md says.
    @Test func lostEventsAreNamedAndComeBackFromABackup() async throws {
        let (database, dump) = try await withOlderHead()
        _ = try await Migrator(try database.pool()).migrate(following)
        try await change("DELETE FROM convonet_admin.audit_event WHERE sequence > 1", database)
        let text = "is that of event 3, but its newest event is 1: the events after it were lost"
        #expect(try await said(database, to: [.viewer, .operator, .auditor]).allSatisfy { $0.contains(text) })
        // Work goes on, and whoever upgrades is told.
        #expect(try await Migrator(try database.pool()).plan(request).notes.contains { $0.contains(text) })
        let rescue = try await empty("\(database.name)_rescue", in: database.cluster)
        try await dump.restore(to: rescue) { !$0.contains("SCHEMA - public") }
        let file = database.cluster.socketDirectory + "/\(database.name).events"
        try await rescue.sql("COPY (SELECT * FROM convonet_admin.audit_event WHERE sequence > 1) TO '\(file)'")
        try await database.sql("COPY convonet_admin.audit_event FROM '\(file)'")
        try await expectWell(database, events: 3)
    }
}
