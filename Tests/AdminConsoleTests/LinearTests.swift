import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import LinearConsole

/// The console as it is told line by line.
@Suite struct LinearTests {
    private static let password = "Kmwp-7d4x-9rtv-h3qe"

    private func driver(
        _ world: FakeWorld = .few, mayDecide: Bool = false, idleTime: IdleTime = IdleTime(coverAfter: nil)
    ) -> ConsoleDriver {
        ConsoleDriver(world, rows: 6, mayDecide: mayDecide, idleTime: idleTime, isLinear: true)
    }

    /// Signs for the eye are left out, but not of what somebody is called: two people must not sound alike.
    @Test func signsWithinNamesAreSaid() {
        #expect(Wording.plain("✓ PIN  reset █████░ strong • done ×") == "PIN reset strong done")
        for name in ["a1•", "a1×@example.org", "░anna", "an✓na", "ann›a"] {
            #expect(Wording.plain("1. \(name)") == "1. \(name)")
        }
        #expect(Wording.plain("accounts › Anna [active ×]") == "accounts > Anna [active ]")
    }

    /// All of it as somebody hears it, key by key.
    @Test func aPINIsResetByWhatIsHeardAlone() throws {
        let driver = driver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        var story = driver.heard()
        func press(_ keys: String, pausing: Double = 0) throws {
            for key in try KeyText.keys(keys) { driver.press(key) }
            driver.pass(seconds: pausing)
            story += "<<\(keys)>>" + driver.heard()
        }
        try press("/")
        try press("ber", pausing: 1.2)
        try press("<Enter>")
        try press("v")
        try press("<Enter>")
        try press("yes")
        try press("<Enter>")
        try press("<Space>")
        try press("<Space>")
        try press("<Space>")
        try press("<Esc>")
        try press("<Esc>")
        try press("q")
        try press("<Esc>")
        SnapshotFile.expect(text: story, "linear-pin")
    }

    /// While a search is typed, digits are part of it.
    @Test func howALineOfASearchIsOpenedIsSaid() throws {
        let driver = driver()
        try driver.press("/e")
        driver.pass(seconds: 2)
        #expect(driver.heard().contains("Tab goes to the list, where a number and Enter open a line."))
        try driver.press("<Tab>2<Enter>")
        #expect(driver.console.person?.person.email == driver.console.list.window.rows[1].email)
    }

    @Test func aKeptReasonIsReadOut() throws {
        let driver = driver()
        try driver.press("v<Tab>lost the phone<Esc>")
        _ = driver.heard()
        try driver.press("v")
        #expect(driver.heard().contains("Reason, kept from the dialog that you cancelled: lost the phone"))
    }

    /// Whoever hears the next line has to know whose mark was set.
    @Test func whoIsMarkedIsSaid() throws {
        let driver = driver()
        let account = try #require(driver.console.list.window.selected)
        let (name, email) = (account.fullName, account.email)
        _ = driver.heard()
        try driver.press("<Space>")
        #expect(driver.heard().contains("\(name), \(email): marked."))
        try driver.press("<Up><Space>")
        #expect(driver.heard().contains("\(name), \(email): no longer marked."))
    }

    /// What was said stays said, whatever else is to be said behind it.
    @Test func aMessageIsSaidOnce() throws {
        let driver = driver()
        try driver.press("<Space>")
        #expect(driver.heard().contains(": marked."))
        try driver.press("9")
        try driver.press("9<Enter>")
        let heard = driver.heard()
        #expect(heard.contains("There is no line 99 here.") && !heard.contains(": marked."))
        try driver.press("<Down>")
        #expect(!driver.heard().contains(": marked."))
    }

    /// Every screen, every dialog and menu that a key opens, and every kind of part that there is.
    @Test func everyPlaceIsNamedAndSaysWhatHasTheFocusAndItsKeys() throws {
        var kinds: Set<String> = []
        for way in ["", "/b", "<Enter>", "A", "A<Enter>", "a", "w", "S", "<Enter><Enter>", "<Space>"] {
            for action in [nil] + ConsoleAction.allCases where ![.quit, .back, .suspend].contains(action) {
                var world = FakeWorld.few
                world.events = [.example(2), .example(1)]
                world.approvals = [FakeWorld.request(12)]
                world.history = [
                    HistoryEntry(
                        sequence: 1, occurredAt: FakeWorld.now, action: "reset_password", outcome: "done",
                        actor: ActorName(databaseUser: "bert"))
                ]
                let driver = driver(world, mayDecide: true)
                // Out of the list of requests, which a supervisor sees first.
                try driver.press("<Esc>" + way)
                _ = driver.heard()
                if let action, let key = ScreenActionTests.keys.first(where: { ConsoleAction($0) == action }) {
                    driver.press(key)
                }
                let spoken = driver.console.spoken
                for held in driver.console.stack {
                    let box = held.part as? MenuBox
                    kinds.insert("\(type(of: box?.menu ?? held.part))")
                }
                let place = "“\(way)”, \(action.map { "\($0)" } ?? "-")"
                #expect(!spoken.place.isEmpty && !spoken.keys.isEmpty, "\(place)")
                #expect(spoken.focus != nil || spoken.lines.count > 2, "\(place): \(spoken)")
                if spoken.isDialog {
                    let heard = driver.heard()
                    #expect(heard.contains(spoken.place + ".\n") && heard.contains("\nKeys: "), "\(place): \(heard)")
                }
                driver.press(.function(1))
                #expect(driver.heard().contains("Keys"), "\(place)")
            }
        }
        #expect(
            kinds == [
                "AccountList", "PersonPage", "AuditPage", "EventPage", "ApprovalList", "ResetDialog", "CallerDialog",
                "ActionPalette", "FilterMenu", "SortMenu", "ColumnMenu", "CopyMenu", "AuditFilterForm", "DecisionForm",
                "LastPeopleMenu", "BatchDialog", "StatisticsPage", "StatisticsForm",
            ])
    }

    @Test func nothingIsSaidAndNothingAskedWhereOnlyTimePasses() throws {
        for keys in ["", "<Enter>", "A", "A<Enter>", "v", "f"] {
            var world = FakeWorld.few
            world.events = [.example(1)]
            world.history = [
                HistoryEntry(
                    sequence: 41, occurredAt: Timestamp(microseconds: FakeWorld.now.microseconds - 1_000_000),
                    action: "reset_password", outcome: "done", actor: ActorName(databaseUser: "bert"))
            ]
            let driver = driver(world)
            try driver.press(keys)
            driver.pass(seconds: 2)
            _ = driver.heard()
            let effects = driver.effects.count
            driver.pass(seconds: 3000)
            driver.resize(30, 8)
            #expect(driver.heard() == "" && driver.effects.count == effects, "“\(keys)”")
        }
    }

    /// Whoever may decide hears of what comes in, and so does who asked for something.
    @Test func whatComesInIsSaidToThoseWhoWaitForIt() throws {
        let driver = driver(mayDecide: true)
        _ = driver.heard()
        driver.world.approvals = [FakeWorld.request(12)]
        driver.pass(seconds: 3)
        #expect(driver.heard().contains("Somebody asks for approval: w shows it.\n"))
    }

    @Test func aSecretIsNotSaidBeforeItIsAskedForAndNeverAsItIsTyped() throws {
        let driver = driver()
        driver.world.endings = [.success(.done(secret: nil))]
        try driver.press("p<Right><Tab>\(Self.password)")
        #expect(driver.heard().contains("New password, required (2 of 6): \(String(repeating: "*", count: 19))"))
        try driver.press("<C-r><Tab>\(Self.password)<C-r><BS>e")
        driver.pass(seconds: 2)
        let heard = driver.heard()
        #expect(heard.contains("What is typed as a secret is not shown"))
        #expect(!heard.contains("Kmwp") && !heard.contains("CAPITAL"))
        for (keys, secret) in [("v<Enter>yes<Enter>", "482913"), ("pyes<Enter>", Self.password)] {
            let driver = self.driver()
            driver.world.endings = [.success(.done(secret: secret))]
            try driver.press(keys)
            let heard = driver.heard()
            #expect(heard.contains("The new value has ") && heard.contains("Space reads the first"))
            #expect(
                !heard.contains("4 8") && !heard.contains("four") && !heard.contains("kilo") && !heard.contains("K m"))
        }
    }

    @Test(arguments: ["<Esc><Esc>", "<C-r>", "wait", "cover"])
    func aSecretThatWasReadIsBroughtOutOfSight(_ end: String) throws {
        let driver = driver(idleTime: IdleTime(coverAfter: end == "cover" ? 60 : nil))
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter><Space>")
        #expect(driver.heard().hasSuffix("Line 1 of 2: 4 8 2: four, eight, two.\n"))
        switch end {
        case "wait": driver.pass(seconds: 121)
        case "cover": driver.pass(seconds: 61)
        default: try driver.press(end)
        }
        let heard = driver.heard()
        #expect(heard.contains(String(repeating: "\n", count: driver.size.rows)))
        #expect(heard.contains("your terminal keeps it: clear its scroll-back"))
        #expect(heard.contains("Hidden: no key was pressed") == (end == "cover"))
        // It is told once, and what was covered is not to be had again.
        try driver.press(end == "<C-r>" || end == "wait" ? "<C-r><Space>" : "<Space>")
        let after = driver.heard()
        #expect(after.contains("Line 1 of 2") == (end == "<C-r>" || end == "wait"), "\(after)")
        #expect(!after.contains("scroll-back before"))
    }

    @Test func aNumberAndEnterOpenALine() throws {
        let driver = driver(.many(40))
        _ = driver.heard()
        try driver.press("1<BS>12")
        let digits = driver.heard()
        #expect(digits.hasPrefix("Number: 1\n1 of 40: Person 00000;") && digits.hasSuffix("\nNumber: 12"), "\(digits)")
        try driver.press("<Enter>")
        #expect(driver.console.person?.person.email == "person00011@example.org")
        try driver.press("<Esc>")
        _ = driver.heard()
        try driver.press("99<Enter>")
        #expect(
            driver.heard() == "Number: 99\nThere is no line 99 here.\n"
                + "12 of 40: Person 00011; person00011@example.org; Username person00011; State active; PIN set; Seen 3 d\n"
        )
        #expect(driver.console.opened.isEmpty)
        // Another key ends it.
        try driver.press("4<Down><Enter>")
        #expect(driver.console.person?.person.email == "person00012@example.org")
    }

    @Test func theArrowsSayOneLineAndPagesSayAll() throws {
        let driver = driver(.many(40))
        let first = driver.heard()
        #expect(first.contains("\n1. Person 00000;") && first.contains("\n9. Person 00008;"))
        #expect(!first.contains("\n10. "))
        try driver.press("<Down>")
        let line = driver.heard()
        #expect(
            line.hasPrefix("2 of 40: Person 00001; person00001@example.org;") && line.count(where: \.isNewline) == 1)
        try driver.press("<PgDn>")
        let page = driver.heard().split(separator: "\n")
        #expect(page.count == 10 && page[0].hasPrefix("10. ") && page[9].hasPrefix("11 of 40: "), "\(page)")
        // Over the edge of a page, too, an arrow says one line.
        try driver.press("<Up><Up>")
        #expect(driver.heard().split(separator: "\n").count == 2)
        // At the end nothing is new.
        try driver.press("<End>")
        _ = driver.heard()
        try driver.press("<Down>")
        #expect(driver.heard() == "")
    }

    @Test func ofManyPeopleAFewAreReadAndTheRestByAKey() throws {
        let driver = driver(.many(60))
        try driver.press("*o")
        let form = driver.heard().split(separator: "\n")
        #expect(form.contains("People 1 to 9 of 60; Page Down reads the next."), "\(form)")
        #expect(form.contains { $0.contains("person00008") } && !form.contains { $0.contains("person00009") })
        try driver.press("<PgDn>")
        let next = driver.heard().split(separator: "\n")
        #expect(next.first == "People 10 to 18 of 60; Page Down reads the next.", "\(next)")
        #expect(next.count { $0.contains("@example.org") } == 9)
        try driver.press("<PgUp><Enter><Enter>")
        let review = driver.heard()
        #expect(review.contains("60 ready.") && review.contains("People 1 to 9 of 60"), "\(review)")
        #expect(review.count { $0 == "\n" } < 50)
        try driver.press("<Down>")
        #expect(driver.heard().contains("People 10 to 18 of 60"))
        for _ in 0..<60 { try driver.press("<PgDn>") }
        #expect(driver.heard().contains("People 55 to 60 of 60.\n"))
        try driver.press("yes<Space>60<Enter>")
        let end = driver.heard()
        #expect(driver.changes.count == 60 && end.contains("60 done.") && end.contains("Done: 30 of 60"), "\(end)")
        #expect(end.count { $0 == "\n" } < 50)
    }

    @Test func whatIsTypedIsEchoedAndWhatFollowsFromItWaits() throws {
        let driver = driver()
        try driver.press("/")
        _ = driver.heard()
        try driver.press("b")
        driver.pass(seconds: 0.5)
        try driver.press("e")
        #expect(driver.heard() == "be")
        driver.pass(seconds: 1.1)
        let heard = driver.heard()
        #expect(heard.contains("\n1 in the list.\n") && heard.hasSuffix("\nSearch: be"), "\(heard)")
        try driver.press("<BS>")
        #expect(driver.heard() == "\nSearch: b")
        try driver.press("<Left>")
        #expect(driver.heard() == "\nSearch: b (cursor before “b”)\n")
    }

    @Test func theSameRefusalIsSaidForEveryKey() throws {
        let driver = driver()
        try driver.press("v<Enter>n")
        _ = driver.heard()
        try driver.press("<Enter>")
        let first = driver.heard()
        #expect(first.contains("Type yes, in lower case, to confirm.\n"))
        try driver.press("<Enter>")
        #expect(driver.heard().contains("Type yes, in lower case, to confirm.\n"))
        try driver.press("<Esc>[")
        _ = driver.heard()
        try driver.press("[")
        #expect(driver.heard() == "This is for a person's page.\n")
    }

    @Test func controlLSaysEverythingAnew() throws {
        let driver = driver()
        try driver.press("v")
        let first = driver.heard()
        try driver.press("<C-l>")
        let again = driver.heard()
        for text in ["Reset voice PIN", "anna.berg@example.org", "Keys: ", "New value"] {
            #expect(first.contains(text) && again.contains(text), "\(text): \(again)")
        }
    }

    /// Names that want to be somebody else's, and a walk through everything: no line has a sequence in it, and none of a
    /// secret but behind a space.
    @Test(arguments: [1, 2, 3] as [UInt64]) func noKeyBringsAControlCharacterOntoTheLine(_ seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let keys: [Key] =
            "yespvq/?:jkG1 2é王xmfcaACiw[]'".map(Key.character) + [
                .enter, .enter, .enter, .tab, .escape, .backspace, .up, .down, .left, .right, .home, .end, .pageDown,
                .control("l"), .control("r"), .control("g"), .control("u"), .function(1),
            ]
        var world = FakeWorld.hostile
        world.events = [.example(2), .example(1)]
        world.approvals = [FakeWorld.request(3)]
        var driver = driver(world, mayDecide: true)
        for step in 0..<3000 {
            if driver.hasQuit { driver = self.driver(world, mayDecide: true) }
            driver.world.endings = [.success(.done(secret: "482913"))]
            if step % 40 == 0, driver.console.reset?.stage == .form { try driver.press("<Tab><Tab><Tab><Tab>yes") }
            let key = keys.randomElement(using: &random) ?? .enter
            driver.press(key)
            if Int.random(in: 0..<5, using: &random) == 0 { driver.pass(seconds: 1.5) }
            let heard = driver.heard()
            let controls = heard.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
            #expect(controls.isEmpty, "seed \(seed), step \(step), \(key): \(heard.debugDescription)")
            let mayRead = [.character(" "), .up, .down, .control("l")].contains(key)
            #expect(mayRead || !heard.contains("4 8 2"), "seed \(seed), step \(step), \(key)")
        }
    }
}
