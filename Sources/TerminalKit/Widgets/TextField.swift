/// A line of text that is typed. For passwords there is ``MaskedField``, which never sees the text.
public struct TextField: EditedLine, Equatable, Sendable {
    /// What was typed so far; it has no line ends and no control characters.
    public private(set) var text: String
    /// The characters to the left of the cursor.
    public private(set) var cursor: Int
    /// The most characters that the field takes.
    public let limit: Int

    /// A field with the cursor at its end.
    public init(_ text: String = "", limit: Int = 256) {
        self.limit = limit
        self.text = ""
        cursor = 0
        insert(text)
    }

    /// Whether nothing is in the field.
    public var isEmpty: Bool { text.isEmpty }

    /// Replaces everything and puts the cursor at the end.
    public mutating func set(_ text: String) {
        clear()
        insert(text)
    }

    /// Removes everything.
    public mutating func clear() {
        text = ""
        cursor = 0
    }

    /// Puts the cursor behind so many characters, as far as there are any.
    public mutating func move(to index: Int) { cursor = min(max(0, index), text.count) }

    /// Draws the field over `columns` cells, the part with the cursor in view; a focused one places the cursor.
    public func draw(into buffer: inout Buffer, column: Int, row: Int, columns: Int, focused: Bool) {
        let style: Style = focused ? .focusedField : .field
        buffer.fill(Rect(column: column, row: row, columns: columns, rows: 1), style: style)
        guard columns > 0 else { return }
        let characters = Array(text)
        var first = focused ? cursor : 0
        var used = 1
        // The cursor needs a cell of its own at the end; what is left of it is shown as far as it fits.
        while first > 0, case let width = TextWidth.columns(of: String(characters[first - 1])), used + width <= columns
        {
            used += width
            first -= 1
        }
        buffer.write(String(characters[first...]), column: column, row: row, style: style, limit: columns)
        if focused { buffer.cursor = Position(column: column + used - 1, row: row) }
    }

    /// Inserts text on one line, so that a paste never submits: lines are parted by a space, and there is one for each tab.
    public mutating func insert(_ new: String) {
        var clean = String.UnicodeScalarView()
        for scalar in Self.joined(new).unicodeScalars {
            if scalar == "\t" { clean.append(" ") } else if !isDropped(scalar) { clean.append(scalar) }
        }
        let before = String(text.prefix(cursor))
        let after = String(text.dropFirst(cursor))
        let room = max(0, limit - text.count)
        var inserted = String(clean)
        while !inserted.isEmpty, (before + inserted).count - before.count > room { inserted.removeLast() }
        text = before + inserted + after
        cursor = min(text.count, (before + inserted).count)
    }

    /// The lines of a text one behind the other, without blanks at their ends.
    private static func joined(_ text: String) -> String {
        guard text.contains(where: \.isNewline) else { return text }
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            let begun = line.drop(while: \.isWhitespace)
            return String(begun.reversed().drop(while: \.isWhitespace).reversed())
        }
        return lines.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Removes a character, if there is one.
    public mutating func remove(at index: Int) {
        guard index >= 0, index < text.count else { return }
        text.remove(at: text.index(text.startIndex, offsetBy: index))
        cursor = min(index, text.count)
    }

    private func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
