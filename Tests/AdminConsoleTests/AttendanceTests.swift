import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What happens when nobody is there, and when the database is not.
@Suite struct AttendanceTests {
    private let quiet = IdleTime(coverAfter: 300, endAfter: 900)

    @Test func aQuietTimeIsAnnouncedThenCoversAndWipes() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        try driver.press("p<Right><Tab>half-typed-secret")
        driver.pass(seconds: 271)
        #expect(driver.text().contains("hides in 30 seconds"))
        #expect(driver.console.reset?.form.secret(.secret).isEmpty == false)
        driver.pass(seconds: 30)
        #expect(driver.text().contains("Hidden:"))
        #expect(!driver.text().contains("Anna"))
        #expect(driver.console.reset?.form.secret(.secret).isEmpty == true)
        try driver.press("x")
        #expect(driver.text().contains("Anna Berg"))
        #expect(driver.console.reset?.form.focus == .secret)
        #expect(driver.console.reset?.form.secret(.secret).isEmpty == true)
    }

    @Test func aKeyKeepsItAwake() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.pass(seconds: 280)
        try driver.press("<Down>")
        #expect(!driver.text().contains("Still there?"))
        driver.pass(seconds: 200)
        #expect(driver.text().contains("Anna"))
    }

    @Test func aCoveredReceiptHasLostItsSecretAndSaysSo() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        driver.pass(seconds: 301)
        try driver.press("x")
        try driver.press("<C-r>")
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        #expect(driver.text().contains("cleared while the screen was hidden"))
    }

    @Test func afterALongerTimeItEnds() {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.pass(seconds: 901)
        #expect(driver.hasQuit)
    }

    @Test func theReceiptHidesAfterTwoMinutesAndShowsAgainOnAKey() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
        driver.pass(seconds: 121)
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        #expect(driver.text().contains("Ctrl-R shows it"))
        try driver.press("<C-r>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.reset == nil)
    }

    @Test func whatWasFilledInGoesOverToTheSamePersonOnly() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Tab>called from home<Tab>T-7<Tab>yes<Enter><Esc><Esc>p")
        #expect(driver.console.reset?.form.text(.reason) == "called from home")
        #expect(driver.console.reset?.form.text(.ticket) == "T-7")
        #expect(driver.console.reset?.form.text(.confirmation) == "")
        try driver.press("<Esc><Down>p")
        #expect(driver.console.reset?.form.text(.reason) == "")
    }

    @Test func aLostConnectionIsSaidAndTriedAgainWithGrowingPauses() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        #expect(driver.text().contains("NO CONNECTION since"))
        #expect(driver.text().contains("Anna Berg"))
        func tries() -> Int { driver.effects.count { $0.asks(for: AccountPage.self) != nil } }
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
        #expect(driver.console.reset?.form.text(.reason) == "forgot it")
        #expect(driver.text().contains("connection to the database was lost"))
    }

    @Test(arguments: [
        AdminError.schemaDetached, .notPermitted(.viewAccounts), .database(.timedOut),
        .database(.server(ServerError(sqlState: "XX000"))),
    ])
    func anAnswerThatIsNoneIsWaitedForAsLong(error: AdminError) throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        func tries() -> Int { driver.effects.count { $0.asks(for: AccountPage.self) != nil } }
        let before = tries()
        driver.world.failure = error
        driver.pass(seconds: 120)
        // After 1, 3, 7, 15 and 31 seconds, and then every half minute.
        #expect(tries() - before == 7)
        #expect(driver.ticks < 20)
        #expect(driver.text().contains("NOT UPDATED since"))
        #expect(driver.text().contains("Anna Berg"))
        driver.world.failure = nil
        driver.pass(seconds: 31)
        #expect(driver.text().contains("Connected again"))
    }

    @Test func aTryThatIsNeverAnsweredIsNotMadeAgainAtOnce() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        driver.isWaiting = true
        driver.pass(seconds: 60)
        #expect(driver.ticks == 1)
    }

    @Test func aClockThatIsSetBackStopsNothing() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        driver.now = Timestamp(microseconds: driver.now.microseconds - 3_600_000_000)
        driver.pass(seconds: 121)
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        driver.pass(seconds: 180)
        #expect(driver.text().contains("Hidden:"))
        let other = ConsoleDriver()
        other.world.failure = .database(.connectionLost(afterSending: false))
        try other.press("r")
        other.now = Timestamp(microseconds: other.now.microseconds - 3_600_000_000)
        other.world.failure = nil
        other.pass(seconds: 2)
        #expect(other.text().contains("Connected again"))
    }

    @Test func theScreenIsCoveredWhileAChangeIsUnderWay() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.world.endings = [.success(.done(secret: "482913"))]
        driver.isWaiting = true
        try driver.press("v")
        driver.answer()
        driver.isWaiting = true
        try driver.press("<Enter>yes<Enter>")
        driver.pass(seconds: 301)
        #expect(driver.text().contains("Hidden:"))
        // What was sent is seen to its end.
        driver.pass(seconds: 700)
        #expect(!driver.hasQuit && driver.ticks < 50)
        driver.answer()
        try driver.press("x")
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        #expect(driver.text().contains("cleared while the screen was hidden"))
    }

    @Test func whatWasSaidUnderTheCoverIsReadAfterIt() throws {
        var world = FakeWorld.few
        world.approvals = [FakeWorld.request(12)]
        let driver = ConsoleDriver(world, idleTime: quiet)
        try driver.press("<Enter><Right><Enter>yes")
        driver.isWaiting = true
        driver.press(.enter)
        driver.pass(seconds: 301)
        // What was sent is seen to its end.
        driver.pass(seconds: 700)
        #expect(!driver.hasQuit)
        driver.answer()
        #expect(!driver.text().contains("Receipt 4712"))
        try driver.press("x")
        #expect(driver.text().contains("Receipt 4712"))
    }

    @Test func whoIsGoneIsSentAwayOnceTheChangeHasEnded() throws {
        let driver = ConsoleDriver(idleTime: quiet)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes")
        driver.isWaiting = true
        driver.press(.enter)
        driver.pass(seconds: 1000)
        driver.answer()
        driver.pass(seconds: 1)
        #expect(driver.hasQuit)
    }
}
