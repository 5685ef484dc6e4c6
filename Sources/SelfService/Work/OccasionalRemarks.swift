internal import Synchronization

/// Says for each subject once in a while that it is time to speak of it, so that a log is not filled with one thing.
final class OccasionalRemarks: Sendable {
    private let pause: Duration
    private let spoken = Mutex<[String: ContinuousClock.Instant]>([:])

    /// The most subjects that are remembered.
    private static let capacity = 1000

    init(every pause: Duration) { self.pause = pause }

    /// Whether to speak of it now.
    func isTime(for subject: String) -> Bool {
        let now = ContinuousClock.now
        return spoken.withLock { spoken in
            if let last = spoken[subject], now - last < pause { return false }
            // Whoever comes from a thousand addresses gets a few lines more.
            if spoken.count >= Self.capacity { spoken.removeAll() }
            spoken[subject] = now
            return true
        }
    }
}
