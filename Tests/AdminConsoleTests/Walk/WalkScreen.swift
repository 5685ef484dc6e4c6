import Glibc
import TerminalKit

@testable import AdminConsole

/// What somebody sees at one moment, as text, and whether it is a whole screen.
struct WalkScreen {
    let rows: [String]
    private let bytes: [UInt8]
    private let cursor: Position?
    /// The cells of the row in which the cursor stands.
    private let field: [String]
    /// What is wrong with the rows themselves; nil where nothing is.
    let fault: String?

    init(_ buffer: Buffer) {
        var (rows, fault): ([String], String?) = ([], nil)
        for index in 0..<buffer.size.rows {
            let row = buffer.row(index)
            var (text, columns, isWide) = ("", 0, false)
            for cell in row {
                if (cell.columns == 0) != isWide { fault = "half of a wide character in row \(index)" }
                isWide = cell.columns == 2
                columns += cell.columns
                text += cell.text
            }
            if columns != buffer.size.columns || isWide || TextWidth.columns(of: text) != columns {
                fault = "row \(index) takes \(TextWidth.columns(of: text)) columns of \(buffer.size.columns)"
            }
            rows.append(text)
        }
        if let cursor = buffer.cursor,
            !(0..<buffer.size.columns).contains(cursor.column) || !(0..<buffer.size.rows).contains(cursor.row)
        {
            fault = "the cursor is outside, at \(cursor)"
        }
        (self.rows, self.fault, cursor) = (rows, fault, buffer.cursor)
        field = buffer.cursor.map { buffer.row($0.row).map(\.text) } ?? []
        bytes = Array(rows.joined(separator: "\n").utf8)
    }

    var text: String { rows.joined(separator: "\n") }

    /// Whether a text stands in one of the rows.
    func shows(_ text: String) -> Bool { shows(Array(text.utf8)) }

    func shows(_ text: [UInt8]) -> Bool {
        guard let first = text.first, text.count <= bytes.count else { return false }
        return bytes.withUnsafeBytes { bytes in
            var rest = bytes[0..<(bytes.count - text.count + 1)]
            while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                let found = memchr(start, Int32(first), rest.count)
            {
                if memcmp(found, text, text.count) == 0 { return true }
                rest = rest.dropFirst(start.distance(to: found) + 1)
            }
            return false
        }
    }

    /// The word that stands in the field for it, if that has the cursor: `yes`, a username, or `yes` and a number.
    var typedWord: String? {
        guard let cursor, field.indices.contains(cursor.column) else { return nil }
        // What lies beside the dialog is none of it.
        let left = field[..<cursor.column].lastIndex(of: "│") ?? -1
        let right = field[cursor.column...].firstIndex(of: "│") ?? field.endIndex
        let words = field[(left + 1)..<right].joined().split(separator: " ").map(String.init)
        guard words.first == "Type" else { return nil }
        if let yes = words.dropFirst(2).firstIndex(of: "yes") { return words[yes...].joined(separator: " ") }
        return words.last
    }
}
