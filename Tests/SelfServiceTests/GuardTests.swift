import AuditVerification
import ConvonetCore
import EmbeddedPostgres
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct GuardTests {
    private let path = "/auth/reset-password"

    @Test func whatIsNotThereOrNotTakenIsSaidInJSON() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, #"prefix = "/api""#)
        #expect(try await service.curl("/api/health").body == #"{"status": "ok"}"#)
        #expect(try await service.curl("/api/ready").body == #"{"status": "ready"}"#)
        for other in ["/health", "/api", "/api/auth/reset-password/", "/api/auth/../health", "//", "/api/health/x"] {
            let answer = try await service.curl(other, ["--path-as-is"])
            #expect(answer.status == 404 && answer.body == #"{"error": "Not found"}"#, "\(other)")
        }
        let wrong = try await service.curl("/api" + path, ["-X", "DELETE"])
        #expect(wrong.status == 405 && wrong.body == #"{"error": "Method not allowed"}"#)
        #expect(wrong.headers["allow"] == "GET, POST, PUT, OPTIONS")
        let form = try await service.curl("/api/auth/forgot-password", ["-d", "email=\(person.email)"])
        #expect(form.status == 415 && form.body == #"{"error": "Content-Type must be application/json"}"#)
        for (json, status) in [
            ("{", 400), ("[]", 400), (#"{"email": 17}"#, 400), (#"{"email": null}"#, 400), ("", 400),
            (#"{"email": "\#(String(repeating: "x", count: 20_000))"}"#, 413),
            (#"{"email": "a\u0000b"}"#, 400),
        ] {
            let answer = try await service.send("POST", "/api/auth/forgot-password", json)
            #expect(answer.status == status, "\(json.prefix(40))")
            #expect(answer.headers["content-type"] == "application/json")
        }
        let header = try await service.curl("/api/health", ["-H", "X-Long: \(String(repeating: "x", count: 20_000))"])
        #expect(header.status >= 400)
        #expect(try await service.curl("/api/health", ["-I"]).status == 200)
        #expect(await service.stop() == 0)
    }

    @Test func everyAnswerIsKeptFromCachesFramesAndOtherSites() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        for answer in [
            try await service.curl("/health"), try await service.curl(path + "?token=x"),
            try await service.curl("/nothing"),
        ] {
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'; ") == true)
            #expect(answer.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func anAddressOverItsLimitWaits() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_address_limit = 2")
        let service = try await RunningService(database, #"trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]"#)
        let other = try await RunningService(database)
        func ask(_ service: RunningService, _ forwarded: String) async throws -> CurlAnswer {
            try await service.send(
                "POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#, token: nil,
                ["-H", "X-Forwarded-For: \(forwarded)"])
        }
        // Behind a proxy that is named, each client counts for itself, and what the client wrote itself does not.
        for forwarded in ["198.51.100.1", "203.0.113.9, 198.51.100.1, 10.1.1.1"] {
            #expect(try await ask(service, forwarded).status == 200)
        }
        let refused = try await ask(service, "1.2.3.4, 198.51.100.1")
        #expect(refused.status == 429 && refused.body == #"{"error": "Too many requests. Try again later."}"#)
        #expect((1...600).contains(Int(refused.headers["retry-after"] ?? "") ?? 0))
        #expect(try await ask(service, "198.51.100.2").status == 200)
        // Nobody is believed who is not named.
        for _ in 0..<2 { #expect(try await ask(other, "198.51.100.3").status == 200) }
        #expect(try await ask(other, "198.51.100.4").status == 429)
        #expect(
            try await database.sql(
                "SELECT count(*) FROM convonet_admin.request_counter WHERE key LIKE 'address 198.51.100.1'")
                == "1")
    }

    @Test func strangersUseUpNobodysTotalWhoHasAToken() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_total_limit = 1")
        let service = try await RunningService(database)
        let link = try await database.token(for: person)
        let ask = #"{"email": "nobody@example.org"}"#
        #expect(try await service.send("POST", "/auth/forgot-password", ask).status == 200)
        #expect(try await service.send("POST", "/auth/forgot-password", ask).status == 429)
        #expect(try await service.curl(path + "?token=\(ResetTokenText.wrong)").status == 429)
        #expect(try await service.curl(path + "?token=\(link)").status == 200)
        #expect(
            try await service.curl(path, ["-d", "token=\(link)&password=kitten12&again=kitten12"]).status == 400)
        #expect(
            try await service.send("PUT", path, "{}", token: try await accessToken(person.id, "expired")).status == 429)
        #expect(try await service.send("PUT", path, "{}", token: try await accessToken(person.id)).status == 400)
        #expect(try await service.send("POST", path, #"{"password": "walrus-canyon-41"}"#, token: link).status == 200)
    }

    private enum ResetTokenText { static let wrong = String(repeating: "A", count: 43) }

    @Test func lookingAtThePageIsCountedToo() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_address_limit = 2")
        let service = try await RunningService(database)
        let token = try await database.token(for: person)
        for _ in 0..<2 { #expect(try await service.curl(path + "?token=\(token)").status == 200) }
        let refused = try await service.curl(path + "?token=\(token)")
        #expect(refused.status == 429 && refused.headers["content-type"] == "text/html; charset=utf-8")
        #expect((1...600).contains(Int(refused.headers["retry-after"] ?? "") ?? 0))
        #expect(try await service.curl(path + "?token=\(token)", ["-I"]).status == 429)
        // What is answered from memory costs nothing, and the page that is open keeps its style.
        #expect(try await service.curl(path + "/style.css").status == 200)
    }

    @Test func aProxyThatIsNotNamedLeavesALine() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, #"trusted_proxies = ["10.0.0.0/8"]"#)
        for _ in 0..<3 { _ = try await service.curl("/health", ["-H", "X-Forwarded-For: 198.51.100.3"]) }
        #expect(service.talk.ranges(of: "this address is not in trusted_proxies").count == 1)
        #expect(service.talk.contains("\"peer\": \"127.0.0.1\""))
        let named = try await RunningService(database, #"trusted_proxies = ["127.0.0.1"]"#)
        _ = try await named.curl("/health", ["-H", "X-Forwarded-For: the proxy"])
        #expect(named.talk.contains("X-Forwarded-For of a trusted proxy has no address"))
        _ = try await named.curl("/health", ["-H", "X-Forwarded-For: [2001:db8::7]:4711"])
        #expect(named.talk.contains("\"client\": \"2001:db8::7\""))
    }

    @Test func whoMustWaitIsToldForHowLong() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let token = try await accessToken(person.id)
        let wrong = #"{"oldPassword": "guess", "newPassword": "walrus-canyon-41"}"#
        // Ten times at once: those that were looked over before the block, and meet it in the database, are told the same.
        try await database.sql(
            """
            INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
            VALUES ('\(person.id)', 20, now(), now())
            """)
        let answers = try await service.sendAtOnce(path, (0..<10).map { _ in (wrong, token) }, method: "PUT")
        let refused = answers.filter { $0.0 == 429 }
        #expect(!refused.isEmpty && answers.allSatisfy { [400, 429].contains($0.0) }, "\(answers) \(service.talk)")
        #expect(refused.allSatisfy { (3000...3600).contains(Int($0.1) ?? 0) }, "\(answers)")
    }

    @Test(arguments: [
        " \\t%@\\r\\n", "\\u00a0%@\\u200b", "\\ufeff%@", "mailto:%@", "<%@>", "Ann <%@>", "MAILTO:%@?subject=x",
    ])
    func anAddressIsReadAsPeopleGiveIt(form: String) async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let text = form.replacing("%@", with: person.email)
        #expect(try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(text)"}"#).status == 200)
        try await eventually("the mail went out") {
            try await database.sql("SELECT address FROM convonet_admin.mail_queue WHERE state = 'sent'") == person.email
        }
    }

    @Test func whatIsNoAddressIsSaidAtOnce() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        for text in [
            "ann", "ann@", "@example.org", "a b@example.org", "a@b.example, c@d.example", "a@b@c", "a@-b.example",
        ] {
            let answer = try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(text)"}"#)
            #expect(
                answer.status == 400 && answer.body == #"{"message": "email must be an e-mail address"}"#, "\(text)")
        }
        let answer = try await service.send("POST", "/auth/forgot-password", #"{"email": "\u00e4nn@example.org"}"#)
        #expect(answer.status == 400 && answer.body.contains("This e-mail address cannot receive mail."))
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
    }

    @Test func tooManyWrongPasswordsMakeWait() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let token = try await accessToken(person.id)
        for _ in 0..<5 {
            let body = #"{"oldPassword": "guess", "newPassword": "walrus-canyon-41"}"#
            #expect(
                try await service.answers(400, #"{"error": "Invalid old password"}"#, "PUT", path, body, token: token)
                    == nil)
        }
        let right = #"{"oldPassword": "\#(Person.password)", "newPassword": "walrus-canyon-41"}"#
        let answer = try await service.send("PUT", path, right, token: token)
        #expect(answer.status == 429 && answer.body == #"{"error": "Too many wrong passwords. Try again later."}"#)
        // The fifth wrong one makes the next wait for a minute.
        #expect((1...60).contains(answer.headers["retry-after"].flatMap { Int($0) } ?? 0), "\(answer.headers)")
        try await database.sql("UPDATE convonet_admin.wrong_password SET blocked_until = now()")
        #expect(try await service.send("PUT", path, right, token: token).status == 200)
    }

    @Test func oneTokenAndFiftyClients() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, "hashing_queue = 100")
        let token = try await database.token(for: person)
        let answers = try await service.sendAtOnce(
            path, (0..<50).map { (#"{"password": "walrus-canyon-\#($0)"}"#, token) })
        #expect(answers.filter { $0.0 == 200 }.count == 1)
        #expect(answers.filter { $0.0 == 401 }.count == 49)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func moreThanCanBeHashedIsTurnedAway() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 12")
        let service = try await RunningService(database, "hashing_threads = 1\nhashing_queue = 1")
        var tokens: [String] = []
        for number in 0..<8 { tokens.append(try await database.token(for: try await database.person(number))) }
        let requests = tokens.map { (#"{"password": "walrus-canyon-41"}"#, $0) }
        let answers = try await service.sendAtOnce(path, requests)
        let refused = answers.filter { $0.0 == 503 }
        #expect(!refused.isEmpty && answers.filter { $0.0 == 200 }.count == 8 - refused.count)
        #expect(refused.allSatisfy { $0.1 == "5" })
        // Nothing is lost: whoever was turned away comes again with the same link.
        for request in requests {
            let answer = try await service.send("POST", path, request.0, token: request.1)
            #expect([200, 401].contains(answer.status))
        }
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.reset_token WHERE used_at IS NULL") == "0")
    }

    @Test func neitherLogHoldsASecret() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let link = try await database.token(for: person)
        let (first, second) = ("walrus-canyon-41-first", "walrus-canyon-41-second")
        _ = try await service.curl(path + "?token=\(link)")
        #expect(try await service.send("POST", path, #"{"password": "\#(first)"}"#, token: link).status == 200)
        // One of the same second ended with it.
        let access = try await accessToken(person.id, "ahead")
        #expect(
            try await service.send(
                "PUT", path, #"{"oldPassword": "\#(first)", "newPassword": "\#(second)"}"#, token: access
            )
            .status == 200)
        let server = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        for log in [service.talk, server] {
            for secret in [link, first, second, access] { #expect(!log.contains(secret)) }
        }
        #expect(service.talk.contains("\"path\": \"/auth/reset-password\""))
    }
}
