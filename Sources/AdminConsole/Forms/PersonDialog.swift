import ConvonetCore
import TerminalKit

/// A dialog about a person: who it is stays in sight, whatever else there is room for.
struct PersonDialog<ID: Hashable & Sendable> {
    /// One line of it.
    enum Line: Equatable {
        case text(String, Style)
        case pair(String, String, Style)
        case form(FormRow<ID>)
        /// A new secret, on which the cursor stands.
        case newValue(String)
        /// A group of it and its words, which begin at a column.
        case group(String, String, Int)

        var isBlank: Bool { self == .text("", .plain) }
    }

    var title: String
    /// Who it is.
    var person: PersonLines<ID>
    /// Whether no more of the person is shown than who it is.
    var isBrief = false
    /// What of the body stays in sight below the person where not all fits.
    var essence: [Line] = []
    /// What stands below the person.
    var body: [Line]
    /// What must be noticed: it stays at the bottom.
    var notice: [Line]
    /// The form, where one is filled in: its focus stays in sight.
    var form: Form<ID>?
    /// The first line below the person, where no form is filled in.
    var top = 0

    private static var width: Int { 72 }

    /// Cells for the lines.
    static func room(_ size: Size) -> Int { min(width, size.columns - 4) }

    /// Columns before what a label belongs to.
    static func labelColumns(_ room: Int) -> Int { room >= 60 ? 23 : 14 }

    /// A label and its text, on as many lines as it takes.
    static func wrapped(_ label: String, _ text: String, _ style: Style, _ room: Int) -> [Line] {
        // Made visible before it is broken: a line end in a name must not begin a line here.
        TextWrap.lines(DisplayText.visible(text), columns: room - labelColumns(room)).enumerated().map {
            .pair($0.offset == 0 ? label : "", $0.element, style)
        }
    }

    /// How far the lines below the person can be scrolled.
    func lastTop(_ size: Size) -> Int { layout(size).lastTop }

    /// Draws it; `form` draws a row of the form over so many columns, of which the first are for the labels.
    func draw(into buffer: inout Buffer, form: (FormRow<ID>, inout Buffer, Rect, _ labels: Int) -> Void) {
        let layout = layout(buffer.size)
        // What would be seen of the list in a few columns beside the box is no more than litter.
        if buffer.size.columns < Self.width + 24 {
            let rows = Rect.centered(columns: buffer.size.columns, rows: layout.rows + 2, in: buffer.size)
            buffer.fill(rows, style: .plain)
        }
        let inner = Dialog(title: title, columns: Self.width, rows: layout.rows).draw(into: &buffer)
        buffer.cursor = nil
        for (offset, line) in layout.shown(from: top).enumerated() {
            let rect = Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1)
            if case .form(let row) = line {
                form(row, &buffer, rect, Self.labelColumns(rect.columns))
            } else {
                draw(line, into: &buffer, rect)
            }
        }
        if layout.body.count > layout.bodyRows {
            let text = self.form != nil ? " Tab more " : " ↑ ↓ more "
            buffer.write(
                text, column: inner.column + inner.columns - TextWidth.columns(of: text), row: inner.row + inner.rows,
                style: .key)
        }
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }

    private func draw(_ line: Line, into buffer: inout Buffer, _ rect: Rect) {
        let labels = Self.labelColumns(rect.columns)
        switch line {
        case .text(let text, let style):
            buffer.write(text, column: rect.column, row: rect.row, style: style, limit: rect.columns)
        case .pair(let label, let text, let style):
            buffer.write(label, column: rect.column, row: rect.row, style: .dim, limit: labels - 1)
            buffer.write(
                text, column: rect.column + labels, row: rect.row, style: style, limit: max(0, rect.columns - labels))
        case .newValue(let text):
            buffer.write(text, column: rect.column, row: rect.row, style: .selected, limit: rect.columns)
            buffer.cursor = Position(column: rect.column, row: rect.row)
        case .group(let text, let words, let column):
            buffer.write(text, column: rect.column, row: rect.row, style: .strong, limit: rect.columns)
            buffer.write(
                words, column: rect.column + column, row: rect.row, limit: max(0, rect.columns - column))
        case .form: break
        }
    }
}

extension PersonDialog {
    /// Where everything fits it stands in one column. Else the person's name and address stay at the top, what must be
    /// noticed at the bottom, and between them the lines around the focus.
    private func layout(_ size: Size) -> Layout {
        let room = Self.room(size)
        let most = size.rows - 3
        let head = isBrief ? person.identity(room, most: 3).lines : person.reference(room) + person.states
        guard head.count + body.count + notice.count > most else {
            return Layout(pinned: head, body: body, notice: notice, bodyRows: body.count, first: 0, lastTop: 0)
        }
        let (pinned, isWhole) = person.identity(room, most: max(2, most / 2 - 1))
        let others = (isWhole ? [] : person.reference(room)) + person.otherStates
        let states = isBrief ? "" : person.shortStates
        // Blank lines are air that there is no room for.
        let below = ((form == nil ? [] : others) + body).filter { !$0.isBlank }
        let top =
            pinned + (states.isEmpty ? [] : [.text(TextWidth.fitted(states, to: room), person.shortStyle)]) + essence
        let seen = notice.prefix(max(0, most - top.count - 1))
        let rows = min(below.count, most - top.count - seen.count)
        let last = max(0, below.count - rows)
        let focused = focusedLine(in: below, room)
        // More below the focus than above it, for what is said of a typed value stands below.
        return Layout(
            pinned: top, body: below, notice: Array(seen), bodyRows: rows,
            first: focused.map { max(0, min($0 - rows / 4, last)) } ?? 0, lastTop: form == nil ? last : 0)
    }

    private func focusedLine(in lines: [Line], _ room: Int) -> Int? {
        guard let form else { return nil }
        let rows = lines.map { line -> FormRow<ID> in
            if case .form(let row) = line { row } else { .note("", .plain) }
        }
        return form.focusedRow(in: rows, labels: Self.labelColumns(room), columns: room) ?? 0
    }

    private struct Layout {
        var pinned: [Line]
        var body: [Line]
        var notice: [Line]
        var bodyRows: Int
        var first: Int
        var lastTop: Int

        var rows: Int { pinned.count + bodyRows + notice.count }

        func shown(from top: Int) -> [Line] {
            pinned + body.dropFirst(first + min(top, lastTop)).prefix(bodyRows) + notice
        }
    }
}

/// Who a dialog is about, in full and where there is little room.
struct PersonLines<ID: Hashable & Sendable> {
    typealias Line = PersonDialog<ID>.Line

    var name: String
    var email: String
    var username: String
    var idText: String
    /// What must be noticed of the account.
    var states: [Line] = []
    /// What of it is left to say where `shortStates` stand above.
    var otherStates: [Line] = []
    /// The same on one line.
    var shortStates = ""
    var shortStyle = Style.danger

    /// Name, e-mail address, username and id, each with its label.
    func reference(_ room: Int) -> [Line] {
        func wrapped(_ label: String, _ text: String, _ style: Style) -> [Line] {
            text.isEmpty ? [] : PersonDialog<ID>.wrapped(label, text, style, room)
        }
        return wrapped("Name", name, .strong) + wrapped("E-mail", email, .strong)
            + wrapped("Username", username, .plain) + wrapped("Id", idText, .plain)
    }

    /// Name and address without labels, in full where `most` lines have room for that.
    func identity(_ room: Int, most: Int) -> (lines: [Line], isWhole: Bool) {
        func joined(_ texts: [String]) -> String {
            DisplayText.visible(texts.filter { !$0.isEmpty }.joined(separator: "   "))
        }
        let names = name.isEmpty ? [] : TextWrap.lines(DisplayText.visible(name), columns: room)
        let address = TextWrap.lines(DisplayText.visible(email), columns: room)
        let line = joined([name, email, "@" + username])
        if TextWidth.columns(of: line) <= room { return ([.text(line, .strong)], true) }
        let whole = joined([name, "@" + username])
        if address.count + 1 <= most, TextWidth.columns(of: whole) <= room {
            return (([whole] + address).map { .text($0, .strong) }, true)
        }
        if names.count + address.count <= most { return ((names + address).map { .text($0, .strong) }, true) }
        let shown = address.count < most ? address : [TextWidth.fitted(email, to: room)]
        return (([TextWidth.fitted(name, to: room)] + shown).map { .text($0, .strong) }, false)
    }
}

extension PersonLines {
    /// An account, with what must be noticed of it.
    init(
        _ account: Account, states: [Line], otherStates: [Line] = [], shortStates: String, shortStyle: Style = .danger
    ) {
        self.init(
            name: account.fullName, email: account.email, username: account.username, idText: account.idText,
            states: states, otherStates: otherStates, shortStates: shortStates, shortStyle: shortStyle)
    }
}
