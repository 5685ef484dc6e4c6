import ConvonetCore
import EmbeddedPostgres
import Glibc
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct DoctorTests {
    /// What each check found, the worst of each name.
    private func results(_ run: CommandRun) throws -> [String: String] {
        var results: [String: String] = [:]
        for object in try run.objects {
            #expect(object.names == ["format", "check", "result", "message", "mend"])
            let (name, result) = (try #require(object.text("check")), try #require(object.text("result")))
            #expect((object.text("mend") == nil) == (result == "ok"))
            let order = ["ok", "warning", "problem"]
            let before = results[name].flatMap { order.firstIndex(of: $0) } ?? 0
            results[name] = order[max(before, try #require(order.firstIndex(of: result)))]
        }
        return results
    }

    private func doctor(_ database: TestDatabase, _ user: TestDatabase.User = .operator) async throws -> [String:
        String]
    {
        try results(try await CommandRun(database, as: user, ["doctor", "--json"]))
    }

    @Test func anOperatorsSetUpIsWell() async throws {
        let database = try await TestDatabase.make()
        let run = try await CommandRun(database, ["doctor", "--json"])
        #expect(run.status == 0)
        let found = try results(run)
        for check in [
            "settings", "connection", "tls", "server", "pooler", "clock", "schema", "rights", "grants", "triggers",
            "log-guards", "installed", "owners", "users-table", "locks", "direct-changes", "locale",
        ] {
            #expect(found[check] == "ok", "\(check)")
        }
        // The tests' own server logs every statement.
        #expect(found["server-log"] == "warning")
        let text = try await CommandRun(database, ["doctor"])
        #expect(
            text.output.contains("operator: \(TestDatabase.User.operator.rawValue)") && text.output.contains("To fix: ")
        )
    }

    @Test func tooManyRightsAreSaid() async throws {
        let database = try await TestDatabase.make()
        #expect(try await doctor(database, .owner)["rights"] == "warning")
        try await database.sql(
            "GRANT SELECT (voice_pin) ON users_convonet TO test_operator; GRANT DELETE ON users_convonet TO PUBLIC")
        let run = try await CommandRun(database, ["doctor"])
        #expect(run.output.contains("can read password hashes and PINs and can change or delete people"))
        #expect(run.output.contains("PUBLIC (DELETE); test_operator (SELECT)"))
    }

    @Test func whatIsMissingOrDownIsAProblem() async throws {
        let stranger = try await CommandRun(try await TestDatabase.make(), as: .stranger, ["doctor", "--json"])
        #expect(stranger.status == 78)
        #expect(try results(stranger)["schema"] == "problem")
        let application = try await TestDatabase.make(.application)
        #expect(try await doctor(application, .owner)["schema"] == "problem")
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER spy BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.spy();
            CREATE TRIGGER made BEFORE INSERT ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.spy()
            """)
        let spied = try await CommandRun(database, ["doctor"])
        #expect(spied.status == 0 && spied.output.contains("spy (spy).") && !spied.output.contains("made ("))
        try await database.sql("ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER moves_on")
        #expect(try await doctor(database)["log-guards"] == "problem")
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 99, serves_from = 99")
        #expect(try await doctor(database)["schema"] == "problem")
        let without = try await TestDatabase.make(.migratedWithoutRoles)
        #expect(try await doctor(without, .owner)["roles"] == "warning")
    }

    @Test func theTriggerAndTheHeadAreLookedAt() async throws {
        let database = try await TestDatabase.make()
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--watch-direct-changes", "--yes"]).status == 0)
        let watched = try await CommandRun(database, ["doctor"])
        #expect(watched.output.contains("direct-changes: Changes made outside the console are logged"))
        #expect(watched.output.contains("No trigger of the application runs on a change."))
        try await database.sql("ALTER TABLE users_convonet DISABLE TRIGGER convonet_admin_direct_change")
        let off = try await CommandRun(database, ["doctor", "--json"])
        #expect(off.status == 78)
        #expect(try results(off)["direct-changes"] == "problem")
        let person = try await database.session().accounts.page(of: AccountSelection(), limit: 1).accounts[0]
        try await database.pool(.secondOperator).withConnection { holder in
            try await holder.run(
                script: """
                    BEGIN; SELECT convonet_admin.clear_voice_pin('\(person.idText)', '1', gen_random_uuid(), '{}')
                    """, limit: .seconds(5))
            let run = try await CommandRun(database, ["doctor"])
            #expect(run.output.contains("of test_operator_two (convonet-admin tests) keeps the log's head locked"))
            await holder.rollback()
        }
    }

    @Test func plansWithValuesInTheServersLogAreSaid() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            ALTER ROLE test_viewer IN DATABASE \(database.name) SET session_preload_libraries = 'auto_explain';
            ALTER ROLE test_viewer IN DATABASE \(database.name) SET auto_explain.log_min_duration = 0;
            ALTER ROLE test_viewer IN DATABASE \(database.name) SET auto_explain.log_nested_statements = on
            """)
        #expect(try await CommandRun(database, as: .viewer, ["doctor"]).output.contains("(auto_explain)"))
        #expect(try await !CommandRun(database, ["doctor"]).output.contains("auto_explain"))
    }

    @Test func theFileThatHoldsPasswordsIsFoundByItsVariable() async throws {
        let directory = try AuditCommandTests.Directory()
        let path = try directory.write("*:*:*:*:x\n", to: "pass")
        for (mode, result) in [(0o600, "ok"), (0o640, "warning")] as [(mode_t, String)] {
            chmod(path, mode)
            let run = try await CommandRun(["doctor", "--json"], environment: ["PGPASSFILE": path, "DB_PORT": "1"])
            #expect(try results(run)["pgpass"] == result)
        }
        let gone = try await CommandRun(
            ["doctor", "--json"], environment: ["PGPASSFILE": directory.file("gone"), "DB_PORT": "1"])
        #expect(try results(gone)["pgpass"] == "warning")
    }

    @Test func settingsOthersMayChangeAreAProblemAndTheRestGoesOn() async throws {
        let directory = try AuditCommandTests.Directory()
        let path = try directory.write(
            "[database]\nurl = \"postgresql://anna:Geheim-42@127.0.0.1:1/x\"\n", to: "config.toml")
        for (mode, result) in [(0o600, "ok"), (0o644, "warning"), (0o666, "problem")] as [(mode_t, String)] {
            chmod(path, mode)
            let run = try await CommandRun(["doctor", "--json", "--config", path])
            #expect(run.status == 78)
            let found = try results(run)
            #expect(found["settings"] == result && found["connection"] == "problem" && found["locale"] == "ok")
            #expect(!run.output.contains("Geheim") && !run.errors.contains("Geheim"))
        }
        #expect(try await CommandRun(["doctor", "--config", directory.file("none")]).status == 78)
        let plain = try results(
            try await CommandRun(["doctor", "--json"], environment: ["LANG": "C", "DB_PORT": "1"]))
        #expect(plain["locale"] == "warning")
        #expect(try await CommandRun(["doctor", "--nonsense"]).status == 64)
    }
}
