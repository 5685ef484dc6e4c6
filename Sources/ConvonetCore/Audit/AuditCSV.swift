internal import HiddenCharacters
import OperatingSystem
import PostgresClient

/// The log as comma-separated values (RFC 4180), for reading in a spreadsheet.
public enum AuditCSV {
    /// The bytes EF BB BF, by which Excel sees that a file is UTF-8.
    public static let byteOrderMark = "\u{FEFF}"

    /// The names of the columns, with the line's end.
    public static let header = columns.map(quoted).joined(separator: ",") + lineEnd

    /// One event, with the line's end.
    public static func record(_ event: AuditEvent) -> String {
        event.exported.map { _, value in
            switch value {
            case .number(let number): quoted(number.map(String.init) ?? "")
            case .text(let text): field(text ?? "")
            }
        }.joined(separator: ",") + lineEnd
    }

    private static let lineEnd = "\r\n"

    private static let columns = AuditEvent.columns.sql.split(separator: ",").map {
        String($0.drop { $0 == " " })
    }

    /// What begins a formula, also in the widths that East Asian keyboards type and spreadsheets take for the same.
    private static let formulaBeginnings: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE66}", "\u{FE62}", "\u{FE63}",
        "\u{FE6B}",
        "\u{2212}",
    ]

    /// A field in quotes: whatever separates fields where the spreadsheet is set up otherwise is then part of the text.
    ///
    /// What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection"), also where only
    /// what is not seen stands before it, which some of them drop; and so does a TAB or a line end at the beginning.
    static func field(_ text: String) -> String { quoted(isFormula(text) ? "'" + text : text) }

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        if "\t\r\n".unicodeScalars.contains(first) { return true }
        return text.unicodeScalars.first { !$0.isBlank }.map(formulaBeginnings.contains) ?? false
    }

    private static func quoted(_ text: String) -> String { "\"" + text.escaping(["\"": "\"\""]) + "\"" }
}
