import TestDatabase
import Testing

/// What is no HTTP, or not all of it.
@Suite(.dropsDatabases) struct FramingTests {
    private static let head =
        "POST /auth/forgot-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"

    @Test func aBodyThatIsCutWrongIsTheAskersFault() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        for (text, status) in [
            (Self.chunked + "zz\r\n{}", 400), (Self.chunked + "-1\r\n{}", 400),
            (Self.chunked + "FFFFFFFFFFFFFFFFF\r\n{}", 400), (Self.chunked + "1\r\n{}\r\n0\r\n\r\n", 400),
            (Self.chunked + "2\r\n{}\r\n0\r\nBad Trailer: x\r\n\r\n", 400),
            (Self.chunked + "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n0\r\n\r\n", 413),
            ("GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            ("GET /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ] {
            let connection = try RawConnection(service)
            connection.send(text)
            let answer = try await elsewhere { connection.readToEnd() }
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(text.prefix(200)) \(answer)")
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(answer.contains("{\"error\": "))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
        // Whoever goes away in the middle is no defect either.
        for text in [Self.head + "Content-Length: 50\r\n\r\n{", Self.chunked + "5\r\n{"] {
            let connection = try RawConnection(service)
            connection.send(text)
            connection.finish()
            let answer = try await elsewhere { connection.readToEnd() }
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        }
        #expect(
            try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#).status == 200)
        #expect(await service.stop() == 0)
        #expect(
            !service.talk.contains("\"defect\"") && !service.talk.contains("\"status\": \"500\""), "\(service.talk)")
    }

    @Test(arguments: [
        "GET /health\r\n\r\n", "GET /health HTTP/9.9\r\nHost: x\r\n\r\n", "G ET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nBad Header: x\r\n\r\n", "GET /health HTTP/1.1\r\n: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n", "GET /health HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /auth/forgot-password HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /auth/forgot-password HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",
        "GET /health HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
    ])
    func aHeadThatIsNoneIsRefused(text: String) async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let connection = try RawConnection(service)
        connection.send(text)
        let answer = try await elsewhere { connection.readToEnd() }
        #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
        #expect(try await service.curl("/health").status == 200)
        #expect(!service.talk.contains("\"defect\""))
    }

    @Test func whoeverHoldsConnectionsHoldsNobodyElseUp() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, "connections_per_address = 3\nmaximum_connections = 6")
        let slow = try (0..<3).map { _ in try RawConnection(service) }
        for connection in slow {
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await elsewhere { connection.read() }.hasPrefix("HTTP/1.1 200 "))
            connection.send("GET /health HTTP/1.1\r\n")
        }
        // As many as there are altogether, and more: what is too many is closed at once, without a word.
        for _ in 0..<10 {
            let further = try RawConnection(service)
            #expect(try await elsewhere { further.readToEnd() } == "")
        }
        #expect(slow.allSatisfy { $0.isQuiet })
        #expect(try await service.curl("/health", ["--interface", "127.0.0.2"]).status == 200)
        try await eventually("it is said") { service.talk.contains("\"limit of connections for one address reached") }
        // What was slow is done, and its place is free.
        for connection in slow {
            connection.send("Host: x\r\nConnection: close\r\n\r\n")
            #expect(try await elsewhere { connection.readToEnd() }.hasPrefix("HTTP/1.1 200 "))
        }
        try await eventually("the place is free") { (try? await service.curl("/health").status) == 200 }
    }

    @Test func aProxyIsBoundedForEachOfItsClients() async throws {
        let (database, _) = try await TestDatabase.withPerson()
        let service = try await RunningService(
            database, "connections_per_address = 2\ntrusted_proxies = [\"127.0.0.1\"]")
        let slow = try (0..<3).map { _ in try RawConnection(service) }
        for connection in slow {
            connection.send(Self.head + "X-Forwarded-For: 198.51.100.1\r\nContent-Length: 50\r\n\r\n{")
        }
        let refused = try #require(try await elsewhere { RawConnection.first(of: slow) })
        #expect(try await elsewhere { refused.read() }.hasPrefix("HTTP/1.1 429 "))
        for client in ["198.51.100.2", "198.51.100.3"] {
            let answer = try await service.send(
                "POST", "/auth/forgot-password", #"{"email": "nobody@example.org"}"#, token: nil,
                ["-H", "X-Forwarded-For: \(client)"])
            #expect(answer.status == 200)
        }
    }
}
