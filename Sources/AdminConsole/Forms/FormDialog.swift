import TerminalKit

/// A form in a box, below what it is about: where not all fits, the fields and what is said of them stay.
struct FormDialog<ID: Hashable & Sendable> {
    var title: String
    var facts: [PersonFacts.Fact]
    var form: Form<ID>
    var notice: [(String, Style)]

    static var labelColumns: Int { 14 }

    func draw(into buffer: inout Buffer, columns: Int) {
        let room = min(columns, buffer.size.columns - 4)
        let rows = form.rows(labels: Self.labelColumns, columns: room) { _ in [] }
        let notes = notice.flatMap { text, style in TextWrap.lines(text, columns: room).map { ($0, style) } }
        let noteRows = max(1, notes.count)
        let gap = facts.isEmpty ? 0 : 1
        let wanted = facts.count + gap + rows.count + noteRows
        let inner = Dialog(title: title, columns: columns, rows: min(wanted, buffer.size.rows - 3), style: .border)
            .draw(into: &buffer)
        let isWhole = wanted <= inner.rows
        // Of the facts as many as there is room for beside at least a few fields.
        let least = min(rows.count, 2)
        let factRows = isWhole ? facts.count : min(facts.count, max(2, inner.rows - least - noteRows))
        for (offset, fact) in facts.prefix(facts.isEmpty ? 0 : factRows).enumerated() {
            let row = inner.row + offset
            buffer.write(fact.label, column: inner.column, row: row, style: .dim, limit: Self.labelColumns - 1)
            buffer.write(
                fact.text, column: inner.column + Self.labelColumns, row: row, style: fact.style,
                limit: max(0, inner.columns - Self.labelColumns))
        }
        let first = inner.row + (facts.isEmpty ? 0 : factRows + (isWhole ? gap : 0))
        let visible = max(1, inner.row + inner.rows - noteRows - first)
        let focused = form.focusedRow(in: rows, labels: Self.labelColumns, columns: room) ?? 0
        let top = max(0, min(focused - visible / 2, rows.count - visible))
        for (offset, row) in rows.dropFirst(top).prefix(visible).enumerated() {
            form.draw(
                row, into: &buffer,
                Rect(column: inner.column, row: first + offset, columns: inner.columns, rows: 1),
                labels: Self.labelColumns)
        }
        for (offset, note) in notes.prefix(noteRows).enumerated() {
            buffer.write(
                note.0, column: inner.column, row: inner.row + inner.rows - noteRows + offset, style: note.1,
                limit: inner.columns)
        }
    }
}
