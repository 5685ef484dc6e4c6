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
            await TestCluster.shared.drop(made.names)
            throw error
        }
        await TestCluster.shared.drop(made.names)
    }

    /// The test that runs has made a database.
    static func note(_ name: String) { made?.add(name) }
}

extension Trait where Self == DropsDatabases {
    /// Drops what each test of the suite made.
    public static var dropsDatabases: Self { DropsDatabases() }
}

private final class MadeDatabases: Sendable {
    private let all = Mutex<[String]>([])

    var names: [String] { all.withLock { $0 } }

    func add(_ name: String) { all.withLock { $0.append(name) } }
}
