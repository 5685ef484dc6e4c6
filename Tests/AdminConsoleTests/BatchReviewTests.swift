import AccountDisplay
import ConsoleRequests
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What is so by the time the number is typed, and who is there by then.
@Suite struct BatchReviewTests {
    private let emails = FakeWorld.few.accounts.map(\.email)

    private func stage(_ driver: ConsoleDriver) -> BatchReview.Stage? { driver.console.batch?.review.stage }
    private func marked(_ driver: ConsoleDriver) -> [String] { driver.console.list.marks.people.map(\.email) }

    /// What stands in the dialog, in one line.
    private func words(_ driver: ConsoleDriver) -> String {
        let lines = driver.text().split(separator: "\n").compactMap { line -> Substring? in
            guard let first = line.firstIndex(of: "│"), let last = line.lastIndex(of: "│"), first < last else {
                return nil
            }
            return line[line.index(after: first)..<last]
        }
        return lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test func whoIsProtectedSinceTheReviewIsShownBeforeAnythingIsDone() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.world.protected = [FakeWorld.id(2), FakeWorld.id(3)]
        try driver.press("yes<Space>5<Enter>")
        #expect(stage(driver) == .review && driver.changes.isEmpty)
        let text = words(driver)
        #expect(text.contains("Something changed since you looked, for \(emails[1]) and \(emails[2])."), "\(text)")
        #expect(text.contains("Since you looked: ") && text.contains("Type yes 3"))
        // The word is to be typed anew.
        try driver.press("<Enter>")
        #expect(stage(driver) == .review && driver.changes.isEmpty)
        try driver.press("yes<Space>3<Enter>")
        #expect(driver.changes.map(\.email) == [emails[0], emails[3], emails[4]])
        #expect(!driver.text().contains("request for approval was made"))
    }

    @Test func requestsThatWereMadeAllTheSameAreToldWithForWhom() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.isWaiting = true
        try driver.press("yes<Space>5<Enter>")
        while stage(driver) == .looking { driver.answer(0) }
        #expect(stage(driver) == .running)
        driver.world.protected = [FakeWorld.id(2), FakeWorld.id(3)]
        driver.answer()
        let words = words(driver)
        #expect(
            words.contains("was made for each of these, who are protected: \(emails[1]) and \(emails[2])."), "\(words)")
        try driver.press("<Esc>")
        #expect(marked(driver) == [emails[1], emails[2]])
    }

    @Test func whoGoesBetweenReviewAndWordIsNotCounted() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.world.accounts.removeFirst(2)
        try driver.press("yes<Space>5<Enter>")
        #expect(stage(driver) == .review && driver.changes.isEmpty)
        let text = words(driver)
        #expect(text.contains("2 people who were marked are gone: \(emails[0]) and \(emails[1])."), "\(text)")
        #expect(driver.text().contains("Sign out: 3 people") && text.contains("Type yes 3"))
        try driver.press("yes<Space>3<Enter><Esc>")
        #expect(driver.changes.map(\.email) == Array(emails.dropFirst(2)) && marked(driver).isEmpty)
    }

    /// What nobody was shown, such as a sign-in, is no reason to look again.
    @Test func aNewVersionAloneIsTakenOver() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.world.accounts[0].version = "other"
        driver.world.accounts[0].lastLoginAt = FakeWorld.now
        try driver.press("yes<Space>5<Enter>")
        #expect(driver.changes.count == 5 && driver.changes[0].version == "other")
    }

    @Test func whoeverIsCalledOtherwiseIsSeenFirst() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.world.accounts[0].email = "aaa@example.org"
        driver.world.accounts[0].version = "other"
        try driver.press("yes<Space>5<Enter>")
        #expect(stage(driver) == .review && driver.changes.isEmpty)
        #expect(driver.text().contains("Since you looked: e-mail address: was \(emails[0])"), "\(driver.text())")
    }

    @Test func checkingOnceMoreCanBeCalledOff() throws {
        let driver = ConsoleDriver()
        try driver.press("*o<Enter><Enter>")
        driver.isWaiting = true
        try driver.press("yes<Space>5<Enter>")
        #expect(driver.text().contains("Checking once more"))
        try driver.press("<Esc>")
        driver.answer()
        #expect(stage(driver) == .form && driver.changes.isEmpty)
    }

    @Test func everybodyGoneLeavesNothingToConfirm() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space>o")
        driver.world.accounts.removeFirst(2)
        try driver.press("<Enter><Enter>")
        #expect(driver.text().contains("2 people who were marked are gone") && driver.text().contains(": nobody"))
        #expect(driver.text().contains("There is nothing to do.") && !driver.text().contains("Type yes"))
        try driver.press("<Enter><Esc><Esc>")
        #expect(driver.console.batch == nil && marked(driver).isEmpty && driver.changes.isEmpty)
    }

    /// Marks are looked at with the list: by a key, and while nobody types.
    @Test(arguments: ["r", ""]) func whoIsGoneIsMarkedNoLonger(key: String) throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space><Space><End>")
        driver.world.accounts.removeFirst(2)
        try driver.press(key)
        driver.pass(seconds: 11)
        #expect(marked(driver) == [emails[2]] && driver.text().contains("1 marked"))
        let said = driver.console.shared.message?.text
        #expect(
            said == "2 people who were marked are gone: \(emails[0]) and \(emails[1]). 1 person stays marked. "
                + "In the list, Esc takes the mark off.")
        driver.world.accounts.removeFirst()
        driver.pass(seconds: 12)
        #expect(driver.console.shared.message?.text.contains("Nobody is marked any more.") == true)
    }

    @Test func withoutMarksNothingIsAsked() throws {
        let driver = ConsoleDriver()
        driver.pass(seconds: 25)
        #expect(!driver.effects.contains { $0.asks(for: AccountsQuery.self) != nil })
    }

    /// Two namesakes whose addresses begin alike, at every width.
    @Test(arguments: [(120, 40), (80, 24), (60, 20), (40, 24), (40, 10)])
    func namesakesAreToldApartAtEverySize(columns: Int, rows: Int) throws {
        let first = "Maximiliane Friederike Charlotte"
        let start = "maximiliane.friederike.charlotte.von.hohenberg"
        let world = FakeWorld(
            accounts: ["1", "2"].enumerated().map { at, number in
                FakeWorld.account(at + 1, email: "\(start)\(number)@example.org", first: first, last: "von Hohenberg")
            })
        let driver = ConsoleDriver(world, columns: columns, rows: rows)
        try driver.press("<Space><Space>o")
        func seen() throws -> String {
            var all = ""
            for _ in 0..<12 {
                all += words(driver).replacing(" ", with: "")
                try driver.press("<PgDn>")
            }
            return all
        }
        for keys in ["", "<Enter><Enter>", "yes<Space>2<Enter>"] {
            try driver.press(keys)
            let text = try seen()
            for number in ["1", "2"] { #expect(text.contains("\(start)\(number)@example.org"), "\(keys): \(text)") }
        }
        #expect(driver.changes.count == 2)
    }

    @Test func whoHasNoAddressIsToldByTheUsername() throws {
        var world = FakeWorld.few
        world.accounts[0].email = ""
        let driver = ConsoleDriver(world, columns: 40, rows: 24)
        try driver.press("<Space>o")
        #expect(driver.text().contains("<anna.berg>"), "\(driver.text())")
    }

    /// Of the warning, and of what the change means, nothing is out of reach on the smallest screen.
    @Test func onTheSmallestScreenEverythingCanBeReached() throws {
        let driver = ConsoleDriver(columns: 40, rows: 10)
        try driver.press("<Space><Space><Space>x")
        #expect(driver.text().contains("Not for dora.sso@example.org."), "\(driver.text())")
        #expect(driver.text().contains("Anna Berg") && driver.text().contains("1 (•) deactivate"))
        var seen = ""
        for _ in 0..<20 {
            seen += driver.text()
            try driver.press("<PgDn>")
        }
        for word in ["chen.li@example.org", "After this each cannot", "application."] {
            #expect(seen.contains(word), "\(word): \(seen)")
        }
    }
}
