import FoundationEssentials
import TestDatabase
import Testing

/// The page in a real browser, headless.
@Suite(.dropsDatabases) struct BrowserTests {
    private struct Seen: Decodable {
        var title: String
        var fits: Bool
        var weak: String
        var good: String
        var score: Int
        var done: String
        var address: String
        var faults: [String]
    }

    @Test func somebodySetsAPasswordOnAPhone() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, #"service_name = "Convonet <&>""#)
        let token = try await database.token(for: person)
        let output = try await Tool.python(
            "browser.py",
            [service.base + "/auth/reset-password?token=\(token)", "kitten12", "walrus-canyon-41-teapot"])
        let seen = try JSONDecoder().decode(Seen.self, from: Data(output.utf8))
        #expect(seen.title == "New password for Convonet <&>")
        #expect(seen.fits)
        #expect(seen.weak.hasPrefix("The password is too easy to guess"))
        #expect(seen.good == "Strong" && seen.score == 4)
        #expect(seen.done.contains("Your new password is set."))
        #expect(seen.address == service.base + "/auth/reset-password")
        // Nothing that the page's own security policy stood in the way of.
        #expect(seen.faults.isEmpty)
        #expect(try await database.signsIn(person, with: "walrus-canyon-41-teapot"))
    }
}
