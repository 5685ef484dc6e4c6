import ConsoleParts
import TerminalKit

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
