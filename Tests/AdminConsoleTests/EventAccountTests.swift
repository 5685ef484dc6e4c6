import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// From an event of the log to the person whom it is about, and back.
@Suite struct EventAccountTests {
    /// A long log of Anna, with an event of Bob's, of nobody's and of somebody who is gone on top.
    private func log(_ keys: String = "A") throws -> ConsoleDriver {
        let driver = ConsoleDriver()
        driver.world.events = (1...1000).reversed().map { number in
            var event = AuditEvent.example(number)
            switch number {
            case 1000: (event.accountID, event.accountEmail) = (FakeWorld.id(2), "bob.stone@example.org")
            case 999: (event.accountID, event.accountEmail) = (nil, nil)
            case 998: event.accountID = FakeWorld.id(77)
            default: break
            }
            return event
        }
        try driver.press(keys)
        return driver
    }

    @Test func itOpensThePersonAndEscIsWhereItWas() throws {
        let driver = try log("A/forgot<Tab>")
        for _ in 0..<9 { driver.press(.pageDown) }
        try driver.press("<Up><Up>")
        let before = driver.screen()
        try driver.press("o")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        #expect(driver.text().contains("log › Anna Berg") && driver.text().contains("Recent activity"))
        try driver.press("<Esc>")
        #expect(driver.screen() == before)
        try driver.press("<Enter>")
        let event = driver.screen()
        try driver.press("o")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        try driver.press("<Esc>")
        #expect(driver.screen() == event)
        try driver.press("<Esc>")
        #expect(driver.screen() == before)
    }

    @Test func itsHistoryAndBackToo() throws {
        let driver = try log("A<Down><Down><Down><Down>")
        let before = driver.screen()
        try driver.press("oa")
        #expect(driver.text().contains("History of Anna Berg"))
        try driver.press("<Enter><Esc><Esc>")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        try driver.press("<Esc>")
        #expect(driver.screen() == before)
    }

    @Test func backwardAndForwardLeadThereToo() throws {
        let driver = try log("A<Down><Down><Down><Down>")
        let before = driver.screen()
        try driver.press("o<C-o>")
        #expect(driver.screen() == before)
        try driver.press("<Tab>")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        try driver.press("<Esc>")
        #expect(driver.screen() == before)
    }

    /// Both lists are read one after the other: what the one takes from the other is read again.
    @Test func whatTheHistoryTookTheLogsPlaceOfIsReadAgain() throws {
        let driver = try log("A<Down><Down><Down><Down>")
        driver.isWaiting = true
        try driver.press("r")
        let ways = driver.waiting.count
        driver.isWaiting = false
        try driver.press("oa<Esc><Esc>")
        #expect(ways > 0 && driver.console.audit?.window.fetch == nil)
        for _ in 0..<80 { driver.press(.pageDown) }
        #expect(driver.console.audit?.window.selectedID == 1)
    }

    @Test func whereThereIsNobodyToOpenItIsSaid() throws {
        let driver = try log("A<Down>o")
        #expect(driver.text().contains("This event is about no account."))
        try driver.press("<Down>o")
        #expect(driver.text().contains("This account was deleted; only the log still has it."))
        try driver.press("<Enter>o")
        #expect(driver.text().contains("only the log still has it."))
        driver.world.failure = .database(.timedOut)
        try driver.press("o")
        #expect(driver.console.shared.message?.text.hasSuffix("Press o to try again.") == true)
        #expect(driver.console.person == nil)
    }

    @Test func aPersonsKeyStaysThePersons() throws {
        let driver = try log("Ao")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        try driver.press("o")
        #expect(driver.console.reset?.kind == .signOut)
        // Also where a person's history is shown, and for an event of it.
        for way in ["a", "a<Enter>", "<Enter>"] {
            let other = ConsoleDriver()
            other.world.events = [.example(1)]
            try other.press(way + "o")
            #expect(other.console.reset?.kind == .signOut, "\(way)")
        }
    }

    @Test func whoIsBelowIsNotOpenedTwice() throws {
        let driver = try log("<Down><Enter>A")
        try driver.press("o")
        #expect(driver.text().contains("You came from there (Esc)."))
        // Of two people there is one page; the log between them stays.
        try driver.press("<Down><Down><Down>o")
        #expect(driver.console.opened.count == 2 && driver.console.person?.person.email == "anna.berg@example.org")
        try driver.press("<Esc>")
        #expect(driver.console.audit?.window.selectedID == 997)
        try driver.press("<Esc>")
        #expect(driver.console.opened.isEmpty)
    }

    @Test func keysBehindItWaitForThePerson() throws {
        let driver = try log()
        driver.isWaiting = true
        try driver.press("ov")
        #expect(driver.console.reset == nil)
        driver.answer()
        #expect(driver.dialogEmail == "bob.stone@example.org")
        try driver.press("<Esc><Esc>")
        driver.isWaiting = true
        try driver.press("ov<Esc>")
        driver.answer()
        #expect(driver.console.person == nil && driver.console.reset == nil && driver.console.audit != nil)
        try driver.press("<Down>")
        #expect(driver.console.audit?.window.selectedID == 999)
    }

    @Test func whileOneTypesItIsALetter() throws {
        let driver = try log("A/bob")
        #expect(driver.console.audit?.search.text == "bob" && driver.console.person == nil)
    }

    @Test func thePaletteNamesTheKeyForWhatItDoesHere() throws {
        let driver = try log("A?sign out")
        #expect(driver.text().contains("sign out on every device") && !driver.text().contains("  o "))
    }

    @Test func thePaletteOpensItTooAndOnlyHere() throws {
        let driver = try log("A?account of the event<Enter>")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        try driver.press("?account of the event<Enter>")
        #expect(driver.text().contains("This is for the log (A) and requests (w)."))
    }

    @Test func aCommandSearchesTheLogFromAnywhere() throws {
        let driver = try log("<Enter>:log 998<Enter>")
        #expect(driver.console.audit?.window.rows.map(\.sequence) == [998])
        #expect(driver.text().contains("Search 998"))
        try driver.press("<Esc>")
        #expect(driver.console.audit?.window.selectedID == 998 && driver.console.audit?.search.isEmpty == true)
        let other = ConsoleDriver(mayReadLog: false)
        try other.press(":log 998<Enter>")
        #expect(other.console.audit == nil && other.text().contains("--grant-auditor"))
    }
}
