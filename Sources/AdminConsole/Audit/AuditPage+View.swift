import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

extension AuditPage {
    private static let table = Table(columns: [
        Table.Column(title: "Receipt", minimumColumns: 8, alignment: .trailing, priority: 8),
        Table.Column(title: "When", minimumColumns: 16, priority: 5),
        Table.Column(title: "What", minimumColumns: 14, weight: 1, maximumColumns: 20, priority: 6),
        Table.Column(title: "Outcome", minimumColumns: 8, weight: 1, maximumColumns: 30, priority: 9),
        Table.Column(title: "For", minimumColumns: 18, weight: 4, maximumColumns: 48, priority: 8),
        Table.Column(title: "By", minimumColumns: 8, weight: 1, maximumColumns: 24, priority: 4),
    ])

    func draw(into buffer: inout Buffer) {
        if showsDetail { return drawDetail(into: &buffer) }
        let whose =
            account.map { "What was done to \($0.fullName) <\($0.email)>" } ?? "The log of everything, newest first"
        let columns = buffer.size.columns
        buffer.write(TextWidth.fitted(DisplayText.visible(whose), to: columns - 14), column: 1, row: 1, style: .title)
        if request != nil { buffer.write("loading…", column: columns - 9, row: 1, style: .dim) }
        let layout = Self.table.layout(width: columns)
        func line(_ row: Int) -> Rect { Rect(column: 0, row: row, columns: columns, rows: 1) }
        Self.table.drawHeader(layout, into: &buffer, rect: line(2))
        let rows = max(1, Console.bodyRows(buffer.size) - 2)
        for (offset, event) in events.dropFirst(top).prefix(rows).enumerated() {
            let isSelected = event.sequence == selectedSequence
            Self.table.drawRow(
                Self.items(event), layout, into: &buffer, rect: line(3 + offset), selected: isSelected)
            if isSelected { buffer.cursor = Position(column: 0, row: 3 + offset) }
        }
        if events.isEmpty, request == nil { buffer.write("Nothing yet.", column: 2, row: 4, style: .dim) }
    }

    private static func items(_ event: AuditEvent) -> [Table.Item] {
        let outcome: Style = event.outcome == "done" ? .good : .caution
        return [
            Table.Item(String(event.sequence)), Table.Item(String(event.occurredAt.localText.prefix(16))),
            Table.Item(ActionText.name(event.action)),
            Table.Item(event.outcome + (event.rule.map { ": \($0)" } ?? ""), style: outcome),
            Table.Item(event.accountEmail ?? "-"), Table.Item(event.operatorName ?? event.dbUser),
        ]
    }

    private func drawDetail(into buffer: inout Buffer) {
        let lines = detailLines(columns: buffer.size.columns).dropFirst(detailTop).prefix(Console.bodyRows(buffer.size))
        for (offset, line) in lines.enumerated() {
            buffer.write(line.label, column: 1, row: 1 + offset, style: .dim, limit: 14)
            buffer.write(line.text, column: 16, row: 1 + offset)
        }
        buffer.cursor = Position(column: 1, row: 1)
    }

    /// The selected event in full; what only the program claims is labelled so.
    func detailLines(columns: Int) -> [(label: String, text: String)] {
        guard let event = selected else { return [] }
        func id(_ id: UUID?) -> String? { id?.uuidString.lowercased() }
        let fields: [(String, String?)] = [
            ("Receipt", String(event.sequence)), ("When", event.occurredAt.localText),
            ("What", ActionText.name(event.action)), ("Outcome", event.outcome), ("Rule", event.rule),
            ("E-mail", event.accountEmail), ("Username", event.accountUsername), ("Account id", id(event.accountID)),
            ("Database user", event.dbUser), ("Client address", event.clientAddress),
            ("By (claimed)", event.operatorName), ("uid (claimed)", event.uid.map(String.init)),
            ("login uid (c.)", event.loginUID.map(String.init)), ("Host (claimed)", event.host),
            ("tty (claimed)", event.tty), ("SSH (claimed)", event.sshOrigin), ("Reason", event.reason),
            ("Ticket", event.ticket), ("Verified by", event.verifiedBy), ("Program", event.application),
            ("Detail", event.detail), ("Event id", id(event.eventID)), ("Request id", id(event.requestID)),
            ("Hash", event.hash.hexadecimal), ("Previous hash", event.previousHash.hexadecimal),
        ]
        return fields.flatMap { label, text in
            TextWrap.lines(text ?? "-", columns: max(10, columns - 17)).enumerated().map {
                ($0.offset == 0 ? label : "", $0.element)
            }
        }
    }
}
