import ConsoleRequests
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Up in a search line brings earlier searches, as in a shell.
@Suite struct EarlierSearchTests {
    private func search(_ driver: ConsoleDriver) -> String { driver.console.list.search.text }

    @Test func upBringsThemAndDownGoesBackToWhatWasTyped() throws {
        let driver = ConsoleDriver()
        try driver.press("/bob<Enter><Esc>/chen<Tab><Esc>/an")
        #expect(driver.text().contains("↑ earlier"))
        try driver.press("<Up>")
        #expect(search(driver) == "chen")
        // It is searched for, as if it had been typed.
        #expect(driver.console.list.window.rows.map(\.email) == ["chen.li@example.org"])
        try driver.press("<Up>")
        #expect(search(driver) == "bob" && driver.selectedEmail == "bob.stone@example.org")
        try driver.press("<Up>")
        #expect(search(driver) == "bob")
        try driver.press("<Down>")
        #expect(search(driver) == "chen")
        try driver.press("<Down>")
        #expect(search(driver) == "an" && driver.selectedEmail == "anna.berg@example.org")
        try driver.press("<Up><Up><Enter>")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        // What was brought back and used is the last one now.
        try driver.press("<Esc>/<Up>")
        #expect(search(driver) == "bob")
    }

    @Test func amongTheRowsUpAndDownChoose() throws {
        let driver = ConsoleDriver(.many(50))
        try driver.press("/person00007<Tab><Esc>g/person<Down><Down><Up>")
        #expect(search(driver) == "person" && driver.selectedEmail == "person00001@example.org")
        try driver.press("<Up><Up>")
        #expect(search(driver) == "person00007")
        // Typing goes on from there, and rows are chosen again.
        try driver.press("<BS><Down>")
        #expect(search(driver) == "person0000" && driver.selectedEmail == "person00001@example.org")
    }

    /// What finds nobody may be a password that was typed into the wrong place.
    @Test func whatFoundNobodyIsNotKept() throws {
        let driver = ConsoleDriver()
        try driver.press("/correct horse battery<Esc>/bob<Esc>")
        driver.isWaiting = true
        try driver.press("/anna<Esc>")
        driver.answer()
        #expect(driver.console.shared.searches.values.map(\.lines) == [["bob"]])
        try driver.press("/<Up><Up>")
        #expect(search(driver) == "bob")
    }

    @Test func withoutAnyNothingIsSaidOfThemAndUpMovesOn() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down><Down>/")
        #expect(!driver.text().contains("earlier"))
        try driver.press("<Up>")
        #expect(driver.selectedEmail == "bob.stone@example.org" && driver.console.list.isSearching)
    }

    @Test func theLogHasItsOwn() throws {
        let driver = ConsoleDriver()
        driver.world.events = [.example(2), .example(1)]
        try driver.press("/bob<Esc>A/T-12<Tab><Esc>/forgot<Esc>/<Up>")
        #expect(driver.console.audit?.search.text == "forgot")
        try driver.press("<Up>")
        #expect(driver.console.audit?.search.text == "T-12")
        #expect(driver.console.audit?.selection == AuditSelection(text: "T-12"))
        try driver.press("<Up><Esc><Esc>/<Up>")
        #expect(search(driver) == "bob")
    }
}
