import ConsoleRequests
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What a search hides goes on as if it were seen, and is there again where nobody was chosen.
@Suite struct SearchFromElsewhereTests {
    @Test func oneGoesBackThere() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down><Enter>/an<Esc>")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        try driver.press("/chen<Enter>")
        #expect(driver.console.person?.person.email == "chen.li@example.org")
        try driver.press("<Esc>")
        #expect(driver.console.opened.isEmpty)
    }

    @Test func aPageThatWasNotReadYetIsRead() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("<Enter>/an")
        driver.answer()
        try driver.press("<Esc>")
        #expect(driver.console.person != nil)
        #expect(driver.text().contains("Nothing yet.") && !driver.text().contains("loading…"))
    }

    @Test func itTakesTheSizeOfTheScreen() throws {
        let driver = ConsoleDriver()
        driver.world.events = (1...100).reversed().map { .example($0) }
        try driver.press("Aw/")
        driver.resize(80, 40)
        try driver.press("<Esc><Esc>")
        let other = ConsoleDriver(rows: 40)
        other.world.events = driver.world.events
        try other.press("Aw<Esc>")
        #expect(driver.screen() == other.screen())
    }

    @Test func itHearsOfWhatChanged() throws {
        var world = FakeWorld.few
        world.approvals = [FakeWorld.request(11)]
        let driver = ConsoleDriver(world)
        try driver.press("/")
        driver.world.approvals.insert(FakeWorld.request(12), at: 0)
        driver.pass(seconds: 31)
        try driver.press("<Esc>")
        #expect(driver.text().contains("T-12"))
    }

    @Test func whatIsNotGoneBackToIsWaitedForNoLonger() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("<Enter>/bob")
        #expect(!driver.effects.contains(.stop(DossierQuery.Reader.page.lane)))
        try driver.press("<Tab>")
        #expect(driver.effects.contains(.stop(DossierQuery.Reader.page.lane)))
    }
}
