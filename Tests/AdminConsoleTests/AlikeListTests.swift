import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// People who are only alike, where a search finds nobody.
@Suite struct AlikeListTests {
    private static let bob = "bob.stone@example.org"

    /// A console in whose world Bob and Chen are like whatever nobody has.
    private func driver(_ change: (inout FakeWorld) -> Void = { _ in }, rows: Int = 24) -> ConsoleDriver {
        var world = FakeWorld.few
        world.alike = [FakeWorld.id(2), FakeWorld.id(3)]
        change(&world)
        return ConsoleDriver(world, rows: rows)
    }

    private func searches(_ driver: ConsoleDriver) -> [AccountSelection] {
        driver.effects.compactMap { $0.asks(for: AccountPage.self)?.selection }.filter { !$0.words.isEmpty }
    }

    @Test func theyStandBelowALineThatSaysSoAndAreMarked() throws {
        let driver = driver()
        try driver.press("/stine")
        let lines = driver.text().split(separator: "\n", omittingEmptySubsequences: false)
        let notice = try #require(lines.firstIndex { $0.contains("Only alike: nobody matches “stine”.") })
        #expect(lines[notice + 1].contains("alike") && lines[notice + 1].contains(Self.bob))
        #expect(lines[notice + 2].contains("alike") && lines[notice + 2].contains("chen.li"))
        #expect(driver.text().contains("1 of 2"))
    }

    /// What is done with many is confirmed by their number alone.
    @Test func nobodyOfThemIsMarked() throws {
        let driver = driver()
        try driver.press("/stine<Tab><Space>*")
        #expect(driver.console.list.marked.isEmpty)
        #expect(driver.text().contains("alike"))
    }

    /// They are looked for once nobody was found, and what anybody has is never followed by them.
    @Test func theyAreLookedForOnlyWhereNobodyMatches() throws {
        let driver = driver()
        try driver.press("/bob")
        #expect(searches(driver).allSatisfy { !$0.isAlike })
        #expect(!driver.text().contains("alike"))
        try driver.press("x")
        #expect(searches(driver).map(\.text) == ["b", "bo", "bob", "bobx", "bobx"])
        #expect(searches(driver).last?.isAlike == true)
        try driver.press("<BS>")
        #expect(driver.selectedEmail == Self.bob && !driver.text().contains("alike"))
    }

    /// The next key takes their place: they are not waited for, and what comes of them is dropped.
    @Test func aNextKeyEndsTheLookingForThem() throws {
        let driver = driver()
        try driver.press("/stin")
        driver.isWaiting = true
        try driver.press("e")
        driver.answer(0)
        let alike = try #require(driver.waiting.first?.asks(for: AccountPage.self))
        #expect(alike.selection.isAlike)
        try driver.press("<BS><BS><BS><BS>")
        let exact = try #require(driver.waiting.last?.asks(for: AccountPage.self))
        #expect(!exact.selection.isAlike && exact.lane == alike.lane)
        driver.answer()
        #expect(driver.console.list.window.rows.map(\.email).contains("dora.sso@example.org"))
        #expect(!driver.text().contains("alike"))
    }

    @Test func whereNobodyIsAlikeItSaysThatNobodyMatches() throws {
        let driver = driver { $0.alike = [] }
        try driver.press("/stine")
        #expect(driver.text().contains("Nobody matches “stine”."))
        #expect(!driver.console.list.selection.isAlike)
        let asked = searches(driver).count
        try driver.press("<Tab><Up><Down><Tab>")
        #expect(searches(driver).count == asked)
    }

    /// Nor is a code sent to a stranger by mistake.
    @Test(arguments: [24, 10]) func whoIsAskedWhoTheyAreIsSaidToBeAlike(rows: Int) throws {
        let driver = driver(rows: rows)
        try driver.press("/stine<Enter>i")
        #expect(driver.console.caller != nil && driver.text().contains("nobody had what you searched"))
    }

    /// What could not be found out nobody asked for.
    @Test func whereTheyCannotBeReadItSaysThatNobodyMatches() throws {
        let driver = driver()
        try driver.press("/stin")
        driver.isWaiting = true
        try driver.press("e")
        driver.answer(0)
        driver.world.failure = .database(.timedOut)
        driver.answer()
        #expect(driver.text().contains("Nobody matches “stine”."))
        driver.world.failure = nil
        try driver.press("<BS><BS><BS><BS><BS>bob<Enter>")
        #expect(driver.console.person?.person.email == Self.bob)
    }

    @Test func withoutTheSearchIndexTheyAreNotLookedFor() throws {
        var world = FakeWorld.few
        world.alike = [FakeWorld.id(2)]
        let driver = ConsoleDriver(world, hasSearchIndex: false)
        try driver.press("/stine")
        #expect(driver.text().contains("Nobody matches “stine”.") && searches(driver).allSatisfy { !$0.isAlike })
    }

    /// Keys that were pressed for somebody who matches open nobody else.
    @Test(arguments: ["<Enter>", "<Enter>pyes<Enter>"]) func waitingKeysAreNotMeantForThem(keys: String) throws {
        let driver = driver()
        driver.isWaiting = true
        try driver.press("/stine" + keys)
        driver.answer()
        #expect(driver.console.person == nil && driver.console.reset == nil && driver.changes.isEmpty)
        driver.isWaiting = true
        try driver.press("y" + keys)
        driver.answer(0)
        while let first = driver.waiting.first, first.asks(for: AccountPage.self)?.selection.isAlike != true {
            driver.answer(0)
        }
        try driver.press("<Enter>")
        driver.answer()
        #expect(driver.console.person == nil)
        #expect(driver.text().contains("alike"))
    }

    /// Whom the filters hide matches.
    @Test func whoIsHiddenByAFilterComesBeforeThem() throws {
        let driver = driver()
        try driver.press("f<Space><Enter>/anna")
        #expect(driver.text().contains("1 hidden by the filter") && !driver.text().contains("alike"))
        try driver.press("x")
        #expect(driver.console.list.window.rows.map(\.email) == [Self.bob])
        #expect(driver.text().contains("alike"))
    }

    @Test(arguments: ["p", "v", "x", "m", "o", "l"]) func aChangeOfOneIsConfirmedByTheUsername(key: String) throws {
        let driver = driver { $0.endings = [.success(.done(secret: nil))] }
        try driver.press("/stine<Enter>\(key)")
        if driver.console.reset == nil { try driver.press("x") }
        #expect(driver.text().contains("nobody had what you searched for"))
        while driver.console.reset?.form.focus != .confirmation { driver.press(.enter) }
        try driver.press("yes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("Type the username, bob.stone"))
        try driver.press("<C-u>bob.stone<Enter>")
        #expect(driver.changes.map(\.email) == [Self.bob])
    }

    /// However one comes to them afterwards, until a search finds them.
    @Test(arguments: [
        "<Tab>", "<Enter>", "<Enter><Esc><Esc>", "<Tab><Esc>", "<Enter><Esc><Tab><Esc>'<Enter>",
        "<Enter>/anna<Enter><Esc>'<Enter>",
    ])
    func theyStayAlikeHoweverOneComesToThem(way: String) throws {
        let driver = driver()
        try driver.press("/stine\(way)v")
        if driver.dialogEmail == nil { try driver.press("<Esc>v") }
        #expect(driver.console.reset?.isAlike == (driver.dialogEmail == Self.bob))
    }

    @Test func whoIsFoundByWhatIsTypedIsNotAlikeAnyMore() throws {
        let driver = driver { $0.endings = [.success(.done(secret: nil))] }
        try driver.press("/stine<Enter>")
        #expect(driver.text().contains("Alike: nobody had what you searched for."))
        try driver.press("/bob<Enter>")
        #expect(!driver.text().contains("Alike"))
        try driver.press("xyes<Enter>")
        #expect(driver.changes.count == 1)
    }

    /// Read anew, by itself or by a key, the selected one stays where it is.
    @Test func theyStaySelectedWhenTheyAreReadAnew() throws {
        let driver = driver()
        try driver.press("/stine<Down>")
        let selected = driver.selectedEmail
        driver.pass(seconds: 60)
        #expect(driver.selectedEmail == selected && driver.text().contains("alike"))
        driver.world.accounts.append(FakeWorld.account(9, email: "stine@example.org", first: "Stine", last: "Holm"))
        driver.pass(seconds: 60)
        #expect(driver.selectedEmail == selected)
        // By hand it is searched again.
        try driver.press("<Tab>r")
        #expect(driver.console.list.window.rows.map(\.email) == ["stine@example.org"])
        #expect(!driver.text().contains("alike"))
    }

    /// While nobody matches, whoever comes to match is seen.
    @Test func whoComesToMatchIsSeen() throws {
        let driver = driver { $0.alike = [] }
        try driver.press("/stine")
        driver.world.accounts.append(FakeWorld.account(9, email: "stine@example.org", first: "Stine", last: "Holm"))
        driver.pass(seconds: 30)
        #expect(driver.console.list.window.rows.map(\.email) == ["stine@example.org"])
    }

    @Test func theLineTakesARowOfTheListAndGivesItBack() throws {
        let driver = driver(
            { world in
                world = .many(300)
                world.alike = Set((0..<20).map { FakeWorld.id($0) })
            }, rows: 10)
        let rows = driver.console.list.window.visibleRows
        try driver.press("/stine<Tab><End>")
        #expect(driver.console.list.window.visibleRows == rows - 1)
        #expect(driver.text().contains("person00019") && driver.text().contains("nobody matches"))
        try driver.press("<Tab><C-u>")
        #expect(driver.console.list.window.visibleRows == rows)
    }

    @Test func escapeLeadsBackToEverybody() throws {
        let driver = driver()
        try driver.press("/stine<Esc>")
        #expect(driver.console.list.selection == AccountSelection())
        #expect(driver.console.list.window.rows.count == 5 && !driver.text().contains("alike"))
        #expect(driver.selectedEmail == Self.bob)
    }

    /// What found nobody is not kept: it may be a password that got in there by a slip.
    @Test func whatFoundOnlyThemIsNoEarlierSearch() throws {
        let driver = driver()
        try driver.press("/bob<Enter><Esc>/stine<Tab>/<Up>")
        #expect(driver.console.list.search.text == "bob")
    }

    /// The line above them is no row.
    @Test func aClickSelectsTheOneThatItHits() throws {
        let driver = driver()
        try driver.press("/stine<Tab>")
        let row = try #require(driver.text().split(separator: "\n").firstIndex { $0.contains("chen.li@") })
        driver.click(column: 3, row: row)
        #expect(driver.selectedEmail == "chen.li@example.org")
        driver.click(column: 3, row: row - 2)
        #expect(driver.selectedEmail == "chen.li@example.org")
        driver.click(column: 3, row: row - 1)
        #expect(driver.selectedEmail == Self.bob)
    }
}
