import Credentials

/// One row of a form on the screen.
package enum FormRow<ID: Hashable & Sendable>: Equatable, Sendable {
    /// A field, or one of the rows of its options.
    case field(ID, row: Int)
    /// Something that is said below a field.
    case note(String, Style)
}

extension Form {
    /// The rows from top to bottom in so many cells, `notes` below the fields that they are about.
    ///
    /// A choice shows all of its options while it has the focus, or where they fit in one row.
    package func rows(labels: Int, columns: Int, notes: (ID) -> [(String, Style)]) -> [FormRow<ID>] {
        fields.flatMap { field -> [FormRow<ID>] in
            var count = 1
            if case .choice(let choice) = field.content, field.id == focus {
                count = max(1, choice.rows(columns: columns - labels).count)
            }
            return (0..<count).map { FormRow.field(field.id, row: $0) }
                + notes(field.id).flatMap { text, style in
                    TextWrap.lines(text, columns: columns - labels).map { FormRow.note($0, style) }
                }
        }
    }

    /// Index of the row that the focus is on.
    package func focusedRow(in rows: [FormRow<ID>], labels: Int, columns: Int) -> Int? {
        var inner = 0
        if case .choice(let choice) = self[focus]?.content, let chosen = choice.chosen {
            inner = choice.rows(columns: columns - labels).firstIndex { $0.contains(chosen) } ?? 0
        }
        return rows.firstIndex(of: .field(focus, row: inner)) ?? rows.firstIndex(of: .field(focus, row: 0))
    }

    /// Draws one row over `rect`. `isRevealed`: whether typed secrets are shown; `aside`: a word beside a secret.
    package func draw(
        _ row: FormRow<ID>, into buffer: inout Buffer, _ rect: Rect, labels: Int, isRevealed: Bool = false,
        aside: (ID) -> (String, Style)? = { _ in nil }
    ) {
        let column = rect.column + labels
        let room = max(0, rect.columns - labels)
        switch row {
        case .note(let text, let style):
            buffer.write(text, column: column, row: rect.row, style: style, limit: room)
        case .field(let id, let part):
            guard let field = self[id] else { return }
            let isFocused = id == focus
            if part == 0 {
                let mark = field.isRequired ? " *" : ""
                let isShort = TextWidth.columns(of: field.label + mark) >= labels
                buffer.write(
                    (isShort ? field.brief ?? field.label : field.label) + mark, column: rect.column, row: rect.row,
                    style: isFocused ? .title : .dim, limit: labels - 1)
            }
            draw(
                field, part, into: &buffer, Rect(column: column, row: rect.row, columns: room, rows: 1), isFocused,
                isRevealed, aside(id))
        }
    }

    private func draw(
        _ field: FormField<ID>, _ part: Int, into buffer: inout Buffer, _ rect: Rect, _ isFocused: Bool,
        _ isRevealed: Bool, _ aside: (String, Style)?
    ) {
        switch field.content {
        case .text(let text):
            text.draw(
                into: &buffer, column: rect.column, row: rect.row, columns: min(field.columns, rect.columns),
                focused: isFocused)
        case .secret(let entry):
            let width = max(1, min(40, rect.columns - (aside == nil ? 0 : 9)))
            if isRevealed {
                TextField(entry.secret.revealedText())
                    .draw(into: &buffer, column: rect.column, row: rect.row, columns: width, focused: isFocused)
            } else {
                MaskedField(characters: entry.secret.codePointCount, cursor: entry.cursor)
                    .draw(into: &buffer, column: rect.column, row: rect.row, columns: width, focused: isFocused)
            }
            if let aside {
                buffer.write(
                    aside.0, column: rect.column + width + 1, row: rect.row, style: aside.1,
                    limit: max(0, rect.columns - width - 1))
            }
        case .choice(let choice): draw(choice, part, into: &buffer, rect, isFocused)
        }
    }

    private func draw(_ choice: ChoiceField, _ part: Int, into buffer: inout Buffer, _ rect: Rect, _ isFocused: Bool) {
        let rows = choice.rows(columns: rect.columns)
        guard isFocused || rows.count == 1 else {
            let text = choice.text.map { "(•) \($0)" } ?? "not chosen"
            buffer.write(
                text, column: rect.column, row: rect.row, style: choice.chosen == nil ? .dim : .strong,
                limit: rect.columns)
            return
        }
        guard rows.indices.contains(part) else { return }
        var column = rect.column
        for index in rows[part] {
            let isChosen = index == choice.chosen
            let style: Style = isChosen ? (isFocused ? .focusedField : .strong) : isFocused ? .plain : .dim
            let isCursor = isChosen || choice.chosen == nil && index == 0
            if isCursor, isFocused { buffer.cursor = Position(column: column, row: rect.row) }
            let text = TextWidth.fitted(choice.label(index), to: rect.columns)
            column += buffer.write(text, column: column, row: rect.row, style: style) + ChoiceField.gap
        }
    }
}
