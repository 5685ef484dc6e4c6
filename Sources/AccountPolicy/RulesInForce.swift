package import PostgresClient
import Synchronization

/// The policy as it was read last, which everything of one session judges by.
package final class RulesInForce: Sendable {
    private let reading: Mutex<PolicyReading>

    package var current: PolicyReading { reading.withLock { $0 } }

    package init(_ row: Row, from first: Int) throws {
        reading = Mutex(try PolicyReading(row, from: first))
    }

    /// Takes what was read anew, and says what it is.
    @discardableResult
    package func take(_ row: Row) throws -> Policy {
        let new = try PolicyReading(row, after: current)
        reading.withLock { $0 = new }
        return new.policy
    }
}
