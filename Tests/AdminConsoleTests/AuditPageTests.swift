import AuditVerification
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The log as a list, its filters and its verification.
@Suite struct AuditPageTests {
    private func log(of count: Int) throws -> ConsoleDriver {
        let driver = ConsoleDriver()
        driver.world.events = (1...count).reversed().map { .example($0) }
        try driver.press("A")
        return driver
    }

    private func selected(_ driver: ConsoleDriver) -> Int? { driver.console.audit?.window.selectedID }

    @Test func endsAreReachedAtOnceAndItIsReadBothWays() throws {
        let driver = try log(of: 1000)
        #expect(driver.text().contains("1 of 1,000"))
        try driver.press("G")
        #expect(selected(driver) == 1)
        #expect(driver.text().contains("1,000 of 1,000"))
        for sequence in 2...600 {
            driver.press(.up)
            #expect(selected(driver) == sequence)
        }
        try driver.press("g")
        #expect(selected(driver) == 1000)
        for _ in 0..<80 { driver.press(.pageDown) }
        #expect(selected(driver) == 1)
        #expect(driver.console.audit?.window.rows.map(\.sequence) == Array((1...1000).reversed()))
    }

    @Test(arguments: [3, 700]) func newEventsComeOnTopAndTheSelectionStays(_ count: Int) throws {
        let driver = try log(of: 1000)
        try driver.press("<Down><Down><Down>")
        driver.world.events = (1...(1000 + count)).reversed().map { .example($0) }
        try driver.press("r")
        #expect(selected(driver) == 997)
        let row = try #require(driver.text().split(separator: "\n").first { $0.hasPrefix(">") })
        #expect(row.contains(AuditEvent.example(997).occurredAt.rfc3339.prefix(10)))
        try driver.press("g")
        #expect(selected(driver) == 1000 + count)
    }

    @Test func filtersLimitItAreSaidInWordsAndClearedByOneKey() throws {
        let driver = try log(of: 100)
        try driver.press("f<Tab>bert<Tab><Tab><Right><Right><Tab><Tab>7d<Enter>")
        let selection = try #require(driver.console.audit?.selection)
        #expect(selection.operatorName == "bert")
        #expect(selection.outcome == "refused")
        #expect(selection.since == FakeWorld.moment(daysAgo: 7))
        #expect(driver.console.audit?.window.rows.allSatisfy { $0.outcome == "refused" } == true)
        #expect(driver.text().contains("Log: refused; by bert; since 2026-09-14 14:13"))
        #expect(driver.text().contains("1 of 50"))
        try driver.press("f")
        #expect(driver.text().contains("bert"))
        try driver.press("<Esc>c")
        #expect(driver.console.audit?.selection == AuditSelection())
        #expect(driver.text().contains("1 of 100"))
    }

    @Test func aTimeThatIsNoneIsSaidAndNothingIsAsked() throws {
        let driver = try log(of: 10)
        try driver.press("f<Tab><Tab><Tab><Tab><Tab>yesterday")
        let before = driver.effects.count
        try driver.press("<Enter>")
        #expect(driver.effects.count == before)
        #expect(driver.text().contains("Since must be a time, such as 2026-01-31"))
        #expect(driver.console.menu != nil)
        try driver.press("<C-u>24h<Enter>")
        #expect(driver.console.menu == nil)
    }

    @Test func aPasteFillsOneFieldOfTheFilter() throws {
        let driver = try log(of: 10)
        try driver.press("f")
        driver.paste("anna.berg@example.org\nbert\n")
        #expect(driver.console.menu != nil)
        try driver.press("<Enter>")
        #expect(driver.console.audit?.selection.account == .name("anna.berg@example.org bert"))
    }

    @Test func theHistoryOfOnePersonStaysTheirsWhateverTheFilter() throws {
        let driver = ConsoleDriver()
        try driver.press("af<Tab><Tab><Right><Enter>")
        #expect(driver.console.audit?.selection.account == .id(FakeWorld.id(1)))
        #expect(driver.console.audit?.selection.outcome == "done")
        try driver.press("c")
        #expect(driver.console.audit?.selection == AuditSelection(account: .id(FakeWorld.id(1))))
    }

    @Test func verifyingSaysWhatItFoundAndKeepsItUntilTheNextReading() throws {
        let driver = try log(of: 10)
        try driver.press("V")
        #expect(driver.text().contains("Log verified: 4,711 events, head"))
        try driver.press("<Down>")
        #expect(driver.text().contains("verified: 4,711 events"))
        try driver.press("r")
        #expect(!driver.text().contains("verified"))
        driver.world.verification.problem = AuditProblem(sequence: 7, kind: .edited)
        try driver.press("V")
        #expect(driver.text().contains("The log is BROKEN at event 7"))
        try driver.press("<Down>")
        #expect(driver.text().contains("BROKEN at event 7"))
    }

    @Test func verifyingHoldsNoKeyUpAndEndsByEsc() throws {
        let driver = try log(of: 100)
        driver.isWaiting = true
        try driver.press("V")
        guard case .run(let request, AnyWork(VerifyLog())) = driver.waiting.last else {
            Issue.record("It is not being verified.")
            return
        }
        driver.give(VerifyLog.Progress(sequence: 2000, total: 100_000), to: request)
        #expect(driver.text().contains("verifying… 2,000 of 100,000"))
        try driver.press("<Down><Down>")
        #expect(selected(driver) == 98)
        try driver.press("<Esc>")
        #expect(driver.effects.last == .stop(VerifyLog.lane))
        #expect(driver.console.audit != nil)
        #expect(driver.text().contains("Verification stopped; the log was not checked."))
        driver.answer()
        #expect(!driver.text().contains("Log verified"))
        try driver.press("<Esc>")
        #expect(driver.console.audit == nil)
    }

    @Test func everyMomentIsShownAsChosen() throws {
        let driver = try log(of: 10)
        try driver.press("f<Tab><Tab><Tab><Tab><Tab>7d<Enter>tt")
        #expect(driver.text().contains("since 2026-09-14 14:13Z"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("2026-09-21 14:13:20Z"))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13:20 (now)"))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13:20") && !driver.text().contains("(now)"))
        #expect(!driver.text().contains("14:13:20Z"))
        // The event of somebody's recent activity, and what is said of a line that dropped.
        let other = ConsoleDriver()
        other.world.history = [
            HistoryEntry(
                sequence: 7, occurredAt: FakeWorld.moment(daysAgo: 1), action: "reset_password", outcome: "done",
                actor: ActorName(databaseUser: "bert"))
        ]
        try other.press("<Enter><Enter>tt")
        #expect(other.text().contains("2026-09-20 14:13:20Z"))
        other.world.failure = .database(.connectionLost(afterSending: false))
        try other.press("<Esc>r")
        try other.press("<Down>")
        #expect(other.text().contains("NO CONNECTION since 14:13:20Z"))
    }

    @Test func anEventSaysWhereThereIsMoreOfIt() throws {
        let driver = try log(of: 1)
        try driver.press("<Enter>")
        #expect(driver.text().contains(" ↓ more"))
        try driver.press("<Down>")
        #expect(driver.text().contains(" ↑ ↓ more"))
        try driver.press("G")
        #expect(driver.text().contains(" ↑ more"))
    }

    private func counts(_ driver: ConsoleDriver) -> Int {
        driver.effects.count { $0.asks(for: CountQuery<AuditSelection>.self) != nil }
    }

    @Test func itIsCountedOnceHoweverManyPagesAreReadMeanwhile() throws {
        let driver = ConsoleDriver()
        driver.world.events = (1...1000).reversed().map { .example($0) }
        driver.isWaiting = true
        try driver.press("A")
        #expect(counts(driver) == 0)
        driver.answer(0)
        #expect(counts(driver) == 1)
        let rows = driver.console.audit?.window.rows.count ?? 0
        for _ in 0..<6 {
            driver.press(.pageDown)
            if let page = driver.waiting.firstIndex(where: { $0.asks(for: PageQuery<AuditSelection>.self) != nil }) {
                driver.answer(page)
            }
        }
        #expect(driver.console.audit?.window.rows.count ?? 0 > rows)
        #expect(counts(driver) == 1)
        driver.answer()
        #expect(driver.text().contains("of 1,000"))
    }

    @Test func aCountThatNobodyWaitsForEndsAtTheServerToo() throws {
        let driver = ConsoleDriver()
        driver.world.events = (1...1000).reversed().map { .example($0) }
        driver.isWaiting = true
        try driver.press("A")
        driver.answer(0)
        try driver.press("<Esc>")
        #expect(driver.effects.contains(.stop(CountQuery<AuditSelection>.lane())))
    }

    @Test func breadcrumbsSayTheWay() throws {
        let driver = ConsoleDriver(columns: 120)
        driver.world.events = [.example(1)]
        try driver.press("<Enter>a<Enter>")
        #expect(driver.text().contains("accounts › Anna Berg › history › receipt 1"))
        try driver.press("<Esc><Esc><Esc>")
        #expect(driver.console.opened.isEmpty)
    }
}
