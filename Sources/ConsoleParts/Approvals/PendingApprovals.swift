import AccountDisplay
import AccountPolicy
import ConsoleRequests
package import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// What waits for a second person, read anew as long as somebody is there.
package struct ApprovalWatch: Sendable {
    /// nil until it was read.
    package var found: ApprovalQueue.Pending?
    /// When it is read again, by the clock of `Shared.uptime`.
    fileprivate var readAt: Int?

    /// Milliseconds between two looks: somebody with a caller on the line waits for an answer, at whichever of their consoles, and
    /// whoever may give one should hear of it at once. The question costs next to nothing (docs/DECISIONS.md); whoever only reads the
    /// log is in no hurry.
    fileprivate func pause(_ context: ConsoleContext) -> Int {
        context.mayDecide || context.readOnlyReason == nil ? 1000 : 30_000
    }
}

extension Shared {
    /// What the header says of it; nil where nothing waits.
    package var pendingText: String? { approvals.found?.text(mayDecide: context.mayDecide) }

    package var nextPendingRead: Int? {
        // Where an answer takes longer than the pause, it is waited for.
        guard context.approvalsReason == nil, idleStage == .awake, !isTooSmall, lost == nil,
            PendingQuery().lane.map(requests.isAwaiting) != true, !context.isLinear || hearsOfApprovals
        else { return nil }
        return approvals.readAt
    }

    /// Whether something can come in that is said: what others ask of a supervisor, or an answer to one's own request.
    private var hearsOfApprovals: Bool {
        context.mayDecide || approvals.found.map { $0.own + $0.granted > 0 } ?? false
    }

    /// Reads what waits for a second person.
    package mutating func readPending() {
        guard context.approvalsReason == nil else { return }
        approvals.readAt = uptime + approvals.pause(context)
        inBackground { $0.ask(PendingQuery(), &$1) { $2.takePending($1) } }
    }

    package mutating func readPendingIfDue() {
        if let due = nextPendingRead, uptime >= due { readPending() }
    }

    /// Says what came in, unless a dialog has something to say, or something was said just now.
    private mutating func announce(_ found: ApprovalQueue.Pending, after before: ApprovalQueue.Pending) {
        // Heard also where a dialog speaks.
        if context.ringsBell, found.calls(context.mayDecide, after: before) { effects.append(.ring) }
        guard !isSpokenFor, message == nil else { return }
        if found.granted > before.granted {
            say("A supervisor approved your request: w shows it.", .good)
        } else if found.own < before.own {
            say("Your request was decided or is over: w shows it.", .caution)
        } else if context.mayDecide, found.reports > before.reports {
            say("Somebody says “that was not me”: f, frozen, shows whose account is frozen.", .danger)
        } else if context.mayDecide, found.ofOthers > before.ofOthers {
            say("Somebody asks for approval: w shows it.", .caution)
        }
    }

    /// What the header says, the page, the dialog and the list of requests say too. A supervisor who has done nothing yet
    /// sees first what waits for them.
    private mutating func takePending(_ result: Result<ApprovalQueue.Pending, AdminError>) {
        switch result {
        case .failure(let error): if error.isLostConnection { noteConnection(error) }
        case .success(let found):
            let before = approvals.found
            approvals.found = found
            approvals.readAt = uptime + approvals.pause(context)
            if let before, before != found {
                tell(.approvalsChanged)
                announce(found, after: before)
            }
            if before == nil, context.mayDecide, found.ofOthers + found.reports > 0, !hasPressedKey, isAtFirst {
                moves.append(.act(.approvals))
            }
        }
    }
}
