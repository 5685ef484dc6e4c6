package import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
package import FoundationEssentials
import TerminalKit

/// A change that was sent and has not ended.
package struct ChangeWork: Equatable, Sendable {
    package let request: Int
    /// The id under which it can be sent again.
    package var id: UUID? { progress?.id }
    /// What is happening, where it takes longer than usual.
    package var words: String? { progress?.words }
    package var progress: Change.Progress?
    /// From when on somebody may stop waiting for it: not by a key that was pressed a moment too long.
    package let slowFrom: Int

    package init(request: Int, uptime: Int) {
        self.request = request
        slowFrom = uptime + 3000
    }

    package func isSlow(_ uptime: Int) -> Bool { uptime >= slowFrom }
}

extension ResetDialog {
    /// The dialog stays, and says what is known; if the answer comes after all, it shows that.
    package mutating func stopWaiting(_ shared: inout Shared) {
        guard let work, work.isSlow(shared.uptime), let id = work.id else { return }
        let message = """
            You stopped waiting. The change may still be made; its result will appear here. You can also check the account's \
            history (a), or repeat it on the command line with --request-id \(id.uuidString.lowercased()): it is done at most once.
            """
        stage = .ended(ChangeResult(outcome: .unknown, message: message, account: account, requestID: id))
        wipeSecrets()
        shared.awaitPaint()
    }

    /// If the dialog closes before the change has ended, its result is said when it comes.
    package func leaveChange(_ shared: inout Shared) {
        guard let work else { return }
        let begin = "The change for \(account.email) that you stopped waiting for: "
        shared.requests.expect(work.request, by: Shared.background, progress: Background.ignoresAnswer) {
            (_: inout Background, result: Result<ChangeResult, AdminError>, shared: inout Shared) in
            switch result {
            case .failure(let error): shared.say(begin + error.inConsole, .danger)
            case .success(let result):
                let receipt = result.receipt.map { " Receipt \($0.sequence)." } ?? ""
                let secret = result.newSecret == nil ? "" : " The new value was not shown: reset it once more."
                let message = result.message.map { " " + $0 } ?? ""
                shared.say(begin + result.outcome.rawValue + "." + receipt + secret + message, .caution)
            }
        }
    }
}
