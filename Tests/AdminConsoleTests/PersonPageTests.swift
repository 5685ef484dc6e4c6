import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole

@Suite struct PersonPageTests {
    @Test func aDeletedPersonIsSaidToBeGone() throws {
        let driver = ConsoleDriver()
        driver.world.delete(1)
        try driver.press("<Enter>")
        #expect(driver.text().contains("This account was deleted"))
        try driver.press("v")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("There is nothing to change"))
    }

    @Test func anErrorKeepsThePersonAndIsTriedAgain() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: true))
        try driver.press("<Enter>")
        #expect(driver.text().contains("anna.berg@example.org"))
        #expect(driver.text().contains("Press r to try again."))
        driver.world.failure = nil
        try driver.press("r")
        #expect(driver.text().contains("Nothing yet."))
    }

    @Test func anAnswerForThePersonBeforeIsDropped() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("<Enter><Esc><Down><Enter>")
        driver.world.delete(1)
        driver.answer()
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        #expect(driver.console.person?.known.isGone == false)
    }

    @Test func scrollingEndsAtTheLastLineAndSurvivesResizing() throws {
        let driver = ConsoleDriver(columns: 40, rows: 10)
        driver.world.history = (1...30).map {
            HistoryEntry(
                sequence: $0, occurredAt: FakeWorld.moment(daysAgo: $0), action: "reset_password", outcome: "done",
                actor: ActorName(databaseUser: "desk\($0)"))
        }
        try driver.press("<Enter>G")
        #expect(driver.console.person?.selection == 29)
        driver.resize(120, 60)
        #expect(driver.text().contains("Anna Berg"))
        #expect(driver.text().contains("desk30"))
        try driver.press("<Up>g")
        #expect(driver.text().contains("Anna Berg"))
    }

    @Test func theActionsScrollWhereTheyDoNotFit() throws {
        let driver = ConsoleDriver(columns: 40, rows: 10)
        try driver.press("?")
        #expect(!driver.text().contains("suspend"))
        try driver.press("<PgDn><PgDn><PgDn><PgDn><PgDn>")
        #expect(driver.text().contains("suspend"))
        try driver.press("<Esc>")
        #expect(driver.console.menu == nil)
    }
}
