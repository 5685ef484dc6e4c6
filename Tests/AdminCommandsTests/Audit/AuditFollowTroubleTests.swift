import ConvonetCore
import EmbeddedPostgres
import Glibc
import TestDatabase
import TestPrograms
import Testing

/// What stands in the way of `audit follow`, and what somebody with rights on the tables does to it.
@Suite(.dropsDatabases) struct AuditFollowTroubleTests {
    private let directory: AuditCommandTests.Directory

    init() throws { directory = try AuditCommandTests.Directory() }

    private static let unguarded =
        "ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL; ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL;"

    private func logged(_ events: Int = 4) async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        let desk = try await database.session()
        for _ in 0..<events { _ = try await desk.perform(.issuePIN, on: try await desk.person()) }
        return database
    }

    private func follow(_ database: TestDatabase, _ cursor: String) async throws -> CommandRun {
        try await CommandRun(database, as: .auditor, ["audit", "follow", "--once", "--cursor", cursor])
    }

    /// Through a shell, with a file as its output.
    private func follow(_ database: TestDatabase, _ cursor: String, to output: String, after prelude: String = ":")
        async throws -> Int32
    {
        let file = try TemporaryFile()
        let program = try StartedProgram(
            [
                "-c", "\(prelude); exec \"$0\" audit follow --once --cursor \"$1\" >> \"$2\"", StartedProgram.path,
                cursor, output,
            ],
            environment: ["CONVONET_DB_URI": database.connectionString(.auditor)],
            descriptors: [file.descriptor, file.descriptor, file.descriptor], executable: "/bin/sh")
        return await program.wait()
    }

    private func lines(_ path: String) throws -> [String] {
        String(decoding: try SourceTree.contents(of: path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func aFullDiskLeavesNoHalfLineAndNoEventOut() async throws {
        let database = try await logged()
        let (cursor, output) = (directory.file("cursor"), directory.file("events"))
        // Some blocks of 512 bytes: enough for the cursor, not for the events.
        #expect(try await follow(database, cursor, to: output, after: "trap '' XFSZ; ulimit -f 2") == 74)
        #expect(try lines(output).isEmpty)
        #expect(try await follow(database, cursor, to: output) == 0)
        let export = try await CommandRun(database, as: .auditor, ["audit", "export"])
        #expect(try lines(output) == export.output.split(separator: "\n").map(String.init))
    }

    @Test func halfALineOfAnEarlierRunIsEnded() async throws {
        let database = try await logged()
        let output = try directory.write("whole\n{\"half", to: "events")
        #expect(try await follow(database, directory.file("cursor"), to: output) == 0)
        let written = try lines(output)
        #expect(written.prefix(2) == ["whole", "{\"half"] && written.count == 6)
        #expect(try JSONReading(written[2])["sequence"] == .number("1"))
    }

    /// What no waiting brings back ends it, and verify says the same.
    @Test(arguments: [
        "DELETE FROM convonet_admin.audit_head", "TRUNCATE convonet_admin.audit_event, convonet_admin.audit_head",
    ])
    func aLogWithoutAHeadIsBroken(harm: String) async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        #expect(try await follow(database, cursor).status == 0)
        try await database.sql("\(Self.unguarded) \(harm)")
        let broken = try await follow(database, cursor)
        #expect(broken.status == 65 && broken.errors.contains("the log's head is gone"), "\(broken.errors)")
        let verified = try await CommandRun(database, as: .auditor, ["audit", "verify"])
        #expect(verified.status == 65 && verified.output.contains("the log's head is gone"), "\(verified.output)")
    }

    @Test func whatLiesBehindTheHeadIsNotGivenAway() async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        try await database.sql(
            """
            \(Self.unguarded)
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 2)
            """)
        let forged = try await follow(database, cursor)
        #expect(forged.status == 65 && forged.output == "", "\(forged.output)")
        #expect(forged.errors.contains("BROKEN at event 2: the log's head does not match"), "\(forged.errors)")
    }

    @Test func aLogThatEndsBeforeTheCursorWasCutOff() async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        #expect(try await follow(database, cursor).status == 0)
        try await database.sql(
            """
            \(Self.unguarded) DELETE FROM convonet_admin.audit_event WHERE sequence > 2;
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 2)
            """)
        let cut = try await follow(database, cursor)
        #expect(cut.status == 65 && cut.errors.contains("or a failover lost it"), "\(cut.errors)")
    }

    @Test func aCursorBelongsToOneRunAndIsKeptBeforeAnythingIsWritten() async throws {
        let database = try await logged()
        let cursor = directory.file("cursor")
        let lock = open(cursor + ".lock", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let second = try await follow(database, cursor)
        #expect(second.status == 75 && second.output == "" && second.errors.contains("uses the cursor"))
        close(lock)
        for path in [directory.file("no/such/cursor"), directory.path] {
            let run = try await follow(database, path)
            #expect([65, 74].contains(run.status) && run.output == "", "\(run.errors)")
        }
        #expect(try await follow(database, "").status == 64)
        #expect(try await follow(database, cursor).status == 0)
        // A link stays one, and others cannot read what it leads to.
        let link = directory.file("link")
        try #require(symlink(cursor, link) == 0)
        #expect(try await follow(database, link).status == 0)
        var state = stat()
        #expect(lstat(link, &state) == 0 && state.st_mode & S_IFMT == S_IFLNK)
        #expect(lstat(cursor, &state) == 0 && state.st_mode & 0o777 == 0o600)
    }

    @Test func theCheckpointOfAnotherLogAccusesNobody() async throws {
        let (database, other) = (try await logged(), try await TestDatabase.make())
        let cursor = directory.file("cursor")
        #expect(try await follow(database, cursor).status == 0)
        try await other.sql("UPDATE convonet_admin.installation SET installed_at = clock_timestamp()")
        let run = try await CommandRun(other, as: .auditor, ["audit", "verify", "--checkpoint", cursor])
        #expect(run.status == 65 && run.output == "" && run.errors.contains("is of another log"), "\(run.errors)")
    }

    @Test func itWaitsForADatabaseThatIsNotThereYet() async throws {
        let database = try await logged()
        // Through a directory of its own, so that the server can be away for it alone.
        let name = "/.s.PGSQL.\(database.cluster.port)"
        let address = database.connectionString(.auditor)
            .replacing(database.cluster.socketDirectory, with: directory.path)
        let files = try (TemporaryFile(), TemporaryFile())
        let program = try StartedProgram(
            ["audit", "follow"], environment: ["CONVONET_DB_URI": address],
            descriptors: [files.0.descriptor, files.0.descriptor, files.1.descriptor])
        try await eventually("it waits") { Self.contents(of: files.1).contains("Trying again until it is there.") }
        try #require(symlink(database.cluster.socketDirectory + name, directory.path + name) == 0)
        try await eventually("it has read all") { Self.contents(of: files.0).count { $0 == "\n" } == 4 }
        kill(program.pid, SIGTERM)
        #expect(await program.wait() == 143)
    }

    /// Without moving the place at which the program writes.
    private static func contents(of file: TemporaryFile) -> String {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = pread(file.descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
