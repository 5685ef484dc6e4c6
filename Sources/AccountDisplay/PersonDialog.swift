package import ConvonetCore
package import TerminalKit

/// A dialog about a person: who it is stays in sight, whatever else there is room for.
package struct PersonDialog<ID: Hashable & Sendable> {
    /// One row of it.
    package enum Row: Equatable {
        case line(Line)
        case form(FormRow<ID>)
        /// A new secret, on which the cursor stands.
        case newValue(String)
    }

    package var title: String
    /// Who it is.
    package var person: PersonLines
    /// Whether no more of the person is shown than who it is.
    package var isBrief = false
    /// What of the body stays in sight below the person where not all fits.
    package var essence: [Line] = []
    /// What stands below the person.
    package var body: [Row]
    /// What must be noticed: it stays at the bottom.
    package var notice: [Line]
    /// The form, where one is filled in: its focus stays in sight.
    package var form: Form<ID>?
    /// The first line below the person, where no form is filled in.
    package var top = 0

    package init(
        title: String, person: PersonLines, isBrief: Bool = false, essence: [Line] = [], body: [Row], notice: [Line],
        form: Form<ID>?, top: Int = 0
    ) {
        (self.title, self.person, self.isBrief, self.essence) = (title, person, isBrief, essence)
        (self.body, self.notice, self.form, self.top) = (body, notice, form, top)
    }

    /// How far the lines below the person can be scrolled.
    package func lastTop(_ size: Size) -> Int { layout(size).lastTop }

    /// Draws it; `form` draws a row of the form over so many columns, of which the first are for the labels.
    package func draw(into buffer: inout Buffer, form: (FormRow<ID>, inout Buffer, Rect, _ labels: Int) -> Void) {
        let layout = layout(buffer.size)
        // What would be seen of the list in a few columns beside the box is no more than litter.
        if buffer.size.columns < PersonLines.width + 24 {
            let rows = Rect.centered(columns: buffer.size.columns, rows: layout.rows + 2, in: buffer.size)
            buffer.fill(rows, style: .plain)
        }
        let inner = Dialog(title: title, columns: PersonLines.width, rows: layout.rows).draw(into: &buffer)
        buffer.cursor = nil
        for (offset, row) in layout.shown(from: top).enumerated() {
            let rect = Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1)
            switch row {
            case .line(let line): line.draw(into: &buffer, rect)
            case .form(let row): form(row, &buffer, rect, PersonLines.labelColumns(rect.columns))
            case .newValue(let text):
                buffer.write(text, column: rect.column, row: rect.row, style: .selected, limit: rect.columns)
                buffer.cursor = Position(column: rect.column, row: rect.row)
            }
        }
        let first = layout.first + min(top, layout.lastTop)
        buffer.drawMore(
            above: first > 0, below: first + layout.bodyRows < layout.body.count, keys: self.form == nil ? nil : "Tab",
            endColumn: inner.endColumn, row: inner.endRow)
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }
}

extension PersonDialog {
    /// Where everything fits it stands in one column. Else the person's name and address stay at the top, what must be
    /// noticed at the bottom, and between them the lines around the focus.
    private func layout(_ size: Size) -> Layout {
        let room = PersonLines.room(size)
        let most = size.rows - 3
        let head = isBrief ? person.identity(room, most: 3).lines : person.reference(room) + person.states
        guard head.count + body.count + notice.count > most else {
            return Layout(pinned: head, body: body, notice: notice, bodyRows: body.count, first: 0, lastTop: 0)
        }
        let (pinned, isWhole) = person.identity(room, most: max(2, most / 2 - 1))
        let others = (isWhole ? [] : person.reference(room)) + person.otherStates
        let states = isBrief ? "" : person.shortStates
        // Blank lines are air that there is no room for.
        let below = ((form == nil ? [] : others.map(Row.line)) + body).filter { $0 != .line(.blank) }
        let top =
            pinned + (states.isEmpty ? [] : [Line(TextWidth.fitted(states, to: room), person.shortStyle)]) + essence
        let seen = notice.prefix(max(0, most - top.count - 1))
        let rows = min(below.count, most - top.count - seen.count)
        let last = max(0, below.count - rows)
        let focused = focusedLine(in: below, room)
        // More below the focus than above it, for what is said of a typed value stands below.
        return Layout(
            pinned: top, body: below, notice: Array(seen), bodyRows: rows,
            first: focused.map { max(0, min($0 - rows / 4, last)) } ?? 0, lastTop: form == nil ? last : 0)
    }

    /// What is said of it. A secret is none of that; of a form, which fields there are and the one in focus.
    package var spoken: Spoken {
        let room = PersonLines.spokenRoom
        let texts = body.compactMap { row -> String? in
            switch row {
            case .line(let line): line.spoken
            case .form(.note(let text, _)): text
            case .form(.field), .newValue: nil
            }
        }
        let head = isBrief ? person.identity(room, most: 1).lines : person.reference(room)
        let lines = (head + person.states).map(\.spoken) + texts + [form?.spokenFields].compactMap { $0 }
        var spoken = Spoken(place: title, lines: lines.filter { !$0.isEmpty }, focus: form?.spokenFocus)
        spoken.alerts = notice.map(\.spoken)
        return spoken
    }

    private func focusedLine(in lines: [Row], _ room: Int) -> Int? {
        guard let form else { return nil }
        let rows = lines.map { line -> FormRow<ID> in
            if case .form(let row) = line { row } else { .note("", .plain) }
        }
        return form.focusedRow(in: rows, labels: PersonLines.labelColumns(room), columns: room) ?? 0
    }

    private struct Layout {
        var pinned: [Line]
        var body: [Row]
        var notice: [Line]
        var bodyRows: Int
        var first: Int
        var lastTop: Int

        var rows: Int { pinned.count + bodyRows + notice.count }

        func shown(from top: Int) -> [Row] {
            pinned.map(Row.line) + body.dropFirst(first + min(top, lastTop)).prefix(bodyRows) + notice.map(Row.line)
        }
    }
}

/// Who a dialog is about, in full and where there is little room.
package struct PersonLines {
    package static let width = 72
    /// Room in which nothing is broken: what is said has no width.
    package static let spokenRoom = 4000

    package var name: String
    package var email: String
    package var username: String
    package var idText: String
    /// What must be noticed of the account.
    package var states: [Line] = []
    /// What of it is left to say where `shortStates` stand above.
    package var otherStates: [Line] = []
    /// The same on one line.
    package var shortStates = ""
    package var shortStyle: Style = .danger

    package init(
        name: String, email: String, username: String, idText: String, states: [Line] = [], otherStates: [Line] = [],
        shortStates: String = "", shortStyle: Style = .danger
    ) {
        (self.name, self.email, self.username, self.idText) = (name, email, username, idText)
        (self.states, self.otherStates) = (states, otherStates)
        (self.shortStates, self.shortStyle) = (shortStates, shortStyle)
    }

    /// Cells for the lines.
    package static func room(_ size: Size) -> Int { min(width, size.columns - 4) }

    /// Columns before what a label belongs to.
    package static func labelColumns(_ room: Int) -> Int { room >= 60 ? 23 : 14 }

    /// A label and its text, on as many lines as it takes.
    package static func fact(_ label: String, _ text: String, _ style: Style, _ room: Int) -> [Line] {
        Line.facts([Line.Fact(label, text, style)], labels: labelColumns(room), columns: room)
    }

    /// Name, e-mail address, username and id, each with its label.
    package func reference(_ room: Int) -> [Line] {
        [
            ("Name", name, Style.strong), ("E-mail", email, .strong), ("Username", username, .plain),
            ("Id", idText, .plain),
        ]
        .filter { !$0.1.isEmpty }.flatMap { Self.fact($0.0, $0.1, $0.2, room) }
    }

    /// Name and address without labels, in full where `most` lines have room for that.
    package func identity(_ room: Int, most: Int) -> (lines: [Line], isWhole: Bool) {
        func joined(_ texts: [String]) -> String { texts.filter { !$0.isEmpty }.joined(separator: "   ") }
        func fits(_ text: String) -> Bool { TextWidth.columns(of: DisplayText.visible(text)) <= room }
        let names = name.isEmpty ? [] : TextWrap.lines(name, columns: room)
        let address = TextWrap.lines(email, columns: room)
        let wholes = [
            [joined([name, email, "@" + username])], [joined([name, "@" + username])] + address, names + address,
        ]
        if let whole = wholes.first(where: { $0.count <= most && $0.allSatisfy(fits) }) {
            return (whole.map { Line($0, .strong) }, true)
        }
        let shown = address.count < most ? address : [TextWidth.fitted(email, to: room)]
        return (([TextWidth.fitted(name, to: room)] + shown).map { Line($0, .strong) }, false)
    }
}

extension PersonLines {
    /// An account, with what must be noticed of it.
    package init(
        _ account: Account, states: [Line], otherStates: [Line] = [], shortStates: String, shortStyle: Style = .danger
    ) {
        self.init(
            name: account.fullName, email: account.email, username: account.username, idText: account.idText,
            states: states, otherStates: otherStates, shortStates: shortStates, shortStyle: shortStyle)
    }
}
