import TestDatabase
import Testing

/// What is ready does what it is there for; everything else is said before somebody needs it.
@Suite(.dropsDatabases) struct ReadinessTests {
    @Test(arguments: [
        // A function of its own is closed, whichever it is.
        """
        REVOKE EXECUTE ON FUNCTION convonet_admin.self_reset_password(bytea, text, uuid, jsonb)
        FROM PUBLIC, desk_selfservice
        """,
        // The functions may not touch the people any more.
        """
        DO $$ DECLARE who regrole; BEGIN
            FOR who IN SELECT DISTINCT p.proowner::regrole FROM pg_proc p
                       WHERE p.pronamespace = 'convonet_admin'::regnamespace LOOP
                EXECUTE format('REVOKE ALL ON users_convonet FROM %s', who);
            END LOOP;
        END $$
        """,
        "ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY",
        "DROP TABLE convonet_admin.request_counter",
    ])
    func whatWouldFailIsNotReady(harm: String) async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        try await database.sql(harm)
        try await database.endSessions(where: "usename = 'test_selfservice'")
        let answer = try await service.curl("/ready")
        #expect(answer.status == 503 && answer.headers["retry-after"] == "5")
        #expect(service.talk.contains("\"not ready\""))
        #expect(try await service.curl("/health").status == 200)
    }

    @Test func aPolicyForTheHandAdmitsIt() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        try await database.sql(
            """
            ALTER TABLE users_convonet ENABLE ROW LEVEL SECURITY;
            DO $$ BEGIN
                EXECUTE format('CREATE POLICY ours ON users_convonet TO %s USING (true)',
                    (SELECT p.proowner::regrole FROM pg_proc p WHERE p.proname = 'hand_read'));
            END $$
            """)
        let service = try await RunningService(database)
        #expect(try await service.curl("/ready").status == 200)
    }

    @Test func whatWorksIsReadyAndNothingIsLeftOfTrying() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        #expect(try await service.curl("/ready").body == #"{"status": "ready"}"#)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event") == "0")
    }

    @Test func withoutAMailProgramItIsNotReady() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, #"sendmail = ["/nonexistent/sendmail"]"#)
        let answer = try await service.curl("/ready")
        #expect(answer.status == 503 && answer.headers["retry-after"] == "5")
        #expect(service.talk.contains("The mail program /nonexistent/sendmail does not exist"))
        #expect(try await service.curl("/health").status == 200)
    }
}
