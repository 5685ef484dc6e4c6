import FoundationEssentials
import Glibc
import TestDatabase
import Testing

/// The walk of docs/RELIABILITY.md: short among the tests, and as long as one likes by script/test-walk.
@Suite(.dropsDatabases) struct ConsoleWalkTests {
    private static let given = ProcessInfo.processInfo.environment["CONVONET_WALK_KEYS"].flatMap(Int.init)
    private static let seed = ProcessInfo.processInfo.environment["CONVONET_WALK_SEED"].flatMap(UInt64.init)

    @Test func keysOverARealDatabaseWithSomebodyElseBetweenThemKeepWhatMustHold() async throws {
        let seed = Self.seed ?? 20_261_128
        let (count, began) = (Self.given ?? 4000, ContinuousClock.now)
        var walk = try await ConsoleWalk(seed: seed)
        try await walk.run(count) { step in
            guard Self.given != nil, step % 10_000 == 0 else { return }
            let rate = Double(step) / (ContinuousClock.now - began).seconds
            say("\(step) keys, \(Int(rate)) a second")
        }
        let found = walk.found
        guard Self.given != nil else {
            // A walk that gets nowhere would prove nothing.
            #expect((found["acts of somebody else"] ?? 0) > 50)
            #expect(found.contains { $0.key.hasSuffix(" done") })
            return
        }
        say("seed \(seed): \(count) keys in \(Int((ContinuousClock.now - began).seconds)) s")
        for (what, number) in found.sorted(by: { $0.key < $1.key }) { say("  \(what): \(number)") }
    }

    private func say(_ text: String) {
        let line = "test-walk: \(text)\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
