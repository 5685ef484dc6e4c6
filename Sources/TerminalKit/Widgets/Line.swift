/// A line of a page or a dialog: texts, and where each begins.
public struct Line: Equatable, Sendable {
    /// A text and where it begins.
    public struct Part: Equatable, Sendable {
        /// Cells from the left edge.
        public var column: Int
        /// What it says.
        public var text: String
        /// What it means.
        public var style: Style

        /// Makes a part.
        public init(column: Int, text: String, style: Style = .plain) {
            self.column = column
            self.text = text
            self.style = style
        }
    }

    /// A label and what belongs to it.
    public struct Fact: Equatable, Sendable {
        /// What it is.
        public var label: String
        /// What is said of it.
        public var text: String
        /// What that means.
        public var style: Style

        /// Makes a fact.
        public init(_ label: String, _ text: String, _ style: Style = .plain) {
            self.label = label
            self.text = text
            self.style = style
        }
    }

    /// The texts, from left to right.
    public var parts: [Part]

    /// A line without text.
    public static let blank = Line([])

    /// A line of these parts.
    public init(_ parts: [Part]) { self.parts = parts }

    /// A line of one text.
    public init(_ text: String, _ style: Style = .plain, from column: Int = 0) {
        parts = text.isEmpty ? [] : [Part(column: column, text: text, style: style)]
    }

    /// A text on as many lines as it needs, none wider than so many cells; none where there is no text.
    public static func wrapped(_ text: String?, _ style: Style = .plain, from column: Int = 0, columns: Int) -> [Line] {
        (text.map { TextWrap.lines($0, columns: columns) } ?? []).map { Line($0, style, from: column) }
    }

    /// Facts over so many cells, `labels` of them for the labels, each on at most so many lines.
    public static func facts(
        _ facts: [Fact], from column: Int = 0, labels: Int, columns: Int, most: Int = .max
    ) -> [Line] {
        facts.flatMap { fact in
            let texts = TextWrap.lines(fact.text, columns: max(10, columns - labels)).prefix(most)
            return texts.enumerated().map { row, text in
                let label = row == 0 ? TextWidth.fitted(fact.label, to: labels - 1) : ""
                return Line([
                    Part(column: column, text: label, style: .dim),
                    Part(column: column + labels, text: text, style: fact.style),
                ])
            }
        }
    }

    /// Draws it over the first row of `rect`.
    public func draw(into buffer: inout Buffer, _ rect: Rect) {
        for part in parts {
            buffer.write(
                part.text, column: rect.column + part.column, row: rect.row, style: part.style,
                limit: max(0, rect.columns - part.column))
        }
    }
}

extension Sequence<Line> {
    /// Draws as many of them as an area has rows.
    public func draw(into buffer: inout Buffer, _ area: Rect) {
        for (offset, line) in prefix(area.rows).enumerated() {
            line.draw(into: &buffer, Rect(column: area.column, row: area.row + offset, columns: area.columns, rows: 1))
        }
    }
}
