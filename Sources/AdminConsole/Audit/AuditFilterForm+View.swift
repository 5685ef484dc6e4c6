import ConvonetCore
import TerminalKit

extension AuditFilterForm {
    private static let labelColumns = 13

    /// Lines of the dialog: a field each, and what is said of the one in focus.
    static let lines = 9

    func draw(into buffer: inout Buffer, _ inner: Rect) {
        let notes = TextWrap.lines(isRejected ? problem ?? note : note, columns: inner.columns)
        let visible = max(1, min(fields.count, inner.rows - notes.count - 1))
        let index = fields.firstIndex(of: focus) ?? 0
        let first = max(0, min(index - visible / 2, fields.count - visible))
        for (offset, field) in fields.dropFirst(first).prefix(visible).enumerated() {
            draw(
                field, into: &buffer,
                Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1))
        }
        let room = inner.rows - visible
        for (offset, line) in notes.suffix(room).enumerated() {
            buffer.write(
                line, column: inner.column, row: inner.row + inner.rows - min(notes.count, room) + offset,
                style: isRejected ? .danger : .dim, limit: inner.columns)
        }
    }

    private func draw(_ field: Field, into buffer: inout Buffer, _ line: Rect) {
        let isFocused = field == focus
        let column = line.column + Self.labelColumns
        let room = max(0, line.columns - Self.labelColumns)
        buffer.write(
            label(field), column: line.column, row: line.row, style: isFocused ? .title : .dim,
            limit: Self.labelColumns - 1)
        func text(_ value: TextField) {
            value.draw(into: &buffer, column: column, row: line.row, columns: min(44, room), focused: isFocused)
        }
        func choice(_ text: String?) {
            buffer.write(
                "‹ \(text ?? "any") ›", column: column, row: line.row, style: isFocused ? .focusedField : .field,
                limit: room)
            if isFocused { buffer.cursor = Position(column: column, row: line.row) }
        }
        switch field {
        case .account: text(account)
        case .operatorName: text(operatorName)
        case .action: choice(action.map { ActionName.known[$0].1 })
        case .outcome: choice(outcome.map { Self.outcomes[$0] })
        case .since: text(since)
        case .until: text(until)
        case .ticket: text(ticket)
        }
    }

    private func label(_ field: Field) -> String {
        switch field {
        case .account: "Account"
        case .operatorName: "Operator"
        case .action: "Action"
        case .outcome: "Outcome"
        case .since: "Since"
        case .until: "Until"
        case .ticket: "Ticket"
        }
    }

    private var note: String {
        switch focus {
        case .account: "E-mail address, username or id, as the log has it."
        case .operatorName: "System user or database user, exactly."
        case .action, .outcome: "← and → choose."
        case .since, .until: "Such as 7d, 24h, 30m, 2026-01-31 or 2026-01-31T09:30:00Z."
        case .ticket: "Exactly as it was given."
        }
    }
}
