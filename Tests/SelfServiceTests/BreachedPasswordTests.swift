import Credentials
import TestDatabase
import Testing

/// People's own passwords are held against the same list.
@Suite(.dropsDatabases) struct BreachedPasswordTests {
    private let path = "/auth/reset-password"

    @Test func aLeakedPasswordIsRefusedAndAMissingListIsNotReady() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let file = try BreachedFile(BreachedFile.lines([Secret(copying: "maple-river-kettle-41")]))
        let service = try await RunningService(database, "\n[passwords]\nbreached_passwords = \"\(file.path)\"")
        try await database.setPolicy("breached_passwords = '\(try file.list().fingerprint)'")
        let token = try await database.token(for: person)
        let leaked = try await service.send("POST", path, #"{"password": "maple-river-kettle-41"}"#, token: token)
        #expect(leaked.status == 400 && leaked.body.contains("has been leaked"))
        #expect(try await service.curl("/ready").status == 200)
        // Another list is required by now.
        try await database.setPolicy("breached_passwords = '\(String(repeating: "0", count: 32))'")
        try await eventually("it is not ready") { try await service.curl("/ready").status == 503 }
        #expect(service.talk.contains("is another one"))
        let unchecked = try await service.send("POST", path, #"{"password": "canyon-orbit-lettuce-7"}"#, token: token)
        #expect(unchecked.status == 400 && unchecked.body.contains("cannot be checked at the moment"))
        // Where it is kept is nobody's business.
        #expect(!unchecked.body.contains(file.path))
    }
}
