/// Comma-separated values, read strictly by RFC 4180: what it does not allow is refused with its line, and never guessed at.
///
/// Lines may end in CR LF or LF, and a byte order mark of UTF-8 may stand first. In place of commas there may be semicolons or
/// TABs, which the first line shows.
struct CSVReader {
    /// One line, or several where a field in quotes has line ends in it.
    struct Record: Equatable {
        /// The line with which it begins, from 1.
        var line: Int
        var fields: [String]
    }

    /// What is wrong in which line.
    struct Malformed: Error, Equatable {
        var line: Int
        var reason: String
    }

    private let bytes: ArraySlice<UInt8>
    private let separator: UInt8
    private var place: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let separators = [",", ";", "\t"].map { UInt8(ascii: $0) }

    /// All records of a file.
    static func records(of bytes: [UInt8]) throws(Malformed) -> [Record] {
        var reader = try CSVReader(bytes)
        var records: [Record] = []
        while let record = try reader.record() { records.append(record) }
        return records
    }

    private init(_ bytes: [UInt8]) throws(Malformed) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Malformed(line: 1, reason: "this is UTF-16; save it as CSV in UTF-8")
        }
        self.bytes = bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        place = self.bytes.startIndex
        separator = Self.separator(in: self.bytes)
    }

    /// The first that stands outside quotes in the first line; a comma where there is none.
    private static func separator(in bytes: ArraySlice<UInt8>) -> UInt8 {
        var isQuoted = false
        for byte in bytes {
            if byte == quote { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == lineFeed { break }
            if separators.contains(byte) { return byte }
        }
        return separators[0]
    }

    private var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    private mutating func record() throws(Malformed) -> Record? {
        guard next != nil else { return nil }
        var record = Record(line: line, fields: [try field()])
        while next == separator {
            place += 1
            record.fields.append(try field())
        }
        try endLine()
        return record
    }

    private mutating func endLine() throws(Malformed) {
        if next == Self.carriageReturn {
            place += 1
            guard next == Self.lineFeed else {
                throw Malformed(line: line, reason: "a carriage return stands here without a line feed")
            }
        }
        guard let byte = next else { return }
        guard byte == Self.lineFeed else {
            throw Malformed(line: line, reason: "text follows the closing quote of a field")
        }
        place += 1
        line += 1
    }

    private mutating func field() throws(Malformed) -> String {
        if next == Self.quote { return try quotedField() }
        let start = place
        while let byte = next, byte != separator, byte != Self.lineFeed, byte != Self.carriageReturn {
            if byte == Self.quote {
                throw Malformed(line: line, reason: "a quote stands within a field that does not begin with one")
            }
            place += 1
        }
        return try text(Array(bytes[start..<place]), line: line)
    }

    private mutating func quotedField() throws(Malformed) -> String {
        let opened = line
        var content: [UInt8] = []
        place += 1
        while let byte = next {
            place += 1
            if byte == Self.quote {
                guard next == Self.quote else { return try text(content, line: opened) }
                place += 1
            } else if byte == Self.lineFeed {
                line += 1
            }
            content.append(byte)
        }
        throw Malformed(line: opened, reason: "a quote is opened here and never closed")
    }

    private func text(_ bytes: [UInt8], line: Int) throws(Malformed) -> String {
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(line: line, reason: "this is not UTF-8; save it as CSV in UTF-8")
        }
        return text
    }
}
