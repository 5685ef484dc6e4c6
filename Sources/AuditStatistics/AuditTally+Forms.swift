import ConvonetCore
package import JSONText

extension AuditTally {
    /// As scripts read it; see docs/COMMANDS.md.
    package func json(by grouping: AuditGrouping, format: Int) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("by", grouping.rawValue)
        object.add("group", group)
        object.add("events", events)
        object.add("done", done)
        object.add("refused", refused)
        object.add("conflict", conflict)
        object.add("failed", failed)
        return object
    }
}

extension AuditGrouping {
    /// What a group is called.
    package func words(_ group: String) -> String {
        switch self {
        case .action: ActionName.words(group)
        case .rule: RuleName.words(group)
        default: group
        }
    }
}
