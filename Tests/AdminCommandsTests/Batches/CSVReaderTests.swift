import Testing

@testable import AdminCommands

@Suite struct CSVReaderTests {
    private func fields(_ text: String) throws -> [[String]] {
        try CSVReader.records(of: Array(text.utf8)).map(\.fields)
    }

    @Test(arguments: [
        ("id,email\n1,a@b\n", [["id", "email"], ["1", "a@b"]]),
        ("id,email\r\n1,a@b", [["id", "email"], ["1", "a@b"]]),
        ("\u{FEFF}id\r\n1\r\n", [["id"], ["1"]]),
        ("a,\"b\"\n\"x, \"\"y\"\"\nz\",\n", [["a", "b"], ["x, \"y\"\nz", ""]]),
        ("a;b\n1,2;3\n", [["a", "b"], ["1,2", "3"]]),
        ("a\tb\n1 2\t3\n", [["a", "b"], ["1 2", "3"]]),
        ("\"a,b\";c\n1;2\n", [["a,b", "c"], ["1", "2"]]),
        ("a\n\n\n", [["a"], [""], [""]]),
        ("é\n陽子\n", [["é"], ["陽子"]]),
        ("", []),
    ])
    func whatTheFormatAllowsIsRead(text: String, wanted: [[String]]) throws {
        #expect(try fields(text) == wanted)
    }

    @Test func aRecordKnowsTheLineItBeginsIn() throws {
        let records = try CSVReader.records(of: Array("a,b\n\"x\ny\",1\nz,2\n".utf8))
        #expect(records.map(\.line) == [1, 2, 4])
    }

    @Test(arguments: [
        ("a\n\"x", 2, "never closed"), ("a,b\n1,\"x\ny\n", 2, "never closed"), ("a\n\"x\"y\n", 2, "closing quote"),
        ("a\nx\"y\n", 2, "a quote stands within"), ("a\rb\r", 1, "carriage return"), ("a\nb\u{0}c\n", 2, "not UTF-8"),
    ])
    func whatItDoesNotAllowIsToldWithItsLine(text: String, line: Int, words: String) {
        let error = #expect(throws: CSVReader.Malformed.self) { try CSVReader.records(of: Array(text.utf8)) }
        #expect(error?.line == line && error?.reason.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61], [0x61, 0x0A, 0xE9, 0x0A]])
    func anotherEncodingIsTold(bytes: [UInt8]) {
        let error = #expect(throws: CSVReader.Malformed.self) { try CSVReader.records(of: bytes) }
        #expect(error?.reason.contains("UTF-8") == true)
    }
}
