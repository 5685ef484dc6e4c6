import ConvonetCore
import FoundationEssentials
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

    @Test func columnsAlignWhateverTheNames() {
        let accounts = [
            account("a@example.org"), account("bb@example.org", first: "陽子", last: "田中"),
            account("c@example.org", first: "Zoe\u{301}", last: "x\u{202E}y\n"),
            account("d\u{1B}@example.org", first: "عبد"),
        ]
        var widths: [Int] = []
        let lines = TextForms.table(accounts, withHeadings: true, widths: &widths).split(separator: "\n").map(
            String.init)
        #expect(lines.count == 5)
        let ids = lines.map { line in
            TextWidth.columns(of: String(line.dropLast(line.split(separator: " ").last?.count ?? 0)))
        }
        #expect(Set(ids).count == 1)
        #expect(!lines.joined().contains("\u{1B}"))
    }

    @Test func aPersonIsOneLine() {
        let who = TextForms.who(account("a@example.org", first: "A\nB", last: "C\r\u{2066}D"))
        #expect(who.contains("A^JB C^M<U+2066>D <a@example.org>"))
    }

    @Test func anErrorIsOneLine() {
        let text = ErrorText.text(of: AdminError.accountUnknown("x\ny\u{1B}[2J"))
        #expect(text.contains("x^Jy^[[2J"))
        #expect(ErrorText.text(of: Unforeseen(detail: "secret")).contains("Unforeseen"))
        #expect(!ErrorText.text(of: Unforeseen(detail: "secret")).contains("secret"))
        #expect(ExitStatus(Unforeseen(detail: "secret")) == .defect)
    }

    private struct Unforeseen: Error {
        let detail: String
    }

    @Test func jsonEscapesWhatItMustAndWhatDisturbs() throws {
        let text = "q\"b\\n\nt\t\u{0}\u{1B}\u{85}\u{2028}\u{202E}\u{200B}\u{FEFF}é陽😀"
        var object = JSONObject()
        object.add("a", text)
        object.add("b", nil as String?)
        object.add("c", 7)
        object.add("d", ["x", "y,\""])
        object.add("e", true)
        #expect(object.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        #expect(!object.text.unicodeScalars.contains("\u{202E}"))
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
        #expect(TextForms.result(result, action: .issuePIN).hasPrefix("Outcome unknown: Find out."))
        let object = try JSONReading(JSONForms.result(result, secretName: "pin").text)
        #expect(object.names == ResetPasswordTests.refusedFields)
        #expect(object.text("outcome") == "unknown")
    }
}
