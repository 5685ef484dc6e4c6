import ConvonetDatabase
import EmbeddedPostgres
import HTTPTypes
import PostgresClient
import TestDatabase
import TestPrograms
import Testing

@testable import SelfService

/// `/metrics`, over HTTP.
@Suite(.dropsDatabases) struct MetricsTests {
    private let path = "/auth/reset-password"
    private let on = "metrics_port = 0"

    @Test func theyAreServedApartFromThePages() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on + "\nprefix = \"/api\"")
        let page = try await service.metrics()
        #expect(page.answer.status == 200)
        #expect(page.answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(page.answer.headers["cache-control"] == "no-store")
        #expect(page["convonet_database_up"] == 1 && page["convonet_mail_queue{state=\"waiting\"}"] == 0)
        #expect(page["convonet_build_info{version=\"\(Program.version)\",schema=\"\(SchemaVersion.current)\"}"] == 1)
        #expect(!page.answer.body.contains(person.email) && !page.answer.body.contains(person.id))
        let head = try await service.metrics(["-I"])
        #expect(head.answer.status == 200 && head.answer.body == "")
        #expect(head.answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let metrics = try await service.metricsBase()
        for other in [
            "/", "/metrics/", "/metrics/x", "//metrics", "/api/metrics", "/health", "/api/health", "/api" + path,
        ] {
            let answer = try await service.curl(other, ["--path-as-is"], at: metrics)
            #expect(answer.status == 404 && answer.body == #"{"error": "Not found"}"#, "\(other)")
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = try await service.curl("/metrics", ["-X", method, "-d", "x"], at: metrics)
            #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD", "\(method)")
        }
        for other in ["/metrics", "/api/metrics"] { #expect(try await service.curl(other).status == 404) }
        #expect(try await service.curl("/metrics?x=\(person.email)", at: metrics).status == 200)
        let large = ["-X", "POST", "-d", String(repeating: "x", count: 20_000)]
        #expect(try await service.curl("/metrics", large, at: metrics).status == 413)
        #expect(await service.stop() == 0)
        #expect(!service.talk.contains("\"defect\""))
    }

    @Test func withoutTheSettingThereAreNone() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        #expect(try await service.curl("/metrics").status == 404)
        #expect(!service.talk.contains("listening for metrics"))
    }

    @Test func eachFamilySaysOnceWhatItIs() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on)
        _ = try await service.curl("/health")
        var kinds: [Substring: Substring] = [:]
        var helped: Set<Substring> = []
        for line in try await service.metrics().answer.body.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                #expect(helped.insert(words[2]).inserted && words.count > 4, "\(line)")
            } else if line.hasPrefix("# TYPE ") {
                #expect(kinds.updateValue(words[3], forKey: words[2]) == nil && helped.contains(words[2]))
                #expect((words[3] == "counter") == words[2].hasSuffix("_total") && words[2].hasPrefix("convonet_"))
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let family = ["_bucket", "_sum", "_count"].reduce(name) {
                    $0.hasSuffix($1) ? $0.dropLast($1.count) : $0
                }
                #expect(kinds[family] != nil || kinds[name] != nil, "\(line)")
                #expect(Double(words.last ?? "") != nil, "\(line)")
            }
        }
        #expect(kinds.count >= 15)
    }

    @Test func whatHappensIsCounted() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on)
        let before = try await service.metrics()
        #expect(before["convonet_refusals_total{rule=\"password_common\"}"] == 0)
        let link = try await database.token(for: person)
        _ = try await service.send("POST", path, #"{"password": "password1"}"#, token: link)
        _ = try await service.send("POST", path, #"{"password": "walrus-canyon-41"}"#, token: link)
        _ = try await service.send("POST", path, #"{"password": "walrus-canyon-42"}"#, token: link)
        _ = try await service.curl(path + "?token=\(link)")
        let wrong = #"{"oldPassword": "guess", "newPassword": "walrus-canyon-43"}"#
        _ = try await service.send("PUT", path, wrong, token: try await accessToken(person.id, "ahead"))
        _ = try await service.send("POST", path + "/not-me", #"{"token": "\#(String(repeating: "A", count: 43))"}"#)
        for secret in ["/nothing/\(person.email)", "/\(person.id)"] { _ = try await service.curl(secret) }
        _ = try await service.curl("/health", ["-X", "DELETE"])
        _ = try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#)
        try await database.sql(
            """
            INSERT INTO convonet_admin.mail_queue
                (kind, address, account_id, action, actor_kind, request_id, created_at, give_up_at, next_try_at, state)
            SELECT 'notice', '\(person.email)', '\(person.id)', 'reset_password', 'operator', gen_random_uuid(), t, t + interval '1 hour', t,
                   'waiting' FROM clock_timestamp() t
            """)
        let sent = "SELECT count(*) FROM convonet_admin.mail_queue WHERE state = 'sent'"
        try await eventually("the mails went out") { try await database.sql(sent) == "2" }
        // The link, which a stranger may have asked for, is not counted: that it was sent says whose address it is.
        try await eventually("the notice is counted") {
            try await service.metrics()["convonet_mail_handed_over_total{kind=\"mail\",outcome=\"sent\"}"] == 1
        }
        let page = try await service.metrics()
        #expect(page["convonet_mail_oldest_seconds{tried=\"no\"}"] == 0)
        for (sample, value) in [
            ("convonet_refusals_total{rule=\"password_common\"}", 1.0),
            ("convonet_refusals_total{rule=\"old_password_wrong\"}", 1),
            ("convonet_links_total{purpose=\"password\",end=\"used\"}", 1),
            ("convonet_links_total{purpose=\"password\",end=\"not_good\"}", 2),
            ("convonet_links_total{purpose=\"report\",end=\"not_good\"}", 1),
            ("convonet_http_requests_total{route=\"reset_by_link\",status=\"200\"}", 1),
            ("convonet_http_requests_total{route=\"reset_by_link\",status=\"400\"}", 1),
            ("convonet_http_requests_total{route=\"reset_by_link\",status=\"401\"}", 1),
            ("convonet_http_requests_total{route=\"unknown\",status=\"404\"}", 2),
            ("convonet_http_requests_total{route=\"wrong_method\",status=\"405\"}", 1),
            ("convonet_http_request_duration_seconds_count{route=\"reset_by_link\"}", 3),
            ("convonet_http_request_duration_seconds_bucket{route=\"reset_by_link\",le=\"+Inf\"}", 3),
        ] {
            #expect(page[sample] == value, "\(sample) \(page[sample].map { "\($0)" } ?? "is not there")")
        }
        #expect(page["convonet_http_request_duration_seconds_sum{route=\"reset_by_link\"}"].map { $0 > 0.01 } == true)
        for secret in [person.email, person.id, link, "127.0.0.1"] { #expect(!page.answer.body.contains(secret)) }
    }

    @Test func aPINLinkSaysHowItEnded() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, on)
        let link = try await database.token(for: person)
        try await database.sql("UPDATE convonet_admin.reset_token SET purpose = 'voice_pin'")
        for status in [200, 401] {
            #expect(try await service.send("POST", path + "/pin", #"{"token": "\#(link)"}"#).status == status)
        }
        let page = try await service.metrics()
        #expect(page["convonet_links_total{purpose=\"voice_pin\",end=\"used\"}"] == 1)
        #expect(page["convonet_links_total{purpose=\"voice_pin\",end=\"used_before\"}"] == 1)
        #expect(page["convonet_refusals_total{rule=\"link_used\"}"] == 1)
    }

    @Test func everyRouteHasANameOfItsOwn() {
        let routes = Route.table.flatMap { $0.methods.map(\.1) }
        let names = Set(routes.map(\.name))
        #expect(names.count == 14 && names.allSatisfy { $0.wholeMatch(of: /[a-z_]+/) != nil }, "\(names)")
        #expect(Route.wrongMethod(allowed: [.get]).name == "wrong_method")
    }

    /// Whoever looks takes no place from anybody, and is not held up by them.
    @Test func theyAreThereWhileEveryPlaceForHashingIsTaken() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 14")
        let service = try await RunningService(
            database, on + "\nhashing_threads = 1\nhashing_queue = 2\ndatabase_connections = 1")
        var tokens: [String] = []
        for number in 0..<6 { tokens.append(try await database.token(for: try await database.person(number))) }
        let requests = tokens.map { (#"{"password": "walrus-canyon-41"}"#, $0) }
        async let answers = service.sendAtOnce(path, requests)
        try await eventually("everything is taken") {
            let page = try await service.metrics(["--max-time", "10"])
            return page["convonet_hashing_running"] == 1 && page["convonet_hashing_waiting"] == 2
                && page["convonet_hashing_refused_total"].map { $0 > 0 } == true && page["convonet_database_up"] == 1
        }
        let statuses = try await answers.map(\.0).sorted()
        #expect(statuses.first == 200 && statuses.last == 503 && statuses.count == 6)
        let page = try await service.metrics()
        #expect(page["convonet_hashing_running"] == 0 && page["convonet_hashing_waiting"] == 0)
        #expect(page["convonet_hashing_threads"] == 1)
    }
}
