import ConvonetCore
import TerminalKit

/// How the outcome of an event stands in a table: with a sign, so that it is not told by colour alone.
enum OutcomeText {
    static func item(_ outcome: String, _ rule: String?, of action: String) -> Table.Item {
        let sign = outcome == "done" ? "✓" : "✗"
        // Of a refusal the rule says more than that it was one.
        let text = rule.map { "\(sign) " + RuleName.words($0, of: action) } ?? "\(sign) \(outcome)"
        return Table.Item(text, style: outcome == "done" ? .good : .caution)
    }
}
