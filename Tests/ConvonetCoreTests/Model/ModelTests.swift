import AuditVerification
import ConvonetCore
import FoundationEssentials
import TestDatabase
import Testing

/// Two operators, a supervisor, two people, the application, the mail program and the clock in a thousand random orders: the
/// database answers as the model of docs/MODEL.md says, and what must never be is not.
@Suite(.dropsDatabases) struct ModelTests {
    /// As many databases as there are interleavings under way at once.
    private static let databases = 4

    @Test func aThousandInterleavingsKeepTheInvariants() async throws {
        let wanted = ProcessInfo.processInfo.environment["CONVONET_MODEL_SEED"].flatMap(Int.init)
        let seeds = wanted.map { $0...$0 } ?? 1...1000
        let counts = try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for place in 0..<(wanted == nil ? Self.databases : 1) {
                group.addTask { try await Self.run(seeds.filter { $0 % Self.databases == place || wanted != nil }) }
            }
            return try await group.reduce(into: [:]) { sum, part in sum.merge(part, uniquingKeysWith: +) }
        }
        guard wanted == nil else { return }
        if ProcessInfo.processInfo.environment["CONVONET_MODEL_COUNTS"] != nil {
            print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
        }
        #expect(ModelCoverage.missing(counts) == [])
    }

    private static func run(_ seeds: [Int]) async throws -> [String: Int] {
        let model = try await ModelDatabase.make()
        var (counts, failures): ([String: Int], Int) = ([:], 0)
        for seed in seeds {
            var interleaving = ModelInterleaving(seed: seed, model)
            do {
                try await interleaving.run()
            } catch {
                Issue.record(error)
                failures += 1
                // What is left of it must not be in the way of the next.
                try await interleaving.close()
                if failures == 3 { return counts }
            }
            counts.merge(interleaving.counts, uniquingKeysWith: +)
        }
        #expect(try await model.database.session(.auditor).audit.verify().problem == nil)
        #expect(try await model.database.sql("SELECT cutoffs, freezes FROM convonet_admin.told_rows()") == "0|0")
        return counts
    }
}
