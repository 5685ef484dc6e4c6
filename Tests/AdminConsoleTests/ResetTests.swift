import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import Credentials
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

@Suite struct ResetTests {
    static let password = "Kmwp-7d4x-9rtv-h3qe"

    @Test func aVoicePINIsIssuedByYesAlone() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(
            driver.changes == [
                .init(email: "anna.berg@example.org", version: "71", action: .issuePIN, context: ChangeContext())
            ])
        #expect(driver.text().contains("4 8 2   9 1 3"))
        #expect(driver.text().contains("4711"))
    }

    @Test(arguments: [
        "", "y", "ye", "YES", "Yes", "yes ", " yes", "yess", "no", "<Space>", "y<Enter>es<BS>", "yes<BS>", "yes<C-u>",
    ])
    func nothingButYesSends(_ typed: String) throws {
        for key in ["v", "p"] {
            let driver = ConsoleDriver()
            try driver.press("\(key)<Enter>\(typed)<Enter><Enter>")
            #expect(driver.changes.isEmpty)
            #expect(driver.text().contains("Type yes, in lower case"))
        }
    }

    /// Whoever types a reason there hears where that goes.
    @Test func moreThanAWordBelongsElsewhere() throws {
        let driver = ConsoleDriver()
        try driver.press("v<Enter>new phone<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("Only yes goes here, to confirm. Shift-Tab goes back to the other fields."))
    }

    @Test(arguments: ["<Esc>", "<C-c>"])
    func leavingWritesNothing(_ key: String) throws {
        for before in ["", "<Enter>yes", "<Right><Tab>secret-words<Tab>secret-words<Enter>yes"] {
            let driver = ConsoleDriver()
            try driver.press("p\(before)\(key)")
            #expect(driver.changes.isEmpty)
            #expect(driver.console.reset == nil)
            #expect(driver.text().contains("Cancelled. Nothing was changed."))
        }
    }

    @Test func aPasswordIsTypedTwice() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: nil))]
        try driver.press("p<Right><Enter>\(Self.password)<Enter>\(Self.password)<Enter>yes<Enter>")
        #expect(driver.changes.map(\.action) == [.setPassword(Secret(copying: Self.password), allowWeak: false)])
        #expect(driver.text().contains("The new password works now"))
        #expect(!driver.text().contains(Self.password))
    }

    @Test func differingEntriesAreNotSent() throws {
        let driver = ConsoleDriver()
        try driver.press("p<Right><Enter>\(Self.password)<Enter>\(Self.password)x<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("The two entries differ"))
    }

    @Test func aShortPasswordNeedsTheWordWeak() throws {
        let driver = ConsoleDriver()
        try driver.press("p<Right><Enter>kvzhqw<Enter>kvzhqw<Enter>")
        #expect(driver.console.reset?.form.focus == .weak)
        try driver.press("WEAK<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        driver.world.endings = [.success(.done(secret: nil))]
        try driver.press("<C-u>weak<Enter><C-u>yes<Enter>")
        #expect(driver.changes.map(\.action) == [.setPassword(Secret(copying: "kvzhqw"), allowWeak: true)])
    }

    @Test func anotherChoiceNeedsAnotherYes() throws {
        let driver = ConsoleDriver()
        try driver.press("v<Enter>yes<Tab><Left><Tab><Tab><Tab><Enter>")
        #expect(driver.console.reset?.chosen == .clearPIN)
        #expect(driver.changes.isEmpty)
        driver.world.endings = [.success(.done(secret: nil))]
        try driver.press("yes<Enter>")
        #expect(driver.changes.map(\.action) == [.clearPIN])
    }

    @Test func keysWhileWritingDoNothing() throws {
        let driver = ConsoleDriver()
        try driver.press("v<Enter>yes")
        driver.world.endings = [.success(.done(secret: "482913"))]
        driver.isWaiting = true
        try driver.press("<Enter>")
        let screen = driver.screen()
        try driver.press("<Esc><C-c>q<Enter>yes<Enter><F10>/v<Tab><C-g>")
        #expect(driver.screen() == screen)
        driver.answer()
        #expect(driver.changes.count == 1)
        #expect(driver.text().contains("4 8 2   9 1 3"))
    }

    @Test func aConflictKeepsTheFormShowsWhatChangedAndAsksAgain() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.conflict), .success(.done(secret: "482913"))]
        try driver.press("v<Tab>lost her phone<Enter>yes")
        driver.world.touch(1) { $0.lastLoginAt = FakeWorld.now }
        try driver.press("<Enter>")
        #expect(driver.console.reset?.form.text(.reason) == "lost her phone")
        #expect(driver.text().contains("signed in just now"))
        #expect(driver.text().contains("The account changed since you saw it"))
        try driver.press("<Enter>")
        #expect(driver.changes.count == 1)
        try driver.press("yes<Enter>")
        #expect(driver.changes.map(\.version) == ["71", "71x"])
        #expect(driver.changes.last?.context.reason == "lost her phone")
    }

    @Test func whatChangedWhileTheDialogOpenedIsShown() throws {
        let driver = ConsoleDriver()
        driver.world.touch(1) { $0.lastName = "Berg-Stone" }
        try driver.press("v")
        #expect(driver.text().contains(/Name +Anna Berg-Stone/))
        #expect(driver.text().contains("name: was Anna Berg, is Anna Berg-Stone"))
    }

    @Test func aRefusalKeepsTheForm() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [
            .success(.refused("This PIN cannot be had. Issue one instead, or type another.", rule: "pin_unavailable"))
        ]
        try driver.press("v<Right><Enter>834512<Enter>834512<Enter>yes<Enter>")
        #expect(driver.text().contains("This PIN cannot be had"))
        #expect(driver.console.reset?.form.focus == .secret)
        #expect(driver.console.reset?.form.text(.confirmation).isEmpty == true)
    }

    @Test func anUnknownOutcomeSaysSoAndOffersNoRepetition() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.unknown)]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("OUTCOME UNKNOWN"))
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.text().contains("OUTCOME UNKNOWN"))
        try driver.press("<Esc>")
        #expect(driver.console.reset == nil)
    }

    @Test func aFailureCanBeTriedAgain() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.failed), .success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("Failed. Nothing was changed."))
        try driver.press("<Enter><Enter>")
        #expect(driver.changes.count == 1)
        try driver.press("yes<Enter>")
        #expect(driver.changes.count == 2)
    }

    @Test func anErrorBeforeSendingStaysInTheForm() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.failure(.database(.connectionLost(afterSending: false)))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("The connection to the database was lost"))
        #expect(driver.console.reset?.stage == .form)
    }

    @Test func aPasteFillsOneFieldAndNeverSubmits() throws {
        let driver = ConsoleDriver()
        try driver.press("p<Right><Tab>")
        driver.paste(Self.password + "\nyes\n")
        #expect(driver.console.reset?.form.secret(.secret).isEmpty == true)
        #expect(driver.text().contains("several lines, and a secret is one") && !driver.text().contains("Kmwp"))
        // As it is copied out of most programs.
        driver.paste(Self.password + "\r\n")
        #expect(driver.console.reset?.form.secret(.secret).secret == Secret(copying: Self.password))
        #expect(driver.console.reset?.form.focus == .secret)
        try driver.press("<Tab>")
        driver.paste(Self.password + "\n")
        try driver.press("<Tab>")
        driver.paste("lost the\nphone\n")
        #expect(driver.console.reset?.form.text(.reason) == "lost the phone")
        try driver.press("<Tab><Tab>")
        #expect(driver.console.reset?.form.focus == .confirmation)
        driver.paste("yes\n")
        #expect(driver.console.reset?.form.text(.confirmation).isEmpty == true)
        #expect(driver.changes.isEmpty)
    }

    @Test func aRevealEndsAfterFiveSeconds() throws {
        let driver = ConsoleDriver()
        try driver.press("p<Right><Tab>visible-words")
        #expect(!driver.text().contains("visible-words"))
        try driver.press("<C-r>")
        #expect(driver.text().contains("visible-words"))
        driver.pass(seconds: 4.9)
        #expect(driver.text().contains("visible-words"))
        driver.pass(seconds: 0.2)
        #expect(!driver.text().contains("visible-words"))
        // The same key hides what it showed.
        try driver.press("<C-r>")
        #expect(driver.text().contains("visible-words"))
        try driver.press("<C-r>")
        #expect(!driver.text().contains("visible-words"))
    }

    @Test func anAccountOfElsewhereNeedsItsYes() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down><Down><Down>p<Enter>")
        #expect(driver.console.reset?.form.focus == .localPassword)
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("signs in by SSO"))
        driver.world.endings = [.success(.done(secret: Self.password))]
        try driver.press("2<Enter>yes<Enter>")
        #expect(driver.changes.map(\.email) == ["dora.sso@example.org"])
        #expect(driver.changes.last?.context.wantsLocalPassword == true)
    }

    @Test func thePolicysFieldsMustBeFilledIn() throws {
        var policy = Policy.standard
        policy.requiresReason = true
        policy.requiresTicket = true
        policy.verificationMethods = ["call back: Did you call back the number on file?", "ID card"].map(
            VerificationMethod.init(parsing:))
        let driver = ConsoleDriver(policy: policy)
        // Enter goes past none of them.
        try driver.press("v<Enter><Enter><Enter>")
        #expect(driver.console.reset?.form.focus == .verifiedBy)
        #expect(driver.text().contains("Choose how you verified the caller"))
        try driver.press("1")
        #expect(driver.text().contains("Did you call back the number on file?"))
        try driver.press("2<Enter><Enter><Space><Enter>")
        #expect(driver.console.reset?.form.focus == .reason)
        #expect(driver.text().contains("Enter a reason."))
        try driver.press("lost phone<Enter><Enter>")
        #expect(driver.console.reset?.form.focus == .ticket)
        #expect(driver.changes.isEmpty)
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("T-1<Enter>yes<Enter>")
        #expect(
            driver.changes.map(\.context) == [
                ChangeContext(reason: " lost phone", ticket: "T-1", verifiedBy: "ID card", wantsLocalPassword: false)
            ])
    }

    @Test func withoutRightsNoChangeIsOfferedAndTheReasonIsSaid() throws {
        let driver = ConsoleDriver(readOnlyReason: "The console was started with --read-only.")
        #expect(!driver.text().contains("v PIN"))
        for key in ["v", "p", "<Enter>v", "p"] {
            try driver.press(key)
            #expect(driver.console.reset == nil)
            #expect(driver.text().contains("The console was started with --read-only."))
        }
        #expect(driver.changes.isEmpty)
    }

    @Test func theDialogStaysWithItsAccountWhenTheListChangesBelow() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>")
        driver.isWaiting = true
        try driver.press("r")
        try driver.press("v")
        driver.world.delete(1)
        driver.answer(0)
        #expect(driver.dialogEmail == "bob.stone@example.org")
        driver.world.endings = [.success(.done(secret: "482913"))]
        driver.answer()
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.changes.map(\.email) == ["bob.stone@example.org"])
    }

    @Test func aDeletedAccountKeepsItsDialogUntilItIsClosed() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("v<Tab>quit")
        driver.world.delete(1)
        driver.answer()
        #expect(driver.text().contains("This account was deleted"))
        try driver.press("quick<Enter>yes<Enter>v")
        #expect(!driver.hasQuit)
        #expect(driver.changes.isEmpty)
        try driver.press("<Esc>")
        #expect(driver.console.reset == nil)
        #expect(driver.console.list.window.rows.map(\.email).first == "bob.stone@example.org")
    }

    @Test func aStaleAnswerDoesNotReachTheNextDialog() throws {
        let driver = ConsoleDriver()
        driver.isWaiting = true
        try driver.press("v<Esc><Down>p")
        driver.world.delete(1)
        driver.answer(0)
        #expect(driver.dialogEmail == "bob.stone@example.org")
        #expect(driver.console.reset?.stage == .form)
    }

    @Test func generateForgetsWhatWasTyped() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: Self.password))]
        try driver.press("p<Right><Tab>typed-by-hand<Tab>typed<C-g><Enter>yes<Enter>")
        #expect(driver.changes.map(\.action) == [.generatePassword])
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

    @Test func aPasswordThatIsTooLongIsNeverCalledStrong() throws {
        let driver = ConsoleDriver()
        try driver.press("p2<Tab>" + String(repeating: "correct horse ", count: 6))
        #expect(!driver.text().contains("strong") && !driver.text().contains("█"))
        #expect(driver.text().contains("72"))
    }

    @Test func yesWhileAChoiceHasTheFocusIsTheConfirmation() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("vyes<Enter>")
        #expect(driver.changes.map(\.action) == [.issuePIN])
    }

    @Test func howACallerWasVerifiedIsAskedEachTime() throws {
        var policy = Policy.standard
        policy.verificationMethods = ["callback", "ID card"].map(VerificationMethod.init(parsing:))
        let driver = ConsoleDriver(policy: policy)
        try driver.press("p<Tab>2<Tab>lost<Tab>T-1<Esc>v")
        #expect(driver.console.reset?.form.choice(.verifiedBy) == nil)
        #expect(driver.console.reset?.form.text(.reason) == "lost")
        #expect(driver.text().contains("Kept from the dialog that you cancelled."))
        try driver.press("yes<Enter>")
        #expect(driver.changes.isEmpty)
    }

    /// Only what was confirmed is called a change.
    @Test func whereAKeptReasonIsFromIsSaid() throws {
        let (change, cancelled) = ("Kept from your last change", "Kept from the dialog that you cancelled.")
        let driver = ConsoleDriver()
        try driver.press("v<Tab>lost<Esc>v")
        #expect(driver.text().contains(cancelled) && !driver.text().contains(change))
        // Cancelled once more it is still of no change; confirmed, it is, and stays so where a dialog is cancelled after it.
        try driver.press("<Esc>v")
        #expect(driver.text().contains(cancelled))
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("yes<Enter><Esc><Esc>v")
        #expect(driver.changes.map(\.context.reason) == ["lost"])
        for keys in ["", "<Esc>v"] {
            try driver.press(keys)
            #expect(driver.text().contains(change) && !driver.text().contains(cancelled))
        }
        try driver.press("<Tab> again<Esc>v")
        #expect(driver.text().contains(cancelled) && driver.console.reset?.form.text(.reason) == "lost again")
    }

    /// A refusal has a receipt, with that reason in the log.
    @Test func aRefusedChangesReasonIsOfAChange() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.refused("Limit reached.", rule: "account_budget"))]
        try driver.press("v<Tab>lost<Tab><Tab>yes<Enter><Esc>v")
        #expect(driver.changes.count == 1 && driver.text().contains("Kept from your last change"))
    }

    @Test func yesIsNoReason() throws {
        var policy = Policy.standard
        policy.requiresReason = true
        let driver = ConsoleDriver(policy: policy)
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("“yes” is not a reason."))
        try driver.press("<C-u>yes 1<Enter>")
        #expect(driver.text().contains("“yes 1” is not a reason."))
        try driver.press("<C-u>lost phone<Enter>")
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("yes<Enter>")
        #expect(driver.changes.map(\.context.reason) == ["lost phone"])
    }
}
