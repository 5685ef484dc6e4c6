/// What a test waited for did not come.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What it was.
    public let description: String
}

/// Waits until `condition` holds, asking again every few milliseconds; throws `NeverHappened` after `limit`.
public func eventually(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    // It is looked at once more after the time is over: a busy machine may have slept through all of it.
    while true {
        if try await condition() { return }
        if clock.now >= end { throw NeverHappened(description: "it never happened that \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}
