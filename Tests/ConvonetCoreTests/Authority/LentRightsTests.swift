import ConvonetCore
import EmbeddedPostgres
import PostgresClient
import TestDatabase
import Testing

/// A right to change that somebody lends out, in a function of their own that runs with their rights: the user of the session
/// is another then, whom no limit and no second person's word has counted.
@Suite(.dropsDatabases) struct LentRightsTests {
    private static func lend(_ body: String) -> String {
        """
        CREATE SCHEMA lent AUTHORIZATION test_supervisor_lead; GRANT USAGE ON SCHEMA lent TO PUBLIC;
        SET ROLE test_supervisor_lead;
        CREATE FUNCTION lent.act() RETURNS text LANGUAGE sql SECURITY DEFINER AS $f$ SELECT outcome FROM \(body) $f$;
        """
    }

    @Test(arguments: [TestDatabase.User.viewer, .auditor, .stranger])
    func nobodyDecidesByAnothersRight(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.quick()
        let lead = try await database.session(.lead)
        let person = try await lead.person()
        try await database.protect(person)
        let asked = try await lead.perform(.issuePIN, on: person)
        let id = try #require(asked.receipt?.approval)
        try await database.sql(
            Self.lend(
                "convonet_admin.decide_approval(\(id), 'approve', gen_random_uuid(), '{\"login_uid\": \"4242\", \"host\": \"elsewhere\"}')"
            ))
        await #expect(database.refusal(of: "SELECT lent.act()", as: user)?.contains("may not call it") == true)
        #expect(try await database.sql("SELECT state FROM convonet_admin.approval") == "requested")
        // A supervisor may, whichever way they come: it is they who are in the log.
        #expect(try await database.sql("SELECT lent.act()", as: .supervisor) == "done")
        #expect(try await database.log().last?.dbUser == "test_supervisor")
    }

    @Test func nobodyChangesOrAsksByAnothersRight() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let (id, version) = (person.idText, person.version)
        for call in [
            "set_voice_pin('\(id)', '\(version)', '830571', gen_random_uuid(), '{}')",
            "set_account_active('\(id)', '\(version)', false, gen_random_uuid(), '{}')",
            "send_reset_link('\(id)', '\(version)', gen_random_uuid(), '{}')",
            "record_refusal('\(id)', 'reset_password', 'password_empty', gen_random_uuid(), '{}')",
            "set_policy('{\"require_reason\": true}', gen_random_uuid(), '{}')",
            "rehearse_change('issue_voice_pin', '\(id)', '\(version)', gen_random_uuid(), '{}') AS r (outcome)",
        ] {
            try await database.sql("DROP SCHEMA IF EXISTS lent CASCADE; " + Self.lend("convonet_admin.\(call)"))
            #expect(
                await database.refusal(of: "SELECT lent.act()", as: .viewer)?.contains("may not call it") == true,
                "\(call)")
        }
        #expect(try await database.log().isEmpty)
    }

    /// Who has a group's rights only after SET ROLE has them all the same.
    @Test func aRightThatIsTakenUpBySetRoleCounts() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let name = "\(database.name)_pooled"
        try await database.sql("CREATE ROLE \(name) LOGIN NOINHERIT IN ROLE desk_operator")
        let call = "SET ROLE desk_operator; " + TestDatabase.call(.issuePIN, person)
        #expect(try await database.cluster.sql(call, database: database.name, user: name) == "done")
        #expect(try await database.log().last?.dbUser == name)
        try await database.sql("DROP ROLE \(name)")
    }

    /// Before PostgreSQL 15 a user can make others members of themselves. On a newer server only a superuser lets it happen
    /// here, and the function is told that it is an older one.
    @Test func whoMakesAnotherAMemberOfThemselvesLendsNothing() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        let isOld = try await database.sql("SELECT current_setting('server_version_num')::integer < 150000") == "t"
        let (lender, borrower) = ("\(database.name)_anna", "\(database.name)_bert")
        try await database.sql(
            "CREATE ROLE \(lender) LOGIN; CREATE ROLE \(borrower) LOGIN; GRANT desk_operator TO \(lender); GRANT desk_viewer TO \(borrower)"
        )
        let grant = "GRANT \(lender) TO \(borrower)"
        if isOld {
            _ = try await database.cluster.sql(grant, database: database.name, user: lender)
        } else {
            await #expect(throws: ClusterFailure.self) {
                try await database.cluster.sql(grant, database: database.name, user: lender)
            }
            try await database.sql(
                """
                \(grant);
                DO $$ BEGIN
                    EXECUTE replace(pg_get_functiondef('convonet_admin.session_belongs_to(oid)'::regprocedure), '150000', '990000');
                END $$;
                """)
        }
        let call = TestDatabase.call(.issuePIN, person)
        let error = await #expect(throws: ClusterFailure.self) {
            try await database.cluster.sql(call, database: database.name, user: borrower)
        }
        #expect(error.map { "\($0)" }?.contains("may not call it") == true)
        // By a group among groups it is had as ever, and by the lender.
        try await database.sql(
            "CREATE ROLE \(database.name)_all NOLOGIN IN ROLE desk_operator; GRANT \(database.name)_all TO \(borrower)")
        #expect(try await database.cluster.sql(call, database: database.name, user: borrower) == "done")
        #expect(
            try await database.cluster.sql(
                TestDatabase.call(.issuePIN, person, version: "1"), database: database.name, user: lender)
                == "conflict:account_changed")
        try await database.sql("DROP ROLE \(lender), \(borrower), \(database.name)_all")
    }
}
