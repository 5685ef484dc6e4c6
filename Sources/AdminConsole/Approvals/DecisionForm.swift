import ConvonetCore
import TerminalKit

/// A second person's word on a request: reviewed, perhaps with a reason, and confirmed by a typed `yes`.
struct DecisionForm: Equatable, Sendable {
    enum Field: CaseIterable, Equatable, Sendable {
        case decision, reason, confirmation
    }

    let request: ApprovalRequest
    private(set) var focus = Field.decision
    /// nil until it is chosen: nothing is approved by not looking.
    private(set) var chosen: ApprovalDesk.Decision?
    private(set) var reason = TextField(limit: 1000)
    private(set) var confirmation = TextField(limit: 10)
    private(set) var problem: String?

    init(_ request: ApprovalRequest) { self.request = request }

    var decision: ApprovalDesk.Decision { chosen ?? .deny }

    var reasonText: String? { reason.text.allSatisfy(\.isWhitespace) ? nil : reason.text }

    var isText: Bool { focus != .decision }

    mutating func apply(_ key: Key) {
        problem = nil
        switch key {
        case .tab, .down: moveFocus(by: 1)
        case .backTab, .up: moveFocus(by: -1)
        default:
            switch focus {
            case .decision:
                guard key == .left || key == .right else {
                    if case .character = key { problem = "Choose with ← and →." }
                    break
                }
                chosen = chosen == .approve ? .deny : .approve
                // A yes holds for what it was typed to.
                confirmation.clear()
            case .reason: reason.apply(key)
            case .confirmation: confirmation.apply(key)
            }
        }
    }

    mutating func paste(_ text: String) {
        if focus == .reason { reason.paste(text) } else { problem = "Nothing can be pasted here. Type it." }
    }

    /// Goes to the next field, or from `yes` says whether it can be sent.
    mutating func enter() -> Bool {
        problem = nil
        if chosen == nil {
            focus = .decision
            problem = "Choose with ← and → whether it is approved or denied."
            return false
        }
        guard focus == .confirmation else {
            focus = .confirmation
            return false
        }
        guard confirmation.text == "yes" else {
            problem = "Type yes, in three small letters, to do it."
            return false
        }
        return true
    }

    private mutating func moveFocus(by step: Int) {
        let fields = Field.allCases
        let index = fields.firstIndex(of: focus) ?? 0
        focus = fields[(index + step + fields.count) % fields.count]
    }
}
