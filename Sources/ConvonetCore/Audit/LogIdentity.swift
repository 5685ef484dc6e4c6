public import OperatingSystem
import PostgresClient

/// Which log a line or a statement is about: one journal can hold those of several databases.
public struct LogIdentity: Equatable, Sendable {
    /// The database's name.
    public var database: String
    /// When the schema was installed there.
    public var installedAt: Timestamp

    /// An identity.
    public init(database: String, installedAt: Timestamp) {
        self.database = database
        self.installedAt = installedAt
    }
}
