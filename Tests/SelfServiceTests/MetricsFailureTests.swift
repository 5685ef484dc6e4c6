import EmbeddedPostgres
import PostgresClient
import TestDatabase
import TestPrograms
import Testing

/// Metrics while something does not work, which is when somebody looks at them.
@Suite(.dropsDatabases) struct MetricsFailureTests {
    private let on = "metrics_port = 0"

    @Test func aDatabaseThatIsAwayLeavesTheRest() async throws {
        let server = try await OwnServer(.init())
        defer { server.database.cluster.stop() }
        let service = try await RunningService(server.database, on, address: server.address)
        #expect(try await service.metrics()["convonet_database_up"] == 1)
        server.database.cluster.stop()
        try await eventually("it is seen") { try await service.metrics()["convonet_database_up"] == 0 }
        let page = try await service.metrics()
        #expect(page.answer.status == 200 && !page.answer.body.contains("convonet_mail_queue"))
        #expect(!page.answer.body.contains("convonet_mail_oldest_seconds"))
        #expect(page["convonet_hashing_running"] == 0 && page["convonet_start_time_seconds"] != nil)
    }

    @Test func itComesBackWithTheDatabase() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on)
        #expect(try await service.metrics()["convonet_database_up"] == 1)
        let end = "ALTER FUNCTION convonet_admin.self_mail_state() RENAME TO gone"
        try await database.sql(end)
        try await eventually("it is seen") { try await service.metrics()["convonet_database_up"] == 0 }
        #expect(service.talk.contains("\"metrics\""))
        try await database.sql("ALTER FUNCTION convonet_admin.gone() RENAME TO self_mail_state")
        // Also where the connection that was kept is dead.
        try await database.endSessions(where: "usename = 'test_selfservice'")
        try await eventually("it is back") { try await service.metrics()["convonet_database_up"] == 1 }
    }

    /// One look for everybody, which is given up after some seconds and keeps nobody's connection.
    @Test func aDatabaseThatHangsIsAskedOnce() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on + "\ndatabase_connections = 1")
        #expect(try await service.metrics()["convonet_database_up"] == 1)
        let holder = try database.superuserPool()
        try await holder.transaction(.readCommitted) { connection in
            _ = try await connection.query(
                "LOCK TABLE convonet_admin.mail_queue IN ACCESS EXCLUSIVE MODE", limit: .seconds(10))
            // What was known before is known for some seconds.
            try await eventually("it hangs") {
                async let page = service.metrics(["--max-time", "10"])
                return try await page["convonet_database_up"] == 0
            }
            async let pages = withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await service.metrics(["--max-time", "10"])["convonet_database_up"] == 0 }
                }
                return try await group.reduce(true) { $0 && $1 }
            }
            let asking = try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%self_mail_state()%' AND usename = 'test_selfservice'"
            )
            #expect(["0", "1"].contains(asking))
            #expect(try await service.curl("/health").status == 200)
            #expect(try await pages)
        }
        try await eventually("it goes on") { try await service.metrics()["convonet_database_up"] == 1 }
    }

    @Test func whoeverHoldsConnectionsHoldsNobodyElseUp() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on + "\nconnections_per_address = 2")
        let metrics = try await service.metricsBase()
        let slow = try (0..<2).map { _ in try RawConnection(service, at: metrics) }
        for connection in slow {
            connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await elsewhere { connection.read() }.hasPrefix("HTTP/1.1 200 "))
            connection.send("GET /metrics HTTP/1.1\r\n")
        }
        for _ in 0..<5 {
            let further = try RawConnection(service, at: metrics)
            #expect(try await elsewhere { further.readToEnd() } == "")
        }
        // Elsewhere they count apart, and so does the other listener.
        #expect(try await service.metrics(["--interface", "127.0.0.2"]).answer.status == 200)
        #expect(try await service.curl("/health").status == 200)
        #expect(await service.stop() == 0)
    }

    @Test(arguments: [
        "GET /metrics\r\n\r\n", "GET /metrics HTTP/1.1\r\n: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /metrics HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
    ])
    func whatIsNoRequestIsRefused(text: String) async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on)
        let connection = try RawConnection(service, at: try await service.metricsBase())
        connection.send(text)
        let answer = try await elsewhere { connection.readToEnd() }
        #expect(answer.hasPrefix("HTTP/1.1 4") && answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer)")
        #expect(try await service.metrics().answer.status == 200)
    }

    @Test func anAddressThatIsTakenIsNamed() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let first = try await RunningService(database, on)
        let port = String(try await first.metricsBase().split(separator: ":").last ?? "")
        let directory = try ScratchDirectory()
        try directory.write(
            "config.toml",
            "[self_service]\npublic_url = \"https://app.example.org/x\"\nmail_from = \"support@example.org\"\n"
                + "sendmail = [\"/bin/true\"]\nport = 0\nmetrics_port = \(port)\n")
        let output = try TemporaryFile()
        let status = try await StartedProgram(
            ["--config", directory.path + "/config.toml"],
            environment: ["CONVONET_DB_URI": database.connectionString(.selfService)],
            descriptors: [output.descriptor, output.descriptor, output.descriptor],
            executable: StartedProgram.path(of: "convonet-self-service")
        ).wait()
        #expect(status == 69)
        #expect(
            output.text().contains("Cannot listen on 127.0.0.1 port \(port): Address already in use"),
            "\(output.text())")
    }

    @Test func theyAreEncryptedWithThePages() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let directory = try ScratchDirectory()
        let (certificate, key) = (directory.path + "/cert.pem", directory.path + "/key.pem")
        try await Tool.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        let service = try await RunningService(
            database, on + "\ntls_certificate = \"\(certificate)\"\ntls_key = \"\(key)\"", directory: directory,
            scheme: "https")
        #expect(try await service.metrics(["--cacert", certificate]).answer.status == 200)
    }
}
