import EmbeddedPostgres
import Glibc
import TestDatabase
import TestPrograms
import Testing

/// Beginnings and ends: of the program, and of the database under it.
@Suite(.dropsDatabases) struct EndingTests {
    private let path = "/auth/reset-password"

    @Test func whatWasAskedBeforeTheEndIsAnswered() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let token = try await database.token(for: person)
        // Somebody else holds the account, so that the request is under way for as long as we like.
        async let holder = try? database.sql(
            "BEGIN; SELECT FROM users_convonet WHERE id = '\(person.id)' FOR UPDATE; SELECT pg_sleep(60)")
        let sleeping = "query LIKE '%pg_sleep(60)%' AND wait_event = 'PgSleep'"
        try await eventually("the account is held") { try await database.sessions(where: sleeping) == 1 }
        async let answer = service.send(
            "POST", "/auth/reset-password", #"{"password": "walrus-canyon-41"}"#, token: token)
        try await eventually("the request waits for the account") {
            try await database.sessions(where: "usename = 'test_selfservice' AND wait_event_type = 'Lock'") == 1
        }
        service.beginToStop()
        try await database.endSessions(where: sleeping)
        _ = await holder
        #expect(try await answer.status == 200)
        #expect(await service.waitForEnd() == 0)
        #expect(service.talk.contains("\"stopped\""))
    }

    @Test func aDatabaseThatGoesAwayComesBack() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        // The program reaches the server through a directory of its own, so that the server can be away for it alone.
        let directory = try ScratchDirectory()
        let name = "/.s.PGSQL.\(database.cluster.port)"
        let socket = database.cluster.socketDirectory + name
        let address = database.connectionString(.selfService)
            .replacing(database.cluster.socketDirectory, with: directory.path)
        // Not there yet when the program starts.
        let service = try await RunningService(database, address: address)
        #expect(try await service.curl("/ready").status == 503)
        try #require(symlink(socket, directory.path + name) == 0)
        #expect(try await service.curl("/ready").status == 200)
        let token = try await database.token(for: person)
        unlink(directory.path + name)
        try await database.endSessions(where: "usename = 'test_selfservice'")
        let away = try await service.send("POST", path, #"{"password": "walrus-canyon-41"}"#, token: token)
        #expect(away.status == 503 && away.headers["retry-after"] == "5")
        #expect(
            try await service.send("POST", "/auth/forgot-password", #"{"email": "nobody@example.org"}"#).status == 503)
        #expect(try await service.curl("/health").status == 200)
        try #require(symlink(socket, directory.path + name) == 0)
        #expect(try await service.send("POST", path, #"{"password": "walrus-canyon-41"}"#, token: token).status == 200)
        #expect(try await database.signsIn(person, with: "walrus-canyon-41"))
    }

    @Test func withACertificateItSpeaksTLS() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let directory = try ScratchDirectory()
        let (certificate, key) = (directory.path + "/cert.pem", directory.path + "/key.pem")
        try await Tool.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        let service = try await RunningService(
            database, "tls_certificate = \"\(certificate)\"\ntls_key = \"\(key)\"", directory: directory,
            scheme: "https")
        let answer = try await service.curl("/ready", ["--cacert", certificate])
        #expect(answer.status == 200)
        #expect(answer.headers["strict-transport-security"] != nil)
    }

    @Test(arguments: [
        ("port = \"x\"", "port must be a port number"), ("tls_key = \"/k.pem\"", "tls_key also needs tls_certificate"),
        ("trusted_proxies = [\"proxy\"]", "trusted_proxies must be IP addresses"),
        ("allowed_origins = [\"https://a.example/\"]", "allowed_origins must be origins"),
        ("prefix = \"api/\"", "prefix must start with /"), ("listen = \"localhost\"", "listen must be an IP address"),
        ("metrics_listen = \"127.0.0.1\"", "metrics_listen also needs metrics_port"),
        ("metrics_port = 8080", "metrics_port is the port of the pages, at the same address"),
        ("metrics_port = 70000", "metrics_port must be a port number"),
        ("send_code = [\"send-sms\"]", "send_code must be a program's full path"),
        ("send_code = []", "send_code must be a program's full path"),
        (
            "sendmail = [\"/bin/true\"]\nsend_code = [\"/nonexistent/sms\"]",
            "The program /nonexistent/sms does not exist"
        ),
        ("sendmail = [\"sendmail\"]", "sendmail must be a program's full path"),
        ("publc_url = \"x\"", "unknown setting “self_service.publc_url”"),
        ("sendmail = [\"/nonexistent/sendmail\"]", "The mail program /nonexistent/sendmail does not exist"),
        ("mail_from = \"a@b, c@d\"", "mail_from under [self_service] must be an address"),
        ("mail_templates = \"TEMPLATES\"", "link.txt: unknown placeholder {{nmae}}; use {{expires}}, {{link}}"),
        ("tls_certificate = \"TEMPLATES/none\"\ntls_key = \"TEMPLATES/none\"", "No such file or directory"),
        ("tls_certificate = \"FIFO\"\ntls_key = \"FIFO\"", "it is a pipe"),
        ("tls_certificate = \"TEMPLATES/link.txt\"\ntls_key = \"/dev/zero\"", "it is a device"),
        ("tls_certificate = \"TEMPLATES/link.txt\"\ntls_key = \"TEMPLATES/link.txt\"", "not a PEM certificate and key"),
        ("mail_templates = \"TEMPLATES/pipes\"", "notice.txt, which cannot be used: it is a pipe"),
    ])
    func aSettingThatWillNotDoIsNamed(setting: String, words: String) async throws {
        let database = try await TestDatabase.make()
        let directory = try ScratchDirectory()
        try directory.write("link.txt", "Subject: x\n\n{{link}} {{nmae}}\n")
        try await Tool.run(["mkdir", directory.path + "/pipes"])
        for name in ["fifo", "pipes/notice.txt"] { #expect(mkfifo(directory.path + "/" + name, 0o600) == 0) }
        let rest = ["public_url = \"https://app.example.org/x\"", "mail_from = \"support@example.org\""]
            .filter { !setting.hasPrefix($0.prefix { $0 != " " }) }
        try directory.write(
            "config.toml",
            "[self_service]\n"
                + setting.replacing("TEMPLATES", with: directory.path).replacing("FIFO", with: directory.path + "/fifo")
                + "\n"
                + rest.joined(separator: "\n") + "\n")
        let output = try TemporaryFile()
        let status = try await StartedProgram(
            ["--check", "--config", directory.path + "/config.toml"],
            environment: ["CONVONET_DB_URI": database.connectionString(.selfService)],
            descriptors: [output.descriptor, output.descriptor, output.descriptor],
            executable: StartedProgram.path(of: "convonet-self-service")
        ).wait()
        #expect(status == 78)
        #expect(output.text().contains(words), "\(output.text())")
    }

    /// Each of these limits would end it by a trap, without a word.
    @Test(arguments: [
        ("ulimit -n 6", "", "Too few files"), ("ulimit -v 150000", "", "Too little memory"),
        ("ulimit -n 100", "database_connections = 200", "Too few files"),
    ])
    func whatTheSystemDoesNotGiveIsSaid(limit: String, setting: String, words: String) async throws {
        let directory = try ScratchDirectory()
        try directory.write(
            "config.toml",
            "[self_service]\npublic_url = \"https://app.example.org/x\"\nmail_from = \"support@example.org\"\n"
                + setting + "\n")
        let output = try TemporaryFile()
        let status = try await StartedProgram(
            [
                "-c", "\(limit); exec \"$0\" --check --config \"$1\"", StartedProgram.path(of: "convonet-self-service"),
                directory.path + "/config.toml",
            ], environment: [:], descriptors: [output.descriptor, output.descriptor, output.descriptor],
            executable: "/bin/bash"
        ).wait()
        #expect(status == 71)
        #expect(output.text().contains(words), "\(output.text())")
    }

    @Test(arguments: [(TestDatabase.User.selfService, Int32(0)), (.operator, 77), (.stranger, 77)])
    func itIsCheckedWhoMayServe(user: TestDatabase.User, status: Int32) async throws {
        let database = try await TestDatabase.make()
        let directory = try ScratchDirectory()
        try directory.write(
            "config.toml",
            "[self_service]\npublic_url = \"https://app.example.org/x\"\nmail_from = \"support@example.org\"\n"
                + "sendmail = [\"/bin/true\"]\n")
        let program = try StartedProgram(
            ["--check", "--config", directory.path + "/config.toml"],
            environment: ["CONVONET_DB_URI": database.connectionString(user)],
            executable: StartedProgram.path(of: "convonet-self-service"))
        await #expect(program.wait() == status)
    }
}
