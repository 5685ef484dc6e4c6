import AccountDisplay
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

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
        #expect(driver.text().contains("Press F5 to try again."))
        driver.world.failure = nil
        try driver.press("r")
        #expect(driver.text().contains("Nothing yet."))
    }

    @Test func thatThereIsNoneIsSaidOnlyWhereThatWasRead() throws {
        let driver = ConsoleDriver()
        func says(_ words: String) -> Bool {
            ["Links", "Teams"].allSatisfy { label in
                driver.text().split(separator: "\n").contains { $0.contains(label) && $0.contains(words) }
            }
        }
        driver.isWaiting = true
        try driver.press("<Enter>")
        #expect(says("not read yet"))
        driver.world.partialFailure = .notPermitted(.changeCredentials)
        driver.answer()
        #expect(says("Your rights do not include these."))
        driver.world.partialFailure = nil
        try driver.press("r")
        #expect(says("none"))
        // What is known is not forgotten with the line.
        driver.world.failure = .database(.connectionLost(afterSending: false))
        try driver.press("r")
        #expect(says("none") && driver.text().contains("Nothing yet."))
        let wide = ConsoleDriver(columns: 120, rows: 40)
        wide.world.partialFailure = .database(.timedOut)
        wide.pass(seconds: 1)
        #expect(wide.text().contains("did not answer") && !wide.text().contains("none"))
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
        #expect(!driver.text().contains("This is the first screen."))
        try driver.press("<PgDn><End>")
        #expect(driver.text().contains("This is the first screen."))
        try driver.press("<Esc>")
        #expect(driver.console.overlay == nil)
    }

    @Test func thePageUnderADialogShowsWhatTheDialogRead() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>")
        driver.world.touch(1) { $0.isActive = false }
        driver.world.history = [.example(41, "deactivate")]
        try driver.press("p")
        #expect(driver.text().contains("INACTIVE: cannot sign in, even after this"))
        #expect(driver.console.person?.person.isActive == false)
        #expect(driver.console.person?.known.entries.count == 1)
    }

    @Test func aDenialIsSaidOnThePage() throws {
        let driver = ConsoleDriver()
        driver.world.history = [
            .example(44, "deny", by: "lead1", claiming: "root"), .example(43, "request_approval"),
        ]
        try driver.press("<Enter>")
        #expect(driver.text().contains("✗ Request denied 6 s ago by lead1: “new phone”"))
        driver.world.history.insert(.example(45, "approve", by: "lead1"), at: 0)
        try driver.press("r")
        #expect(!driver.text().contains("Request denied"))
    }

    /// Before they are used up, too: how many more somebody may ask for is what they ask.
    @Test func howManyLinksWereAskedForIsSaid() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>")
        #expect(!driver.text().contains("Asked for"))
        driver.world.obstacles.linksAsked = 2
        try driver.press("r")
        #expect(driver.text().contains("2 of 5 links within the hour") && !driver.text().contains("no more of"))
        driver.world.obstacles.linksAsked = 5
        try driver.press("r")
        #expect(driver.text().contains("5 of 5 links within the hour, no more of their own; l sends one"))
    }

    @Test func mailThatFailsIsSaid() throws {
        let driver = ConsoleDriver()
        driver.world.obstacles.lastMail = .init(
            state: "waiting", at: FakeWorld.now, unsent: UnsentMail("exit 75", 3, isOver: false))
        driver.world.links = [
            ResetLink(
                id: FakeWorld.id(9), address: "anna.berg@example.org", origin: .staff, databaseUser: "desk",
                createdAt: FakeWorld.now, state: .queued, unsent: UnsentMail("exit 75", 3, isOver: false))
        ]
        try driver.press("<Enter>")
        #expect(driver.text().contains("not sent yet: exit 75, 3 tries"))
        let text = driver.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("queued now, not sent yet: exit 75, 3 tries, to anna.berg"), "\(text)")
        driver.world.obstacles.lastMail = .init(
            state: "failed", at: FakeWorld.now, unsent: UnsentMail("exit 67", 1, isOver: true))
        try driver.press("r")
        #expect(driver.text().contains("given up now, not sent: exit 67, 1 try"))
    }

    @Test func aTemporaryPasswordIsSaidOnThePage() throws {
        let driver = ConsoleDriver()
        let until = Timestamp(microseconds: FakeWorld.now.microseconds + 3_540_000_000)
        driver.world.temporaryPassword = TemporaryPassword(until: until)
        try driver.press("<Enter>")
        #expect(driver.text().contains(/must be changed by \d\d:\d\d \(59 min\)/))
        driver.world.temporaryPassword = TemporaryPassword(until: FakeWorld.moment(daysAgo: 1))
        try driver.press("r")
        #expect(driver.text().contains("time is over; it works until convonet-admin tidy ends it"))
        driver.world.temporaryPassword?.expiredAt = FakeWorld.moment(daysAgo: 1)
        try driver.press("r")
        #expect(driver.text().contains("ran out 1 d ago, no password works; no link was sent; l sends one"))
        driver.world.links = [
            ResetLink(
                id: FakeWorld.id(9), address: "anna.berg@example.org", origin: .schedule, databaseUser: "tidy",
                createdAt: FakeWorld.moment(daysAgo: 1), state: .sent)
        ]
        try driver.press("r")
        #expect(driver.text().contains("ran out 1 d ago, no password works; a link was sent"))
        #expect(driver.text().contains("sent 1 d ago, to anna.berg@example.org; sent at expiry"))
    }

    @Test func recentActivityIsFilteredAndOpened() throws {
        let driver = ConsoleDriver()
        driver.world.history = [
            .example(43, "reset_password", "refused", by: "desk1"), .example(42, "set_voice_pin", by: "desk2"),
        ]
        try driver.press("<Enter>f")
        #expect(driver.text().contains("1 of 1, done only") && driver.text().contains("desk2"))
        try driver.press("f")
        #expect(driver.text().contains("1 of 1, not done only") && driver.text().contains("desk1"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("receipt 43"))
        try driver.press("<Esc>f<Down>")
        #expect(driver.text().contains("2 of 2"))
    }

    @Test func theNeighbourIsOpenedWithoutGoingBack() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>]")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        #expect(driver.console.opened.count == 1)
        try driver.press("[[")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        #expect(driver.text().contains("This is the first person of the list."))
    }

    @Test func timesAreShownInThreeWays() throws {
        let driver = ConsoleDriver()
        driver.world.history = [.example(41, "reset_password")]
        try driver.press("<Enter>")
        #expect(driver.text().contains("9 s ago"))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13 "))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13Z"))
        try driver.press("t")
        #expect(driver.text().contains("9 s ago"))
    }
}
