import ConvonetCore
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole

/// What happens when nobody is there, and when the database is not.
@Suite struct AttendanceTests {
    private let quiet = QuietTime(coverAfter: 300, endAfter: 900)

    @Test func aQuietTimeIsAnnouncedThenCoversAndWipes() throws {
        let driver = ConsoleDriver(quietTime: quiet)
        try driver.press("p<Right><Tab>half-typed-secret")
        driver.pass(seconds: 271)
        #expect(driver.text().contains("covered in 30 seconds"))
        #expect(driver.console.reset?.secret.isEmpty == false)
        driver.pass(seconds: 30)
        #expect(driver.text().contains("Covered"))
        #expect(!driver.text().contains("Anna"))
        #expect(driver.console.reset?.secret.isEmpty == true)
        try driver.press("x")
        #expect(driver.text().contains("Anna Berg"))
        #expect(driver.console.reset?.focus == .secret)
        #expect(driver.console.reset?.secret.isEmpty == true)
    }

    @Test func aKeyKeepsItAwake() throws {
        let driver = ConsoleDriver(quietTime: quiet)
        driver.pass(seconds: 280)
        try driver.press("<Down>")
        #expect(!driver.text().contains("covered in"))
        driver.pass(seconds: 200)
        #expect(driver.text().contains("Anna"))
    }

    @Test func aCoveredReceiptHasLostItsSecretAndSaysSo() throws {
        let driver = ConsoleDriver(quietTime: quiet)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        driver.pass(seconds: 301)
        try driver.press("x")
        try driver.press("<C-r>")
        #expect(!driver.text().contains("482 913"))
        #expect(driver.text().contains("wiped while nobody was here"))
    }

    @Test func afterALongerTimeItEnds() {
        let driver = ConsoleDriver(quietTime: quiet)
        driver.pass(seconds: 901)
        #expect(driver.hasQuit)
    }

    @Test func theReceiptHidesAfterTwoMinutesAndShowsAgainOnAKey() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("482 913"))
        driver.pass(seconds: 121)
        #expect(!driver.text().contains("482 913"))
        #expect(driver.text().contains("Ctrl-R shows it again"))
        try driver.press("<C-r>")
        #expect(driver.text().contains("482 913"))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.reset == nil)
    }

    @Test func whatWasFilledInGoesOverToTheSamePersonOnly() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Tab>called from home<Tab>T-7<Tab>yes<Enter><Esc><Esc>p")
        #expect(driver.console.reset?.reason.text == "called from home")
        #expect(driver.console.reset?.ticket.text == "T-7")
        #expect(driver.console.reset?.confirmation.text == "")
        try driver.press("<Esc><Down>p")
        #expect(driver.console.reset?.reason.text == "")
    }

    @Test func aLostConnectionIsSaidAndTriedAgainWithGrowingPauses() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        #expect(driver.text().contains("NO CONNECTION since"))
        #expect(driver.text().contains("Anna Berg"))
        func tries() -> Int { driver.effects.filter { if case .loadPage = $0 { true } else { false } }.count }
        let before = tries()
        driver.pass(seconds: 8)
        #expect(tries() - before == 3)
        driver.world.failure = nil
        driver.pass(seconds: 9)
        #expect(driver.text().contains("Connected again"))
        try driver.press("<Down>")
        #expect(!driver.text().contains("NO CONNECTION"))
    }

    @Test func aDialogOutlivesALostConnectionWithItsFields() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.failure(.database(.connectionLost(afterSending: false)))]
        try driver.press("p<Tab>forgot it<Tab><Tab>yes<Enter>")
        #expect(driver.console.reset?.stage == .form)
        #expect(driver.console.reset?.reason.text == "forgot it")
        #expect(driver.text().contains("connection to the database was lost"))
    }
}
