import ConvonetCore
import ConvonetDatabase

extension ActionRules {
    /// The rows of `convonet_admin.actions()`, for VALUES.
    static var sql: String {
        func text(_ value: String?) -> String { value.map(QualifiedName.literal) ?? "NULL" }
        func row(_ name: String, function: String, _ rules: ActionRules) -> String {
            let columns = [
                text(name), text(function), text(rules.applies), text(rules.sets?.column), text(rules.sets?.value),
                text(rules.budget?.rawValue), String(rules.replacesCredential), String(rules.isNotified),
                text(rules.typing?.rawValue), String(rules.isReplacedByLink),
            ]
            return "(\(columns.joined(separator: ", ")))"
        }
        var rows: [String] = []
        for action in AccountAction.all where !rows.contains(where: { $0.hasPrefix("('\(action.name)'") }) {
            rows.append(row(action.name, function: action.function, action.rules))
        }
        rows.append(
            row(
                "change_password", function: "self_change_password",
                ActionRules(applies: "apply_password", replacesCredential: true, isNotified: true)))
        return rows.joined(separator: ",\n        ")
    }
}
