package import ConvonetCore
package import OperatingSystem
import PostgresClient
package import TerminalKit

/// What is said of a caller, on a person's page and in dialogs.
package enum CallerWords {
    /// The same in a few words, where there is room for one line.
    package static func brief(_ state: CallerState, _ now: Timestamp) -> String {
        let isProven = state.proof.map { $0.until.seconds(since: now) > 0 } == true
        let needed = state.needed > 0 ? ", \(state.needed) points needed" : ""
        return "Caller: " + (isProven ? "proven, \(state.proof?.points ?? 0) points" : "not proven\(needed)")
    }

    /// What was proven, or is missing, and how to get it; nothing where there is nothing to say.
    package static func facts(_ state: CallerState, _ now: Timestamp, way: String? = nil) -> [Line.Fact] {
        if let proof = state.proof, proof.until.seconds(since: now) > 0 {
            let left = Age.short(max(1, proof.until.seconds(since: now)))
            let missing = state.lacksProof ? ", \(state.needed) needed" : ""
            return [
                Line.Fact(
                    "Caller",
                    "proven by \(CallerWay.words(proof.ways)), \(proof.points) points, \(left) left\(missing)",
                    state.lacksProof ? .caution : .good)
            ]
        }
        guard state.needed > 0 else { return [] }
        return [
            Line.Fact(
                "Caller", "not proven: \(state.needed) points needed" + (way.map { "; \($0)" } ?? ""), .caution)
        ]
    }

    /// A code that was asked for: what became of it, and how long it is good.
    package static func words(_ code: CallerState.Code, _ times: Times) -> String {
        let until = code.isOpen ? code.until.map { ", good until \(times.until($0))" } ?? "" : ""
        let state =
            switch code.state {
            case .queued: "waits to be sent"
            case .sent: "sent"
            case .undelivered: "could not be sent"
            case .used: "used"
            case .expired: "expired"
            case .tries: "void, wrong five times"
            case .replaced: "replaced by a later one"
            case .outdated: "void: the address changed, or the person reported something"
            }
        let unsent = code.unsent.map { ", " + $0.words } ?? ""
        let tries = code.state == .sent ? code.triesLeft.map { ", \($0) \($0 == 1 ? "try" : "tries") left" } ?? "" : ""
        return state + (code.state == .sent ? until : "") + tries + unsent
    }
}
