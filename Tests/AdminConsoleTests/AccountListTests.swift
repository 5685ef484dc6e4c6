import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

@Suite struct AccountListTests {
    @Test func whatCameWithTheSessionIsShownWithoutAsking() throws {
        let world = FakeWorld.many(500)
        let first = world.page(AccountSelection(), .after(nil), 60)
        let driver = ConsoleDriver(world, firstPage: first)
        let loads = driver.effects.filter { $0.asks(for: AccountPage.self) != nil }
        #expect(loads.isEmpty)
        #expect(driver.selectedEmail == world.accounts.map(\.email).min())
        #expect(driver.screen() == ConsoleDriver(world).screen())
        // Farther down it is the server's list again, without a gap.
        try driver.press("<PgDn><PgDn><PgDn><PgDn><PgDn>")
        let plain = ConsoleDriver(world)
        try plain.press("<PgDn><PgDn><PgDn><PgDn><PgDn>")
        #expect(driver.screen() == plain.screen())
    }

    /// A search is mostly answered before anybody sees that it was asked: the list is not painted twice for each letter.
    @Test func rowsAreDimmedOnlyWhereAnAnswerTakesItsTime() throws {
        let driver = ConsoleDriver(.many(50))
        func styles() -> [Style] { driver.screen().row(6).map(\.style) }
        try driver.press("/")
        let before = styles()
        driver.isWaiting = true
        try driver.press("mül")
        driver.pass(seconds: 0.15)
        #expect(styles() == before)
        driver.pass(seconds: 0.1)
        #expect(styles() != before && styles().contains(.dim))
        driver.answer()
        #expect(styles() != before && !styles().contains(.dim))
    }

    @Test func aScreenLargerThanWhatCameWithTheSessionIsFilled() {
        let world = FakeWorld.many(500)
        let driver = ConsoleDriver(world, rows: 60, firstPage: world.page(AccountSelection(), .after(nil), 20))
        #expect(driver.screen() == ConsoleDriver(world, rows: 60).screen())
    }

    @Test func theOperatorsOwnLastChangeIsAskedForOnceAndBehindTheList() throws {
        let driver = ConsoleDriver(.many(500))
        func asked() -> [Int] {
            driver.effects.indices.filter { driver.effects[$0].asks(for: OwnChangesQuery.self) != nil }
        }
        let page = driver.effects.firstIndex { $0.asks(for: AccountPage.self) != nil }
        try driver.press("/an<Esc>r")
        #expect(asked().count == 1)
        #expect(try #require(asked().first) > (try #require(page)))
    }

    @Test func enterDuringASearchWaitsForTheAnswerToWhatIsTyped() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/bob<Enter>")
        #expect(driver.console.person == nil)
        driver.answer()
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
    }

    @Test func keysBehindEnterAreKeptButNotPastAReview() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/bob<Enter>v<Enter>yes<Enter>")
        driver.answer()
        #expect(driver.dialogEmail == "bob.stone@example.org")
        #expect(driver.console.reset?.form.text(.confirmation).isEmpty == true)
        #expect(driver.changes.isEmpty)
    }

    @Test func keysBehindAnEnterThatOpensNobodyAreDropped() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/nobody<Enter>vyes<Enter>")
        driver.answer()
        #expect(driver.console.list.search.text == "nobody")
        #expect(driver.console.person == nil)
        #expect(driver.text().contains("Nobody matches “nobody”."))
    }

    @Test func aResetWaitsForTheSearchToo() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/bob<Tab>v")
        #expect(driver.console.reset == nil)
        driver.answer()
        #expect(driver.dialogEmail == "bob.stone@example.org")
    }

    @Test func whileEnterWaitsOneCanLeave() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/bob<Enter><Esc>")
        driver.answer()
        #expect(driver.console.person == nil)
        driver.isWaiting = true
        try driver.press("<BS><Enter>x<C-c>")
        #expect(driver.hasQuit)
    }

    @Test(arguments: [[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0]]) func staleAnswersAreDropped(_ order: [Int]) throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("/bob")
        #expect(driver.waiting.count == 3)
        for index in order { driver.answer(index) }
        #expect(driver.console.list.window.rows.map(\.email) == ["bob.stone@example.org"])
    }

    @Test func somebodyWhoMovedInTheListIsInItOnce() throws {
        let driver = ConsoleDriver(.many(400))
        driver.world.touch(5) { $0.email = "person00250-new@example.org" }
        for _ in 0..<30 { driver.press(.pageDown) }
        var ids = driver.console.list.window.rows.map(\.id)
        #expect(ids.count == 400)
        #expect(Set(ids).count == ids.count)
        let fromBelow = ConsoleDriver(.many(400))
        try fromBelow.press("G")
        fromBelow.world.touch(390) { $0.email = "person00100-new@example.org" }
        for _ in 0..<30 { fromBelow.press(.pageUp) }
        ids = fromBelow.console.list.window.rows.map(\.id)
        #expect(ids.count == 400)
        #expect(Set(ids).count == ids.count)
    }

    @Test func anErrorKeepsWhatWasLoadedAndNoKeyActsOnIt() throws {
        let driver = ConsoleDriver()
        driver.world.failure = .database(.connectionLost(afterSending: true))
        try driver.press("/bob")
        #expect(driver.text().contains("The connection to the database was lost"))
        #expect(driver.text().contains("Press F5 to try again."))
        #expect(driver.text().contains("anna.berg"))
        #expect(driver.text().contains("search failed; results from"))
        for key in ["<Enter>", "<Tab>p", "v", "y", "a"] {
            try driver.press(key)
            #expect(driver.console.person == nil && driver.console.reset == nil && driver.console.menu == nil)
            #expect(driver.text().contains("from an earlier search. F5 searches again"))
        }
        // Back at what the rows do answer, they can be used again.
        try driver.press("<Esc>")
        #expect(driver.text().contains("as of"))
        #expect(driver.selectedEmail == "anna.berg@example.org")
        try driver.press("<Enter>")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        try driver.press("<Esc>/bob")
        driver.world.failure = nil
        try driver.press("<F5>")
        #expect(driver.selectedEmail == "bob.stone@example.org")
    }

    @Test func escapeClearsASearchThenStays() throws {
        let driver = ConsoleDriver()
        try driver.press("/bob<Esc>")
        #expect(driver.console.list.window.rows.count == 5)
        try driver.press("<Esc><Esc>")
        #expect(!driver.hasQuit)
        try driver.press("/bob<Tab><Esc><Esc>q")
        #expect(driver.hasQuit)
    }

    /// Whatever is in it: a paste is searched for, and never keys.
    @Test func aPasteIntoTheListBeginsASearch() throws {
        let driver = ConsoleDriver()
        driver.paste("\nvyes\r\n\n q\n")
        #expect(driver.console.list.search.text == "vyes q")
        #expect(driver.text().contains("Nobody matches") && !driver.hasQuit && driver.changes.isEmpty)
        try driver.press("<Tab>")
        driver.paste("bob\n")
        #expect(driver.console.list.search.text == "bob")
        #expect(driver.selectedEmail == "bob.stone@example.org")
        #expect(driver.console.person == nil)
    }

    @Test func tabGoesBackIntoTheSearch() throws {
        let driver = ConsoleDriver()
        try driver.press("/bob<Tab><Tab>")
        #expect(driver.console.list.isSearching && driver.console.list.search.text == "bob")
        try driver.press("<BS>")
        #expect(driver.console.list.search.text == "bo")
        // Where nothing was searched for there is nothing to go back into.
        try driver.press("<Esc><Tab>")
        #expect(!driver.console.list.isSearching)
    }

    @Test func theSelectionStaysWithThePerson() throws {
        let driver = ConsoleDriver(.many(300))
        try driver.press("<Down><Down><Down>")
        let selected = try #require(driver.selectedEmail)
        driver.world.accounts += (0..<10).map {
            FakeWorld.account(9000 + $0, email: "a\($0)@example.org", first: "New", last: "\($0)")
        }
        driver.world.delete(1)
        try driver.press("r")
        #expect(driver.selectedEmail == selected)
        #expect(driver.text().split(separator: "\n").contains { $0.hasPrefix(">") && $0.contains(selected) })
        driver.world.delete(3)
        try driver.press("r")
        #expect(driver.text().contains("is no longer in this list"))
        #expect(driver.selectedEmail != nil)
    }

    @Test func everybodyDeletedBelowTheWindowLeadsToTheEnd() throws {
        let driver = ConsoleDriver(.many(300))
        try driver.press("G")
        driver.world.accounts.removeLast(200)
        try driver.press("r")
        #expect(driver.selectedEmail == "person00099@example.org")
        #expect(driver.text().contains("is no longer in this list"))
    }

    @Test(arguments: ["<PgDn>", "<Down>", "<C-d>"])
    func goingDownVisitsEverybodyOnce(_ key: String) throws {
        let driver = ConsoleDriver(.many(5000), rows: 60)
        var seen: [UUID] = []
        var known: Set<UUID> = []
        let pressed = try KeyText.keys(key)[0]
        while true {
            let window = driver.console.list.window
            for account in window.shown where known.insert(account.id).inserted { seen.append(account.id) }
            #expect(window.rows.count <= VirtualList<Account>.capacity + driver.console.list.window.pageSize)
            let before = window.selectedID
            driver.press(pressed)
            if driver.console.list.window.selectedID == before { break }
        }
        #expect(seen == (0..<5000).map(FakeWorld.id))
        #expect(driver.console.list.window.position == ListCount(5000))
    }

    @Test func upAndDownAcrossTheWindowsEdges() throws {
        let driver = ConsoleDriver(.many(5000))
        try driver.press("G")
        #expect(driver.selectedEmail == "person04999@example.org")
        #expect(driver.text().contains("5,000 of 5,000"))
        for index in stride(from: 4999, to: 2400, by: -1) {
            #expect(driver.selectedEmail == "person0\(index)@example.org")
            driver.press(.up)
        }
        try driver.press("g")
        #expect(driver.selectedEmail == "person00000@example.org")
        #expect(driver.text().contains("1 of 5,000"))
        try driver.press("<End><Home><PgUp><Up>")
        #expect(driver.selectedEmail == "person00000@example.org")
    }

    @Test func theSelectedRowIsOnTheScreenAtEverySize() throws {
        let driver = ConsoleDriver(.many(300))
        try driver.press("<PgDn><PgDn><PgDn>")
        let selected = try #require(driver.selectedEmail)
        for (columns, rows) in [(40, 10), (120, 40), (41, 11), (200, 100), (80, 24), (40, 10)] {
            driver.resize(columns, rows)
            #expect(driver.selectedEmail == selected)
            let row = try #require(driver.text().split(separator: "\n").first { $0.hasPrefix(">") })
            #expect(row.contains("person"))
        }
    }

    @Test func aFailedPageLeavesTheRows() throws {
        let driver = ConsoleDriver(.many(300))
        driver.world.failure = .database(.timedOut)
        try driver.press("<PgDn><PgDn>")
        #expect(driver.text().contains("did not answer in time"))
        #expect(driver.text().contains("person00"))
        driver.world.failure = nil
        try driver.press("<PgDn><PgDn><PgDn>")
        #expect(driver.console.list.window.rows.count > 60)
    }

    @Test func aWarningAboutTheConnectionIsSeenAtEverySize() {
        for columns in [40, 60, 80] {
            let driver = ConsoleDriver(
                columns: columns, rows: 12, environment: EnvironmentLabel("prod"), warning: "NOT ENCRYPTED")
            #expect(driver.text().contains("NOT ENCRYPTED"))
        }
    }

    /// Over a slow line the whole footer would be sent again with each step.
    @Test func theKeysOfTheFooterKeepTheirPlacesAsTheCursorMoves() throws {
        let driver = ConsoleDriver(columns: 100, rows: 30)
        func places() throws -> [Int] {
            let footer = try #require(
                driver.text().split(separator: "\n", omittingEmptySubsequences: false).last { $0.contains("password") })
            return ["PIN", "search", "sort", "quit"].compactMap { word in
                footer.firstRange(of: word).map { footer.distance(from: footer.startIndex, to: $0.lowerBound) }
            }
        }
        let before = try places()
        try driver.press("<Down>")
        #expect(driver.text().contains("x (de)activate"))
        #expect(try places() == before && before.count == 4)
    }

    @Test func whatTheFilterHidesIsCounted() throws {
        let driver = ConsoleDriver()
        try driver.press("f<Space><Enter>/example")
        #expect(driver.text().contains("1 of 1, 4 filtered out"))
        try driver.press("<C-u>anna")
        #expect(driver.text().contains("1 hidden by the filter inactive: Tab, then c clears it."))
        try driver.press("<Tab>")
        #expect(driver.text().contains("1 hidden by the filter inactive: c clears it."))
        // It clears that, and not what was searched for.
        try driver.press("c")
        #expect(driver.console.list.selection == AccountSelection(text: "anna"))
        #expect(driver.selectedEmail == "anna.berg@example.org")
        try driver.press("c")
        #expect(driver.console.list.selection == AccountSelection())
    }

    @Test(arguments: [
        ("70-8a28", "Ids match from their beginning"), ("8de", "by four digits or more"), ("xq", "the start of a word"),
        ("xq 80de", "Ids match"),
    ])
    func whereNobodyIsFoundItIsSaidWhatMatches(_ text: String, _ words: String) throws {
        let driver = ConsoleDriver(columns: 40, rows: 10)
        try driver.press("/" + text)
        let shown = driver.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(shown.contains("Nobody matches “\(text)”."))
        #expect(shown.contains(words), "\(shown)")
    }

    @Test func ofAWordThatIsNoIDNothingIsSaidOfIDs() throws {
        let driver = ConsoleDriver()
        try driver.press("/nobody")
        #expect(!driver.text().contains("Ids match"))
    }

    @Test func endingASearchKeepsWhoeverWasSelected() throws {
        for keys in ["<Tab><Esc>", "<Esc>", "<Tab>c"] {
            let driver = ConsoleDriver(.many(400))
            try driver.press("<Down><Down>/person0030<Down><Down>" + keys)
            #expect(driver.selectedEmail == "person00302@example.org", "\(keys)")
            #expect(driver.console.list.selection == AccountSelection(), "\(keys)")
        }
    }
}
