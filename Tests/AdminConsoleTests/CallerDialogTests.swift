import ConsoleRequests
import TerminalKit
import Testing

@testable import AccountPolicy
@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

@Suite struct CallerDialogTests {
    private func driver(needed: Int = 2, columns: Int = 80, rows: Int = 24) -> ConsoleDriver {
        var world = FakeWorld.few
        world.caller = CallerState(needed: needed)
        world.endings = [.success(.done(secret: "830517"))]
        return ConsoleDriver(world, columns: columns, rows: rows)
    }

    @Test func oneCallIsAFewKeys() throws {
        let driver = driver()
        try driver.press("<Enter>")
        #expect(driver.text().contains("not proven: 2 points needed; i sends a code"))
        try driver.press("i")
        for words in ["Who is speaking?", "Anna Berg", "anna.berg@example.org", "proof, 3 points"] {
            #expect(driver.text().contains(words))
        }
        try driver.press("<Enter>")
        #expect(driver.text().contains("sent, good until") && driver.text().contains("5 tries left"))
        try driver.press("482<Space>913<Enter>")
        #expect(driver.console.overlay == nil)
        #expect(driver.text().contains("The caller has proven who they are") && driver.text().contains("4713."))
        #expect(driver.text().contains("proven by mail code, 3 points, 10 min left"))
        try driver.press("v")
        #expect(driver.text().contains("proven by mail code, 3 points, 10 min left"))
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.changes.count == 1)
    }

    /// Where the site sends to telephones and has a number, there is a choice; elsewhere nothing of it is seen.
    @Test func aCodeGoesToTheTelephoneWhereThereIsOne() throws {
        let without = driver()
        try without.press("i")
        #expect(!without.text().contains("telephone") && !without.text().contains("Send by"))
        let driver = driver()
        driver.world.caller.phone = "…42"
        try driver.press("<Enter>i")
        #expect(driver.text().contains("six digits to the telephone …42: proof, 2 points"))
        // A digit chooses, as in every dialog, and what is typed next is the code.
        try driver.press("2<Enter>")
        #expect(driver.text().contains("Text") && driver.world.caller.code?.way == .text)
        try driver.press("482913<Enter>")
        #expect(driver.text().contains("text code, 2 points, for"))
        #expect(driver.text().contains("proven by text code, 2 points, 10 min left"))
    }

    /// A dialog about somebody who is not called so any more goes, and says why; the page is read anew.
    @Test func whoseAddressChangedIsSentNoCode() throws {
        let driver = driver()
        try driver.press("<Enter>i")
        driver.world.addressHasChanged = true
        try driver.press("<Enter>")
        #expect(driver.console.overlay == nil)
        #expect(driver.text().contains("The account changed since you saw it: e-mail."))
        #expect(driver.text().contains("Recent activity"))
    }

    /// What is said of the time that is left is true at the end of it, too, wherever it is said.
    @Test(arguments: ["<Enter>", "<Enter>v", "<Enter>i"]) func theTimeThatIsLeftGoesOn(keys: String) throws {
        let driver = driver()
        driver.world.caller.proof = CallerState.Proof(points: 3, until: FakeWorld.later(minutes: 7))
        try driver.press(keys)
        #expect(driver.text().contains("7 min left"), "\(driver.text())")
        driver.pass(seconds: 61)
        #expect(driver.text().contains("5 min left"), "\(driver.text())")
        driver.pass(seconds: 330)
        #expect(driver.text().contains(/\d+ s left/), "\(driver.text())")
        let ticks = driver.ticks
        driver.world.caller.proof = nil
        driver.pass(seconds: 30)
        #expect(driver.text().contains("not proven: 2 points needed"), "\(driver.text())")
        #expect(driver.ticks - ticks < 45)
    }

    /// As long as the policy says.
    @Test func howLongAProofCountsIsThePolicys() throws {
        let driver = driver()
        var policy = Policy.standard
        policy.verificationMinutes = 25
        driver.world.policy = policy
        try driver.press("<Enter>i<Enter>482913<Enter>")
        #expect(driver.text().contains("3 points, for 25 min."), "\(driver.text())")
    }

    @Test func aWrongCodeStaysToBeTypedAgain() throws {
        let driver = driver()
        try driver.press("i<Enter>000000<Enter>")
        #expect(driver.text().contains("The code is wrong. 4 tries left."))
        #expect(driver.console.caller?.form.text(.code) == "")
        try driver.press("<Enter>")
        #expect(driver.text().contains("Type the six digits that the caller reads to you."))
        #expect(driver.world.caller.codesLeft == 2)
        try driver.press("<C-g><C-g><C-g>")
        #expect(driver.text().contains("Limit reached: three codes were sent."))
    }

    @Test func theCodeCanBeTypedAfterTheDialogWasClosedAndOpenedAgain() throws {
        let driver = driver()
        try driver.press("i<Enter><Esc>")
        #expect(driver.console.overlay == nil)
        try driver.press("i482913<Enter>")
        #expect(driver.world.caller.proof != nil)
    }

    @Test func nothingIsSentByOpeningAndClosing() throws {
        let driver = driver()
        try driver.press("i<Esc>i<C-c>")
        #expect(driver.world.caller.codesLeft == 3)
        let looking = ConsoleDriver(readOnlyReason: "Only looking.")
        try looking.press("i")
        #expect(looking.console.overlay == nil && looking.text().contains("Only looking."))
    }

    @Test func whatBecomesOfTheCodeIsReadAgainWhileItWaits() throws {
        let driver = driver()
        driver.world.caller.code = CallerState.Code(
            state: .queued, address: "anna.berg@example.org", until: FakeWorld.later(minutes: 10), triesLeft: nil)
        try driver.press("i")
        #expect(driver.text().contains("waits to be sent"))
        driver.world.caller.code?.state = .sent
        driver.pass(seconds: 3)
        #expect(driver.text().contains("sent, good until"))
        // And no more often than that is of use.
        func reads() -> Int {
            driver.effects.count { if case .run(_, let work) = $0 { work.lane == "caller" } else { false } }
        }
        let before = reads()
        driver.pass(seconds: 60)
        #expect(reads() - before <= 5)
    }

    @Test func whoHasProvenItNeedNotSayHow() throws {
        let driver = driver()
        var policy = Policy.standard
        policy.verificationMethods = [VerificationMethod(parsing: "callback: Did you call back?")]
        driver.world.policy = policy
        driver.world.caller.proof = CallerState.Proof(points: 3, until: FakeWorld.later(minutes: 5))
        try driver.press("<Enter>v<Enter>yes<Enter>")
        #expect(driver.changes.count == 1)
        try driver.press("<Esc><Esc>i")
        #expect(driver.text().contains("Did you call back? (word only, no points)"))
    }

    @Test(arguments: [(40, 10), (80, 24), (120, 40)])
    func thePersonTheCodeAndWhatIsSaidOfItAreThereAtEverySize(columns: Int, rows: Int) throws {
        let driver = driver(columns: columns, rows: rows)
        try driver.press("i<Enter>000000<Enter>48")
        for words in ["Anna Berg", "anna.berg@example.org", "Code", "48"] { #expect(driver.text().contains(words)) }
    }

    @Test func changesOnSomebodysWordAreFoundInTheLog() throws {
        let driver = driver()
        try driver.press("Af<Tab><Tab><Tab><Tab><Right><Enter>")
        #expect(driver.console.audit?.selection.isUnproven == true)
        #expect(driver.text().contains("caller unproven"))
    }
}
