import ConvonetCore
import ConvonetDatabase
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

@Suite struct MenuTests {
    @Test func filtersAndSortAreAppliedShownAndClearedByOneKey() throws {
        let driver = ConsoleDriver()
        try driver.press("f<Space><Down><Space><Enter>")
        #expect(driver.console.list.selection.filters == [.inactive, .unverified])
        try driver.press("s<Down><Down><Space><Enter>")
        #expect(driver.console.list.selection.order == AccountOrder(.name, descending: true))
        #expect(driver.text().contains("[inactive ×] [unverified ×]"))
        try driver.press("/an<Esc>")
        #expect(driver.console.list.selection.filters == [.inactive, .unverified])
        try driver.press("c")
        #expect(driver.console.list.selection == AccountSelection())
    }

    @Test func aFilterThatLooksBackTakesItsDaysFromTheArrows() throws {
        let driver = ConsoleDriver()
        try driver.press("f<Down><Down><Down><Down><Down><Right><Right><Left><Enter>")
        #expect(driver.console.list.selection.filters == [.notSignedIn(days: 180)])
        try driver.press("f")
        #expect(driver.text().contains("[x] not signed in for 180 days"))
    }

    @Test func escapeLeavesFiltersAsTheyWere() throws {
        let driver = ConsoleDriver()
        try driver.press("f<Space><Esc>")
        #expect(driver.console.list.selection.filters.isEmpty)
        #expect(driver.console.menu == nil)
    }

    @Test func everyActionIsFoundByItsWordsAndRun() throws {
        let driver = ConsoleDriver()
        try driver.press("?voice<Enter>")
        #expect(driver.console.reset?.kind == .voicePIN)
    }

    @Test func anActionThatIsNotToBeHadSaysWhy() throws {
        let driver = ConsoleDriver(readOnlyReason: "The console was started with --read-only.")
        try driver.press("?voice")
        #expect(driver.text().contains("--read-only"))
        try driver.press("<Enter>")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("--read-only"))
    }

    @Test(arguments: ConsoleAction.allCases) func everyKeyOfTheTableDoesItsAction(action: ConsoleAction) throws {
        let names: [String: Key] = [
            "Enter": .enter, "F5": .function(5), "F1": .function(1), "F10": .function(10), "↑": .up, "↓": .down,
            "PgUp": .pageUp, "PgDn": .pageDown, "Home": .home, "End": .end, "Esc": .escape, "Ctrl-U": .control("u"),
            "Ctrl-D": .control("d"), "Ctrl-L": .control("l"), "Ctrl-Z": .control("z"), "Ctrl-O": .control("o"),
            "Tab": .tab, "Space": .character(" "),
        ]
        // What has no key has its command there.
        for name in action.keyText.split(separator: " ") where action.firstKey != nil {
            let key = try #require(names[String(name)] ?? (name.count == 1 ? name.first.map { .character($0) } : nil))
            // The log has a use of its own for a key that is a person's elsewhere.
            #expect(
                (action == .openAccount ? ConsoleAction(key, on: AuditPage(of: nil)) : ConsoleAction(key)) == action)
        }
    }

    @Test func anIdentifierIsCopiedAndItIsSaidWhich() throws {
        let driver = ConsoleDriver()
        try driver.press("y<Down><Enter>")
        #expect(driver.effects.contains(.copy("anna.berg")))
        #expect(driver.text().contains("clipboard: anna.berg"))
    }

    @Test func theLogNeedsTheRightToReadIt() throws {
        let driver = ConsoleDriver(mayReadLog: false)
        try driver.press("A")
        #expect(driver.console.audit == nil)
        #expect(driver.text().contains("--grant-auditor"))
        try driver.press("a")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
    }

    @Test func whatTheTerminalDoesNotTakeIsNotSaidToBeSent() throws {
        let driver = ConsoleDriver(clipboardLimit: 0)
        try driver.press("y")
        #expect(driver.console.menu == nil && driver.text().contains("cannot reach the clipboard"))
        let other = ConsoleDriver(clipboardLimit: 10)
        try other.press("y2<Enter>")
        #expect(other.effects.contains(.copy("anna.berg")))
        try other.press("y3<Enter>")
        #expect(other.text().contains("This is too long for the terminal's clipboard."))
        #expect(other.effects.count { if case .copy = $0 { true } else { false } } == 1)
    }

    @Test func aPaletteWithoutAHitStaysOpen() throws {
        let driver = ConsoleDriver()
        try driver.press("?qqq<Enter>p")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("No matching action."))
    }

    @Test func aDigitChoosesInEveryMenu() throws {
        let driver = ConsoleDriver()
        try driver.press("s3<Enter>")
        #expect(driver.console.list.selection.order == AccountOrder(.name))
        try driver.press("f2<Space>4<Space><Enter>")
        #expect(driver.console.list.selection.filters == [.unverified, .external])
        try driver.press("cy2<Enter>")
        #expect(driver.effects.contains(.copy("anna.berg")))
    }
}
