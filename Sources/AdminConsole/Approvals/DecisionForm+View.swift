import ConvonetCore
import PostgresClient
import TerminalKit

extension DecisionForm {
    private static let labelColumns = 13

    /// Lines of the dialog: the request, the fields, and what is said of them.
    static let lines = 15

    func draw(into buffer: inout Buffer, _ inner: Rect, now: Timestamp) {
        let room = max(1, inner.columns - Self.labelColumns)
        let notes = problem.map { TextWrap.lines($0, columns: inner.columns) } ?? []
        // The fields and what is said of them stay; of the request as much as there is room for, whom it is for first.
        let rest = max(0, inner.rows - Field.allCases.count - max(1, notes.count))
        for (offset, line) in requestLines(room, now: now).prefix(rest).enumerated() {
            buffer.write(
                line.label, column: inner.column, row: inner.row + offset, style: .dim, limit: Self.labelColumns - 1)
            buffer.write(
                line.text, column: inner.column + Self.labelColumns, row: inner.row + offset, style: line.style,
                limit: room)
        }
        let first = inner.row + inner.rows - Field.allCases.count - max(1, notes.count)
        for (offset, field) in Field.allCases.enumerated() {
            draw(
                field, into: &buffer,
                Rect(column: inner.column, row: first + offset, columns: inner.columns, rows: 1))
        }
        for (offset, line) in notes.enumerated() {
            buffer.write(
                line, column: inner.column, row: first + Field.allCases.count + offset, style: .danger,
                limit: inner.columns)
        }
    }

    private func requestLines(_ room: Int, now: Timestamp) -> [(label: String, text: String, style: Style)] {
        let asked = "\(request.requestedBy)" + (request.operatorName.map { " (says \($0))" } ?? "")
        let fields: [(String, String?, Style)] = [
            ("For", request.accountEmail, .strong), ("What", ActionName.words(request.action), .strong),
            ("Asked by", asked, .strong), ("Username", request.accountUsername, .plain),
            ("Reason", request.reason, .plain), ("Ticket", request.ticket, .plain),
            ("Verified by", request.verifiedBy, .plain),
            ("When", "\(Age.ago(request.requestedAt, now: now)), until \(request.expiresAt.localText)", .plain),
        ]
        return fields.flatMap { label, text, style in
            TextWrap.lines(DisplayText.visible(text ?? "-"), columns: room).enumerated().map {
                ($0.offset == 0 ? label : "", $0.element, style)
            }
        }
    }

    private func draw(_ field: Field, into buffer: inout Buffer, _ line: Rect) {
        let isFocused = field == focus
        let column = line.column + Self.labelColumns
        let room = max(0, line.columns - Self.labelColumns)
        let label =
            switch field {
            case .decision: "Decision"
            case .reason: "Your reason"
            case .confirmation: "Type yes"
            }
        buffer.write(
            label, column: line.column, row: line.row, style: isFocused ? .title : .dim, limit: Self.labelColumns - 1)
        switch field {
        case .decision:
            let words =
                switch chosen {
                case .approve: "approve: the requester may do it, once"
                case .deny: "deny"
                case nil: "choose"
                }
            buffer.write(
                "‹ \(words) ›", column: column, row: line.row, style: isFocused ? .focusedField : .field, limit: room)
            if isFocused { buffer.cursor = Position(column: column, row: line.row) }
        case .reason:
            reason.draw(into: &buffer, column: column, row: line.row, columns: room, focused: isFocused)
        case .confirmation:
            confirmation.draw(into: &buffer, column: column, row: line.row, columns: min(10, room), focused: isFocused)
        }
    }
}
