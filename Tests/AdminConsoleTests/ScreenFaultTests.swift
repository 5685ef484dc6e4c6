import ConvonetCore
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole

/// What people met on the screens, each as they met it.
@Suite struct ScreenFaultTests {
    private func entry(
        _ sequence: Int, _ action: String, _ outcome: String = "done", by: String = "bert", claiming: String? = nil
    ) -> HistoryEntry {
        HistoryEntry(
            sequence: sequence,
            occurredAt: Timestamp(microseconds: FakeWorld.now.microseconds - Int64(50 - sequence) * 1_000_000),
            action: action, outcome: outcome, actor: ActorName(databaseUser: by, claimedSystemUser: claiming),
            reason: "new phone",
            ticket: "T-\(sequence)")
    }

    @Test func aPaletteWithoutAHitStaysOpen() throws {
        let driver = ConsoleDriver()
        try driver.press("?qqq<Enter>p")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("No matching action."))
    }

    @Test func inTheLogASlashSearchesTheLog() throws {
        let driver = ConsoleDriver()
        driver.world.events = [.example(2), .example(1)]
        try driver.press("A/")
        #expect(driver.text().contains("Search the log"))
        try driver.press("<Esc>")
        #expect(driver.console.audit != nil && driver.console.menu == nil)
    }

    @Test func onesOwnChangeIsNotReportedAsSomebodyElses() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913")), .success(.done(secret: "482914"))]
        try driver.press("<Enter>vyes<Enter><Esc>")
        driver.isWaiting = true
        try driver.press("<Esc>p")
        driver.answer()
        #expect(driver.console.reset?.changes == [])
        #expect(!driver.text().contains("Changed meanwhile"))
    }

    @Test func thePageUnderADialogShowsWhatTheDialogRead() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>")
        driver.world.touch(1) { $0.isActive = false }
        driver.world.history = [entry(41, "deactivate")]
        try driver.press("p")
        #expect(driver.text().contains("INACTIVE: cannot sign in, even after this"))
        #expect(driver.console.person?.person.isActive == false)
        #expect(driver.console.person?.known.entries.count == 1)
    }

    @Test func anApprovalIsTheFirstThingSaidAndTheDialogAsksForNoOther() throws {
        let driver = ConsoleDriver()
        driver.world.protected = [FakeWorld.id(1)]
        driver.world.approvals = [
            FakeWorld.request(12, for: "anna.berg@example.org") {
                $0.accountID = FakeWorld.id(1)
                $0.isOwn = true
                $0.state = .approved
                $0.decidedBy = "lead1"
            }
        ]
        try driver.press("<Enter>r")
        #expect(driver.text().contains("✓ Approved by lead1: reset password, once, until"))
        #expect(driver.text().contains("p do it now"))
        #expect(driver.text().contains("1 approved [w]"))
        try driver.press("p")
        #expect(driver.text().contains("✓ by lead1, once, until"))
        #expect(!driver.text().contains("needs a supervisor's approval"))
        // Of another change nobody has approved anything.
        try driver.press("<Esc>v")
        #expect(driver.text().contains("needs a supervisor's approval"))
    }

    @Test func aSupervisorSeesFirstWhatWaits() throws {
        var world = FakeWorld.few
        world.approvals = [FakeWorld.request(12), FakeWorld.request(11)]
        #expect(ConsoleDriver(world).text().contains("Open requests for approval"))
        #expect(ConsoleDriver(world).text().contains("2 to approve [w]"))
        let other = ConsoleDriver(world, mayDecide: false)
        #expect(other.console.opened.isEmpty && !other.text().contains("to approve"))
    }

    @Test func aPasswordThatIsTooLongIsNeverCalledStrong() throws {
        let driver = ConsoleDriver()
        try driver.press("p2<Tab>" + String(repeating: "correct horse ", count: 6))
        #expect(!driver.text().contains("strong") && !driver.text().contains("█"))
        #expect(driver.text().contains("72"))
    }

    @Test func aWrongTicketIsSaidBeforeTheYes() throws {
        var policy = Policy.standard
        policy.ticketPattern = "[A-Z]{2}-\\d{4}"
        let driver = ConsoleDriver(policy: policy)
        try driver.press("v<Tab><Tab>")
        #expect(driver.text().contains("For example AA-1234."))
        try driver.press("17<Tab>")
        #expect(driver.text().contains("Not a valid ticket. For example AA-1234."))
        try driver.press("yes<Enter>")
        #expect(driver.changes.isEmpty && driver.console.reset?.form.focus == .ticket)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("<C-u>AB-4711<Enter><C-u>yes<Enter>")
        #expect(driver.changes.count == 1)
    }

    @Test func whatIsConfirmedBeforeTheTicketWasCheckedWaitsForThat() throws {
        var policy = Policy.standard
        policy.ticketPattern = "T-\\d+"
        for (ticket, sent) in [("T-17", 1), ("17", 0)] {
            let driver = ConsoleDriver(policy: policy)
            driver.world.endings = [.success(.done(secret: "482913"))]
            try driver.press("v<Tab><Tab>\(ticket)")
            driver.isWaiting = true
            try driver.press("<Tab>yes<Enter>")
            #expect(driver.changes.isEmpty)
            driver.answer()
            #expect(driver.changes.count == sent, "\(ticket)")
        }
    }

    @Test func yesWhileAChoiceHasTheFocusIsTheConfirmation() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("vyes<Enter>")
        #expect(driver.changes.map(\.action) == [.issuePIN])
    }

    @Test func whatTheFilterHidesIsCounted() throws {
        let driver = ConsoleDriver()
        try driver.press("f<Space><Enter>/example")
        #expect(driver.text().contains("1 of 1, 4 filtered out"))
        try driver.press("<C-u>anna")
        #expect(driver.text().contains("1 hidden by the filter “inactive”. c clears it."))
    }

    @Test func thePreviewFollowsTheCursorAMomentLaterAndNeverMixesTwoPeople() throws {
        let driver = ConsoleDriver(columns: 120, rows: 40)
        driver.world.history = [entry(41, "reset_password")]
        let before = driver.effects.count
        try driver.press("<Down><Down><Down><Up>")
        // Nothing is read while the cursor moves, and nothing of anybody else is shown.
        #expect(!driver.effects[before...].contains { $0.asks(for: DossierQuery.self) != nil })
        #expect(driver.text().contains("@chen.li"))
        #expect(!driver.text().contains("Recent activity"))
        driver.pass(seconds: 0.2)
        #expect(driver.effects[before...].count { $0.asks(for: DossierQuery.self)?.reader == .preview } == 1)
        #expect(driver.text().contains("Recent activity"))
        // A narrow screen has no room for it, and reads nothing for it.
        let narrow = ConsoleDriver(columns: 109, rows: 40)
        try narrow.press("<Down>")
        narrow.pass(seconds: 1)
        #expect(!narrow.effects.contains { $0.asks(for: DossierQuery.self) != nil })
    }

    @Test func timesAreShownInThreeWays() throws {
        let driver = ConsoleDriver()
        driver.world.history = [entry(41, "reset_password")]
        try driver.press("<Enter>")
        #expect(driver.text().contains("9 s ago"))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13 "))
        try driver.press("t")
        #expect(driver.text().contains("2026-09-21 14:13Z"))
        try driver.press("t")
        #expect(driver.text().contains("9 s ago"))
    }

    @Test func aWideScreenShowsMoreColumns() {
        var world = FakeWorld.few
        world.teams = [TeamMembership(team: "Support", role: "admin")]
        let text = ConsoleDriver(world, columns: 160, rows: 40).text()
        for title in ["Name", "E-mail ▲", "Username", "State", "PIN", "Seen", "Created", "Verified", "Team"] {
            #expect(text.contains(title), "\(title)")
        }
        #expect(text.contains("Support"))
    }

    @Test func theColumnsAreChosenAndTheSortedOneStays() throws {
        let driver = ConsoleDriver(columns: 100)
        #expect(driver.text().contains("Username"))
        // Username is the third; what it is sorted by cannot be hidden.
        try driver.press("C<Down><Down><Space><Enter>")
        #expect(!driver.text().contains("Username"))
        #expect(driver.keptColumns == ["name", "email", "state", "pin", "login"])
        try driver.press("s<Down><Enter>")
        #expect(driver.text().contains("Username ▲"))
        try driver.press("s<Space><Enter>")
        #expect(driver.text().contains("Username ▼"))
        try driver.press("C<Space><Enter>")
        #expect(driver.text().contains("Name"))
    }

    @Test func endingASearchKeepsWhoeverWasSelected() throws {
        for keys in ["<Tab><Esc>", "<Esc>", "<Tab>c"] {
            let driver = ConsoleDriver(.many(400))
            try driver.press("<Down><Down>/person0030<Down><Down>" + keys)
            #expect(driver.selectedEmail == "person00302@example.org", "\(keys)")
            #expect(driver.console.list.selection == AccountSelection(), "\(keys)")
        }
    }

    @Test func howACallerWasVerifiedIsAskedEachTime() throws {
        var policy = Policy.standard
        policy.verificationMethods = ["callback", "ID card"].map(VerificationMethod.init(parsing:))
        let driver = ConsoleDriver(policy: policy)
        try driver.press("p<Tab>2<Tab>lost<Tab>T-1<Esc>v")
        #expect(driver.console.reset?.form.choice(.verifiedBy) == nil)
        #expect(driver.console.reset?.form.text(.reason) == "lost")
        #expect(driver.text().contains("Kept from your last change of this account."))
        try driver.press("yes<Enter>")
        #expect(driver.changes.isEmpty)
    }

    @Test func yesIsNoReason() throws {
        var policy = Policy.standard
        policy.requiresReason = true
        let driver = ConsoleDriver(policy: policy)
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("“yes” is not a reason."))
        try driver.press("<C-u>lost phone<Enter>")
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("yes<Enter>")
        #expect(driver.changes.map(\.context.reason) == ["lost phone"])
    }

    @Test func noKeyActsOnAScreenThatIsTooSmall() throws {
        let driver = ConsoleDriver()
        try driver.press("v")
        driver.resize(20, 5)
        try driver.press("yes<Enter>")
        driver.paste("yes")
        driver.resize(80, 24)
        #expect(driver.changes.isEmpty && driver.console.reset?.form.text(.confirmation) == "")
    }

    @Test func aCountThatChangesIsShownOnThePageToo() throws {
        let driver = ConsoleDriver(mayDecide: false)
        driver.world.protected = [FakeWorld.id(1)]
        driver.world.approvals = [
            FakeWorld.request(12, for: "anna.berg@example.org") {
                $0.accountID = FakeWorld.id(1)
                $0.isOwn = true
            }
        ]
        try driver.press("<Enter>r")
        #expect(driver.text().contains("1 pending [w]") && driver.text().contains("Waiting for a supervisor"))
        driver.world.approvals[0].state = .approved
        driver.pass(seconds: 31)
        #expect(driver.text().contains("1 approved [w]") && driver.text().contains("✓ Approved"))
    }

    @Test func aDenialIsSaidOnThePage() throws {
        let driver = ConsoleDriver()
        driver.world.history = [
            entry(44, "deny", by: "lead1", claiming: "root"), entry(43, "request_approval"),
        ]
        try driver.press("<Enter>")
        #expect(driver.text().contains("✗ Request denied 6 s ago by lead1: “new phone”"))
        driver.world.history.insert(entry(45, "approve", by: "lead1"), at: 0)
        try driver.press("r")
        #expect(!driver.text().contains("Request denied"))
    }

    @Test func recentActivityIsFilteredAndOpened() throws {
        let driver = ConsoleDriver()
        driver.world.history = [
            entry(43, "reset_password", "refused", by: "desk1"), entry(42, "set_voice_pin", by: "desk2"),
        ]
        try driver.press("<Enter>f")
        #expect(driver.text().contains("1 of 1, done only") && driver.text().contains("desk2"))
        try driver.press("f")
        #expect(driver.text().contains("1 of 1, not done only") && driver.text().contains("desk1"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("receipt 43"))
        try driver.press("<Esc>f<Down>")
        #expect(driver.text().contains("2 of 2"))
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

    @Test func theNeighbourIsOpenedWithoutGoingBack() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>]")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        #expect(driver.console.opened.count == 1)
        try driver.press("[[")
        #expect(driver.console.person?.person.email == "anna.berg@example.org")
        #expect(driver.text().contains("This is the first person of the list."))
    }

    @Test func theReceiptShowsOneLineAloneAndSaysCapitalsAndWhatIsMissing() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "Kmwp-7d4x-9rtv-h3qe"))]
        try driver.press("<Down>pyes<Enter>")
        #expect(driver.text().contains("CAPITAL kilo"))
        #expect(driver.text().contains("! Inactive: cannot sign in yet. x activates the account next."))
        #expect(driver.text().contains("Hides in 2:00"))
        try driver.press("<Space><Down>")
        #expect(driver.text().contains("seven") && !driver.text().contains("CAPITAL kilo"))
        #expect(driver.text().contains("Line 2 of 4"))
        driver.pass(seconds: 101)
        #expect(driver.text().contains("Hides in 0:20"))
        driver.pass(seconds: 21)
        #expect(!driver.text().contains("seven") && driver.text().contains("Ctrl-R shows it"))
    }
}
