import AccountDisplay
import ConsoleRequests
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Commands that are typed behind `:`.
@Suite struct TypedCommandTests {
    @Test func aCommandIsForWhomItNames() throws {
        let driver = ConsoleDriver()
        try driver.press(":pin bob.stone<Enter>")
        #expect((driver.console.screen as? PersonPage)?.person.email == "bob.stone@example.org")
        #expect(driver.console.reset?.kind == .voicePIN)
        #expect(driver.console.reset?.account.email == "bob.stone@example.org")
        try driver.press("<Esc><Esc>:password dora.sso@example.org<Enter>")
        #expect(driver.console.screen.account?.email == "dora.sso@example.org")
        #expect(driver.changes.isEmpty)
    }

    /// Every change has a word, and no two have the same.
    @Test func everyChangeHasACommand() {
        let words = TypedCommand.all.map(\.word)
        #expect(Set(words).count == words.count)
        for kind in ChangeKind.all { #expect(TypedCommand.all.contains { $0.kind == kind }) }
        #expect(TypedCommand.parse("undo x")?.command.kind == .undo)
        for word in ["pin", "password", "deactivate", "sign-out", "revoke-links"] { #expect(words.contains(word)) }
    }

    /// A key opens whichever of two changes has something to do; its word, only the one that it names.
    @Test func aWordMeansOneChange() throws {
        let driver = ConsoleDriver()
        try driver.press(":deactivate bob.stone<Enter>")
        #expect(driver.console.reset == nil)
        #expect(driver.console.shared.message?.text.contains("inactive") == true)
        try driver.press(":activate bob.stone<Enter>")
        #expect(driver.console.reset?.kind == .activation)
    }

    @Test func withoutANameItIsForWhoIsSeen() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>")
        let email = try #require(driver.selectedEmail)
        try driver.press(":pin<Enter>")
        #expect(driver.console.reset?.account.email == email)
    }

    @Test(arguments: [
        ("pin nobody", "nobody"), ("pin nobody", ":search TEXT"),
        ("pin bob.stone anna.berg", "Name one person"),
        ("password anna.berg Tr0ub4dor&3", "Name one person"), ("filter inactve", "There is no filter “inactve”."),
    ])
    func whatIsWrongIsSaidWhereItWasTyped(line: String, words: String) throws {
        let driver = ConsoleDriver()
        try driver.press(":" + line + "<Enter>")
        #expect(driver.console.overlay is ActionPalette)
        #expect(driver.text().contains(words))
        #expect(driver.console.screens.count == 1 && driver.console.list.selection == AccountSelection())
        // The line can be mended.
        try driver.press("<Space><Enter><Esc>")
        #expect(driver.changes.isEmpty)
    }

    @Test func twoPeopleOfOneNameAreTold() throws {
        let driver = ConsoleDriver()
        driver.world.accounts[1].username = driver.world.accounts[0].username
        try driver.press(":pin anna.berg<Enter>")
        #expect(driver.text().contains("bob.stone@example.org"))
        #expect(driver.console.reset == nil && driver.console.person == nil)
    }

    @Test func whoMayNotIsToldInTheLine() throws {
        let driver = ConsoleDriver(readOnlyReason: "The console was started with --read-only.")
        try driver.press(":pin bob.stone<Enter>")
        #expect(driver.console.overlay is ActionPalette)
        #expect(driver.text().contains("--read-only"))
        #expect(driver.console.person == nil)
    }

    @Test func filtersAndSearchesGoToTheList() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>:filter inactive unverified<Enter>")
        #expect(driver.console.screens.count == 1)
        #expect(driver.console.list.selection.filters == [.inactive, .unverified])
        try driver.press(":search bob<Enter>")
        #expect(driver.console.list.selection.text == "bob")
        #expect(driver.text().contains("bob"))
    }

    @Test func theLogIsSearched() throws {
        let driver = ConsoleDriver()
        driver.world.events = [.example(3), .example(2), .example(1)]
        try driver.press(":log T-101<Enter>")
        let page = try #require(driver.console.screen as? AuditPage)
        #expect(page.selection.text == "T-101" && !page.isSearching)
        #expect(driver.text().contains("Search T-101"))
    }

    @Test func tabCompletes() throws {
        let driver = ConsoleDriver()
        try driver.press(":fil")
        #expect(driver.text().contains("Tab: filter FILTER…"))
        try driver.press("<Tab>una<BS>v<BS><Tab><Enter>")
        #expect(driver.console.list.selection.filters == [.unverified])
    }

    private func line(_ driver: ConsoleDriver) -> Substring {
        let row = driver.screen().cursor?.row ?? 0
        return driver.text().split(separator: "\n", omittingEmptySubsequences: false)[row].trimmed
    }

    @Test func tabGoesOnAndRoundAndShiftTabBack() throws {
        let driver = ConsoleDriver()
        try driver.press(":un")
        #expect(
            driver.text().contains("Tab: unverify ACCOUNT") && driver.text().contains("Tab again: unblock, unfreeze"))
        for word in ["unverify", "unblock", "unfreeze", "unverify"] {
            try driver.press("<Tab>")
            #expect(line(driver) == word, "\(driver.text())")
            #expect(driver.text().contains("> \(word) ACCOUNT"))
            for other in ["unverify", "unblock", "unfreeze"] { #expect(driver.text().contains("\(other) ACCOUNT")) }
        }
        try driver.press("<S-Tab><S-Tab>")
        #expect(line(driver) == "unblock")
        // What is typed goes on behind it, and Tab has nothing to do with a name.
        try driver.press("bob.stone<Tab>")
        #expect(line(driver) == "unblock bob.stone" && !driver.text().contains("unfreeze ACCOUNT"))
        try driver.press("<Enter>")
        #expect(driver.console.reset?.account.email == "bob.stone@example.org")
        let other = ConsoleDriver()
        try other.press(":un<S-Tab>")
        #expect(line(other) == "unfreeze")
    }

    @Test func filtersAreGoneThroughToo() throws {
        let driver = ConsoleDriver()
        try driver.press(":filter in<Tab><Space>un<Tab><Enter>")
        #expect(driver.console.list.selection.filters == [.inactive, .unverified])
        try driver.press(":filter <Tab>")
        let first = line(driver)
        try driver.press("<Tab>")
        #expect(line(driver) != first && first.hasPrefix("filter ") && line(driver).hasPrefix("filter "))
        try driver.press("<S-Tab>")
        #expect(line(driver) == first)
    }

    @Test func whileAnybodyIsMarkedACommandIsForThem() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space>:deactivate")
        #expect(driver.text().contains("for 2 people marked"), "\(driver.text())")
        try driver.press("<Enter>")
        #expect(driver.console.batch?.review.people.count == 2 && driver.console.reset == nil)
        // What is for one person is so in the line, too; and whom it names it is for.
        try driver.press("<Esc>:pin<Enter>")
        #expect(driver.console.overlay is ActionPalette && driver.text().contains("for one person at a time"))
        #expect(!driver.text().contains("people marked"))
        try driver.press("<Esc>:open")
        #expect(driver.text().contains("for the person shown"))
        try driver.press("<C-u>deactivate bob.stone")
        #expect(!driver.text().contains("marked,") && !driver.text().contains("people marked,"))
        #expect(!driver.text().contains("for 2 people"))
    }

    @Test func commandsAreNamedBeforeActions() throws {
        let driver = ConsoleDriver()
        try driver.press(":")
        #expect(driver.text().contains("Type open, pin, link … ACCOUNT."))
        try driver.press("op")
        let rows = driver.text().split(separator: "\n").map(String.init)
        let command = try #require(rows.firstIndex { $0.contains("Tab: open ACCOUNT") })
        let action = try #require(rows.lastIndex { $0.contains("open what is selected") })
        #expect(command < action)
        // Enter runs what is marked as chosen, which is still the action.
        try driver.press("<Enter>")
        #expect(driver.console.person != nil)
    }

    /// An answer that comes when the line is another one opens nobody.
    @Test func aLineThatWasChangedOpensNobody() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press(":pin bob.stone<Enter>x")
        driver.answer()
        #expect(driver.console.reset == nil && driver.console.person == nil)
        #expect(driver.console.overlay is ActionPalette)
    }

    @Test func nothingIsDoneWhereNothingMatches() throws {
        let driver = ConsoleDriver()
        try driver.press(":zzzz<Enter>")
        #expect(driver.text().contains("No matching action."))
        #expect(driver.console.overlay is ActionPalette)
    }

    @Test func whatIsPossibleHereComesFirst() throws {
        let driver = ConsoleDriver()
        try driver.press("?")
        let rows = driver.text().split(separator: "\n")
        #expect(rows.contains { $0.contains("reset the password") })
        try driver.press("<End>")
        #expect(driver.text().contains("Not here or not now"))
        try driver.press("<Esc>?verify the log")
        // Not “verify”, for an account.
        #expect(driver.text().contains("verify the log (recompute its chain): This is for"))
    }
}

extension Substring {
    /// What stands between the borders of a dialog.
    fileprivate var trimmed: Substring {
        let begun = drop { " │".contains($0) }
        return begun.lastIndex { !" │".contains($0) }.map { begun[...$0] } ?? ""
    }
}
