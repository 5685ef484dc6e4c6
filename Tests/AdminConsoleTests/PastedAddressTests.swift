import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Addresses as mail programs copy them.
@Suite struct PastedAddressTests {
    @Test(arguments: [
        "Bob Stone <bob.stone@example.org>,", "\"Stone, Bob\" < bob.stone@example.org >;\n",
        "mailto:bob.stone@example.org",
        "<mailto:bob.stone@example.org>", "see mailto:bob.stone@example.org?subject=PIN, please",
    ])
    func theAddressIsSearchedFor(pasted: String) throws {
        let driver = ConsoleDriver()
        driver.paste(pasted)
        #expect(driver.console.list.search.text == "bob.stone@example.org")
        #expect(driver.selectedEmail == "bob.stone@example.org")
        try driver.press("<Esc>:open<Space>")
        driver.paste(pasted)
        try driver.press("<Enter>")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
    }

    @Test(arguments: [
        "bob <stone>", "<a@example.org>, <b@example.org>", "mailto:a@example.org mailto:b@example.org",
        "<@example.org>",
        "bob.stone@example.org", "mailto:", "<", "<>", "a < b@c", "<a@b@c>",
    ])
    func whatIsNotJustOneAddressStaysAsItIs(pasted: String) { #expect(PastedAddress.only(in: pasted) == pasted) }

    /// Typed brackets are the operator's own.
    @Test func whatIsTypedStaysAsItIs() throws {
        let driver = ConsoleDriver()
        try driver.press("/mailto:bob")
        #expect(driver.console.list.search.text == "mailto:bob")
    }

    @Test(arguments: ["<Enter>", "w", "A<Enter>"]) func elsewhereItBeginsASearchFromWhichEscGoesBack(keys: String)
        throws
    {
        let driver = ConsoleDriver()
        driver.world.events = [.example(1)]
        try driver.press(keys)
        let name = driver.console.screen.name
        driver.paste("bob.stone@example.org\nyes\n")
        #expect(driver.console.list.isSearching && driver.changes.isEmpty)
        try driver.press("<Esc>")
        #expect(driver.console.screen.name == name)
        driver.paste("Bob <bob.stone@example.org>")
        try driver.press("<Enter>")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
    }

    @Test func aMenuTakesNone() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>y")
        driver.paste("bob.stone@example.org")
        #expect(driver.text().contains("Nothing can be pasted here.") && driver.console.list.search.isEmpty)
    }
}
