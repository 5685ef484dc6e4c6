@testable import AdminConsole
@testable import ConsoleParts

/// What of the console a test looks at.
extension Console {
    var list: AccountList { part() ?? AccountList() }
    var person: PersonPage? { part() }
    var audit: AuditPage? { part() }
    var reset: ResetDialog? { part() }
    var batch: BatchDialog? { part() }
    var caller: CallerDialog? { part() }
    var menu: (any Menu)? { (overlay as? MenuBox)?.menu }
    /// What lies over the list.
    var opened: [any Screen] { Array(screens.dropFirst()) }

    private func part<Kind: Part>() -> Kind? { stack.lazy.compactMap { $0.part as? Kind }.last }
}
