/// What happens when nobody presses a key: first a warning, then the screen is covered, and perhaps the console ends.
public struct IdleTime: Equatable, Sendable {
    /// Seconds until the screen is covered; nil: never.
    public var coverAfter: Int?
    /// Seconds until the console ends; nil: never.
    public var endAfter: Int?

    /// How long before it is covered this is announced, in seconds.
    package static let notice = 30

    /// Quiet times; five minutes to the cover unless told.
    public init(coverAfter: Int? = 300, endAfter: Int? = nil) {
        self.coverAfter = coverAfter
        self.endAfter = endAfter
    }

    package enum Stage: Comparable, Sendable {
        case awake, announced, covered, ended
    }

    /// Where it is after so many seconds without a key.
    package func stage(after seconds: Int) -> Stage {
        if let endAfter, seconds >= endAfter { return .ended }
        guard let coverAfter else { return .awake }
        if seconds >= coverAfter { return .covered }
        return seconds >= coverAfter - Self.notice ? .announced : .awake
    }

    /// Seconds from the last key to the next stage; nil where nothing more comes.
    package func nextStage(after seconds: Int) -> Int? {
        let moments = [coverAfter.map { max(0, $0 - Self.notice) }, coverAfter, endAfter].compactMap { $0 }
        return moments.filter { $0 > seconds }.min()
    }
}
