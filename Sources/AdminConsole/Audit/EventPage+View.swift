import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

extension EventPage {
    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [(.up, "up", 5), (.down, "down", 5), (.search, "search", 2), (.back, "back", 10), (.palette, "keys", 9)]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let rows = Console.bodyRows(buffer.size)
        let lines = lines(columns: buffer.size.columns)
        let top = min(top, max(0, lines.count - rows))
        for (offset, line) in lines.dropFirst(top).prefix(rows).enumerated() {
            buffer.write(line.label, column: 1, row: 1 + offset, style: .dim, limit: 14)
            buffer.write(line.text, column: 16, row: 1 + offset)
        }
        if lines.count > top + rows {
            buffer.write(" ↓ more ", column: buffer.size.columns - 9, row: rows, style: .accent)
        }
        buffer.cursor = Position(column: 1, row: 1)
    }

    /// The event in full; what only the program claims is labelled so.
    func lines(columns: Int) -> [(label: String, text: String)] {
        func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        let fields: [(String, String?)] = [
            ("Receipt", String(event.sequence)), ("When", event.occurredAt.localText),
            ("What", ActionName.words(event.action)), ("Outcome", event.outcome),
            ("Rule", event.rule.map { "\(RuleName.words($0)) (\($0))" }),
            ("E-mail", event.accountEmail), ("Username", event.accountUsername), ("Account id", id(event.accountID)),
            ("By", event.actor), ("Database user", event.dbUser), ("Client address", event.clientAddress),
            ("User (claimed)", event.operatorName), ("uid (claimed)", event.uid.map(String.init)),
            ("login uid (c.)", event.loginUID.map(String.init)), ("Host (claimed)", event.host),
            ("tty (claimed)", event.tty), ("SSH (claimed)", event.sshOrigin), ("Reason", event.reason),
            ("Ticket", event.ticket), ("Verified by", event.verifiedBy), ("Program", event.application),
            ("Detail", event.detail), ("Event id", id(event.eventID)), ("Request id", id(event.requestID)),
            ("Hash", event.hash.hexadecimal), ("Previous hash", event.previousHash.hexadecimal),
        ]
        return fields.flatMap { label, text in
            TextWrap.lines(DisplayText.visible(text ?? "-"), columns: max(10, columns - 17)).enumerated().map {
                ($0.offset == 0 ? label : "", $0.element)
            }
        }
    }
}
