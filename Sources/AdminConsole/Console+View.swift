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
        if menu != nil || reset != nil { dimBody(of: &buffer) }
        if let menu { menu.draw(into: &buffer, in: self) }
        if let reset { reset.draw(into: &buffer, in: self) }
        return buffer
    }

    /// The rows between header and message line that a screen has for itself.
    static func bodyRows(_ size: Size) -> Int { max(0, size.rows - 3) }

    /// What lies behind a dialog steps back.
    private func dimBody(of buffer: inout Buffer) {
        buffer.restyle(
            Rect(column: 0, row: 1, columns: buffer.size.columns, rows: buffer.size.rows - 2), style: .dim)
    }

    private func drawCover(into buffer: inout Buffer) {
        let text = "Hidden: no key was pressed for a while, and typed secrets were cleared. Press any key to go on."
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
        if let reset { return reset.hints(context) }
        if let menu { return menu.hints }
        if opened.isEmpty, list.isSearching {
            return [
                Footer.Hint("Enter", "open", priority: 8), Footer.Hint("↑↓", "choose", priority: 7),
                Footer.Hint("Tab", "to the list", priority: 6), Footer.Hint("Ctrl-U", "clear", priority: 4),
                Footer.Hint("Esc", list.searchedFrom.isEmpty ? "end search" : "back", priority: 9),
            ]
        }
        return screen.hints.filter { unavailability(of: $0.0) == nil }.map {
            // What waits is worth a key before most others.
            let isPending = $0.0 == .approvals && pending?.text != nil
            return Footer.Hint($0.0.firstKeyText, $0.label, priority: isPending ? 7 : $0.priority)
        }
    }
}
