import ConvonetCore
import TerminalKit

/// Requests for a second person, newest first: the changes of protected accounts that somebody asked for.
struct ApprovalList: Sendable {
    /// Whether those are shown too that are over: denied, used, expired or outdated.
    var showsAll = false
    var window = VirtualList<ApprovalRequest>()
    var answered: ListAnswer<Bool>?
    /// The decision that is being written: the number of its call, and what is decided in words.
    var deciding: (call: Int, words: String)?
}

extension ApprovalList: ListScreen {
    var name: String { "approvals" }
    var selection: Bool { showsAll }
    /// Keys that change an account act on none here: which is decided must not be taken for which is changed.
    var account: Account? { nil }

    func load(_ fetch: ListFetch<ApprovalRequest>) -> Effect {
        .loadApprovals(request: fetch.request, all: showsAll, from: fetch.origin, limit: fetch.limit)
    }

    func count(request: Int) -> Effect { .countApprovals(request: request, all: showsAll) }
}
