import ConvonetCore
import TerminalKit

extension EventPage: Screen {
    var name: String { "receipt \(sequence)" }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: "It is already open."
        case .refresh: "An event never changes."
        case .filter, .sort, .clear, .verifyLog: "This is for the log (Esc)."
        case .accountHistory: account == nil ? nil : "You came from there (Esc)."
        case .auditLog: account == nil ? "You came from there (Esc)." : nil
        default: nil
        }
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        switch action {
        case .back, .quit: return console.close()
        case .up: console.scrollEvent(by: -1)
        case .down: console.scrollEvent(by: 1)
        case .pageUp: console.scrollEvent(by: -Console.bodyRows(console.size) / 2)
        case .pageDown: console.scrollEvent(by: Console.bodyRows(console.size) / 2)
        case .first: console.event?.top = 0
        case .last: console.scrollEvent(by: .max / 2)
        default: break
        }
        return []
    }
}

extension Console {
    fileprivate mutating func scrollEvent(by rows: Int) {
        guard let page = event else { return }
        let last = max(0, page.lines(columns: size.columns).count - Console.bodyRows(size))
        event?.top = min(max(0, min(page.top, last) + rows), last)
    }
}
