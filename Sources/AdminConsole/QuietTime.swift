import PostgresClient
import TerminalKit

/// What happens when nobody presses a key: first a warning, then the screen is covered, and perhaps the console ends.
public struct QuietTime: Equatable, Sendable {
    /// Seconds until the screen is covered; nil: never.
    public var coverAfter: Int?
    /// Seconds until the console ends; nil: never.
    public var endAfter: Int?

    /// How long before it is covered this is announced, in seconds.
    static let notice = 30

    /// Quiet times; five minutes to the cover unless told.
    public init(coverAfter: Int? = 300, endAfter: Int? = nil) {
        self.coverAfter = coverAfter
        self.endAfter = endAfter
    }

    enum Stage: Comparable, Sendable {
        case awake, announced, covered, ended
    }

    /// Where it is after so many seconds without a key.
    func stage(after seconds: Int) -> Stage {
        if let endAfter, seconds >= endAfter { return .ended }
        guard let coverAfter else { return .awake }
        if seconds >= coverAfter { return .covered }
        return seconds >= coverAfter - Self.notice ? .announced : .awake
    }

    /// Seconds from the last key to the next stage; nil where nothing more comes.
    func nextStage(after seconds: Int) -> Int? {
        let moments = [coverAfter.map { max(0, $0 - Self.notice) }, coverAfter, endAfter].compactMap { $0 }
        return moments.filter { $0 > seconds }.min()
    }
}

extension Console {
    private var quietSeconds: Int { max(0, shared.uptime - lastKeyAt) / 1000 }

    /// How far the quiet time has come, whatever was done about it.
    private var dueStage: QuietTime.Stage {
        let stage = shared.context.quietTime.stage(after: quietSeconds)
        // A change that was sent is seen to its end: until then the screen is covered, but the console stays.
        return shared.isDeciding || parts.contains { $0.part.isWriting } ? min(stage, .covered) : stage
    }

    /// When the quiet time comes to its next stage.
    var nextQuietStage: Int? {
        if dueStage > shared.quietStage { return shared.uptime }
        return shared.context.quietTime.nextStage(after: quietSeconds).map { lastKeyAt + $0 * 1000 }
    }

    /// Covers the screen and wipes what was typed as a secret when nobody has pressed a key for long enough.
    mutating func takeQuiet() {
        guard dueStage > shared.quietStage else { return }
        shared.quietStage = dueStage
        switch shared.quietStage {
        case .awake: break
        case .announced:
            shared.say("Still there? This screen hides in \(QuietTime.notice) seconds. Press any key.", .caution)
        case .covered:
            shared.message = nil
            useAll { part, _ in part.wipe() }
        case .ended: shared.effects.append(.quit(signal: nil))
        }
    }

    /// A key after a quiet time only uncovers the screen.
    mutating func wakes() -> Bool {
        let wasCovered = shared.isCovered
        // What was said under the cover nobody has read yet.
        if shared.quietStage == .announced { shared.message = nil }
        shared.quietStage = .awake
        lastKeyAt = shared.uptime
        return wasCovered
    }
}
