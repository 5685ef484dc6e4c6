import TerminalKit

extension Menu {
    private static let columns = 66

    func draw(into buffer: inout Buffer, in console: Console) {
        switch self {
        case .auditFilter(let filter):
            let note = (filter.problem ?? filter.note, filter.problem == nil ? Style.dim : .danger)
            FormDialog(title: title, facts: [], form: filter.form, notice: [note]).draw(
                into: &buffer, columns: Self.columns)
            return
        case .decision(let decision):
            let notice = decision.problem.map { [($0, Style.danger)] } ?? []
            let labels = FormDialog<DecisionForm.Field>.labelColumns
            let columns = min(Self.columns, buffer.size.columns - 4)
            FormDialog(
                title: title, facts: decision.lines(columns - labels, console.times), form: decision.form,
                notice: notice
            ).draw(into: &buffer, columns: Self.columns)
            return
        case .palette, .filter, .sort, .copy, .columns: break
        }
        let (rows, index): ([Row], Int) =
            switch self {
            case .palette(let palette): (palette.rows(console), palette.rowIndex)
            case .filter(let filter): (filter.rows, filter.index)
            case .sort(let sort): (sort.rows, sort.index)
            case .copy(let copy): (copy.rows, copy.index)
            case .columns(let columns): (columns.rows, columns.index)
            case .auditFilter, .decision: ([], 0)
            }
        var field: TextField?
        if case .palette(let palette) = self { field = palette.query }
        let head = field == nil ? 0 : buffer.size.rows < 16 ? 1 : 2
        let inner = Dialog(
            title: title, columns: Self.columns, rows: min(rows.count + head, buffer.size.rows - 4)
        ).draw(into: &buffer)
        field?.draw(into: &buffer, column: inner.column, row: inner.row, columns: inner.columns, focused: true)
        let visible = max(0, inner.rows - head)
        let first = max(0, min(index - visible / 2, rows.count - visible))
        for (offset, row) in rows.dropFirst(first).prefix(visible).enumerated() {
            let line = Rect(column: inner.column, row: inner.row + head + offset, columns: inner.columns, rows: 1)
            draw(row, isSelected: first + offset == index && row.isChoice, into: &buffer, line, field == nil)
        }
        drawMore(above: first > 0, below: first + visible < rows.count, into: &buffer, inner)
    }

    private func draw(_ row: Row, isSelected: Bool, into buffer: inout Buffer, _ line: Rect, _ takesCursor: Bool) {
        if isSelected {
            buffer.fill(line, style: .selected)
            if takesCursor { buffer.cursor = Position(column: line.column, row: line.row) }
        }
        let noteColumns = TextWidth.columns(of: row.note)
        let room = line.columns - (noteColumns == 0 ? 0 : noteColumns + 2)
        buffer.write(
            TextWidth.fitted((isSelected ? "> " : "  ") + row.text, to: room), column: line.column, row: line.row,
            style: isSelected ? .selected : row.style)
        if noteColumns > 0 {
            buffer.write(
                row.note, column: line.column + line.columns - noteColumns, row: line.row,
                style: isSelected ? .selected : .dim)
        }
    }

    /// Says in the lower edge that there are lines that are not seen.
    private func drawMore(above: Bool, below: Bool, into buffer: inout Buffer, _ inner: Rect) {
        let text = above && below ? " ↑ ↓ more " : below ? " ↓ more " : above ? " ↑ more " : ""
        buffer.write(
            text, column: inner.column + inner.columns - TextWidth.columns(of: text), row: inner.row + inner.rows,
            style: .key)
    }
}
