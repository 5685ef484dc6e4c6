import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The search line of the log.
@Suite struct LogSearchTests {
    /// A log in which each event differs from the others in what can be searched.
    private func log(columns: Int = 80, rows: Int = 24) throws -> ConsoleDriver {
        let driver = ConsoleDriver(columns: columns, rows: rows)
        let changes: [@Sendable (inout AuditEvent) -> Void] = [
            { $0.accountEmail = "bob.stone@example.org" }, { $0.accountUsername = "zora7" }, { $0.ticket = "T-101" },
            { $0.reason = "lost her phone" }, { $0.operatorName = "carla" }, { $0.dbUser = "desk9" },
        ]
        driver.world.events = (1...20).reversed().map { number in
            var event = AuditEvent.example(number)
            if number <= changes.count { changes[number - 1](&event) }
            return event
        }
        try driver.press("A")
        return driver
    }

    private func found(_ driver: ConsoleDriver) -> [Int] { driver.console.audit?.window.rows.map(\.sequence) ?? [] }

    @Test(arguments: [
        ("bob.stone", 1), ("zora7", 2), ("t-101", 3), ("PHONE", 4), ("phone lost", 4), ("carla", 5), ("desk9", 6),
        ("17", 17),
    ])
    func aSlashSearchesTheLogAsOneTypes(_ text: String, _ number: Int) throws {
        let driver = try log()
        try driver.press("/" + text)
        #expect(found(driver) == [number])
        #expect(driver.text().contains("Search \(text)") && driver.text().contains("1 of 1"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("› receipt \(number)"))
        // Back in the log it is as it was; then the search ends where one is, and then the log is left.
        try driver.press("<Esc>")
        #expect(found(driver) == [number] && driver.text().contains("Search \(text)"))
        try driver.press("<Esc>")
        #expect(found(driver).count == 20 && driver.console.audit?.window.selectedID == number)
        try driver.press("<Esc>")
        #expect(driver.console.audit == nil)
    }

    @Test func filterAndSearchLimitItTogether() throws {
        let driver = try log(columns: 120)
        try driver.press("f<Tab><Tab><Tab><Right><Right><Enter>/desk9")
        #expect(found(driver) == [6])
        #expect(driver.text().contains("Search desk9") && driver.text().contains("[refused ×]"))
        try driver.press("<Tab>c")
        #expect(driver.console.audit?.selection == AuditSelection() && found(driver).count == 20)
        #expect(driver.console.audit?.window.selectedID == 6)
        try driver.press("c")
        #expect(driver.text().contains("No search or filter to clear."))
    }

    @Test func withoutAHitItIsSaidWhatWasSearched() throws {
        let driver = try log(columns: 40, rows: 10)
        try driver.press("/nothing")
        let shown = driver.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(shown.contains("No event matches “nothing”. Searched are account, ticket, reason and operator"))
    }

    @Test func enterWaitsForTheAnswerAndOpensWhatIsFound() throws {
        let driver = try log()
        driver.isWaiting = true
        try driver.press("/carla<Enter>")
        #expect(driver.console.opened.count == 1)
        driver.answer()
        #expect(driver.text().contains("› receipt 5"))
        driver.isWaiting = true
        try driver.press("<Esc>/none<Enter>V<Esc>")
        driver.answer()
        #expect(driver.console.opened.count == 1 && driver.console.shared.verification == nil)
        // Behind an Enter that opens nothing the rest is dropped.
        driver.isWaiting = true
        try driver.press("<Tab>/none<Enter>VV")
        driver.answer()
        #expect(driver.console.opened.count == 1 && driver.console.shared.verification == nil)
        #expect(driver.console.audit?.search.text == "none")
    }

    @Test func aSearchThatFailsLeavesRowsOnWhichNoKeyActs() throws {
        let driver = try log()
        driver.world.failure = .database(.timedOut)
        try driver.press("/carla")
        #expect(driver.text().contains("did not answer in time") && driver.text().contains("Press F5"))
        for keys in ["<Enter>", "<Tab>o", "<Enter>"] {
            try driver.press(keys)
            #expect(driver.text().contains("from an earlier search. F5 searches again"))
        }
        driver.world.failure = nil
        try driver.press("<Esc>")
        #expect(driver.console.audit?.selection == AuditSelection() && driver.console.audit?.showsAnswer == true)
        try driver.press("<Enter>")
        #expect(driver.text().contains("› receipt 20"))
    }

    @Test func aPasteIsSearchedFor() throws {
        let driver = try log()
        driver.paste("carla\n")
        #expect(found(driver) == [5] && driver.console.audit?.isSearching == true)
    }

    @Test func anotherLetterEndsTheSearchBeforeAtTheServer() throws {
        let driver = try log()
        driver.isWaiting = true
        try driver.press("/ca")
        #expect(driver.effects.last?.asks(for: PageQuery<AuditSelection>.self)?.selection.text == "ca")
        driver.answer(1)
        driver.answer(0)
        #expect(driver.console.audit?.answered?.selection.text == "ca")
    }

    @Test func theHistoryOfOnePersonIsSearchedAlone() throws {
        let driver = ConsoleDriver()
        driver.world.events = [.example(2), .example(1)]
        try driver.press("a/forgot")
        #expect(driver.console.audit?.selection == AuditSelection(account: .id(FakeWorld.id(1)), text: "forgot"))
    }

    @Test func whatMatchesIsMarkedWhereItWasSearched() throws {
        let driver = try log(columns: 120)
        try driver.press("/desk9")
        let styles = driver.screen().row(4).map(\.style)
        #expect(styles.contains(.selectedMatch))
        try driver.press("<C-u>e")
        #expect(!driver.screen().row(4).prefix(60).map(\.style).contains(.selectedMatch))
    }
}
