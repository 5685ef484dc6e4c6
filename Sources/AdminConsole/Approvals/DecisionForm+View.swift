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
        // The fields and what is said of them stay; of the request as much as there is room for, what and for whom first.
        let rest = max(0, inner.rows - Field.allCases.count - max(1, notes.count))
        let lines = requestLines(room, now: now)
        if lines.count > rest {
            let text = " more in a larger window "
            buffer.write(
                text, column: inner.column + max(0, inner.columns - TextWidth.columns(of: text)),
                row: inner.row + inner.rows, style: .key, limit: inner.columns)
        }
        for (offset, line) in lines.prefix(rest).enumerated() {
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
        let asked = request.requester
        let fields: [(String, String?, Style)] = [
            ("What", ActionName.words(request.action), .strong), ("For", request.accountEmail, .strong),
            ("Asked by", asked, .strong), ("Username", request.accountUsername, .plain),
            ("Ticket", request.ticket, .plain), ("Verified by", request.verifiedBy, .plain),
            ("When", "\(Age.ago(request.requestedAt, now: now)), until \(request.expiresAt.localText)", .plain),
        ]
        let reason = TextWrap.lines(DisplayText.visible(request.reason ?? "-"), columns: room)
        // The requester's own words come last and have an end, so that they push nothing out of sight.
        let shown =
            reason.count > 3
            ? Array(reason.prefix(2)) + [TextWidth.fitted(reason[2] + " " + reason[3], to: room)] : reason
        return fields.map { ($0.0, TextWidth.fitted(DisplayText.visible($0.1 ?? "-"), to: room), $0.2) }
            + shown.enumerated().map { ($0.offset == 0 ? "Reason" : "", $0.element, .plain) }
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
                case .approve: "approve, once"
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
