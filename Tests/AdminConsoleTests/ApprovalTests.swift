import AccountPolicy
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

@Suite struct ApprovalTests {
    private func driver(_ requests: [ApprovalRequest], mayDecide: Bool = true) throws -> ConsoleDriver {
        var world = FakeWorld.few
        world.approvals = requests
        let driver = ConsoleDriver(world, mayDecide: mayDecide)
        try driver.press("w")
        return driver
    }

    @Test func aRequestIsApprovedAfterReviewAndYes() throws {
        let driver = try driver([FakeWorld.request(12), FakeWorld.request(11)])
        #expect(driver.text().contains("Open requests for approval"))
        try driver.press("<Enter>")
        for words in ["bob.stone@example.org", "bert_db (claims system user bert)", "locked out", "T-12"] {
            #expect(driver.text().contains(words))
        }
        try driver.press("<Right><Tab>fine by me<Enter>yes<Enter>")
        #expect(driver.decisions == [.init(id: 12, decision: .approve, reason: "fine by me")])
        #expect(driver.text().contains("Receipt 4712"))
        #expect(driver.text().contains("approved"))
    }

    @Test func aRequestIsDenied() throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("<Enter><Right><Right><Enter><Enter>yes<Enter>")
        #expect(driver.decisions == [.init(id: 12, decision: .deny, reason: nil)])
    }

    @Test(arguments: [
        "<Enter>", "yes<Enter>", "<Enter>yes<Enter>", "<Right><Enter><Enter>", "<Right><Enter>YES<Enter>",
        "<Right><Enter>yes<Esc>", "<Right><Enter>ye<Enter>", "<Right><Tab>yes<Enter><Enter>",
        "<Right><Tab>yes <Tab>yes<Enter>", "<Right><Tab>YES yes<Tab>yes<Enter>",
    ])
    func withoutAChoiceAndYesNothingIsDecided(_ keys: String) throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("<Enter>\(keys)")
        #expect(driver.decisions.isEmpty)
    }

    @Test func aYesHoldsForWhatItWasTypedTo() throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("<Enter><Right><Enter>yes<S-Tab><S-Tab><Right><Enter><Enter>")
        #expect(driver.decisions.isEmpty)
    }

    @Test func oneIsNotDecidedTwice() throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("<Enter><Right><Enter>yes")
        driver.world.approvals[0].state = .denied
        try driver.press("<Enter>")
        #expect(driver.text().contains("Refused: It was decided already."))
    }

    /// Whoever goes on working hears what became of it, as of a change that is left to itself.
    @Test(arguments: ["", "<Esc>", "/", "/bob<Esc>", "<Esc><Enter>", "<Esc>w"])
    func whatComesOfADecisionIsSaidWhereverOneIs(_ keys: String) throws {
        let endings: [(words: String, (ConsoleDriver) -> Void)] = [
            ("Request 12 approved", { _ in }),
            ("Refused: It was decided already.", { $0.world.approvals[0].state = .denied }),
            ("did not answer in time", { $0.world.failure = .database(.timedOut) }),
        ]
        for ending in endings {
            let driver = try driver([FakeWorld.request(12)])
            try driver.press("<Enter><Right><Enter>yes")
            driver.isWaiting = true
            try driver.press("<Enter>" + keys)
            ending.1(driver)
            driver.answer()
            #expect(driver.text().contains(ending.words), "\(keys)")
            // It is said once, and over.
            driver.world.failure = nil
            try driver.press("<Esc><Esc>w")
            #expect(!driver.text().contains("saving…"))
        }
    }

    @Test func aListOfFewIsNotCounted() throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("fc")
        #expect(!driver.effects.contains { $0.asks(for: CountQuery<ApprovalSelection>.self) != nil })
    }

    @Test(arguments: [(true, "your own request"), (false, "Request 12 was approved by carla: “fine”")])
    func whatCannotBeDecidedSaysWhy(isOwn: Bool, words: String) throws {
        let request = FakeWorld.request(12) {
            $0.isOwn = isOwn
            $0.state = isOwn ? .requested : .approved
            $0.decidedBy = isOwn ? nil : "carla"
            $0.decisionReason = isOwn ? nil : "fine"
        }
        let driver = try driver([request])
        try driver.press("<Enter>")
        #expect(driver.console.menu == nil)
        #expect(driver.text().contains(words))
    }

    /// What is approved is done on the page, where its key stands.
    @Test(arguments: ["<Enter>", "o"]) func anApprovedRequestLeadsToThePage(key: String) throws {
        let driver = try driver([FakeWorld.ownRequest(12)], mayDecide: false)
        driver.world.approvals[0].state = .approved
        try driver.press("r" + key)
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        #expect(driver.text().contains("Approved") && driver.text().contains("do it now"), "\(driver.text())")
        try driver.press("<Esc>")
        #expect(driver.text().contains("Open requests for approval"))
    }

    /// Where Enter does nothing, the key that goes on is named; it opens the page of whomever the request is about.
    @Test func whatCannotBeDecidedNamesTheKeyOfThePage() throws {
        let driver = try driver([FakeWorld.ownRequest(12)], mayDecide: false)
        try driver.press("<Enter>")
        #expect(driver.text().contains("o opens the page."), "\(driver.text())")
        try driver.press("v")
        #expect(driver.text().contains("This is done on a person's page: o opens it."))
        try driver.press("o")
        #expect(driver.console.person?.person.email == "bob.stone@example.org")
        let empty = try self.driver([])
        try empty.press("o")
        #expect(empty.text().contains("There is no request."))
        // Who is gone since is told.
        let gone = try self.driver([FakeWorld.request(12)])
        gone.world.accounts.remove(at: 1)
        try gone.press("o")
        #expect(gone.console.person == nil && gone.text().contains("This account was deleted"))
    }

    @Test func whoIsNoSupervisorSeesAndDoesNotDecide() throws {
        let driver = try driver([FakeWorld.request(12)], mayDecide: false)
        #expect(driver.text().contains("bob.stone@"))
        try driver.press("<Enter>")
        #expect(driver.console.menu == nil)
    }

    @Test func thoseThatAreOverAreShownByOneKey() throws {
        let driver = try driver([FakeWorld.request(12) { $0.state = .denied }])
        #expect(driver.text().contains("Nothing is pending."))
        try driver.press("f")
        #expect(driver.text().contains("denied"))
        try driver.press("c")
        #expect(driver.text().contains("Nothing is pending."))
    }

    @Test func aNewRequestNeverMovesTheSelection() throws {
        let driver = try driver([FakeWorld.request(12), FakeWorld.request(11)])
        try driver.press("<Down>")
        driver.world.approvals.insert(FakeWorld.request(13), at: 0)
        try driver.press("r<Enter>")
        guard let form = driver.console.menu as? DecisionForm else {
            Issue.record("no form")
            return
        }
        #expect(form.request.id == 11)
    }

    @Test func keysThatChangeAccountsActOnNobodyHere() throws {
        let driver = try driver([FakeWorld.request(12)])
        try driver.press("p")
        #expect(driver.console.reset == nil)
    }

    @Test func withoutRolesItSaysWhy() throws {
        let driver = ConsoleDriver(approvalsReason: "This installation works without roles.")
        try driver.press("w")
        #expect(driver.console.opened.isEmpty)
        #expect(driver.text().contains("works without roles"))
    }

    @Test(arguments: [(40, 10), (80, 24), (120, 40)])
    func theFormShowsWhoseAccountItIsAtEverySize(columns: Int, rows: Int) throws {
        let driver = try driver([FakeWorld.request(12)])
        driver.world.accounts[1].isActive = false
        driver.world.protected = [FakeWorld.id(2)]
        driver.resize(columns, rows)
        try driver.press("<Enter>")
        for keys in ["1", "yes"] {
            for words in ["Bob Stone", "bob.stone@example.org", "bob.stone", "INACTIVE, VERIFIED, PROTECTED"] {
                #expect(driver.text().contains(words))
            }
            try driver.press(keys)
        }
    }

    @Test func nothingIsDecidedBeforeItIsSeenWhoseAccountItIs() throws {
        let driver = try driver([FakeWorld.request(12)])
        driver.isWaiting = true
        try driver.press("<Enter>1yes<Enter>")
        #expect(driver.decisions.isEmpty && driver.text().contains("Checking the account"))
        driver.answer()
        #expect(driver.text().contains("Bob Stone") && !driver.text().contains("Checking the account"))
        try driver.press("yes<Enter>")
        #expect(driver.decisions.count == 1)
    }

    @Test func ofSomebodyWhoIsGoneOrHasAnotherAddressTheFormSaysSo() throws {
        let driver = try driver([FakeWorld.request(12), FakeWorld.request(11)])
        driver.world.accounts[1].email = "robert.stone@example.org"
        try driver.press("<Enter>")
        #expect(driver.text().contains("robert.stone@example.org"))
        #expect(driver.text().contains("When it was asked for, the e-mail address was bob.stone@example.org."))
        try driver.press("<Esc>")
        driver.world.accounts.removeAll { $0.id == FakeWorld.id(2) }
        try driver.press("<Down><Enter>")
        #expect(driver.text().contains("This account was deleted."))
        try driver.press("2<Enter><Enter>yes<Enter>")
        #expect(driver.decisions == [.init(id: 11, decision: .deny, reason: nil)])
    }

    @Test(arguments: [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24)])
    func theFormKeepsItsFieldsAndWhomItIsForAtEverySize(_ size: Size) throws {
        let driver = try driver([FakeWorld.request(12)])
        driver.resize(size.columns, size.rows)
        try driver.press("<Enter>")
        for words in ["bob.stone@example.org", "bert_db", "Decision"] { #expect(driver.text().contains(words)) }
        try driver.press("1yes")
        for words in ["bob.stone@example.org", "Type yes"] { #expect(driver.text().contains(words)) }
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
        // While somebody waits it is asked every second.
        driver.pass(seconds: 2)
        #expect(driver.text().contains("1 approved [w]") && driver.text().contains("✓ Approved"))
        #expect(driver.text().contains("A supervisor approved your request"))
    }

    /// The asker's dialog, which stayed open, goes on with the approval.
    @Test func theDialogThatWaitsTakesTheApproval() throws {
        let driver = ConsoleDriver(mayDecide: false)
        driver.world.protected = [FakeWorld.id(1)]
        try driver.press("v")
        driver.world.approvals = [
            FakeWorld.request(12, for: "anna.berg@example.org") {
                $0.accountID = FakeWorld.id(1)
                $0.isOwn = true
                $0.action = "issue_voice_pin"
            }
        ]
        driver.pass(seconds: 31)
        driver.world.approvals[0].state = .approved
        driver.pass(seconds: 2)
        #expect(driver.text().contains("Approved") && driver.text().contains("once, until"))
    }

    /// What was asked from the dialog is carried out from it, by one key, or its denial is said there.
    @Test(arguments: [(80, 24), (40, 10)]) func whatWasAskedFromTheDialogGoesOnThere(columns: Int, rows: Int) throws {
        for isApproved in [true, false] {
            let driver = ConsoleDriver(columns: columns, rows: rows, mayDecide: false)
            driver.world.protected = [FakeWorld.id(1)]
            driver.world.endings = [
                .success(
                    .refused("Ask a supervisor to approve request 12, then repeat it.", rule: "approval_required")),
                .success(.done(secret: "482913")),
            ]
            try driver.press("v<Enter>\(driver.world.accounts[0].username)<Enter>")
            #expect(driver.text().contains("is with the"), "\(driver.text())")
            if rows > 10 { #expect(driver.text().contains("Once it is approved")) }
            driver.world.approvals = [
                FakeWorld.request(12, for: "anna.berg@example.org") {
                    $0.accountID = FakeWorld.id(1)
                    $0.isOwn = true
                    $0.action = "issue_voice_pin"
                }
            ]
            driver.pass(seconds: 31)
            driver.world.approvals[0].decidedBy = "carla"
            driver.world.approvals[0].state = isApproved ? .approved : .denied
            if !isApproved { driver.world.history.insert(.example(9999, "deny", by: "carla"), at: 0) }
            driver.pass(seconds: 2)
            #expect(!driver.text().contains("is with the"), "\(driver.text())")
            #expect(driver.text().contains(isApproved ? "Approved by carla" : "Denied by carla"), "\(driver.text())")
            if isApproved {
                try driver.press("<Enter>")
                #expect(driver.text().contains("4 8 2"), "\(driver.text())")
            }
        }
    }

    @Test func aSupervisorHearsOfARequest() throws {
        let driver = ConsoleDriver()
        try driver.press("j")
        driver.world.approvals = [FakeWorld.request(12)]
        // Also where nobody was protected yet when the console was opened.
        #expect(driver.console.shared.context.policy.protection.isEmpty)
        driver.pass(seconds: 2)
        #expect(
            driver.text().contains("1 to approve [w]")
                && driver.text().contains("Somebody asks for approval: w shows it."))
    }

    /// What was asked from one console is decided for the other, too.
    @Test func theAskersOtherConsoleHearsWithinASecond() throws {
        let driver = ConsoleDriver(mayDecide: false)
        try driver.press("j")
        driver.world.approvals = [FakeWorld.request(12) { $0.isOwn = true }]
        driver.pass(seconds: 2)
        #expect(driver.text().contains("1 pending [w]"), "\(driver.text())")
        driver.world.approvals[0].state = .approved
        driver.pass(seconds: 2)
        #expect(driver.text().contains("A supervisor approved your request: w shows it."))
        // Where nobody is there, nothing is asked; who only reads the log is in no hurry.
        let reading = ConsoleDriver(readOnlyReason: "Only looking.", mayDecide: false)
        try reading.press("j")
        let ticks = reading.ticks
        reading.pass(seconds: 20)
        #expect(reading.ticks - ticks < 5)
    }

    /// The header's words, for whoever looks at another window.
    @Test func theWindowsTitleSaysWhatWaits() throws {
        let driver = ConsoleDriver(environment: EnvironmentLabel("production"), idleTime: IdleTime())
        #expect(driver.console.title == "convonet-admin (production)")
        try driver.press("j")
        driver.world.reports = 1
        driver.pass(seconds: 11)
        #expect(driver.console.title == "convonet-admin (production): 1 “not me”")
        // A cover hides it, as it hides the header's.
        driver.pass(seconds: 301)
        #expect(driver.text().contains("Hidden:") && driver.console.title == "convonet-admin (production)")
        #expect(ConsoleDriver().console.title == "convonet-admin")
    }

    /// Who said that something was not them waits for a supervisor, too; the bell rings where the settings say so, and once.
    @Test func aReportIsHeardAndSaysWhatToDo() throws {
        let driver = ConsoleDriver(ringsBell: true)
        try driver.press("j")
        driver.world.reports = 1
        driver.pass(seconds: 11)
        #expect(driver.text().contains("1 “not me” [w]") && driver.text().contains("Somebody says “that was not me”"))
        driver.pass(seconds: 11)
        #expect(driver.effects.count { $0 == .ring } == 1)
        try driver.press("w")
        #expect(driver.text().contains("No requests. Who said “not me”: Esc, then f and frozen."), "\(driver.text())")
        let other = ConsoleDriver(mayDecide: false, ringsBell: true)
        try other.press("j")
        other.world.reports = 1
        other.pass(seconds: 31)
        #expect(!other.text().contains("not me") && !other.effects.contains(.ring))
    }
}
