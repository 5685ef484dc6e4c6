import AuditVerification
import ConvonetCore
import ConvonetDatabase
import ConvonetSchema
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

/// Tables of ours that somebody renamed or moved: what is said brings them back, and nobody is told to drop what is ours.
@Suite(.dropsDatabases) struct DisplacedTableTests {
    private let request = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)

    private func withAnEvent() async throws -> TestDatabase {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        return database
    }

    /// What doctor, migrate and its removal say.
    private func words(_ database: TestDatabase) async throws -> [String] {
        let migrator = Migrator(try database.pool())
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        let schema = try #require(found.first { $0.grade == .problem }, "\(found)")
        return [
            "\(schema.message) \(schema.mend ?? "")",
            await #expect(throws: AdminError.self) { try await migrator.migrate(request) }?.description ?? "",
            await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 1) }?.description ?? "",
        ]
    }

    private func expectWell(_ database: TestDatabase) async throws {
        #expect(try await Migrator(try database.pool()).plan(request).isEmpty)
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        #expect(found.allSatisfy { $0.grade != .problem }, "\(found)")
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.people(2)[1]).outcome == .done)
        let verified = try await database.session(.auditor).audit.verify()
        #expect(verified.problem == nil && verified.events == 2, "\(verified)")
    }

    @Test(arguments: [
        "ALTER TABLE convonet_admin.audit_event RENAME TO kept",
        "ALTER TABLE convonet_admin.audit_head RENAME TO \"Kept here\"",
        "ALTER TABLE convonet_admin.audit_event SET SCHEMA public",
        "ALTER TABLE convonet_admin.audit_head SET SCHEMA public; ALTER TABLE public.audit_head RENAME TO kept",
        "ALTER TABLE convonet_admin.reset_token SET SCHEMA public",
        "ALTER TABLE convonet_admin.caller_code SET SCHEMA public",
        "ALTER TABLE convonet_admin.mail_queue RENAME TO kept",
    ])
    func aTableThatIsKnownByWhatHangsOnItIsBroughtBack(change: String) async throws {
        let database = try await withAnEvent()
        try await database.sql(change)
        let words = try await words(database)
        for text in words {
            #expect(text.contains("ALTER TABLE ") && !text.contains("drop") && !text.contains("DROP "), "\(text)")
        }
        let statements = try #require(
            words[0].firstMatch(of: #/As a superuser: (.*;) and then verify the log/#), "\(words[0])")
        try await database.sql(String(statements.1))
        try await expectWell(database)
    }

    /// Which of the two is the log somebody has to find out.
    @Test(arguments: [
        "ALTER TABLE convonet_admin.audit_event RENAME TO kept; CREATE TABLE convonet_admin.audit_event (LIKE convonet_admin.kept)",
        """
        ALTER TABLE convonet_admin.audit_event RENAME TO kept; ALTER TABLE convonet_admin.audit_head RENAME TO audit_event;
        ALTER TABLE convonet_admin.kept RENAME TO audit_head
        """,
        "ALTER TABLE convonet_admin.audit_event SET SCHEMA public; CREATE TABLE convonet_admin.audit_event (LIKE public.audit_event)",
    ])
    func whereSomethingElseIsInItsPlaceNothingIsToBeDropped(change: String) async throws {
        let database = try await withAnEvent()
        try await database.sql(change)
        for text in try await words(database) {
            #expect(text.contains("Drop neither: one of them is ours") && !text.contains("DROP "), "\(text)")
            #expect(!text.contains("ALTER TABLE"), "\(text)")
        }
    }

    /// Every foreign key of ours is known; of another it would be said that somebody made it.
    @Test func everyForeignKeyIsKnown() async throws {
        let made = TableDefinitions.lines.compactMap {
            $0.wholeMatch(of: #/in (\w+): constraint (\w+) FOREIGN KEY .* REFERENCES convonet_admin\.(\w+)\(.*/#)
        }.map { "('\($0.2)', '\($0.1)', '\($0.3)')" }
        #expect(!made.isEmpty && made.sorted().joined(separator: ", ") == DisplacedTables.foreignKeys.sql)
    }

    /// Whatever else was moved holds rows of ours, too; nothing of it has a guard.
    @Test(arguments: ["approval", "operator_slot"]) func anotherTableIsMovedBack(table: String) async throws {
        let database = try await withAnEvent()
        try await database.sql(
            "ALTER TABLE convonet_admin.\(table) SET SCHEMA public; CREATE TABLE public.stray (n integer);")
        try await database.sql("ALTER TABLE public.stray OWNER TO desk_owner")
        let error = await #expect(throws: AdminError.self) { try await Migrator(try database.pool()).migrate(request) }
        let text = error?.description ?? ""
        let back = "ALTER TABLE public.\(table) SET SCHEMA convonet_admin;"
        #expect(text.contains("(ours: \(back))") && text.contains("table public.stray of desk_owner"), "\(text)")
        #expect(text.ranges(of: "(ours: ").count == 1 && !text.contains("sequence"), "\(text)")
        let found = await DatabaseExamination(try database.pool(.operator), usersTable: .usersConvonet).findings()
        let finding = try #require(found.first { $0.message.contains(back) }, "\(found)")
        #expect(finding.mend?.contains("drop") == false)
        try await database.sql("\(back) DROP TABLE public.stray")
        try await expectWell(database)
    }
}
