import ConvonetCore
import TerminalKit

/// Requests for a second person, newest first: the changes of protected accounts that somebody asked for.
struct ApprovalList: Sendable {
    /// Whether those are shown too that are over: denied, used, expired or outdated.
    var showsAll = false
    var window = VirtualList<ApprovalRequest>()
    var answered: ListAnswer<ApprovalSelection>?
    /// The decision that is being written: the number of its call, and what is decided in words.
    var deciding: (call: Int, words: String)?
}

extension ApprovalList: ListScreen {
    var name: String { "approvals" }
    var selection: ApprovalSelection { ApprovalSelection(showsAll: showsAll) }
    /// Keys that change an account act on none here: which is decided must not be taken for which is changed.
    var account: Account? { nil }

    static func take(_ page: Result<ListPage<ApprovalRequest>, AdminError>, _ request: Int, in console: inout Console)
        -> [Effect]
    {
        console.takeApprovals(request, page)
    }

    static func take(_ count: ListCount?, _ request: Int, in console: inout Console) {
        console[ApprovalList.self]?.window.take(count, request: request)
    }
}
