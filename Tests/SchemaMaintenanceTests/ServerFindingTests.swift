import OperatingSystem
import PostgresClient
import Testing

@testable import SchemaMaintenance

/// What no test can have: an old server, and two clocks. The judgement alone is tested.
@Suite struct ServerFindingTests {
    @Test(arguments: [(90_624, Finding.Grade.problem), (120_022, .problem), (130_000, .ok), (180_001, .ok)])
    func theServersVersion(number: Int, grade: Finding.Grade) {
        let found = DatabaseExamination.version(number)
        #expect(found.grade == grade && (found.mend == nil) == (grade == .ok), "\(found)")
        #expect(found.message.hasPrefix("PostgreSQL \(number / 10000).\(number % 10000)"))
    }

    /// Against a question that was answered within ten seconds.
    @Test(
        arguments: [(-3, 3), (-2, 2), (-1, nil), (0, nil), (10, nil), (11, nil), (12, 2), (3610, 3600)] as [(Int, Int?)]
    )
    func theClocks(seconds: Int, skew: Int?) {
        func time(_ seconds: Int) -> Timestamp {
            Timestamp(microseconds: 1_800_000_000_000_000 + Int64(seconds) * 1_000_000)
        }
        let found = DatabaseExamination.clock(server: time(seconds), between: time(0), and: time(10))
        #expect((found.grade == .ok) == (skew == nil))
        if let skew {
            #expect(found.message.contains(" \(skew) seconds") && found.mend?.contains("time server") == true)
        }
    }
}
