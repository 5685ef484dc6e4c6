import TestDatabase
import Testing

@testable import AccountPolicy
@testable import ConvonetCore

/// What is shown in place of the policy's pattern.
@Suite(.dropsDatabases) struct TicketExampleTests {
    private static let patterns =
        [
            ("T-\\d+", "T-123"), ("[A-Z]{2}-\\d{4}", "AA-1234"), ("(INC|REQ)[0-9]{7}", "INC1234567"),
            ("#\\d{1,6}", "#123"),
            ("(?:HD-)?\\d{3}", "HD-123"), ("[[:digit:]]{3}", nil), ("(?=x)T", nil), ("T{", nil), ("[^-]+", nil),
            ("\\S+", nil),
        ] as [(String, String?)]

    @Test(arguments: patterns) func isMadeFromThePlainPartsAlone(pattern: String, example: String?) {
        #expect(TicketExample.of(pattern) == example)
        #expect(TicketExample.words(pattern) == (example.map { "For example \($0)." } ?? "It must match \(pattern)."))
    }

    @Test func everyExampleIsOneThatTheDatabaseTakes() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session().changes
        #expect(try await desk.policyTakes(ticket: "anything"))
        for (pattern, example) in Self.patterns {
            guard let example else { continue }
            try await database.setPolicy("ticket_pattern = '\(pattern)'")
            #expect(try await desk.policyTakes(ticket: example), "\(pattern)")
            #expect(try await !desk.policyTakes(ticket: example + "?"), "\(pattern)")
        }
    }
}
