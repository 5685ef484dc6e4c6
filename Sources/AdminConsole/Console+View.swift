import AccountDisplay
import ConsoleParts
internal import ConsoleRequests
public import TerminalKit

extension Console {
    /// The whole screen; pure.
    public func view(_ size: Size) -> Buffer {
        var buffer = Buffer(size: size)
        let smallest = Shared.smallest
        guard size.columns >= smallest.columns, size.rows >= smallest.rows else {
            let text = "The window is too small. Make it \(smallest.columns) columns by \(smallest.rows) rows."
            for (row, line) in TextWrap.lines(text, columns: size.columns).prefix(size.rows).enumerated() {
                buffer.write(line, column: 0, row: row)
            }
            return buffer
        }
        drawHeader(into: &buffer)
        guard !shared.isCovered else {
            drawCover(into: &buffer)
            return buffer
        }
        screen.draw(into: &buffer, in: self)
        drawMessage(into: &buffer)
        Footer(hints).draw(into: &buffer, row: size.rows - 1)
        if let overlay {
            dimBody(of: &buffer)
            let below = buffer
            overlay.draw(into: &buffer, shared)
            keepEnvironmentInSight(in: &buffer, below)
        }
        return buffer
    }

    /// What is said in place of the picture; pure.
    package var spoken: Spoken {
        guard !shared.isCovered else {
            var cover = Spoken(place: "Hidden", lines: [Self.coverText])
            cover.part = -1
            return cover
        }
        var spoken = overlay?.spoken(shared) ?? screen.spoken(in: self)
        spoken.part = stack.last?.number ?? 0
        spoken.isDialog = overlay != nil
        spoken.keys = hints
        let context = shared.context
        if let label = context.environment { spoken.place = "\(label.text(inColours: false)): \(spoken.place)" }
        let isFirst = stack.count == 1
        let whole = [
            isFirst ? "\(context.place), as \(context.viewer.databaseUser), \(context.rightsName)." : nil,
            isFirst ? context.warning.map { "Warning: \($0)." } : nil,
            shared.lost?.text(shared.times) ?? context.standby?.text(shared.times),
            shared.pendingText.map { "\($0): w shows it." },
        ]
        spoken.lines = whole.compactMap { $0 } + spoken.lines
        spoken.alerts += [shared.message?.text].compactMap { $0 }
        return spoken
    }

    /// The window's title: which environment it is, and what waits, as the header says it; pure.
    public var title: String {
        let environment = shared.context.environment.map { " (\($0.name))" } ?? ""
        let waiting = shared.isCovered ? nil : shared.pendingText
        return "convonet-admin" + environment + (waiting.map { ": \($0)" } ?? "")
    }

    /// The rows between header and message line that a screen has for itself.
    static func bodyRows(_ size: Size) -> Int { max(0, size.rows - 3) }

    /// What is said while nobody is there.
    static let coverText =
        "Hidden: no key was pressed for a while, and typed secrets were cleared. Press any key to go on."

    /// What lies behind a dialog steps back.
    private func dimBody(of buffer: inout Buffer) {
        buffer.restyle(
            Rect(column: 0, row: 1, columns: buffer.size.columns, rows: buffer.size.rows - 2), style: .dim)
    }

    private func drawCover(into buffer: inout Buffer) {
        for (offset, line) in TextWrap.lines(Self.coverText, columns: buffer.size.columns - 4).enumerated() {
            buffer.write(line, column: 2, row: 3 + offset, style: .dim)
        }
        buffer.cursor = Position(column: 2, row: 3)
    }

    private func drawMessage(into buffer: inout Buffer) {
        guard
            let message = shared.message
                ?? shared.lost.map({ Shared.Message(text: $0.text(shared.times), style: .danger) })
                ?? shared.context.standby.map({ Shared.Message(text: $0.text(shared.times), style: .caution) })
        else {
            return
        }
        let lines = TextWrap.lines(message.text, columns: buffer.size.columns - 2)
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

    var hints: [Footer.Hint] { overlay?.hints(shared) ?? screenHints }

    /// The keys of the screen, whatever lies over it.
    var screenHints: [Footer.Hint] {
        let screen = screen
        return screen.typingHints(in: self)
            ?? offered(by: screen).filter { unavailability(of: $0.0) == nil }.map {
                // What waits is worth a key before most others.
                let isPending = $0.0 == .approvals && shared.pendingText != nil
                return Footer.Hint($0.0.firstKeyText, $0.label, priority: isPending ? 7 : $0.priority)
            }
    }

    /// The keys that a screen names; where there are changes among them, all other changes stand behind these.
    private func offered(by screen: any Screen) -> [(ConsoleAction, label: String, priority: Int)] {
        let named = screen.hints
        guard let last = named.lastIndex(where: { !$0.0.changes.isEmpty }) else { return named }
        let others = ConsoleAction.allCases.filter { action in
            !action.changes.isEmpty && !named.contains { $0.0 == action }
        }
        return named[...last] + others.map { ($0, label: $0.brief, priority: 0) } + named[(last + 1)...]
    }

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
        if let label = environmentText {
            column += buffer.write(label.text, column: column, row: 0, style: label.style) + 1
        }
        if let warning = shared.context.warning {
            column += buffer.write(" \(warning) ", column: column, row: 0, style: .danger) + 1
        }
        // A cover hides who was open, too.
        let way = screens.map(\.name).prefix(shared.isCovered ? 1 : .max)
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

    /// The environment as it is shown: its name on its colour, and without colours in words.
    private var environmentText: (text: String, style: Style)? {
        let context = shared.context
        return context.environment.map { (" \($0.text(inColours: context.showsColours)) ", $0.style) }
    }

    /// A dialog that lies over the environment's name has it in its own upper edge.
    private func keepEnvironmentInSight(in buffer: inout Buffer, _ below: Buffer) {
        guard let label = environmentText else { return }
        let width = TextWidth.columns(of: label.text)
        guard (1...width).contains(where: { buffer[$0, 0] != below[$0, 0] }) else { return }
        let column = max(0, buffer.size.columns - width - 2)
        // A title that goes on below it is cut.
        if buffer[column - 1, 0].style == .title, buffer[column, 0].style == .title {
            buffer.write("…", column: column - 1, row: 0, style: .title)
        }
        buffer.write(label.text, column: column, row: 0, style: label.style)
    }

    private func rightParts(_ columns: Int) -> [Part] {
        var parts: [Part] = []
        if let text = shared.pendingText, !shared.isCovered {
            parts.append(Part(text: " \(text) [w] ", style: .environment, priority: 4))
        }
        parts.append(connection)
        parts.append(
            Part(
                text: TextWidth.fitted(shared.context.viewer.databaseUser, to: columns / 3), style: .header, priority: 3
            ))
        parts.append(Part(text: shared.context.rightsName, style: .header, priority: 1))
        return parts
    }

    /// Whether there is a connection, and how old is what is shown where it could not be read anew.
    private var connection: Part {
        if shared.lost != nil { return Part(text: " ○ offline ", style: .danger, priority: 5) }
        if let moment = (screen as? any LiveScreen)?.live.staleSince, !shared.isCovered {
            return Part(text: " as of \(Age.shortAgo(moment, now: shared.now)) ", style: .danger, priority: 5)
        }
        if let standby = shared.context.standby {
            let clock = shared.times.minute(standby.since).dropFirst(11)
            return Part(text: " ◐ read only since \(clock) ", style: .danger, priority: 5)
        }
        return Part(text: "● online", style: .header, priority: 2)
    }

    private func whole(_ way: some Sequence<String>) -> String { way.map(DisplayText.visible).joined(separator: " › ") }

    /// The database and the way to where one is, as much of both as there is room for; where one is before the database.
    private func headerText(_ way: ArraySlice<String>, _ room: Int) -> String {
        let all = whole(way)
        for text in ["\(shared.context.place) › \(all)", all] where TextWidth.columns(of: text) <= room { return text }
        for count in (1..<max(1, way.count)).reversed() {
            let text = "… › " + whole(way.suffix(count))
            if TextWidth.columns(of: text) <= room { return text }
        }
        return TextWidth.fitted(way.last ?? "", to: room)
    }
}
