package import Credentials
package import PostgresClient
import Synchronization

/// The policy as it was read last, which everything of one session judges by.
package final class RulesInForce: Sendable {
    private let reading: Mutex<PolicyReading>
    private let breached: BreachedPasswords

    package var current: PolicyReading { reading.withLock { $0 } }

    package init(_ row: Row, from first: Int, breached: BreachedPasswords) throws {
        self.breached = breached
        reading = Mutex(try PolicyReading(row, from: first, breached: breached))
    }

    /// Takes what was read anew, and says what it is.
    @discardableResult
    package func take(_ row: Row) throws -> Policy {
        let new = try PolicyReading(row, after: current, breached: breached)
        reading.withLock { $0 = new }
        return new.policy
    }
}
