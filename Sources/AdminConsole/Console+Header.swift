import TerminalKit

extension Console {
    /// A part of the header's right side.
    private struct Part {
        var text: String
        var style: Style
        /// What goes first where there is no room.
        var priority: Int
    }

    /// The environment, where one is, what waits, the connection, and who one is.
    func drawHeader(into buffer: inout Buffer) {
        let columns = buffer.size.columns
        buffer.fill(Rect(column: 0, row: 0, columns: columns, rows: 1), style: .header)
        var column = 1
        if let name = context.environmentName {
            column += buffer.write(" \(name) ", column: column, row: 0, style: .environment, limit: 24) + 1
        }
        if let warning = context.warning {
            column += buffer.write(" \(warning) ", column: column, row: 0, style: .danger) + 1
        }
        // A cover hides who was open, too.
        let way = quietStage == .covered ? [list.name] : breadcrumbs
        let wanted = min(TextWidth.columns(of: whole(way)), columns / 2)
        var parts = rightParts(columns)
        func width() -> Int { parts.reduce(0) { $0 + TextWidth.columns(of: $1.text) + 2 } }
        while parts.count > 1, columns - column - width() - 1 < wanted,
            let least = parts.indices.min(by: { parts[$0].priority < parts[$1].priority })
        {
            parts.remove(at: least)
        }
        let room = columns - column - width() - 1
        if room >= 8 { buffer.write(headerText(way, room), column: column, row: 0, style: .header) }
        var at = max(column, columns - width() + 1)
        for part in parts { at += buffer.write(part.text, column: at, row: 0, style: part.style) + 2 }
    }

    private func rightParts(_ columns: Int) -> [Part] {
        var parts: [Part] = []
        if let text = pending?.text, quietStage != .covered {
            parts.append(Part(text: " \(text) [w] ", style: .environment, priority: 4))
        }
        let isLost = lost != nil
        parts.append(
            Part(text: isLost ? " ○ offline " : "● online", style: isLost ? .danger : .header, priority: isLost ? 5 : 2)
        )
        parts.append(
            Part(text: TextWidth.fitted(context.operatorName, to: columns / 3), style: .header, priority: 3))
        parts.append(Part(text: context.rightsName, style: .header, priority: 1))
        return parts
    }

    private func whole(_ way: some Sequence<String>) -> String { way.map(DisplayText.visible).joined(separator: " › ") }

    /// The database and the way to where one is, as much of both as there is room for; where one is before the database.
    private func headerText(_ way: [String], _ room: Int) -> String {
        let all = whole(way)
        for text in ["\(context.place) › \(all)", all] where TextWidth.columns(of: text) <= room { return text }
        for count in (1..<max(1, way.count)).reversed() {
            let text = "… › " + whole(way.suffix(count))
            if TextWidth.columns(of: text) <= room { return text }
        }
        return TextWidth.fitted(way.last ?? "", to: room)
    }
}
