import ConvonetCore
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// One line of the dialog.
    enum Line: Equatable {
        case text(String, Style)
        case pair(String, String, Style)
        case form(FormRow<Field>)
        /// The new secret, on which the cursor stands.
        case newValue(String)
        /// A group of it and its words, which begin at a column.
        case group(String, String, Int)

        var isBlank: Bool { self == .text("", .plain) }
    }

    private static let width = 72

    /// Columns before what a label belongs to.
    static func labelColumns(_ room: Int) -> Int { room >= 60 ? 23 : 14 }

    private static func room(_ size: Size) -> Int { min(width, size.columns - 4) }

    func draw(into buffer: inout Buffer, in console: Console) {
        let layout = layout(buffer.size, console.shared)
        // What would be seen of the list in a few columns beside the box is no more than litter.
        if buffer.size.columns < Self.width + 24 {
            let rows = Rect.centered(columns: buffer.size.columns, rows: layout.rows + 2, in: buffer.size)
            buffer.fill(rows, style: .plain)
        }
        let inner = Dialog(title: title, columns: Self.width, rows: layout.rows).draw(into: &buffer)
        buffer.cursor = nil
        for (offset, line) in layout.shown(from: top).enumerated() {
            draw(
                line, into: &buffer,
                Rect(column: inner.column, row: inner.row + offset, columns: inner.columns, rows: 1))
        }
        if layout.body.count > layout.bodyRows {
            let text = stage == .form ? " Tab more " : " ↑ ↓ more "
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
        case .form(let row):
            form.draw(row, into: &buffer, rect, labels: labels, isRevealed: revealedUntil != nil) { id in
                guard id == .again, !form.secret(.again).isEmpty else { return nil }
                let isEqual = form.secret(.secret).secret == form.secret(.again).secret
                return isEqual ? ("the same", .good) : ("differs", .caution)
            }
        }
    }

    /// How far the lines below the person can be scrolled.
    func lastTop(_ shared: Shared) -> Int { layout(shared.size, shared).lastTop }

    /// Where everything fits it stands in one column. Else the person's name and address stay at the top, what must be
    /// noticed at the bottom, and between them the lines around the focus.
    private func layout(_ size: Size, _ shared: Shared) -> Layout {
        let room = Self.room(size)
        let isReceipt = if case .receipt = stage { true } else { false }
        let most = size.rows - 3
        let person =
            isReceipt
            ? identityLines(room, most: 3).lines : referenceLines(room) + stateLines(room, shared.times)
        let body = bodyLines(shared, room)
        let notice = noticeLines(room)
        guard person.count + body.count + notice.count > most else {
            return Layout(pinned: person, body: body, notice: notice, bodyRows: body.count, first: 0, lastTop: 0)
        }
        let (pinned, isWhole) = identityLines(room, most: max(2, most / 2 - 1))
        let others = (isWhole ? [] : referenceLines(room)) + stateLines(room, shared.times, inFull: false)
        let states = isReceipt ? "" : shortStates
        // Blank lines are air that there is no room for.
        let below = ((stage == .form ? others : []) + body).filter { !$0.isBlank }
        let top = pinned + (states.isEmpty ? [] : [.text(TextWidth.fitted(states, to: room), .danger)])
        let seen = notice.prefix(max(0, most - top.count - 1))
        let rows = min(below.count, most - top.count - seen.count)
        let last = max(0, below.count - rows)
        let focused = stage == .form ? focusedLine(in: below, room) : 0
        // More below the focus than above it, for what is said of a typed value stands below.
        return Layout(
            pinned: top, body: below, notice: Array(seen), bodyRows: rows,
            first: stage == .form ? max(0, min(focused - rows / 4, last)) : 0, lastTop: stage == .form ? 0 : last)
    }

    private func focusedLine(in lines: [Line], _ room: Int) -> Int {
        let rows = lines.map { line -> FormRow<Field> in
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

    /// What must be noticed of the account, on one line.
    private var shortStates: String {
        [account.isActive ? nil : "INACTIVE", account.signIn == .external ? "SSO" : nil]
            .compactMap { $0 }.joined(separator: ", ")
    }

    /// Name and address without labels, in full where `most` lines have room for that.
    private func identityLines(_ room: Int, most: Int) -> (lines: [Line], isWhole: Bool) {
        let name = TextWrap.lines(DisplayText.visible(account.fullName), columns: room)
        let email = TextWrap.lines(DisplayText.visible(account.email), columns: room)
        let line = DisplayText.visible("\(account.fullName)   \(account.email)   @\(account.username)")
        if TextWidth.columns(of: line) <= room { return ([.text(line, .strong)], true) }
        let whole = DisplayText.visible("\(account.fullName)   @\(account.username)")
        if email.count + 1 <= most, TextWidth.columns(of: whole) <= room {
            return (([whole] + email).map { .text($0, .strong) }, true)
        }
        if name.count + email.count <= most { return ((name + email).map { .text($0, .strong) }, true) }
        let address = email.count < most ? email : [TextWidth.fitted(account.email, to: room)]
        return (([TextWidth.fitted(account.fullName, to: room)] + address).map { .text($0, .strong) }, false)
    }
}
