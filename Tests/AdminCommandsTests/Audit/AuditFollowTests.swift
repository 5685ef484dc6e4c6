import AuditVerification
import ConvonetCore
import Glibc
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct AuditFollowTests {
    private let directory: AuditCommandTests.Directory

    init() throws { directory = try AuditCommandTests.Directory() }

    /// A database in which things were done, refused, and set.
    private func logged() async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for arguments in [
            ["reset-pin", email, "--generate", "--yes", "--ticket", "T-1", "--reason", "a “quoted”\nreason"],
            ["deactivate", email, "--yes"], ["reset-password", email, "--generate", "--yes"],
            ["activate", email, "--yes"],
        ] { _ = try await CommandRun(database, arguments) }
        try await database.sql(
            "SELECT outcome FROM convonet_admin.set_policy('{\"undo_minutes\": 7}', gen_random_uuid(), '{}')",
            as: .supervisor)
        return database
    }

    private static let unguarded =
        "ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL; ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL;"

    private func follow(_ database: TestDatabase, _ arguments: [String]) async throws -> CommandRun {
        try await CommandRun(database, as: .auditor, ["audit", "follow", "--once"] + arguments)
    }

    @Test func itGoesOnWhereItWasStopped() async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        let all = try await CommandRun(database, as: .auditor, ["audit", "export"])
        let first = try await follow(database, ["--cursor", cursor])
        #expect(first.status == 0 && first.output == all.output && !all.output.isEmpty)
        let again = try await follow(database, ["--cursor", cursor])
        #expect(again.status == 0 && again.output == "")
        let run = try await CommandRun(
            database, ["reset-pin", try await database.person(), "--generate", "--yes", "--reason", "x"])
        #expect(run.status == 0)
        let next = try await follow(database, ["--cursor", cursor])
        #expect(next.output.split(separator: "\n").count == 1 && next.output.contains("issue_voice_pin"))
        // The cursor is a checkpoint.
        let verified = try await CommandRun(database, as: .auditor, ["audit", "verify", "--checkpoint", cursor])
        #expect(verified.status == 0, "\(verified.errors)")
    }

    @Test func nothingIsWrittenFromWhereTheLogBreaks() async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        try await database.sql(
            "\(Self.unguarded) UPDATE convonet_admin.audit_event SET reason = 'other' WHERE sequence = 3")
        let broken = try await follow(database, ["--cursor", cursor])
        #expect(broken.status == 65 && broken.errors.contains("BROKEN at event 3"), "\(broken.errors)")
        #expect(broken.output.split(separator: "\n").count == 2)
        // It stops at the same place again, and says so.
        let again = try await follow(database, ["--cursor", cursor])
        #expect(again.status == 65 && again.output == "" && again.errors.contains("BROKEN at event 3"))
    }

    /// What was written is no longer what the log holds, or the log ends before it.
    @Test(arguments: [
        "UPDATE convonet_admin.audit_event SET reason = 'other' WHERE sequence = (SELECT max(sequence) FROM convonet_admin.audit_event)",
        """
        DELETE FROM convonet_admin.audit_event WHERE sequence = (SELECT max(sequence) FROM convonet_admin.audit_event);
        UPDATE convonet_admin.audit_head SET (sequence, hash) = (
            SELECT sequence, hash FROM convonet_admin.audit_event ORDER BY sequence DESC LIMIT 1)
        """,
    ])
    func whatWasReachedIsHeldAgainstTheLog(change: String) async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        #expect(try await follow(database, ["--cursor", cursor]).status == 0)
        try await database.sql("\(Self.unguarded) \(change)")
        let broken = try await follow(database, ["--cursor", cursor])
        #expect(broken.status == 65 && broken.errors.contains("BROKEN"), "\(broken.errors)")
    }

    @Test func aCursorThatIsNoneOrAnothersIsRefused() async throws {
        let database = try await logged()
        let none = try await follow(database, ["--cursor", try directory.write("hello\n", to: "text")])
        #expect(none.status == 65 && none.errors.contains("is not a cursor"))
        let cursor = directory.file("cursor")
        #expect(try await follow(database, ["--cursor", cursor]).status == 0)
        let second = try await TestDatabase.make()
        try await second.sql("UPDATE convonet_admin.installation SET installed_at = clock_timestamp()")
        let other = try await follow(second, ["--cursor", cursor])
        #expect(other.status == 65 && other.errors.contains("of another log"), "\(other.errors)")
        let elsewhere = try await follow(database, ["--cursor", directory.file("no/such/cursor")])
        #expect(elsewhere.status == 74 && elsewhere.errors.contains("could not be written"))
        #expect(try await CommandRun(database, ["audit", "follow", "--once"]).status == 77)
    }

    @Test func itIsALineOfTheSyslogProtocol() async throws {
        let lines = try await follow(logged(), ["--format", "rfc5424"]).output.split(separator: "\n")
        #expect(lines.count >= 5)
        for (place, line) in lines.enumerated() {
            let header = try #require(
                line.firstMatch(
                    of:
                        #/^<8[345]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z - convonet-admin - [!-~]{1,32} \[meta sequenceId="(\d+)"\]\[origin software="convonet-admin" swVersion="[\d.]+"\] (\{.*\})$/#
                ), "\(line)")
            #expect(Int(header.1) == place + 1)
            #expect(try JSONReading(String(header.2))["sequence"] == .number(String(place + 1)))
        }
    }

    /// Every event keeps what the framework's schema asks of its class and of the objects in it.
    @Test func itKeepsTheFrameworksSchema() async throws {
        let schema = try OCSFSchema()
        let lines = try await follow(logged(), ["--format", "ocsf"]).output.split(separator: "\n")
        var classes: Set<String> = []
        for line in lines {
            let event = try JSONReading(String(line))
            #expect(schema.faults(of: event) == [], "\(line)")
            if case .number(let number) = event["type_uid"] { classes.insert(number) }
        }
        #expect(classes.isSuperset(of: ["300104", "300105", "300199", "300403"]), "\(classes)")
    }

    /// Event by event, as they are logged.
    @Test func whatIsNewComesOnce() async throws {
        let database = try await TestDatabase.make()
        let desk = try await database.session()
        var follower = AuditFollower(try await database.session(.auditor).audit)
        #expect(try await follower.next().isAtEnd)
        for number in 1...3 {
            #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
            let step = try await follower.next()
            #expect(step.events.map(\.sequence) == [number] && step.problem == nil)
        }
        let step = try await follower.next(limit: 1)
        #expect(step.events.isEmpty && step.isAtEnd)
    }
}
