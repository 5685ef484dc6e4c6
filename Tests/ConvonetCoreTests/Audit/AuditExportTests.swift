import ConvonetDatabase
import EmbeddedPostgres
import FoundationEssentials
import Glibc
import JSONText
import OperatingSystem
import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct AuditExportTests {
    /// What verify_log.py says of these lines, and its exit code.
    private func verify(_ lines: [String]) throws -> (status: Int32, output: String) {
        var name = Array("/tmp/audit-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        try #require(file >= 0)
        defer { close(file) }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let bytes = Array(lines.joined().utf8)
        try #require(write(file, bytes, bytes.count) == bytes.count)
        let script = SourceTree.root + "/Tests/ConvonetCoreTests/AuditVerifier/verify_log.py"
        let stream = try #require(popen("python3 '\(script)' < '\(path)' 2>&1", "r"))
        var output = [UInt8](repeating: 0, count: 4096)
        let count = fread(&output, 1, output.count, stream)
        let status = pclose(stream)
        return (status, String(decoding: output.prefix(count), as: UTF8.self))
    }

    private func export(_ database: TestDatabase, _ selection: AuditSelection = AuditSelection()) async throws
        -> [String]
    {
        var lines: [String] = []
        var walk = try await database.session(.auditor).audit.walk(matching: selection)
        while let events = try await walk.next() { lines += events.map { $0.json.text + "\n" } }
        return lines
    }

    @Test func aVerifierWrittenFromTheDocumentAgrees() async throws {
        let database = try await TestDatabase.withLog(4, reason: "日本 🙂 \u{202E}\"\\\n\u{7F}ü")
        let lines = try await export(database)
        let head = try await database.session(.auditor).audit.head()
        let whole = try verify(lines)
        #expect(whole.status == 0 && whole.output == "4 \(head.hash.hexadecimal)\n")
        #expect(try verify([]).output == "0 \(String(repeating: "0", count: 64))\n")

        let tampered: [([String], String)] = [
            ([lines[0], lines[2], lines[3]], "event 2: missing"),
            ([lines[0], lines[2], lines[1], lines[3]], "event 2: missing"),
            ([lines[0], lines[1].replacing("T-1", with: "T-2"), lines[2]], "event 2: edited"),
            ([lines[0], lines[1].replacing("\"T-1\"", with: "null"), lines[2]], "event 2: edited"),
            ([lines[0], lines[1].replacing(".", with: ".1", maxReplacements: 1)], "event 2: malformed"),
            ([lines[0], String(lines[1].dropLast(20))], "event 2: malformed"),
            ([lines[0].replacing("0000", with: "0001", maxReplacements: 1)], "event 1"),
        ]
        for (changed, words) in tampered {
            let found = try verify(changed)
            #expect(found.status != 0 && found.output.contains(words), "\(words): \(found.output)")
        }
    }

    @Test func aSelectionIsWhatItsWordsSay() async throws {
        let database = try await TestDatabase.withLog(3)
        let desk = try await database.session(.secondOperator)
        let person = try await desk.person { !$0.hasVoicePIN }
        let change = AccountChange(
            account: person, action: .issuePIN, context: ChangeContext(ticket: "50% _' OR true --"))
        _ = try await desk.changes.perform(change)
        let log = try await database.log()
        let audit = try await database.session(.auditor).audit
        func found(_ selection: AuditSelection) async throws -> [Int] {
            let newest = try await audit.newest(matching: selection, limit: 10).map(\.sequence)
            var oldest: [Int] = []
            var walk = try await audit.walk(matching: selection)
            while let events = try await walk.next() { oldest += events.map(\.sequence) }
            #expect(newest == oldest.reversed())
            return oldest
        }
        #expect(try await found(AuditSelection()) == [1, 2, 3, 4])
        #expect(try await found(AuditSelection(account: .id(try #require(log[1].accountID)))) == [2])
        let name = try #require(log[1].accountEmail).uppercased()
        #expect(try await found(AuditSelection(account: .name(name))) == [2])
        #expect(try await found(AuditSelection(account: .name("nobody"))) == [])
        #expect(try await found(AuditSelection(operatorName: "anna")) == [1, 2, 3, 4])
        #expect(try await found(AuditSelection(operatorName: TestDatabase.User.secondOperator.rawValue)) == [4])
        #expect(try await found(AuditSelection(action: "issue_voice_pin")) == [4])
        #expect(try await found(AuditSelection(outcome: "done")) == [1, 2, 3, 4])
        #expect(try await found(AuditSelection(outcome: "refused")) == [])
        #expect(try await found(AuditSelection(ticket: "50% _' OR true --")) == [4])
        #expect(try await found(AuditSelection(ticket: "' OR true --")) == [])
        let times = (log[1].occurredAt, log[2].occurredAt)
        #expect(try await found(AuditSelection(since: times.0, until: times.1)) == [2])
        #expect(try await found(AuditSelection(action: "clear_voice_pin", since: times.1)) == [3])
        await #expect(throws: AdminError.notPermitted(.readLog)) { try await desk.audit.walk() }
    }

    @Test(arguments: [
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\tx", "'\tx"), ("\r=1", "'\r=1"), ("\r\n=1", "'\r\n=1"), ("\n", "'\n"), ("a=1", "a=1"),
        ("", ""),
        ("'", "'"), (" ", " "), ("a,b", "a,b"), ("say \"x\"", "say \"\"x\"\""), ("=\"x\"", "'=\"\"x\"\""),
        ("a\nb", "a\nb"), ("x;=1", "x;=1"), ("\u{FF1D}1", "'\u{FF1D}1"), ("\u{FF0B}1", "'\u{FF0B}1"),
        ("\u{FF0D}1", "'\u{FF0D}1"), ("\u{FF20}A1", "'\u{FF20}A1"), ("\u{A0}=1", "'\u{A0}=1"),
        ("\u{FEFF}=1", "'\u{FEFF}=1"), ("x\"\u{308},=1", "x\"\"\u{308},=1"), ("\"\u{200D}", "\"\"\u{200D}"),
        ("\u{200B}\u{200B}+1", "'\u{200B}\u{200B}+1"),
        ("\u{3000}\u{FF1D}1", "'\u{3000}\u{FF1D}1"),
        ("  @A1", "'  @A1"), ("\u{AD}-1", "'\u{AD}-1"), ("\u{A0}a=1", "\u{A0}a=1"),
    ])
    func aFieldOfCSVIsQuotedAndNeverAFormula(_ text: String, _ field: String) {
        #expect(AuditCSV.field(text).unicodeScalars.elementsEqual(("\"" + field + "\"").unicodeScalars))
    }

    @Test func aRecordOfCSVHasAsManyFieldsAsTheHeader() async throws {
        let event = try #require(try await TestDatabase.withLog(1, reason: "=1+1").log().first)
        let record = AuditCSV.record(event)
        #expect(
            AuditCSV.header.hasPrefix("\"format\",\"sequence\",\"event_id\",")
                && AuditCSV.header.hasSuffix(",\"previous_hash\",\"hash\"\r\n"))
        #expect(
            record.hasPrefix("\"1\",\"1\",") && record.hasSuffix(",\"\(event.hash.hexadecimal)\"\r\n")
                && record.contains(",\"'=1+1\","))
        #expect(record.split(separator: ",", omittingEmptySubsequences: false).count == 27)
        #expect(AuditCSV.header.split(separator: ",").count == 27)
    }
}
