import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What stands beside a wide list, and when it is read.
@Suite struct PreviewTests {
    private func reads(_ driver: ConsoleDriver) -> Int {
        driver.effects.count { $0.asks(for: DossierQuery.self)?.reader == .preview }
    }

    @Test func whoChangedSinceTheListWasReadIsReadOnceAndShownAsTheyAre() throws {
        let driver = ConsoleDriver(columns: 120, rows: 40)
        driver.world.touch(2) { $0.lastName = "Stein" }
        try driver.press("<Down>")
        driver.pass(seconds: 10)
        #expect(reads(driver) == 1)
        #expect(driver.console.list.window.selected?.lastName == "Stein")
        #expect(!driver.text().contains("Bob Stone"))
    }

    @Test func withoutAConnectionNothingIsReadAndNoTimeIsAskedFor() throws {
        let driver = ConsoleDriver(columns: 120, rows: 40)
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r<Down>")
        let before = reads(driver)
        driver.pass(seconds: 60)
        #expect(reads(driver) == before)
        #expect(driver.ticks < 20)
    }

    @Test func thePreviewFollowsTheCursorAMomentLaterAndNeverMixesTwoPeople() throws {
        let driver = ConsoleDriver(columns: 120, rows: 40)
        driver.world.history = [.example(41, "reset_password")]
        let before = driver.effects.count
        try driver.press("<Down><Down><Down><Up>")
        // Nothing is read while the cursor moves, and nothing of anybody else is shown.
        #expect(!driver.effects[before...].contains { $0.asks(for: DossierQuery.self) != nil })
        #expect(driver.text().contains("@chen.li"))
        #expect(!driver.text().contains("Recent activity"))
        driver.pass(seconds: 0.2)
        #expect(driver.effects[before...].count { $0.asks(for: DossierQuery.self)?.reader == .preview } == 1)
        #expect(driver.text().contains("Recent activity"))
        // A narrow screen has no room for it, and reads nothing for it.
        let narrow = ConsoleDriver(columns: 109, rows: 40)
        try narrow.press("<Down>")
        narrow.pass(seconds: 1)
        #expect(!narrow.effects.contains { $0.asks(for: DossierQuery.self) != nil })
    }
}
