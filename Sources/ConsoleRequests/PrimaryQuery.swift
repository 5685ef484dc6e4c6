import PostgresClient

/// Whether there is a server that takes changes; where there is, what comes next is sent to it.
package struct PrimaryQuery: Query {
    package typealias Value = Bool

    package init() {}

    package var lane: Lane? { "primary" }

    package func read(from session: any ConsoleSession) async throws -> Bool { try await session.findPrimary() }
}
