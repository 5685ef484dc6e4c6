package import TerminalKit

/// A dialog about several people: what is done to them, a form or a word that confirms, and all of them, as far as there is room.
package struct PeopleDialog<ID: Hashable & Sendable> {
    package var title: String
    /// What must be noticed first.
    package var warning: [Line]
    /// What is happening, or what it means.
    package var head: [Line]
    /// What is filled in; nil for nothing.
    package var form: Form<ID>?
    /// Everybody, each on one line or several.
    package var people: [[Line]]
    /// What must be noticed, below them.
    package var foot: [Line]
    /// The form of one field whose word confirms; nil where nothing is to be confirmed.
    package var word: Form<ID>?
    /// The first line of the people that is shown; of what is said, the first of them.
    package var top: Int

    private static var labels: Int { 14 }

    package init(
        title: String, warning: [Line], head: [Line], form: Form<ID>?, people: [[Line]], foot: [Line],
        word: Form<ID>?, top: Int
    ) {
        (self.title, self.warning, self.head, self.form) = (title, warning, head, form)
        (self.people, self.foot, self.word, self.top) = (people, foot, word, top)
    }

    /// Cells for the lines.
    package static func columns(_ size: Size) -> Int { min(110, size.columns - 4) }

    /// How far the people can be scrolled, and by how much at once.
    package func scrolling(_ size: Size) -> (last: Int, page: Int) {
        let layout = layout(size)
        return (max(0, layout.scrolled.count - layout.peopleRows), max(1, layout.peopleRows - 1))
    }

    /// Whether a screen has rows for everything at once.
    package static func isRoomy(_ size: Size) -> Bool { size.rows - 4 >= 12 }

    private struct Layout {
        var head: [Line]
        /// The rows of the form around its focus.
        var form: ArraySlice<FormRow<ID>>
        var foot: [Line]
        /// Everybody, and behind them what had no room elsewhere.
        var scrolled: [Line]
        /// A blank row above the people.
        var gap: Int
        var hasWord: Bool
        var rows = 0
        var firstOfPeople: Int { head.count + form.count + gap }
        var peopleRows: Int { max(0, rows - firstOfPeople - foot.count - (hasWord ? 1 : 0)) }
    }

    /// What it means gives way before the form does, and the people before the field in focus; what gave way is behind the people.
    private func layout(_ size: Size) -> Layout {
        let (columns, most) = (Self.columns(size), max(1, size.rows - 4))
        let isRoomy = Self.isRoomy(size)
        let warned = warning.prefix(isRoomy ? 4 : 2)
        let meant = head.prefix(isRoomy ? 4 - min(3, warned.count) : form == nil ? 1 : 0)
        let noticed = foot.prefix(isRoomy ? 6 : 2)
        let (head, foot) = (Array(warned + meant), Array(noticed))
        let rest = [self.warning, self.head, self.foot]
        let scrolled =
            people.flatMap { $0 }
            + zip(rest, [warned, meant, noticed]).flatMap { all, shown in all.dropFirst(shown.count) }
        let fields = form?.rows(labels: Self.labels, columns: columns) { _ in [] } ?? []
        let shown = min(
            fields.count, max(1, most - head.count - foot.count - (isRoomy ? 3 : min(2, scrolled.count))))
        let focus = form?.focusedRow(in: fields, labels: Self.labels, columns: columns) ?? 0
        let first = max(0, min(focus - shown / 2, fields.count - shown))
        var layout = Layout(
            head: head, form: fields[first..<(first + shown)], foot: foot, scrolled: scrolled,
            gap: isRoomy && !(head.isEmpty && fields.isEmpty) ? 1 : 0, hasWord: word != nil)
        layout.rows = min(most, layout.firstOfPeople + scrolled.count + foot.count + (word == nil ? 1 : 2))
        return layout
    }

    /// How many are read out in one go.
    package static var spokenPage: Int { 9 }

    /// What is said of it: of many people how many there are, and a few of them.
    package var spoken: Spoken {
        let page = people.dropFirst(top).prefix(Self.spokenPage)
        let isAll = page.count == people.count
        let next = page.endIndex < people.count ? "; Page Down reads the next" : ""
        let place = isAll ? [] : ["People \(page.startIndex + 1) to \(page.endIndex) of \(people.count)\(next)."]
        let lines =
            (warning + head).map(\.spoken) + place
            + page.map { $0.map(\.spoken).joined(separator: ", ") } + foot.map(\.spoken)
            + [form?.spokenFields].compactMap { $0 }
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
        let top = min(top, max(0, layout.scrolled.count - layout.peopleRows))
        layout.scrolled.dropFirst(top).draw(into: &buffer, area(layout.firstOfPeople, layout.peopleRows))
        let bottom = inner.rows - (word == nil ? 0 : 1)
        layout.foot.draw(into: &buffer, area(bottom - layout.foot.count, layout.foot.count))
        if let word {
            word.draw(.field(word.focus, row: 0), into: &buffer, area(bottom), labels: Self.labels)
        }
        buffer.drawMore(
            above: top > 0, below: top + layout.peopleRows < layout.scrolled.count,
            keys: form == nil ? nil : "PgUp PgDn",
            endColumn: inner.endColumn, row: inner.endRow)
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }
}
