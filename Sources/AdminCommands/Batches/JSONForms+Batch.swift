import ConvonetCore
import JSONText
import ProgramStart
import TerminalKit

/// What scripts read of a change of many: an object for each person, and one for all behind them.
extension JSONForms {
    static func row(_ row: Batch.Row) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("line", row.line)
        object.add("outcome", row.standing.rawValue)
        let message = TextForms.message(of: row)
        switch row.standing {
        case .done, .doneBefore, .wouldDo, .notTried: if let message { object.add("note", message) }
        default:
            object.add("rule", row.result.rule)
            object.add("message", message)
        }
        object.add("account", person(row.account))
        addReceipt(of: row.result, to: &object)
        return object
    }

    static func batch(_ batch: Batch, in label: EnvironmentLabel?, isRehearsed: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", outcome(batch, isRehearsed: isRehearsed))
        object.add("message", TextForms.ending(batch))
        if let label { object.add("environment", label.name) }
        object.add("batch", batch.name)
        object.add("action", batch.action.name)
        object.add("people", batch.rows.count)
        for standing in Batch.Standing.allCases {
            object.add(standing.rawValue.replacing(" ", with: "_"), batch.count(standing))
        }
        return object
    }

    /// A run that came to nobody.
    static func batchFailure(_ error: any Error) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", ExitStatus(error) == .refused ? "refused" : "failed")
        object.add("message", ErrorText.text(of: error))
        return object
    }

    private static func outcome(_ batch: Batch, isRehearsed: Bool) -> String {
        if batch.ending != nil { return "stopped" }
        let isComplete = [.refused, .conflict, .failed, .unknown, .notTried].allSatisfy { batch.count($0) == 0 }
        if !isComplete { return "incomplete" }
        return isRehearsed ? "would do" : "done"
    }
}
