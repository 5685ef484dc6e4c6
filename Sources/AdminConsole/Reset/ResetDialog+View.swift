import ConvonetCore
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// One line of the dialog.
    enum Line {
        case text(String, Style)
        case pair(String, String, Style)
        case field(Field)
        case strength
        /// A label and the new secret, on which the cursor stands.
        case newValue(String, String)

        var isBlank: Bool {
            if case .text("", _) = self { true } else { false }
        }
    }

    private static let width = 72

    /// Columns before what a label belongs to.
    static func labelColumns(_ room: Int) -> Int { room >= 60 ? 19 : 13 }

    private static func room(_ size: Size) -> Int { min(width, size.columns - 4) }

    func draw(into buffer: inout Buffer, context: ConsoleContext, now: Timestamp) {
        let layout = layout(buffer.size, context)
        // What would be seen of the list in a few columns beside the box is no more than litter.
        if buffer.size.columns < Self.width + 24 {
            let rows = Rect.centered(columns: buffer.size.columns, rows: layout.rows + 2, in: buffer.size)
            buffer.fill(rows, style: .plain)
        }
        let inner = Dialog(title: title, columns: Self.width, rows: layout.rows).draw(into: &buffer)
        buffer.cursor = nil
        for (offset, line) in layout.shown(from: top).enumerated() {
            draw(line, into: &buffer, column: inner.column, row: inner.row + offset, columns: inner.columns, context)
        }
        if layout.body.count > layout.bodyRows {
            let text = stage == .form ? " Tab more " : " ↑ ↓ more "
            buffer.write(
                text, column: inner.column + inner.columns - TextWidth.columns(of: text), row: inner.row + inner.rows,
                style: .key)
        }
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }

    /// How far the lines below the person can be scrolled.
    func lastTop(_ size: Size, _ context: ConsoleContext) -> Int { layout(size, context).lastTop }

    /// Where everything fits it stands in one column. Else the person's name and address stay at the top, what must be
    /// noticed at the bottom, and between them the lines around the focus.
    private func layout(_ size: Size, _ context: ConsoleContext) -> Layout {
        let room = Self.room(size)
        let person = referenceLines(room) + stateLines(room)
        let body = bodyLines(context, room)
        let notice = noticeLines(room)
        let most = size.rows - 3
        guard person.count + body.count + notice.count > most else {
            return Layout(pinned: person, body: body, notice: notice, bodyRows: body.count, first: 0, lastTop: 0)
        }
        let (pinned, isWhole) = identityLines(room, most: max(2, most / 2 - 1))
        let others = (isWhole ? [] : referenceLines(room)) + stateLines(room, inFull: false)
        let states = shortStates
        // Blank lines are air that there is no room for.
        let below = ((stage == .form ? others : []) + body).filter { !$0.isBlank }
        let top = pinned + (states.isEmpty ? [] : [.text(TextWidth.fitted(states, to: room), .danger)])
        let seen = notice.prefix(max(0, most - top.count - 1))
        let rows = min(below.count, most - top.count - seen.count)
        let focused = below.firstIndex { if case .field(focus) = $0 { true } else { false } } ?? 0
        let last = max(0, below.count - rows)
        // More below the focus than above it, for what is said of a typed value stands below.
        return Layout(
            pinned: top, body: below, notice: Array(seen), bodyRows: rows,
            first: stage == .form ? max(0, min(focused - rows / 4, last)) : 0, lastTop: stage == .form ? 0 : last)
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
        [account.isActive ? nil : "INACTIVE", account.signIn == .external ? "signs in elsewhere" : nil]
            .compactMap { $0 }.joined(separator: ", ")
    }

    /// Name and address without labels, in full where `most` lines have room for that.
    private func identityLines(_ room: Int, most: Int) -> (lines: [Line], isWhole: Bool) {
        let name = TextWrap.lines(DisplayText.visible(account.fullName), columns: room)
        let email = TextWrap.lines(DisplayText.visible(account.email), columns: room)
        let whole = DisplayText.visible("\(account.fullName) (\(account.username))")
        if email.count + 1 <= most, TextWidth.columns(of: whole) <= room {
            return (([whole] + email).map { .text($0, .strong) }, true)
        }
        if name.count + email.count <= most { return ((name + email).map { .text($0, .strong) }, true) }
        let address = email.count < most ? email : [TextWidth.fitted(account.email, to: room)]
        return (([TextWidth.fitted(account.fullName, to: room)] + address).map { .text($0, .strong) }, false)
    }
}
