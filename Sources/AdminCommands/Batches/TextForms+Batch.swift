import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// The text that people read of a change of many.
extension TextForms {
    /// What would become, or became, of one person.
    static func row(_ row: Batch.Row, of batch: Batch) -> String {
        let (words, person) = (batch.action.kind.words, who(row.account))
        let receipt = row.result.receipt.map { " Receipt \($0.sequence)." } ?? ""
        let message = message(of: row).map { " " + $0 } ?? ""
        let text =
            switch row.standing {
            case .notTried: "not tried: \(person)"
            case .wouldDo: "would \(words.order(person)) (now \(states(row.account))).\(message)"
            case .doneBefore: "\(words.done) by an earlier run: \(person).\(receipt)\(message)"
            case .nothingToDo:
                "nothing to do, \(row.result.rule.map { RuleName.words($0, of: batch.action.name) } ?? "already so"): \(person)"
            case .done: "\(words.done): \(person).\(receipt)\(message)"
            case .refused: "refused: \(person).\(message)\(receipt)"
            case .conflict: "not changed: \(person).\(message)\(receipt)"
            case .failed: "failed: \(person).\(message)\(receipt)"
            case .unknown: "outcome unknown: \(person).\(message)"
            }
        return "line \(row.line): " + DisplayText.visible(text.replacing("\n", with: " "))
    }

    /// Why it was not done for somebody, or what to know of it.
    static func message(of row: Batch.Row) -> String? {
        row.error.map(ErrorHint.text)
            ?? (row.standing == .unknown ? row.result.message : RefusalHint.message(of: row.result))
    }

    /// Why it went no further and how to go on; nil where it came to its end.
    static func ending(_ batch: Batch) -> String? {
        switch batch.ending {
        case nil: nil
        case .refused(true, let message): "Stopped. \(message) \(goOn)"
        case .refused(false, let message): "Stopped. \(message)"
        case .error(let error): "Stopped. \(ErrorHint.text(of: error)) \(goOn)"
        case .unknown: "Stopped, since the outcome of one is not known. The same command finds it out, and goes on."
        case .stopped: "Stopped between two people. \(goOn)"
        }
    }

    private static let goOn = "The same command goes on later: it does only what is missing."
}
