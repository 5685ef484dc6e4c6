import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Going back to the screens that were seen before, and forward again.
@Suite struct TrailTests {
    @Test func ctrlOGoesBackAndTabForward() throws {
        let driver = ConsoleDriver()
        let first = try #require(driver.selectedEmail)
        try driver.press("<Enter><Esc><Down>")
        let second = try #require(driver.selectedEmail)
        try driver.press("<Enter>A")
        #expect(driver.console.screen.name == "log")
        try driver.press("<C-o>")
        #expect(driver.console.screen.account?.email == second)
        try driver.press("<C-o><C-o>")
        #expect((driver.console.screen as? PersonPage)?.person.email == first)
        try driver.press("<Tab><Tab>")
        #expect((driver.console.screen as? PersonPage)?.person.email == second)
        try driver.press("<Tab>")
        #expect(driver.console.screen.name == "log")
        try driver.press("<Tab>")
        #expect(driver.text().contains("There is no screen to go forward to."))
    }

    @Test func whoWentElsewhereCannotGoForward() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>A<C-o>")
        #expect(driver.console.screen is PersonPage)
        try driver.press("<Esc><Tab>")
        #expect(driver.text().contains("There is no screen to go forward to."))
    }

    @Test func theFirstScreenHasNothingBefore() throws {
        let driver = ConsoleDriver()
        try driver.press("<C-o>")
        #expect(driver.text().contains("You have seen no other screen before this."))
    }

    /// A search that is shown has Tab for itself.
    @Test func tabGoesIntoTheSearchFirst() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter><Esc>/anna<Tab><Tab>")
        #expect((driver.console.screen as? AccountList)?.isSearching == true)
    }

    /// Keys act on who is seen after going back, and on nobody else.
    @Test func keysActOnWhoIsSeen() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>]")
        let second = try #require(driver.console.screen.account?.email)
        try driver.press("<C-o>x")
        let first = try #require(driver.console.reset?.account.email)
        #expect(first != second)
        #expect((driver.console.screen as? PersonPage)?.person.email == first)
    }
}
