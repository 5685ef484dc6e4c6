import ConvonetCore
import ConvonetDatabase

extension ActionRules {
    /// The rows of `convonet_admin.actions()`, for VALUES.
    static var sql: String {
        func text(_ value: String?) -> String { value.map(QualifiedName.literal) ?? "NULL" }
        func row(_ name: String, function: String, _ rules: ActionRules) -> String {
            let columns = [
                text(name), text(function), text(rules.applies), text(rules.column?.name),
                text(rules.value),
                text(rules.budget?.rawValue), String(rules.replacesCredential), String(rules.isNotified),
                text(rules.typing?.rawValue), text(rules.onlyByLink?.rawValue),
                String(rules.needsProof), String(rules.endsSessions), String(rules.standsAlone),
            ]
            return "(\(columns.joined(separator: ", ")))"
        }
        return all.map { row($0.name, function: $0.function, $0.rules) }.joined(separator: ",\n        ")
    }

    /// The names of those with which the application's tokens from before end.
    static var endingSessions: [String] { all.filter(\.rules.endsSessions).map(\.name) }

    /// What staff can do, each action once, what people do themselves, and what is done because its time has come.
    private static var all: [(name: String, function: String, rules: ActionRules)] {
        var all: [(name: String, function: String, rules: ActionRules)] = []
        for action in AccountAction.all where !all.contains(where: { $0.name == action.name }) {
            all.append((action.name, action.function, action.rules))
        }
        let changePassword = ActionRules(
            applies: "apply_password", column: .passwordHash, replacesCredential: true, isNotified: true,
            endsSessions: true)
        // Freezes the account besides.
        let report = ActionRules(applies: "apply_report", endsSessions: true)
        let expirePassword = ActionRules(
            applies: "expire_password", column: .passwordHash, replacesCredential: true, endsSessions: true)
        return all + [
            ("change_password", "self_change_password", changePassword), ("report_not_me", "self_report", report),
            ("expire_password", "self_tidy", expirePassword),
        ]
    }
}

extension WrittenColumn {
    /// Branches of a CASE of PL/pgSQL by the column's name: each writes it alone, so that a trigger of the application on one
    /// column does not hear of the others.
    static func updates(of users: QualifiedName, touching touched: String) -> String {
        all.map { column in
            """
            WHEN '\(column.name)' THEN
                            UPDATE \(users.quoted) u SET \(column.name) = p_value\(column.isFlag ? "::boolean" : ""), \(touched) WHERE u.id = p_account;
            """
        }.joined(separator: "\n            ")
    }

    /// Branches of a CASE by the column's name: the rule where somebody else has the value.
    static let rulesOfTaken = all.compactMap { column in column.taken.map { "WHEN '\(column.name)' THEN '\($0)'" } }
        .joined(separator: " ")

    /// Branches of a CASE by the column's name: what it holds in `u`, as text.
    static let stored = all.map { "WHEN '\($0.name)' THEN u.\($0.name)\($0.isFlag ? "::boolean" : "")::text" }
        .joined(separator: " ")
}
