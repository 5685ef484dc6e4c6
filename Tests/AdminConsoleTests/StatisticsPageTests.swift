import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import AuditStatistics
@testable import ConsoleParts

/// The log's events counted, as bars.
@Suite struct StatisticsPageTests {
    private func statistics(_ keys: String = "S", columns: Int = 80, rows: Int = 24) throws -> ConsoleDriver {
        var world = FakeWorld.few
        world.tallies = FakeWorld.tallies
        world.events = [.example(2), .example(1)]
        let driver = ConsoleDriver(world, columns: columns, rows: rows)
        try driver.press(keys)
        return driver
    }

    private func page(_ driver: ConsoleDriver) throws -> StatisticsPage {
        try #require(driver.console.screen as? StatisticsPage)
    }

    private func line(_ driver: ConsoleDriver, _ text: String) throws -> Substring {
        try #require(driver.text().split(separator: "\n").first { $0.contains(text) }, "\(driver.text())")
    }

    @Test func itIsOpenedFromTheLogAndEscGoesBackThere() throws {
        let driver = try statistics("AS")
        #expect(driver.text().contains("Events of the last 30 days") && driver.text().contains("1,230 events; 1 of 5"))
        #expect(try line(driver, "reset password").contains("914"))
        #expect(try line(driver, "reset password").contains("102"))
        try driver.press("<Esc>")
        #expect(driver.console.screen is AuditPage)
        try driver.press("<Esc>S<Esc>")
        #expect(driver.console.screen is AccountList)
    }

    @Test(arguments: [
        ("1", "action", "issue PIN"), ("2", "operator", "bert"), ("3", "hour", "00"),
        ("4", "rule", "password"), ("5", "method", "generated"),
    ])
    func aDigitCountsByAnotherGroup(key: String, grouping: String, row: String) throws {
        let driver = try statistics("S2" + key)
        #expect(driver.text().contains("[\(key) \(grouping)]"))
        #expect(try page(driver).selection == TallySelection(by: try #require(AuditGrouping(rawValue: grouping))))
        #expect(try page(driver).window.selectedIndex == 0)
        // What is shown already is not read again.
        let effects = driver.effects.count
        try driver.press(key)
        #expect(driver.effects.count == effects)
    }

    @Test func theFormChoosesBoth() throws {
        let driver = try statistics("Sf")
        #expect(driver.text().contains("Count the log's events"))
        try driver.press("4<Tab>2<Enter>")
        #expect(try page(driver).selection == TallySelection(by: .rule, .week))
        #expect(driver.text().contains("Events of the last 7 days") && driver.text().contains("[4 rule]"))
        try driver.press("f<Tab><Right><Right><Esc>")
        #expect(try page(driver).selection == TallySelection(by: .rule, .week))
        try driver.press("3")
        #expect(try page(driver).selection == TallySelection(by: .hour, .week))
    }

    @Test func aBarIsAsLongAsItsEventsAreMany() throws {
        let driver = try statistics("S3", rows: 40)
        func bar(_ hour: String) throws -> String {
            try String(line(driver, "  \(hour)  ").filter { "█░".contains($0) })
        }
        #expect(try bar("08").count > bar("17").count && bar("17").count > bar("18").count)
        #expect(try bar("07").isEmpty)
        #expect(try bar("18").allSatisfy { $0 == "░" })
    }

    @Test func enterOpensTheLogLimitedToTheRow() throws {
        let driver = try statistics("S<Down><Enter>")
        var log = try #require(driver.console.screen as? AuditPage)
        #expect(log.selection == AuditSelection(action: "issue_voice_pin", since: FakeWorld.moment(daysAgo: 30)))
        #expect(driver.text().contains("Log: issue") && driver.text().contains("since 20"))
        // Its form says the same, and Esc comes back to the row.
        try driver.press("f<Enter>")
        #expect((driver.console.screen as? AuditPage)?.selection == log.selection)
        try driver.press("<Esc>")
        #expect(try page(driver).window.selectedID == "issue_voice_pin")
        try driver.press("2<Enter>")
        log = try #require(driver.console.screen as? AuditPage)
        #expect(log.selection == AuditSelection(operatorName: "bert", since: FakeWorld.moment(daysAgo: 30)))
        try driver.press("<Esc><C-o>")
        #expect(driver.console.screen is AuditPage)
    }

    @Test func theLogBelowIsAsItWas() throws {
        let driver = try statistics("A<Down>S<Enter><Esc><Esc>")
        let log = try #require(driver.console.screen as? AuditPage)
        #expect(log.selection == AuditSelection() && log.window.selectedID == 1)
    }

    @Test(arguments: ["S<End>", "S2<Down><Down>", "S3", "S4", "S5"])
    func whatTheLogCannotBeLimitedToIsSaid(keys: String) throws {
        let driver = try statistics(keys + "<Enter>")
        #expect(driver.console.screen is StatisticsPage)
        #expect(driver.text().contains("The log cannot be limited to this"))
    }

    @Test func itNeedsTheRightToReadTheLog() throws {
        let driver = ConsoleDriver(mayReadLog: false)
        let effects = driver.effects.count
        try driver.press("S")
        #expect(driver.console.opened.isEmpty && driver.effects.count == effects)
        #expect(driver.text().contains("--grant-auditor"))
        try driver.press("?statistics<Enter>")
        #expect(driver.console.opened.isEmpty)
    }

    @Test func leavingEndsTheReading() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("S")
        #expect(driver.text().contains("counting…"))
        try driver.press("<Esc>")
        #expect(driver.effects.last == .stop(PageQuery<TallySelection>.lane))
        driver.answer()
        #expect(driver.console.screen is AccountList)
    }

    /// What is counted by another group takes the place of what is being counted.
    @Test func onlyTheLastAnswerCounts() throws {
        let driver = try statistics()
        driver.isWaiting = true
        try driver.press("23")
        #expect(driver.text().contains("counting…") && driver.text().contains("[3 hour]"))
        driver.answer()
        #expect(try page(driver).window.rows.count == 24)
    }

    @Test func whatWasCountedStaysWhereTheConnectionIsLost() throws {
        let driver = try statistics("S2<Down>")
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        #expect(try page(driver).window.rows.count == 4 && driver.text().contains("bert"))
        #expect(driver.console.shared.lost != nil)
        // By another group there is nothing to show, and no key takes the old rows for the new.
        try driver.press("1<Enter>")
        #expect(driver.console.screen is StatisticsPage && driver.text().contains("Nothing is selected."))
    }

    @Test func nothingAtAllIsSaidSo() throws {
        let driver = ConsoleDriver()
        try driver.press("S")
        #expect(driver.text().contains("There were none. f chooses another period."))
        try driver.press("<Enter>")
        #expect(driver.text().contains("Nothing is selected."))
    }

    @Test func itIsCountedAgainWhileNobodyTypes() throws {
        let driver = try statistics("S<Down>")
        driver.world.tallies[.action]?.append(AuditTally(group: "sign_out", done: 5000))
        driver.pass(seconds: 20)
        #expect(driver.text().contains("sign out") && driver.text().contains("6,230 events"))
        #expect(try page(driver).window.selectedID == "issue_voice_pin")
    }

    @Test func toldLineByLineThereAreNoBars() throws {
        var world = FakeWorld.few
        world.tallies = FakeWorld.tallies
        let driver = ConsoleDriver(world, isLinear: true)
        try driver.press("S")
        let heard = driver.heard()
        #expect(heard.contains("Events of the last 30 days") && heard.contains("914"))
        #expect(!heard.contains("█") && !heard.contains("░"))
    }
}
