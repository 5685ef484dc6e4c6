/// What the functions of the schema go by for one action; `convonet_admin.actions()` has a row for each.
struct ActionRules: Sendable {
    /// Which limit counts it.
    enum Budget: String, Sendable {
        /// It gives somebody a new way in.
        case credential
        /// It sets a state.
        case state
    }

    /// When the policy that nothing may be typed forbids it.
    enum Typing: String, Sendable {
        /// Always: what comes in was typed.
        case always
        /// Unless the program says that it made the value up: only a hash is seen.
        case unlessGenerated = "unless_generated"
    }

    /// The function that does it once nothing is in the way: of the attempt, the value and the claims.
    var applies: String
    /// The column of the users' table that it sets to a fixed value, and the value.
    var sets: (column: String, value: String)?
    /// Which limit counts it; nil for none.
    var budget: Budget?
    /// Whether it puts another password or PIN in place of one, so that it is in the way of whoever saw the account before.
    var replacesCredential = false
    /// Whether the person is told by mail, where the policy wants that.
    var isNotified = false
    /// When it is refused because nothing may be typed; nil for never.
    var typing: Typing?
    /// Whether it is refused where passwords are reset by link alone.
    var isReplacedByLink = false

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
