import ConvonetCore
import Credentials
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct IssuedPINTests {
    /// Two thousand drawn by psql as an operator, each rolled back.
    @Test func drawnPINsAreFreeNotWeakAndSpread() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("pin_answers_per_hour = 2000")
        let person = try await database.session().person()
        let call = """
            BEGIN; SELECT voice_pin FROM convonet_admin.issue_voice_pin(
                '\(person.idText)', '\(person.version)', gen_random_uuid(), '{}'); ROLLBACK;
            """
        let drawn = try await database.sql(String(repeating: call, count: 2000), as: .operator).split(separator: "\n")
            .map(
                String.init)
        #expect(drawn.count == 2000)
        #expect(drawn.allSatisfy { $0.utf8.count == 6 && $0.utf8.allSatisfy { (48...57).contains($0) } })
        // Of a million, two thousand meet twice about twice.
        #expect(Set(drawn).count > 1980)
        let list = drawn.map { "'\($0)'" }.joined(separator: ",")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.refused_pin WHERE pin IN (\(list))") == "0")
        #expect(try await database.sql("SELECT count(*) FROM users_convonet WHERE voice_pin IN (\(list))") == "0")
        // Or else what is never drawn would be what is taken.
        #expect(
            try await database.sql("SELECT count(*) FROM unnest(ARRAY[\(list)]) p WHERE convonet_admin.is_decoy(p)")
                == "0")
        for position in 0..<6 {
            let allowed = try await Self.allowed(at: position, database)
            for digit in 0..<10 {
                let count = drawn.filter { Array($0.utf8)[position] == UInt8(48 + digit) }.count
                let expected = 2000 * allowed[digit] / allowed.reduce(0, +)
                // Seven standard deviations of a binomial distribution.
                #expect(abs(Double(count) - expected) < 7 * expected.squareRoot(), "digit \(digit) at \(position)")
            }
        }
    }

    /// How many of the hundred thousand PINs with each digit at this place no pattern refuses: dates leave fewer with 0.
    private static func allowed(at position: Int, _ database: TestDatabase) async throws -> [Double] {
        let refused = try await database.sql(
            """
            SELECT count(r.pin) FROM generate_series(0, 9) AS d LEFT JOIN convonet_admin.refused_pin r
            ON length(r.pin) = 6 AND substr(r.pin, \(position + 1), 1) = d::text GROUP BY d ORDER BY d
            """)
        return refused.split(separator: "\n").map { 100_000 - (Double($0) ?? 0) }
    }

    @Test(arguments: [4, 5, 6]) func theLengthIsThePolicys(length: Int) async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("UPDATE convonet_admin.policy SET issued_pin_length = \(length)")
        let desk = try await database.session()
        let person = try await desk.person()
        let result = try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        #expect(result.newSecret?.byteCount == length)
        #expect(try await database.stored("voice_pin", of: person) == result.newSecret?.revealedText())
        // The phone line's own query.
        #expect(
            try await database.sql(
                "SELECT id FROM users_convonet WHERE voice_pin = '\(result.newSecret?.revealedText() ?? "")' AND is_active"
            ) == person.idText)
    }

    @Test func whereNoneIsFreeItIsSaid() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            UPDATE convonet_admin.policy SET issued_pin_length = 4, decoys_per_thousand = 0;
            INSERT INTO users_convonet SELECT gen_random_uuid(), 'x' || n || '@example.com', 'x' || n, '!', '', '',
                lpad(n::text, 4, '0'), true, true, now(), now() FROM generate_series(0, 9999) n
            """)
        let desk = try await database.session()
        let person = try await desk.person()
        let before = try await database.stored("voice_pin", of: person)
        let result = try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        #expect(result.outcome == .refused && result.rule == "no_free_pin" && result.newSecret == nil)
        #expect(try await database.stored("voice_pin", of: person) == before)
    }
}
