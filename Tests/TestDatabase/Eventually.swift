/// What a test waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What it was.
    public let description: String
}

/// Waits until `condition` holds, asking again every few milliseconds; throws `NeverHappened` after `limit`.
public func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw NeverHappened(description: "it never happened that \(what)")
}
