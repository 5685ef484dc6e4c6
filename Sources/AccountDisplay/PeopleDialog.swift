package import TerminalKit

/// A dialog about several people: what is done to them, a form or a word that confirms, and all of them, as far as there is room.
package struct PeopleDialog<ID: Hashable & Sendable> {
    package var title: String
    /// What is happening, or what it means.
    package var head: [Line]
    /// What is filled in; nil for nothing.
    package var form: Form<ID>?
    /// Everybody.
    package var people: [Line]
    /// What must be noticed, below them.
    package var foot: [Line]
    /// The form of one field whose word confirms; nil where nothing is to be confirmed.
    package var word: Form<ID>?
    /// The first line of the people that is shown.
    package var top: Int

    private static var labels: Int { 14 }

    package init(
        title: String, head: [Line], form: Form<ID>?, people: [Line], foot: [Line], word: Form<ID>?, top: Int
    ) {
        (self.title, self.head, self.form, self.people) = (title, head, form, people)
        (self.foot, self.word, self.top) = (foot, word, top)
    }

    /// Cells for the lines.
    package static func columns(_ size: Size) -> Int { min(110, size.columns - 4) }

    /// How far the people can be scrolled, and by how much at once.
    package func scrolling(_ size: Size) -> (last: Int, page: Int) {
        let rows = layout(size).peopleRows
        return (max(0, people.count - rows), max(1, rows - 1))
    }

    private struct Layout {
        var head: [Line]
        /// The rows of the form around its focus.
        var form: ArraySlice<FormRow<ID>>
        var foot: [Line]
        /// A blank row above the people.
        var gap: Int
        var hasWord: Bool
        var rows = 0
        var firstOfPeople: Int { head.count + form.count + gap }
        var peopleRows: Int { max(0, rows - firstOfPeople - foot.count - (hasWord ? 1 : 0)) }
    }

    /// What it means gives way before the form does, and the people before the field in focus.
    private func layout(_ size: Size) -> Layout {
        let (columns, most) = (Self.columns(size), max(1, size.rows - 4))
        let isRoomy = most >= 12
        let foot = Array(foot.prefix(isRoomy ? 6 : 2))
        let head = Array(head.prefix(isRoomy ? 4 : form == nil ? 1 : 0))
        let fields = form?.rows(labels: Self.labels, columns: columns) { _ in [] } ?? []
        let shown = min(fields.count, max(1, most - head.count - foot.count - (isRoomy ? 3 : 1)))
        let focus = form?.focusedRow(in: fields, labels: Self.labels, columns: columns) ?? 0
        let first = max(0, min(focus - shown / 2, fields.count - shown))
        var layout = Layout(
            head: head, form: fields[first..<(first + shown)], foot: foot,
            gap: isRoomy && !(head.isEmpty && fields.isEmpty) ? 1 : 0, hasWord: word != nil)
        layout.rows = min(most, layout.firstOfPeople + people.count + foot.count + (word == nil ? 1 : 2))
        return layout
    }

    /// What is said of it: everybody, too.
    package var spoken: Spoken {
        let lines = [head, people, foot].flatMap { $0.map(\.spoken) } + [form?.spokenFields].compactMap { $0 }
        return Spoken(place: title, lines: lines.filter { !$0.isEmpty }, focus: (form ?? word)?.spokenFocus)
    }

    /// Draws it.
    package func draw(into buffer: inout Buffer) {
        let layout = layout(buffer.size)
        let inner = Dialog(title: title, columns: Self.columns(buffer.size), rows: layout.rows).draw(into: &buffer)
        buffer.cursor = nil
        func area(_ row: Int, _ rows: Int = 1) -> Rect {
            Rect(column: inner.column, row: inner.row + row, columns: inner.columns, rows: rows)
        }
        layout.head.draw(into: &buffer, area(0, layout.head.count))
        for (offset, row) in layout.form.enumerated() {
            form?.draw(row, into: &buffer, area(layout.head.count + offset), labels: Self.labels)
        }
        let top = min(top, max(0, people.count - layout.peopleRows))
        people.dropFirst(top).draw(into: &buffer, area(layout.firstOfPeople, layout.peopleRows))
        let bottom = inner.rows - (word == nil ? 0 : 1)
        layout.foot.draw(into: &buffer, area(bottom - layout.foot.count, layout.foot.count))
        if let word {
            word.draw(.field(word.focus, row: 0), into: &buffer, area(bottom), labels: Self.labels)
        }
        buffer.drawMore(
            above: top > 0, below: top + layout.peopleRows < people.count, keys: form == nil ? nil : "PgUp PgDn",
            endColumn: inner.endColumn, row: inner.endRow)
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }
}
