import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Keys that are typed before the far terminal has shown what they would be for.
@Suite struct TypeAheadTests {
    @Test func keysBeforeADialogIsSeenDoNothing() throws {
        let driver = ConsoleDriver()
        driver.isFarAway = true
        try driver.press("v<Enter>yes<Enter><Esc>q<C-c>")
        driver.paste("yes\n")
        #expect(driver.changes.isEmpty)
        #expect(!driver.hasQuit)
        #expect(driver.console.reset?.form.text(.confirmation).isEmpty == true)
        #expect(driver.console.reset?.form.focus == .method)
        driver.show()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.changes.count == 1)
    }

    @Test func keysBeforeAReceiptIsSeenDoNotDismissIt() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes")
        driver.isFarAway = true
        try driver.press("<Enter><Esc><Esc><Esc>q")
        #expect(driver.text().contains("4 8 2   9 1 3"))
        driver.show()
        #expect(driver.text().contains("4 8 2   9 1 3"))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.reset == nil)
    }

    @Test func keysBeforeAConflictIsSeenConfirmNothing() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.conflict)]
        try driver.press("v<Enter>yes")
        driver.isFarAway = true
        try driver.press("<Enter>yes<Enter>yes<Enter>")
        #expect(driver.changes.count == 1)
        #expect(driver.console.reset?.form.text(.confirmation).isEmpty == true)
    }

    @Test func aKeyThatIsDroppedStillSaysThatSomebodyIsThere() throws {
        let driver = ConsoleDriver(idleTime: IdleTime(coverAfter: 300))
        driver.isFarAway = true
        try driver.press("v")
        driver.pass(seconds: 290)
        try driver.press("x")
        driver.pass(seconds: 200)
        #expect(!driver.text().contains("Hidden:"))
    }

    @Test func noKeyActsOnAScreenThatIsTooSmall() throws {
        let driver = ConsoleDriver()
        try driver.press("v")
        driver.resize(20, 5)
        try driver.press("yes<Enter>")
        driver.paste("yes")
        driver.resize(80, 24)
        #expect(driver.changes.isEmpty && driver.console.reset?.form.text(.confirmation) == "")
    }
}
