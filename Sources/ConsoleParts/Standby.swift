import ConsoleRequests
import ConvonetDatabase
package import OperatingSystem
import PostgresClient
package import TerminalKit

/// The state of being served by a standby, which takes no changes: since when, and when a primary is looked for again.
package struct Standby: Equatable, Sendable {
    package let since: Timestamp
    /// By the clock of `Shared.uptime`.
    fileprivate var nextLook: Int

    /// Milliseconds from one look to the next.
    package static let pause = 2000

    /// Why nothing is changed meanwhile.
    package static let refusal =
        "Only a standby answers at present, which takes no changes. The console looks for a primary, and goes on by itself."

    package func text(_ times: Times) -> String {
        "READ ONLY since \(times.second(since).dropFirst(11)): only a standby answers, perhaps a little behind. The console looks for "
            + "a primary, and goes on by itself."
    }
}

extension Shared {
    /// Takes whether the server that answered last is a standby; nil where nothing was answered.
    package mutating func noteStandby(_ isOnStandby: Bool?) {
        guard let isOnStandby, isOnStandby != (context.standby != nil) else { return }
        if isOnStandby {
            context.standby = Standby(since: now, nextLook: uptime + Standby.pause)
        } else {
            context.standby = nil
            say("There is a primary again: changes are possible.", .good)
        }
    }

    /// When a primary is looked for; nil where there is one, and where nobody answers at all.
    package var nextPrimaryLook: Int? {
        guard let standby = context.standby, lost == nil, idleStage == .awake, !isTooSmall,
            PrimaryQuery().lane.map(requests.isAwaiting) != true
        else { return nil }
        return standby.nextLook
    }

    package mutating func lookForPrimaryIfDue() {
        guard let due = nextPrimaryLook, uptime >= due else { return }
        inBackground { background, shared in
            background.ask(PrimaryQuery(), &shared) { _, _, shared in
                // Whether there is one comes with the answer.
                shared.context.standby?.nextLook = shared.uptime + Standby.pause
            }
        }
    }
}
