import ConvonetCore
import TerminalKit

/// What waits for a second person, as far as it concerns this operator.
public struct PendingApprovals: Equatable, Sendable {
    /// Requests of others that this operator may decide.
    public var toDecide: Int
    /// This operator's own requests that nobody has decided.
    public var own: Int
    /// This operator's own requests that were approved and can be used.
    public var granted: Int

    /// Counts what is open.
    init(_ open: [ApprovalRequest], mayDecide: Bool) {
        toDecide = mayDecide ? open.filter { !$0.isOwn && $0.state == .requested }.count : 0
        own = open.filter { $0.isOwn && $0.state == .requested }.count
        granted = open.filter { $0.isOwn && $0.state == .approved }.count
    }

    /// In the header: `2 to approve`; nil where nothing waits.
    var text: String? {
        let parts = [
            toDecide > 0 ? "\(toDecide) to approve" : nil, granted > 0 ? "\(granted) approved" : nil,
            own > 0 ? "\(own) pending" : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension Console {
    /// Milliseconds between two looks at what waits, as long as somebody is there.
    private static let pendingPause = 30_000

    var nextPendingRead: Int? {
        context.approvalsReason == nil && quietStage == .awake && lost == nil ? pendingReadAt : nil
    }

    /// Reads what waits for a second person.
    mutating func readPending() -> [Effect] {
        guard context.approvalsReason == nil else { return [] }
        pendingReadAt = uptime + Self.pendingPause
        return [requests.read(PendingQuery()) { $0.takePending($1) }]
    }

    mutating func readPendingIfDue() -> [Effect] {
        guard let due = nextPendingRead, uptime >= due else { return [] }
        return readPending()
    }

    /// What the header says, the page, the dialog and the list of requests say too.
    private mutating func showPendingEverywhere() -> [Effect] {
        var effects = reloadPerson()
        if let dialog = reset, dialog.stage == .form, dialog.reading == nil {
            let request = requests.next()
            reset?.reading = request
            effects.append(readPerson(dialog.account.id, for: .dialog, as: request))
        }
        if var page = self[ApprovalList.self], page.deciding == nil {
            effects += page.refresh(&requests)
            self[ApprovalList.self] = page
        }
        return effects
    }

    /// A supervisor who has done nothing yet sees first what waits for them.
    mutating func takePending(_ result: Result<PendingApprovals, AdminError>) -> [Effect] {
        guard case .success(let found) = result else {
            if case .failure(let error) = result, error.isLostConnection { noteConnection(error) }
            return []
        }
        let isFirst = pending == nil
        let isNew = pending != found
        pending = found
        if isNew, !isFirst { return showPendingEverywhere() }
        guard isFirst, found.toDecide > 0, !hasPressedKey, opened.isEmpty, menu == nil, reset == nil else { return [] }
        return openApprovals()
    }
}
