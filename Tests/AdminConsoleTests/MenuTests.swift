import ConvonetCore
import ConvonetDatabase
import TerminalKit
import Testing

@testable import AdminConsole

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
            "Ctrl-D": .control("d"), "Ctrl-L": .control("l"), "Ctrl-Z": .control("z"),
        ]
        for name in action.keyText.split(separator: " ") {
            let key = try #require(names[String(name)] ?? (name.count == 1 ? name.first.map { .character($0) } : nil))
            #expect(ConsoleAction(key) == action)
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

    @Test func theLogIsReadOnAsOneGoesDown() throws {
        let driver = ConsoleDriver()
        driver.world.events = (1...450).reversed().map { .example($0) }
        try driver.press("A")
        for _ in 0..<30 { try driver.press("<PgDn>") }
        #expect(driver.console.audit?.window.selectedID == 1)
        #expect(driver.console.audit?.window.rows.map(\.sequence) == Array((1...450).reversed()))
        try driver.press("<Enter>")
        #expect(driver.text().contains("Database user"))
        #expect(driver.text().contains("Claimed by the program"))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.audit == nil)
    }
}
