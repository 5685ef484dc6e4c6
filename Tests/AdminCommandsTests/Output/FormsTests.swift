import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart
import TerminalKit
import Testing

@testable import AdminCommands

@Suite struct FormsTests {
    private func account(_ email: String, first: String = "Anna", last: String = "Berg") -> Account {
        Account(
            id: UUID(), email: email, username: "u-" + email, firstName: first, lastName: last, signIn: .password,
            createdAt: Timestamp(microseconds: 0), updatedAt: Timestamp(microseconds: 0), version: "1")
    }

    private var people: [Account] {
        [
            account("a@example.org"), account("bb@example.org", first: "陽子", last: "田中"),
            account("c@example.org", first: "Zoe\u{301}", last: "x\u{202E}y\n"),
            account("d\u{1B}@example.org", first: "عبد"),
            account("e@example.org", first: String(repeating: "Maria Antónia ", count: 20)),
        ]
    }

    @Test(arguments: [20, 40, 80, 100, 120, 200, 400])
    func aTableFitsTheTerminal(columns: Int) {
        let people = people
        var table = AccountTable(terminalColumns: columns)
        let lines = table.text(people).split(separator: "\n").map(String.init)
        #expect(lines.count == 6)
        #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= columns })
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
        #expect(!lines.joined().contains("\u{1B}"))
        // The id has its place where there is room for it, at the same column in every line.
        let ids = zip(lines.dropFirst(), people).map { line, person in
            line.firstRange(of: person.idText).map { TextWidth.columns(of: String(line[..<$0.lowerBound])) }
        }
        #expect(Set(ids).count == 1 && (ids[0] != nil) == (columns >= 100), "\(ids)")
        // The next page goes on in the same columns.
        let more = table.text([account("a@example.org")]).split(separator: "\n").map(String.init)
        #expect(more.count == 1 && more[0].prefix(20) == lines[1].prefix(20))
    }

    @Test func intoAPipeNothingIsCutOrFilledUp() {
        let people = people
        var table = AccountTable(terminalColumns: nil)
        let lines = table.text(people).split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(lines[0] == ["E-MAIL", "USERNAME", "NAME", "STATE", "ID"])
        #expect(lines[1].dropLast() == ["a@example.org", "u-a@example.org", "Anna Berg", "active, no PIN"])
        #expect(lines[1][4] == people[0].idText)
        #expect(lines.allSatisfy { $0.count == 5 } && lines[5][2].hasSuffix("Antónia  Berg"))
    }

    @Test func aPersonIsOneLine() {
        let who = TextForms.who(account("a@example.org", first: "A\nB", last: "C\r\u{2066}D"))
        #expect(who.contains("A^JB C^M<U+2066>D <a@example.org>"))
    }

    @Test func anErrorsFurtherLinesAreIndented() {
        let text = ErrorText.text(of: AdminError.accountUnknown("x\nok: y\u{1B}[2J"))
        #expect(text.contains("x\n  ok: y^[[2J"))
        #expect(text.hasSuffix("Use “convonet-admin search TEXT”."))
        #expect(Output.indented("a\nb\n  c", by: 4) == "a\n    b\n      c")
        #expect(ErrorText.text(of: Unforeseen(detail: "secret")).contains("Unforeseen"))
        #expect(!ErrorText.text(of: Unforeseen(detail: "secret")).contains("secret"))
        #expect(ExitStatus(Unforeseen(detail: "secret")) == .defect)
    }

    private struct Unforeseen: Error {
        let detail: String
    }

    @Test func jsonEscapesWhatItMustAndWhatDisturbs() throws {
        let hidden = "\u{0}\u{1B}\u{85}\u{AD}\u{61C}\u{200B}\u{2028}\u{202E}\u{3164}\u{FE0F}\u{FEFF}\u{E0041}\u{E0100}"
        let text = "q\"b\\n\nt\t\(hidden)é陽😀"
        var object = JSONObject()
        object.add("a", text)
        object.add("b", nil as String?)
        object.add("c", 7)
        object.add("d", ["x", "y,\""])
        object.add("e", true)
        #expect(object.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        for scalar in hidden.unicodeScalars { #expect(!object.text.unicodeScalars.contains(scalar)) }
        #expect(object.text.contains("\\udb40\\udc41") && object.text.contains("é陽😀"))
        let read = try JSONReading(object.text)
        #expect(read.names == ["a", "b", "c", "d", "e"])
        #expect(read.text("a") == text)
        #expect(read["b"] == .null)
        #expect(read["c"] == .number("7"))
        #expect(read["d"] == .list([.text("x"), .text("y,\"")]))
        #expect(read["e"] == .flag(true))
    }

    @Test(
        arguments: [
            (ChangeResult.Outcome.done, 0), (.wouldDo, 0), (.refused, 65), (.failed, 69), (.unknown, 74),
            (.conflict, 75),
        ] as [(ChangeResult.Outcome, Int32)])
    func outcomesHaveTheirExitCodes(outcome: ChangeResult.Outcome, code: Int32) {
        #expect(ExitStatus(outcome).rawValue == code)
    }

    @Test func anUnknownOutcomeSaysHowToFindOut() throws {
        let result = ChangeResult(
            outcome: .unknown, message: "Find out.", account: account("a@example.org"), requestID: UUID())
        #expect(
            TextForms.result(result, action: .issuePIN, in: nil, alphabet: .icao).hasPrefix(
                "Outcome unknown: Find out."))
        let object = try JSONReading(JSONForms.result(result, in: nil, secretName: "pin").text)
        #expect(object.names == ResetPasswordTests.refusedFields)
        #expect(object.text("outcome") == "unknown")
    }
}
