import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// A change that takes long, or of which not all is known.
@Suite struct SlowChangeTests {
    /// A PIN that is being issued, and not answered yet.
    private func sending(_ ending: FakeWorld.Ending) throws -> ConsoleDriver {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(ending)]
        try driver.press("v<Enter>yes")
        driver.isWaiting = true
        driver.press(.enter)
        driver.giveProgress(nil)
        #expect(driver.text().contains("Saving. Please wait…"))
        return driver
    }

    @Test(arguments: ["<Esc>", "<C-c>"]) func nobodyStopsWaitingByAKeyThatWasPressedTooLong(_ key: String) throws {
        let driver = try sending(.done(secret: "482913"))
        try driver.press(key)
        #expect(driver.text().contains("Saving. Please wait…"))
        driver.pass(seconds: 4)
        #expect(driver.text().contains("stop waiting"))
        try driver.press(key)
        #expect(driver.text().contains("OUTCOME UNKNOWN"))
        #expect(driver.text().contains(FakeWorld.id(0xF000).uuidString.lowercased().prefix(8)))
    }

    @Test func whatIsHappeningIsSaid() throws {
        let driver = try sending(.done(secret: "482913"))
        driver.giveProgress("The connection was lost after the change was sent.")
        #expect(driver.text().contains("The connection was lost after the change was sent."))
        driver.answer()
        #expect(driver.text().contains("4 8 2   9 1 3") && !driver.text().contains("was lost"))
    }

    @Test func anAnswerThatComesAfterAllIsShown() throws {
        let driver = try sending(.done(secret: "482913"))
        driver.pass(seconds: 4)
        try driver.press("<Esc>")
        #expect(driver.text().contains("OUTCOME UNKNOWN"))
        driver.answer()
        #expect(driver.text().contains("4 8 2   9 1 3") && driver.text().contains("4711"))
    }

    @Test func anAnswerAfterTheDialogWasClosedIsSaid() throws {
        let driver = try sending(.done(secret: "482913"))
        driver.pass(seconds: 4)
        try driver.press("<Esc><Esc>")
        #expect(driver.console.reset == nil)
        driver.answer()
        #expect(driver.text().contains("4711") && driver.text().contains("reset it once more"))
        #expect(!driver.text().contains("482"))
        // It is told once, and of no other change.
        try driver.press("<Down>")
        #expect(!driver.text().contains("4711"))
    }

    @Test func whatNoStandbyHasIsSaidOnTheReceipt() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.unreplicated(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
        #expect(driver.text().contains("the standby that should have it"))
        #expect(driver.text().contains("DONE ON THIS SERVER ONLY"))
    }
}
