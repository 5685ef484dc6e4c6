import ConvonetCore
import TestDatabase
import Testing

/// A password that somebody sends comes in as one that staff types.
@Suite(.dropsDatabases) struct SecretEntryTests {
    @Test func bothFormsOfUnicodeAreOnePassword() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let answer = try await service.send(
            "POST", "/auth/reset-password", #"{"password": "zu\u0308gig walrus 41 teapot"}"#,
            token: try await database.token(for: person))
        #expect(answer.status == 200, "\(answer.body)")
        #expect(try await database.signsIn(person, with: "z\u{FC}gig walrus 41 teapot"))
        #expect(await service.stop() == 0)
    }

    @Test(arguments: [
        (#"walrus 41 teapot\u00a0"#, "no-break space"), (#"\ufeffwalrus 41 teapot"#, "byte order mark"),
        (#"walrus\u001b[A 41 teapot"#, "ESC"), (#"walrus 41 teapot\n"#, "line feed"),
    ])
    func whatNobodyTypesIsRefusedByName(password: String, name: String) async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let answer = try await service.send(
            "POST", "/auth/reset-password", #"{"password": "\#(password)"}"#,
            token: try await database.token(for: person))
        #expect(answer.status == 400 && answer.body.contains(name), "\(answer.body)")
        #expect(try await database.signsIn(person, with: Person.password))
        await #expect(service.stop() == 0)
    }
}
