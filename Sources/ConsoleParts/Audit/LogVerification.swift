import AuditVerification
package import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import OperatingSystem
package import TerminalKit

/// The verification of the log's chain, as far as it has come.
package enum LogVerification: Equatable, Sendable {
    case running(VerifyLog.Progress)
    case ended(shortText: String, Style)

    package var isRunning: Bool { if case .running = self { true } else { false } }

    /// What the log's title line says of it.
    package var shortText: String {
        switch self {
        case .running(let progress):
            "verifying… \(ListCount(progress.sequence).text) of \(ListCount(progress.total).text) (Esc stops)"
        case .ended(let text, _): text
        }
    }

    package var style: Style {
        switch self {
        case .running: .accent
        case .ended(_, let style): style
        }
    }
}

extension Shared {
    package mutating func verifyLog() {
        guard verification?.isRunning != true else { return }
        verification = .running(VerifyLog.Progress())
        inBackground {
            $0.ask(VerifyLog(), &$1, progress: { $2.verification = .running($1) }) { $2.takeVerification($1) }
        }
    }

    package mutating func stopVerifying() {
        verification = nil
        say("Verification stopped; the log was not checked.")
        stop(VerifyLog.lane)
    }

    private mutating func takeVerification(_ result: Result<AuditLog.Verification, AdminError>) {
        switch result {
        case .failure(let error):
            noteConnection(error)
            verification = nil
            say("The log could not be verified. " + error.inConsole, .danger)
        case .success(let found):
            if let problem = found.problem {
                verification = .ended(shortText: "BROKEN at event \(problem.sequence)", .danger)
                say(
                    "The log is BROKEN at event \(problem.sequence): \(problem.text). Change nothing and tell the person "
                        + "responsible for the log.", .danger)
            } else {
                let events = ListCount(found.events).text + (found.events == 1 ? " event" : " events")
                verification = .ended(shortText: "verified: \(events)", .good)
                say(
                    "Log verified: \(events), head \(found.head.hexadecimal). Only a checkpoint can tell whether all of it was "
                        + "rewritten.", .good)
            }
        }
    }
}
