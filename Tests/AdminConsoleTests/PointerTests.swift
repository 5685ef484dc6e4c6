import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The mouse selects and scrolls, and does nothing else.
@Suite struct PointerTests {
    @Test func aClickSelectsAndOpensNothing() throws {
        let driver = ConsoleDriver()
        let row = try #require(driver.text().split(separator: "\n").firstIndex { $0.contains("chen.li@") })
        driver.click(column: 3, row: row)
        #expect(driver.selectedEmail == "chen.li@example.org")
        driver.click(column: 3, row: row)
        #expect(driver.console.screens.count == 1 && driver.console.overlay == nil)
    }

    @Test(arguments: [0, 1, 2, 3, 20, 22, 23, 500]) func whereNobodyStandsNothingIsSelected(row: Int) throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>")
        let before = driver.selectedEmail
        driver.click(column: 3, row: row)
        #expect(driver.selectedEmail == before)
    }

    @Test func besideTheListNothingIsSelected() throws {
        let driver = ConsoleDriver(columns: 120, rows: 40)
        let before = driver.selectedEmail
        driver.click(column: 100, row: 6)
        #expect(driver.selectedEmail == before)
    }

    @Test func theWheelScrolls() throws {
        let driver = ConsoleDriver(.many(200))
        driver.send(Pointer(.wheelDown, at: Position(column: 1, row: 8)))
        #expect(driver.console.list.window.selectedIndex == 3)
        driver.send(Pointer(.wheelUp, at: Position(column: 1, row: 8)))
        driver.send(Pointer(.wheelUp, at: Position(column: 1, row: 8)))
        #expect(driver.console.list.window.selectedIndex == 0)
    }

    /// What is confirmed in a dialog is never confirmed by the mouse, and what lies behind it stays as it is.
    @Test func aDialogIsNotClickedThrough() throws {
        let driver = ConsoleDriver()
        try driver.press("x")
        let account = try #require(driver.console.reset?.account)
        for row in 0..<24 { driver.click(column: 30, row: row) }
        #expect(driver.console.reset?.account == account)
        #expect(driver.selectedEmail == account.email)
        #expect(driver.changes.isEmpty)
    }

    /// What is typed next goes where it would have gone: a password into its own field, and not into the ticket, which the log keeps.
    @Test(arguments: ["p2<Tab>", "v", "i"]) func theWheelLeavesTheFieldsOfADialog(keys: String) throws {
        let turned = ConsoleDriver(), straight = ConsoleDriver()
        for driver in [turned, straight] { try driver.press("<Enter>" + keys) }
        for act in [Pointer.Act.wheelDown, .wheelDown, .wheelUp, .wheelUp] {
            turned.send(Pointer(act, at: Position(column: 30, row: 8)))
        }
        for driver in [turned, straight] { try driver.press("7") }
        #expect(turned.screen() == straight.screen())
    }

    @Test func theWheelGoesThroughAMenu() throws {
        let driver = ConsoleDriver()
        try driver.press("?")
        let before = driver.screen()
        driver.send(Pointer(.wheelDown, at: Position(column: 30, row: 8)))
        #expect(driver.screen() != before)
    }

    @Test func underTheCoverAClickOnlyUncovers() throws {
        let driver = ConsoleDriver(idleTime: IdleTime(coverAfter: 60))
        driver.pass(seconds: 61)
        #expect(driver.console.shared.isCovered)
        let before = driver.selectedEmail
        driver.click(column: 3, row: 6)
        #expect(!driver.console.shared.isCovered)
        #expect(driver.selectedEmail == before)
    }
}
