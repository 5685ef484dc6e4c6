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
        if let person { person.draw(into: &buffer, now: now) } else { list.draw(into: &buffer, now: now) }
        drawMessage(into: &buffer)
        Footer(hints).draw(into: &buffer, row: size.rows - 1)
        help?.draw(into: &buffer)
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
        let right = [context.operatorName, context.rightsName].joined(separator: ": ")
        let rightColumns = TextWidth.columns(of: right)
        if let warning = context.warning {
            column += buffer.write(" \(warning) ", column: column, row: 0, style: .danger) + 1
        }
        let room = buffer.size.columns - column - rightColumns - 3
        let full = "convonet-admin  \(context.place)"
        let left = TextWidth.columns(of: full) <= room ? full : context.place
        if room >= 8 { buffer.write(TextWidth.fitted(left, to: room), column: column, row: 0, style: .header) }
        buffer.write(right, column: max(column, buffer.size.columns - rightColumns - 1), row: 0, style: .header)
    }

    private func drawMessage(into buffer: inout Buffer) {
        guard let message else { return }
        let lines = TextWrap.lines(DisplayText.visible(message.text), columns: buffer.size.columns - 2)
        // A long message takes rows from the list above it: what it says matters more than the rows below the cursor.
        let shown = lines.prefix(max(1, buffer.size.rows / 2))
        for (index, line) in shown.enumerated() {
            let row = buffer.size.rows - 1 - shown.count + index
            buffer.fill(Rect(column: 0, row: row, columns: buffer.size.columns, rows: 1), style: .plain)
            buffer.write(line, column: 1, row: row, style: message.style)
        }
    }

    private var hints: [Footer.Hint] {
        if reset != nil { return reset?.hints ?? [] }
        if let help { return help.hints(size) }
        let changes =
            context.readOnlyReason == nil
            ? [Footer.Hint("p", "password", priority: 7), Footer.Hint("v", "voice PIN", priority: 7)] : []
        if person != nil {
            return changes + [
                Footer.Hint("Esc", "back", priority: 9), Footer.Hint("/", "search", priority: 5),
                Footer.Hint("r", "refresh", priority: 3), Footer.Hint("?", "help", priority: 8),
            ]
        }
        if list.isSearching {
            return [
                Footer.Hint("Enter", "open", priority: 9), Footer.Hint("↑↓", "choose", priority: 7),
                Footer.Hint("Tab", "to the list", priority: 6), Footer.Hint("Ctrl-U", "empty", priority: 4),
                Footer.Hint("Esc", "end search", priority: 8),
            ]
        }
        return [
            Footer.Hint("/", "search", priority: 8), Footer.Hint("Enter", "open", priority: 8),
        ] + changes + [
            Footer.Hint("PgDn", "page", priority: 2), Footer.Hint("g G", "ends", priority: 1),
            Footer.Hint("r", "refresh", priority: 3), Footer.Hint("?", "help", priority: 9),
            Footer.Hint("q", "quit", priority: 8),
        ]
    }
}
