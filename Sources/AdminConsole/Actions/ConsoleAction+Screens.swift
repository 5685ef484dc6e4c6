import ConsoleParts
import ConvonetCore
import TerminalKit

extension ConsoleAction {
    /// The screen that it opens; nil where it opens none.
    func screen(_ account: Account?, _ context: ConsoleContext) -> (any Screen)? {
        switch self {
        case .approvals: ApprovalList()
        case .auditLog: AuditPage(of: nil)
        case .statistics: StatisticsPage()
        case .accountHistory where context.mayReadLog: account.map { AuditPage(of: $0) }
        default: nil
        }
    }

    /// The action that a key stands for where no text is typed; of several the one that the screen has.
    init?(_ key: Key, on screen: any Screen) {
        let actions = Self.all(key)
        guard let action = actions.first(where: { screen.actions.contains($0) }) ?? actions.first else { return nil }
        self = action
    }

    /// Its keys as people read them; empty on a screen where they stand for another action.
    func keyText(on screen: any Screen) -> String {
        guard let firstKey else { return keyText }
        return ConsoleAction(firstKey, on: screen) == self ? keyText : ""
    }
}
