import ConvonetCore
import PostgresClient
import TerminalKit

/// What limits the log, as it is filled in: what `audit list` takes as options.
struct AuditFilterForm: Equatable, Sendable {
    enum Field: Equatable, Sendable {
        case account, operatorName, action, outcome, since, until, ticket
    }

    private(set) var fields: [Field]
    private(set) var focus: Field
    private(set) var account = TextField(limit: 320)
    private(set) var operatorName = TextField(limit: 100)
    /// Index among the actions that are known; nil: any.
    private(set) var action: Int?
    /// Index among the outcomes; nil: any.
    private(set) var outcome: Int?
    private(set) var since = TextField(limit: 40)
    private(set) var until = TextField(limit: 40)
    private(set) var ticket = TextField(limit: 100)
    /// Whether Enter was pressed on something that is wrong; until the next key.
    private(set) var isRejected = false

    static let outcomes = ["done", "refused", "conflict", "failed"]

    /// A form that limits nothing; `hasAccount` where it is not one account's log anyway.
    init(hasAccount: Bool) {
        fields = (hasAccount ? [.account] : []) + [.operatorName, .action, .outcome, .since, .until, .ticket]
        focus = hasAccount ? .account : .operatorName
    }

    var isEmpty: Bool {
        action == nil && outcome == nil && [account, operatorName, since, until, ticket].allSatisfy(\.isEmpty)
    }

    var isText: Bool { focus != .action && focus != .outcome }

    /// What is wrong with it; nil where nothing is.
    var problem: String? {
        for (name, field) in [("Since", since), ("Until", until)]
        where !field.isEmpty && MomentText(parsing: field.text) == nil { return MomentText.complaint(name) }
        return nil
    }

    /// Goes to what is wrong.
    mutating func reject() {
        isRejected = true
        focus = since.isEmpty || MomentText(parsing: since.text) != nil ? .until : .since
    }

    mutating func apply(_ key: Key) {
        isRejected = false
        switch key {
        case .tab, .down: moveFocus(by: 1)
        case .backTab, .up: moveFocus(by: -1)
        default:
            switch focus {
            case .action: action = Self.turned(action, key, count: ActionName.known.count)
            case .outcome: outcome = Self.turned(outcome, key, count: Self.outcomes.count)
            default: edit { $0.apply(key) }
            }
        }
    }

    mutating func paste(_ text: String) { edit { $0.paste(text) } }

    private mutating func edit(_ change: (inout TextField) -> Void) {
        switch focus {
        case .account: change(&account)
        case .operatorName: change(&operatorName)
        case .since: change(&since)
        case .until: change(&until)
        case .ticket: change(&ticket)
        case .action, .outcome: break
        }
    }

    private mutating func moveFocus(by step: Int) {
        let index = fields.firstIndex(of: focus) ?? 0
        focus = fields[(index + step + fields.count) % fields.count]
    }

    /// Goes round through all choices and none.
    private static func turned(_ index: Int?, _ key: Key, count: Int) -> Int? {
        let place = index.map { $0 + 1 } ?? 0
        let next: Int
        switch key {
        case .right, .character(" "): next = (place + 1) % (count + 1)
        case .left: next = (place + count) % (count + 1)
        case .control("u"), .backspace, .delete: next = 0
        default: next = place
        }
        return next == 0 ? nil : next - 1
    }

    /// What it selects; times are counted back from `now`.
    func selection(now: Timestamp) -> AuditSelection {
        func text(_ field: TextField) -> String? {
            let text = field.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return text.isEmpty ? nil : text
        }
        return AuditSelection(
            account: text(account).map(AuditSelection.Subject.init(named:)), operatorName: text(operatorName),
            action: action.map { ActionName.known[$0].0 }, outcome: outcome.map { Self.outcomes[$0] },
            since: text(since).flatMap { MomentText(parsing: $0)?.beginning(now: now) },
            until: text(until).flatMap { MomentText(parsing: $0)?.end(now: now) }, ticket: text(ticket))
    }

    /// The selection in words, such as `refused; by bert; since 2026-01-31 09:30`.
    func words(of selection: AuditSelection) -> String {
        func minute(_ moment: Timestamp) -> String { String(moment.localText.prefix(16)) }
        return [
            selection.action.map(ActionName.words), selection.outcome,
            account.isEmpty ? nil : "for \(account.text)", selection.operatorName.map { "by \($0)" },
            selection.since.map { "since \(minute($0))" }, selection.until.map { "until \(minute($0))" },
            selection.ticket.map { "ticket \($0)" },
        ].compactMap { $0 }.joined(separator: "; ")
    }
}
