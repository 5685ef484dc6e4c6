/// A form in a box, with what is said of it below.
package struct FormDialog<ID: Hashable & Sendable> {
    /// What stands in the box's edge.
    package var title: String
    /// The form.
    package var form: Form<ID>
    /// What is said below it.
    package var notice: (String, Style)

    /// A form with what stands around it.
    package init(title: String, form: Form<ID>, notice: (String, Style)) {
        (self.title, self.form, self.notice) = (title, form, notice)
    }

    private static var labelColumns: Int { 14 }

    /// Draws it in the middle, over so many columns.
    package func draw(into buffer: inout Buffer, columns: Int) {
        let room = min(columns, buffer.size.columns - 4)
        let rows = form.rows(labels: Self.labelColumns, columns: room) { _ in [] }
        let notes = Line.wrapped(notice.0, notice.1, columns: room)
        let noteRows = max(1, notes.count)
        let inner = Dialog(
            title: title, columns: columns, rows: min(rows.count + noteRows, buffer.size.rows - 3), style: .border
        ).draw(into: &buffer)
        let visible = max(1, inner.rows - noteRows)
        let focused = form.focusedRow(in: rows, labels: Self.labelColumns, columns: room) ?? 0
        let top = max(0, min(focused - visible / 2, rows.count - visible))
        for (offset, row) in rows.dropFirst(top).prefix(visible).enumerated() {
            form.draw(
                row, into: &buffer,
                Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1),
                labels: Self.labelColumns)
        }
        notes.draw(
            into: &buffer,
            Rect(column: inner.column, row: inner.endRow - noteRows, columns: inner.columns, rows: noteRows))
    }
}
