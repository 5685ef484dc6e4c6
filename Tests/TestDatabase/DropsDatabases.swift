internal import Synchronization
public import Testing

/// Drops the databases that each test made on the server of all tests, when the test is over: they would take 40 GB in the end.
///
/// A suite needs it that makes databases; those of any other stay until the server goes. It is the test's end that counts, and
/// not the last use of a `TestDatabase`: addresses and pools outlive that.
public struct DropsDatabases: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal private static var made: MadeDatabases?

    /// For every test below the suite.
    public var isRecursive: Bool { true }

    /// Runs one test, and lets go of what it made.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let made = MadeDatabases()
        do {
            try await Self.$made.withValue(made) { try await function() }
        } catch {
            await TestCluster.shared.drop { made.names(on: $0) }
            throw error
        }
        await TestCluster.shared.drop { made.names(on: $0) }
    }

    /// The test that runs has made a database.
    static func note(_ database: TestDatabase) { made?.add(database) }
}

extension Trait where Self == DropsDatabases {
    /// Drops what each test of the suite made.
    public static var dropsDatabases: Self { DropsDatabases() }
}

private final class MadeDatabases: Sendable {
    /// The servers are not kept: one of the test's own goes when the test lets go of it.
    private let all = Mutex<[(name: String, server: ObjectIdentifier)]>([])

    func add(_ database: TestDatabase) {
        all.withLock { $0.append((database.name, ObjectIdentifier(database.cluster))) }
    }

    /// Those on a server.
    func names(on server: AnyObject) -> [String] {
        all.withLock { $0 }.filter { $0.server == ObjectIdentifier(server) }.map(\.name)
    }
}
