import TerminalKit
import TestDatabase
import Testing

@testable import AuditStatistics

@Suite(.dropsDatabases) struct StatsCommandTests {
    private func stats(_ database: TestDatabase, _ arguments: [String]) async throws -> CommandRun {
        try await CommandRun(database, as: .auditor, ["stats"] + arguments)
    }

    /// Two PINs, a password and two refusals.
    private func logged() async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for arguments in [
            ["reset-pin", email, "--generate"], ["reset-pin", email, "--generate"],
            ["reset-password", email, "--generate"], ["mark-verified", email], ["mark-verified", email],
            ["mark-verified", email],
        ] { _ = try await CommandRun(database, arguments + ["--yes"]) }
        return database
    }

    @Test func eventsAreCountedByEachGroup() async throws {
        let database = try await logged()
        let pins = try await stats(database, ["--by", "action", "--json"]).objects.first {
            $0.text("group") == "issue_voice_pin"
        }
        #expect(pins?.names == ["format", "by", "group", "events", "done", "refused", "conflict", "failed"])
        #expect(pins?["events"] == .number("2") && pins?["done"] == .number("2"))
        let operators = try await stats(database, ["--by", "operator", "--json"]).objects
        #expect(operators.count == 1 && operators[0].text("group") == TestDatabase.User.operator.rawValue)
        let rules = try await stats(database, ["--by", "rule", "--json"]).objects
        #expect(rules.map { $0.text("group") } == ["already_so"] && rules[0]["done"] == .number("0"))
        let methods = try await stats(database, ["--by", "method", "--json"]).objects
        #expect(Set(methods.compactMap { $0.text("group") }) == ["issued", "generated"])
        let hours = try await stats(database, ["--by", "hour", "--json"]).objects
        #expect(hours.count == 24 && hours.first?.text("group") == "00" && hours.last?.text("group") == "23")
        let counted = try await database.sql("SELECT count(*) FROM convonet_admin.audit_event")
        let sum = hours.reduce(0) { sum, hour in
            guard case .number(let text) = hour["events"] else { return sum }
            return sum + (Int(text) ?? 0)
        }
        #expect(String(sum) == counted)
    }

    @Test func asTextThereIsATabBetweenTheFieldsAndASumBeside() async throws {
        let database = try await logged()
        let run = try await stats(database, ["--by", "rule"])
        #expect(run.status == 0 && run.output.hasPrefix("RULE\tEVENTS\tDONE\tNOT DONE\n"))
        #expect(run.output.contains("\t0\t") && run.errors.contains(/\d events? since 20\d\d-/))
        let none = try await stats(database, ["--operator", "nobody"])
        #expect(none.status == 0 && none.output == "" && none.errors.contains("0 events since"))
    }

    @Test func whoMayNotReadTheLogMayNotCountIt() async throws {
        let database = try await TestDatabase.make()
        #expect(try await CommandRun(database, ["stats"]).status == 77)
        #expect(try await stats(database, ["--by", "day"]).status == 64)
        #expect(try await stats(database, ["--since", "yesterday"]).status == 64)
    }

    @Test(arguments: [20, 40, 80, 200])
    func aTableFitsItsTerminal(columns: Int) {
        let tallies = [
            AuditTally(group: "a name of somebody that is rather long", done: 900, refused: 300),
            AuditTally(group: "desk1", done: 1), AuditTally(group: "desk2"),
        ]
        let lines = TallyTable(terminalColumns: columns, lines: .unicode).text(tallies, by: .operatorName)
            .split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        // Below 32 columns the numbers alone are wider.
        #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= max(columns, 36) }, "\(lines)")
        #expect(lines[1].contains("█") == (columns >= 80) && lines[1].contains("░") == (columns >= 80))
        #expect(!lines[3].contains("█"))
    }

    @Test func barsOfASCIISayTheSame() {
        let table = TallyTable(terminalColumns: 80, lines: .ascii)
        let text = table.text([AuditTally(group: "desk1", done: 3, refused: 1)], by: .operatorName)
        #expect(text.contains("###") && text.contains("...") && text.utf8.allSatisfy { $0 < 0x80 })
    }
}
