import PostgresClient
import TerminalKit

/// What happens when nobody presses a key: first a warning, then the screen is covered, and perhaps the console ends.
public struct IdleTime: Equatable, Sendable {
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
    private var idleSeconds: Int { max(0, shared.uptime - lastKeyAt) / 1000 }

    /// How far the idle time has come, whatever was done about it.
    private var dueStage: IdleTime.Stage {
        let stage = shared.context.idleTime.stage(after: idleSeconds)
        // A change that was sent is seen to its end: until then the screen is covered, but the console stays.
        return shared.isDeciding || parts.contains { $0.part.isWriting } ? min(stage, .covered) : stage
    }

    /// When the idle time comes to its next stage.
    var nextIdleStage: Int? {
        if dueStage > shared.idleStage { return shared.uptime }
        return shared.context.idleTime.nextStage(after: idleSeconds).map { lastKeyAt + $0 * 1000 }
    }

    /// Covers the screen and wipes what was typed as a secret when nobody has pressed a key for long enough.
    mutating func checkIdleTime() {
        guard dueStage > shared.idleStage else { return }
        shared.idleStage = dueStage
        switch shared.idleStage {
        case .awake: break
        case .announced:
            shared.say("Still there? This screen hides in \(IdleTime.notice) seconds. Press any key.", .caution)
        case .covered:
            shared.message = nil
            withAllParts { part, _ in part.wipe() }
        case .ended: shared.effects.append(.quit(signal: nil))
        }
    }

    /// A key after a idle time only uncovers the screen.
    mutating func wakes() -> Bool {
        let wasCovered = shared.isCovered
        // What was said under the cover nobody has read yet.
        if shared.idleStage == .announced { shared.message = nil }
        shared.idleStage = .awake
        lastKeyAt = shared.uptime
        return wasCovered
    }
}
