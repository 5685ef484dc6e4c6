import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Going back to whoever was opened before.
@Suite struct LastPeopleTests {
    @Test func whoWasOpenedBeforeIsTwoKeysAway() throws {
        let driver = ConsoleDriver()
        try driver.press("'")
        #expect(driver.text().contains("You have opened nobody else yet."))
        let first = try #require(driver.selectedEmail)
        try driver.press("<Enter><Esc><Down>")
        let second = try #require(driver.selectedEmail)
        try driver.press("v<Esc><Down><Enter>'")
        #expect(driver.text().contains("Last people"))
        // The last first, and not whose page this is.
        try driver.press("<Enter>")
        #expect(driver.console.screen.account?.email == second)
        try driver.press("'<Down><Enter>")
        #expect(driver.console.screen.account?.email == first)
        try driver.press("<Esc><Esc>")
        #expect(driver.changes.isEmpty)
    }

    @Test func tenAreKept() throws {
        let driver = ConsoleDriver(.many(30))
        for _ in 0..<15 { try driver.press("<Enter><Esc><Down>") }
        #expect(driver.console.shared.lastPeople.count == 10)
        try driver.press("'")
        #expect(driver.text().contains("Last people"))
        try driver.press("<Esc>")
    }
}
