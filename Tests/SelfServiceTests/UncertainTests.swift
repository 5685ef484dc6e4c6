import EmbeddedPostgres
import Glibc
import PostgresClient
import TestDatabase
import Testing

/// Answers to changes that are not done for certain: each says what to do.
@Suite(.dropsDatabases) struct UncertainTests {
    private let path = "/auth/reset-password"
    private let password = "walrus-canyon-41-teapot"

    /// Cuts every wait for the standby short, within the server, until the task is cancelled.
    private func lettingGo(_ server: OwnServer) async throws -> Task<Void, any Error> {
        let pool = try server.database.superuserPool()
        let task = Task {
            _ = try await pool.query(
                """
                DO $$ BEGIN
                    LOOP
                        PERFORM pg_stat_clear_snapshot();
                        PERFORM pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep';
                        PERFORM pg_sleep(0.05);
                    END LOOP;
                END $$
                """, limit: .seconds(300))
        }
        try await eventually("waits are cut short") {
            try await server.database.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'") == "1"
        }
        return task
    }

    @Test func whatNoStandbyHasIsSaidToBeSo() async throws {
        let server = try await OwnServer(
            .init(
                settings: ["synchronous_commit": "local", "synchronous_standby_names": "nobody"].merging(
                    OwnServer.replication
                ) { $1 }))
        defer { server.database.cluster.stop() }
        let service = try await RunningService(
            server.database, address: server.address + " options='-c synchronous_commit=on'")
        let person = server.person
        let letting = try await lettingGo(server)
        defer { letting.cancel() }
        let json = try await service.send(
            "POST", path, #"{"password": "\#(password)"}"#, token: try await server.database.token(for: person))
        #expect(json.status == 202, "\(json.body)")
        #expect(json.body.contains("Password reset successful. A second server has not confirmed it yet"))
        #expect(json.body.contains("open the link again") && json.body.contains(#""replicated": false"#))
        #expect(try await server.database.signsIn(person, with: password))
        let next = try await server.database.token(for: person)
        let page = try await service.curl(
            path, ["-d", "token=\(next)&password=teapot-41-canyon-x&again=teapot-41-canyon-x"])
        #expect(page.status == 202 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.body.contains("Your new password is set.") && page.body.contains("not confirmed"))
        let changed = try await service.send(
            "PUT", path, #"{"oldPassword": "teapot-41-canyon-x", "newPassword": "\#(password)"}"#,
            token: try await accessToken(person.id, "ahead"))
        #expect(changed.status == 202, "\(changed.body)")
        #expect(changed.body.contains("sign in with the old one") && changed.body.contains(#""email": "#))
        await service.die()
    }

    @Test func whereTheAnswerNeverCameItIsSaidThatNobodyKnows() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let proxy = try AnswerLosingProxy(to: database, losing: "self_reset_password", endsThen: true)
        defer { proxy.stop() }
        let service = try await RunningService(database, address: proxy.connectionString(.selfService))
        let token = try await database.token(for: person)
        let answer = try await service.curl(path, ["-d", "token=\(token)&password=\(password)&again=\(password)"])
        #expect(answer.status == 504 && answer.headers["retry-after"] == nil, "\(answer)")
        #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
        #expect(answer.body.contains("It is not known whether your new password was set. Try to sign in with it"))
        #expect(try await database.signsIn(person, with: password))
    }

    @Test func aRequestForALinkToo() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let proxy = try AnswerLosingProxy(to: database, losing: person.email, endsThen: true)
        defer { proxy.stop() }
        let service = try await RunningService(database, address: proxy.connectionString(.selfService))
        let answer = try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#)
        #expect(answer.status == 504, "\(answer)")
        #expect(answer.body.contains("If no mail comes within a few minutes, ask again."))
    }

    /// The disk is full as the event is to be written: nothing is, and it passes once somebody has made room.
    @Test func aServerWithoutSpaceIsSaidToBeOne() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let token = try await database.token(for: person)
        try await database.sql(
            """
            CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON convonet_admin.audit_event FOR EACH ROW EXECUTE FUNCTION public.full();
            """)
        let answer = try await service.send("POST", path, #"{"password": "\#(password)"}"#, token: token)
        #expect(answer.status == 503 && answer.headers["retry-after"] == "5", "\(answer)")
        #expect(service.talk.contains("disk space left (SQLSTATE 53100). Nothing was changed. Tell its administrator"))
        try await database.sql("DROP TRIGGER full_disk ON convonet_admin.audit_event")
        let again = try await service.send("POST", path, #"{"password": "\#(password)"}"#, token: token)
        #expect(again.status == 200, "\(again)")
    }

    @Test func aServerThatOnlyReadsIsSaidToBeOne() async throws {
        let kept = try ScratchDirectory()
        // The server runs as another user, where this is root.
        chmod(kept.path, 0o755)
        let options = PrivateCluster.Options(keep: kept.path + "/kept", settings: OwnServer.replication)
        let server = try await OwnServer(options)
        let token = try await server.database.token(for: server.person)
        server.database.cluster.stop()
        let standby = try PrivateCluster.start(
            .init(keep: kept.path + "/kept", settings: OwnServer.replication, files: ["standby.signal": ""]))
        defer { standby.stop() }
        let service = try await RunningService(
            server.database, address: standby.connectionString(database: "c", user: "own"))
        let words = "Nothing can be changed at the moment, and nothing was. Try again in a few minutes."
        for (path, json) in [
            (path, #"{"password": "\#(password)"}"#), ("/auth/forgot-password", #"{"email": "a@example.org"}"#),
        ] {
            let answer = try await service.send("POST", path, json, token: token)
            #expect(answer.status == 503 && answer.headers["retry-after"] == "60")
            #expect(answer.body == #"{"error": "\#(words)"}"#)
        }
        let page = try await service.curl(path + "?token=\(token)")
        #expect(page.status == 503 && page.body.contains("<p>\(words)</p>"))
        #expect(service.talk.contains("Only a standby answers"))
        #expect(try await service.curl("/ready").status == 503)
    }

    /// The process keeps the policy for a while; what it let through by an older one, the database does not take.
    @Test func aPolicyThatChangesMeanwhileIsObeyed() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let (first, second) = (try await database.token(for: person), try await database.token(for: person))
        #expect(try await service.curl(path + "?token=\(first)").status == 200)
        try await database.sql("UPDATE convonet_admin.policy SET minimum_length = 40")
        let refused = try await service.send("POST", path, #"{"password": "\#(password)"}"#, token: first)
        #expect(refused.status == 400, "\(refused.body)")
        #expect(refused.body == #"{"message": "Password must be at least 40 characters"}"#)
        #expect(try await database.signsIn(person, with: Person.password))
        try await database.sql("UPDATE convonet_admin.policy SET minimum_length = 8, bcrypt_cost = 11")
        let done = try await service.send(
            "POST", path, #"{"password": "\#(password)-and-so-on-until-forty"}"#, token: second)
        #expect(done.status == 200, "\(done.body)")
        #expect(
            try await database.sql("SELECT left(password_hash, 7) FROM users_convonet WHERE id = '\(person.id)'")
                == "$2b$11$")
    }
}
