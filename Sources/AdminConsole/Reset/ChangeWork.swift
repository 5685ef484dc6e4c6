import ConvonetCore
import FoundationEssentials
import TerminalKit

/// A change that was sent and has not ended.
struct ChangeWork: Equatable, Sendable {
    let request: Int
    /// The id under which it can be sent again.
    var id: UUID?
    /// What is happening, where it takes longer than usual.
    var words: String?
    /// Whether somebody may stop waiting for it: not by a key that was pressed a moment too long.
    private(set) var isSlow = false
    private let slowFrom: Int

    init(request: Int, uptime: Int) {
        self.request = request
        slowFrom = uptime + 3000
    }

    mutating func lookAtTime(_ uptime: Int) {
        if uptime >= slowFrom { isSlow = true }
    }

    func nextTick(_ uptime: Int) -> Int? { isSlow ? nil : slowFrom }
}

/// A change whose dialog was closed before it had ended.
struct LeftChange: Equatable, Sendable {
    let request: Int
    let email: String
}

extension Console {
    mutating func takeProgress(_ request: Int, _ progress: Change.Progress) {
        guard reset?.work?.request == request else { return }
        reset?.work?.id = progress.id
        reset?.work?.words = progress.words
    }

    /// The dialog stays, and says what is known; if the answer comes after all, it shows that.
    mutating func stopWaiting() -> [Effect] {
        guard let dialog = reset, let work = dialog.work, work.isSlow, let id = work.id else { return [] }
        let message = """
            You stopped waiting. It may still be done; what comes of it is shown here. Or look at this account's history (a), \
            or send it again on the command line with --request-id \(id.uuidString.lowercased()): it is done at most once.
            """
        reset?.stage = .ended(
            ChangeResult(outcome: .unknown, message: message, account: dialog.account, requestID: id))
        reset?.wipeSecrets()
        return [.awaitPaint]
    }

    /// Remembers, on closing the dialog, that its change has not ended.
    mutating func leaveChange() {
        guard let dialog = reset, let work = dialog.work else { return }
        leftChange = LeftChange(request: work.request, email: dialog.account.email)
    }

    /// What became of a change whose dialog was closed.
    mutating func takeLeftChange(_ request: Int, _ result: Result<ChangeResult, AdminError>) -> [Effect] {
        guard let left = leftChange, left.request == request else { return [] }
        leftChange = nil
        let begin = "The change for \(left.email) that you stopped waiting for: "
        switch result {
        case .failure(let error): say(begin + error.description, .danger)
        case .success(let result):
            let receipt = result.receipt.map { " Receipt \($0.sequence)." } ?? ""
            let secret = result.newSecret == nil ? "" : " The new value was not shown: reset it once more."
            let message = result.message.map { " " + $0 } ?? ""
            say(begin + result.outcome.rawValue + "." + receipt + secret + message, .caution)
        }
        return []
    }
}
