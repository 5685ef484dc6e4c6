import AccountDisplay
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What is on the screen is read anew while nobody types, and the selected person stays the selected one.
@Suite struct LiveReadingTests {
    private static func pages(_ driver: ConsoleDriver) -> Int {
        driver.effects.count { $0.asks(for: PageQuery<AccountSelection>.self) != nil }
    }

    @Test func theListIsReadEveryTenSeconds() throws {
        let driver = ConsoleDriver()
        driver.world.accounts[0].lastName = "Hill"
        driver.pass(seconds: 9)
        #expect(!driver.text().contains("Hill"))
        driver.pass(seconds: 2)
        #expect(driver.text().contains("Hill"))
        #expect(driver.console.shared.message == nil)
    }

    @Test func howManyThereAreIsCountedAgain() throws {
        let driver = ConsoleDriver()
        #expect(driver.text().contains("1 of 5"))
        driver.world.accounts.insert(FakeWorld.account(9, email: "aaron@example.org", first: "Aaron", last: "A"), at: 0)
        driver.pass(seconds: 11)
        #expect(driver.text().contains("2 of 6"), "\(driver.text())")
    }

    @Test func nobodyIsInterruptedWhileTyping() throws {
        let driver = ConsoleDriver(.many(30))
        driver.pass(seconds: 9.5)
        let before = Self.pages(driver)
        for _ in 0..<10 {
            try driver.press("<Down>")
            driver.pass(seconds: 1)
        }
        #expect(Self.pages(driver) == before)
        driver.pass(seconds: 2)
        #expect(Self.pages(driver) == before + 1)
    }

    /// Somebody else inserts, deletes and renames ten times a second, for an hour.
    @Test func theSelectedPersonStaysSelectedAndWhoIsMarkedMarked() throws {
        let driver = ConsoleDriver(.many(120))
        try driver.press(String(repeating: "<Down>", count: 30) + "<Space><Down><Down><Space>")
        try driver.press(String(repeating: "<Down>", count: 6))
        let marked = driver.console.list.marks.people.map(\.id)
        #expect(marked.count == 2)
        let selected = try #require(driver.console.screen.account?.id)
        var random = SeededGenerator(state: 16)
        var (number, wasGone) = (1000, false)
        for _ in 0..<3600 {
            for _ in 0..<10 {
                number += 1
                let place = driver.world.accounts.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    let email = "person\(Int.random(in: 0..<99_999, using: &random)).\(number)@example.org"
                    driver.world.accounts.append(FakeWorld.account(number, email: email, first: "New", last: "Person"))
                case 1 where driver.world.accounts.count > 60: driver.world.accounts.remove(at: place)
                default: driver.world.accounts[place].email = "renamed\(number)@example.org"
                }
            }
            driver.pass(seconds: 1)
            #expect(driver.console.screen.account?.id == selected)
            // Whoever is there stays marked; who is gone does not, as soon as that is read.
            let marks = driver.console.list.marks.people.map(\.id)
            #expect(marks == marked.filter(marks.contains))
            #expect(marked.allSatisfy { id in marks.contains(id) || !driver.world.accounts.contains { $0.id == id } })
            wasGone = wasGone || !driver.world.accounts.contains { $0.id == selected }
        }
        #expect(wasGone)
    }

    /// The row of the screen with the cursor, and what stands in it.
    private static func selectedRow(_ driver: ConsoleDriver) -> (row: Int, text: String)? {
        let screen = driver.screen()
        return screen.cursor.map { ($0.row, screen.row($0.row).map(\.text).joined()) }
    }

    /// However many come before, and wherever in a list of whatever length the selected one stands.
    @Test(arguments: [15, 45, 120, 700]) func theSelectedRowStaysInItsRow(count: Int) throws {
        for (keys, come) in [
            ("", 4), ("<Down>", 9), ("<Down><Down>", 5), ("<PgDn>", 6), ("<End>", 4), ("<End><Up>", 40),
        ] {
            for far in [0, 30] {
                let driver = ConsoleDriver(.many(count))
                try driver.press(keys + String(repeating: "<Down>", count: far) + "<Up><Down>")
                let before = try #require(Self.selectedRow(driver))
                let email = driver.selectedEmail
                for number in 0..<come {
                    driver.world.accounts.append(
                        FakeWorld.account(9000 + number, email: "a\(number)@example.org", first: "A", last: "A"))
                }
                driver.pass(seconds: 11)
                let after = try #require(Self.selectedRow(driver))
                #expect(driver.selectedEmail == email && after.row == before.row, "\(count), \(keys), \(far)")
                driver.pass(seconds: 30)
                #expect(Self.selectedRow(driver)?.row == before.row)
                // A key goes on from there, and fills the screen again.
                try driver.press("<Home>")
                #expect(Self.selectedRow(driver)?.row == 4)
            }
        }
    }

    /// Where there is room for everybody, nobody is hidden above an empty screen.
    @Test func aListForWhichThereIsRoomIsSeenWhole() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>")
        let email = driver.selectedEmail
        driver.world.accounts.append(FakeWorld.account(9, email: "aaron@example.org", first: "Aaron", last: "A"))
        driver.pass(seconds: 11)
        #expect(driver.selectedEmail == email && driver.text().contains("aaron@example.org"))
    }

    @Test func theEndOfTheListGoesAndTheRowStays() throws {
        let driver = ConsoleDriver(.many(60))
        try driver.press("<End>" + String(repeating: "<Up>", count: 8))
        let before = try #require(Self.selectedRow(driver))
        driver.world.accounts.removeLast(5)
        driver.pass(seconds: 11)
        #expect(Self.selectedRow(driver)?.row == before.row)
        #expect(!driver.text().contains("person00059"))
    }

    @Test(arguments: [0, 1, 7, 40]) func anEventStaysInItsRowWhateverComesBefore(selected: Int) throws {
        let driver = ConsoleDriver(mayDecide: false)
        driver.world.events = (1...80).reversed().map { .example($0) }
        try driver.press("A" + String(repeating: "<Down>", count: selected))
        for come in [1, 3, 60] {
            let before = try #require(Self.selectedRow(driver))
            let last = driver.world.events[0].sequence
            driver.world.events.insert(contentsOf: (1...come).reversed().map { .example(last + $0) }, at: 0)
            driver.pass(seconds: 11)
            #expect(driver.console.audit?.window.selected?.sequence == 80 - selected)
            #expect(Self.selectedRow(driver)?.row == before.row, "\(come)")
        }
    }

    @Test func aLineOfAPageStaysInItsRow() throws {
        let driver = ConsoleDriver()
        driver.world.history = (1...9).reversed().map { .example($0, "deactivate") }
        try driver.press("<Enter><Down><Down><Down>")
        let before = try #require(Self.selectedRow(driver))
        driver.world.history = (1...12).reversed().map { .example($0, "deactivate") }
        driver.pass(seconds: 11)
        #expect(Self.selectedRow(driver)?.row == before.row)
        let page = try #require(driver.console.screen as? PersonPage)
        #expect(page.entries[page.selection].sequence == 6)
    }

    @Test func whoIsGoneStaysSelectedAndIsToldOnce() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>")
        let email = try #require(driver.selectedEmail)
        driver.world.accounts.remove(at: 1)
        driver.pass(seconds: 11)
        #expect(driver.text().contains("is no longer in this list. r reloads it."))
        #expect(driver.text().contains("as of 1"))
        #expect(driver.selectedEmail == email)
        try driver.press("t")
        driver.pass(seconds: 25)
        #expect(driver.console.shared.message?.text.contains("no longer") != true)
        try driver.press("r")
        #expect(driver.selectedEmail != email)
        #expect(!driver.text().contains("as of"))
    }

    @Test func whatCannotBeReadIsShownWithItsAge() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.timedOut)
        driver.pass(seconds: 12)
        #expect(driver.text().contains("as of 1"))
        #expect(driver.text().contains("anna.berg@example.org"))
        #expect(driver.console.shared.message == nil)
        driver.world.failure = nil
        driver.pass(seconds: 12)
        #expect(driver.text().contains("● online"))
    }

    @Test func nothingIsReadThatNobodySees() throws {
        let driver = ConsoleDriver(approvalsReason: "none", idleTime: IdleTime(coverAfter: 60))
        driver.pass(seconds: 65)
        #expect(driver.console.shared.isCovered)
        let covered = driver.effects.count
        driver.pass(seconds: 3600)
        #expect(driver.effects.count == covered)
        try driver.press("<Space>f")
        let dialog = driver.effects.count
        driver.pass(seconds: 25)
        #expect(driver.effects.count == dialog)
    }

    @Test func ownChangesAreSeenAtOnce() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: nil))]
        let before = Self.pages(driver)
        try driver.press("myes<Enter>")
        #expect(driver.changes.count == 1)
        try driver.press("<Esc>")
        #expect(Self.pages(driver) > before)
    }

    /// A database that takes a second to answer is not asked for a tenth of the time.
    @Test func whoAnswersSlowlyIsAskedSeldom() throws {
        let driver = ConsoleDriver(approvalsReason: "none")
        driver.isWaiting = true
        driver.pass(seconds: 11)
        driver.pass(seconds: 3)
        driver.answer()
        let before = Self.pages(driver)
        driver.pass(seconds: 50)
        #expect(Self.pages(driver) == before)
        driver.pass(seconds: 30)
        #expect(Self.pages(driver) == before + 1)
    }

    @Test func aPageFollowsThePerson() throws {
        let driver = ConsoleDriver()
        driver.world.history = [.example(7, "reset_password"), .example(5, "deactivate")]
        try driver.press("<Enter><Down>")
        driver.world.history.insert(.example(9, "deactivate"), at: 0)
        driver.world.accounts[0].isActive = false
        driver.pass(seconds: 11)
        #expect(driver.text().contains("[INACTIVE]"))
        let page = try #require(driver.console.screen as? PersonPage)
        #expect(page.entries[page.selection].sequence == 5)
    }
}
