public import TerminalKit

extension Console {
    /// The smallest screen that the console draws itself on.
    static let smallest = Size(columns: 40, rows: 10)

    /// The whole screen; pure.
    public func view(_ size: Size) -> Buffer {
        var buffer = Buffer(size: size)
        guard size.columns >= Self.smallest.columns, size.rows >= Self.smallest.rows else {
            let text =
                "The window is too small. Make it \(Self.smallest.columns) columns by \(Self.smallest.rows) rows."
            for (row, line) in TextWrap.lines(text, columns: size.columns).prefix(size.rows).enumerated() {
                buffer.write(line, column: 0, row: row)
            }
            return buffer
        }
        drawHeader(into: &buffer)
        guard quietStage != .covered else {
            drawCover(into: &buffer)
            return buffer
        }
        screen.draw(into: &buffer, in: self)
        drawMessage(into: &buffer)
        Footer(hints).draw(into: &buffer, row: size.rows - 1)
        if let menu { menu.draw(into: &buffer, in: self) }
        if let reset { reset.draw(into: &buffer, context: context, now: now) }
        return buffer
    }

    /// The rows between header and message line that a screen has for itself.
    static func bodyRows(_ size: Size) -> Int { max(0, size.rows - 3) }

    private func drawHeader(into buffer: inout Buffer) {
        buffer.fill(Rect(column: 0, row: 0, columns: buffer.size.columns, rows: 1), style: .header)
        var column = 1
        if let name = context.environmentName {
            column += buffer.write(" \(name) ", column: column, row: 0, style: .environment, limit: 24) + 1
        }
        if let warning = context.warning {
            column += buffer.write(" \(warning) ", column: column, row: 0, style: .danger) + 1
        }
        let rights = "\(context.operatorName): \(context.rightsName)"
        // Where there is no room for both, the way to where one is goes before what one may do here.
        let way = TextWidth.columns(of: whole(breadcrumbs))
        let isShort = buffer.size.columns - column - TextWidth.columns(of: rights) - 3 < (opened.isEmpty ? 8 : way)
        let right = isShort ? TextWidth.fitted(context.operatorName, to: buffer.size.columns / 3) : rights
        let rightColumns = TextWidth.columns(of: right)
        let room = buffer.size.columns - column - rightColumns - 3
        if room >= 8 { buffer.write(headerText(room), column: column, row: 0, style: .header) }
        buffer.write(right, column: max(column, buffer.size.columns - rightColumns - 1), row: 0, style: .header)
    }

    private func whole(_ way: some Sequence<String>) -> String { way.map(DisplayText.visible).joined(separator: " › ") }

    /// The database and the way to where one is, as much of both as there is room for; where one is before the database.
    private func headerText(_ room: Int) -> String {
        // A cover hides who was open, too.
        let way = quietStage == .covered ? [list.name] : breadcrumbs
        let all = whole(way)
        for text in ["convonet-admin  \(context.place)  \(all)", "\(context.place)  \(all)"]
        where TextWidth.columns(of: text) <= room { return text }
        if way.count < 2 { return TextWidth.fitted(context.place, to: room) }
        for count in (1..<way.count).reversed() {
            let text = "… › " + whole(way.suffix(count))
            if TextWidth.columns(of: text) <= room { return text }
        }
        return TextWidth.fitted(way.last ?? "", to: room)
    }

    private func drawCover(into buffer: inout Buffer) {
        let text = "Covered, since nobody pressed a key for a while. What was typed as a secret is gone. Press any key."
        for (offset, line) in TextWrap.lines(text, columns: buffer.size.columns - 4).enumerated() {
            buffer.write(line, column: 2, row: 3 + offset, style: .dim)
        }
        buffer.cursor = Position(column: 2, row: 3)
    }

    private func drawMessage(into buffer: inout Buffer) {
        guard let message = message ?? lost.map({ Message(text: $0.text, style: .danger) }) else { return }
        let lines = TextWrap.lines(DisplayText.visible(message.text), columns: buffer.size.columns - 2)
        // A long message takes rows from the list above it: what it says matters more than the rows below the cursor.
        var shown = Array(lines.prefix(max(1, buffer.size.rows / 2)))
        if shown.count < lines.count, let last = shown.popLast() {
            shown.append(TextWidth.beginning(of: last, columns: buffer.size.columns - 4) + "…")
        }
        for (index, line) in shown.enumerated() {
            let row = buffer.size.rows - 1 - shown.count + index
            buffer.fill(Rect(column: 0, row: row, columns: buffer.size.columns, rows: 1), style: .plain)
            buffer.write(line, column: 1, row: row, style: message.style)
        }
    }

    private var hints: [Footer.Hint] {
        if let reset { return reset.hints }
        if let menu { return menu.hints }
        if opened.isEmpty, list.isSearching {
            return [
                Footer.Hint("Enter", "open", priority: 8), Footer.Hint("↑↓", "choose", priority: 7),
                Footer.Hint("Tab", "to the list", priority: 6), Footer.Hint("Ctrl-U", "empty", priority: 4),
                Footer.Hint("Esc", "end search", priority: 9),
            ]
        }
        return screen.hints.filter { unavailability(of: $0.0) == nil }.map {
            Footer.Hint($0.0.firstKeyText, $0.label, priority: $0.priority)
        }
    }
}
