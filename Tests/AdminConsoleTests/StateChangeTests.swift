import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AccountPolicy
@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// Activating, verifying, and the accounts that the policy protects.
@Suite struct StateChangeTests {
    private func guardedDriver() -> ConsoleDriver {
        var world = FakeWorld.few
        world.protected = [FakeWorld.id(1)]
        return ConsoleDriver(world)
    }

    private static let openLink = ResetLink(
        id: FakeWorld.id(0xA), address: "anna.berg@example.org", origin: .staff, databaseUser: "desk",
        createdAt: FakeWorld.now, state: .sent)

    @Test func whatIsNotThereIsNotRevokedOrCleared() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>L")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("No reset link of this person is open."))
        driver.world.links = [Self.openLink]
        try driver.press("rL")
        #expect(driver.console.reset != nil)
        // Bob has no PIN.
        let other = ConsoleDriver()
        try other.press("<Down>v3<Enter>")
        #expect(other.text().contains("There is no voice PIN to clear."))
        try other.press("yes<Enter>")
        #expect(other.changes.isEmpty)
    }

    @Test(arguments: [
        ("x", AccountChange.Action.setActive(false), "the person cannot sign in"),
        ("<Down>x", .setActive(true), "can sign in again"),
        ("m", .setVerified(false), "Marked as unverified"),
        ("l<Enter>", .sendResetLink, "The mail with the link is queued"),
        ("l2<Enter>", .sendPINLink, "a PIN that they have works until then"),
        ("L", .revokeResetLinks, "All open links and codes are void"),
        ("<End>m", .setVerified(true), "Marked as verified"),
    ])
    func aStateIsChangedByItsKeyAndYes(keys: String, action: AccountChange.Action, words: String) throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: nil))]
        driver.world.links = [Self.openLink]
        try driver.press(keys)
        #expect(driver.text().contains("After this"))
        try driver.press("yes<Enter>")
        #expect(driver.changes.map(\.action) == [action])
        #expect(driver.text().contains(words))
        #expect(driver.text().contains("4711"))
    }

    @Test(arguments: ["", "y", "YES", "<C-g>", "<Enter><Enter>"])
    func nothingButYesChangesAState(_ typed: String) throws {
        let driver = ConsoleDriver()
        try driver.press("x\(typed)<Enter><Enter>")
        #expect(driver.changes.isEmpty)
    }

    @Test func toSomebodyInactiveNoLinkIsSent() throws {
        let driver = ConsoleDriver()
        try driver.press("<Down>l")
        #expect(driver.console.reset == nil)
        #expect(driver.text().contains("a link would not let the person in"))
    }

    @Test func thePersonsPageSaysWhatBecameOfALink() throws {
        let driver = ConsoleDriver()
        driver.world.links = [
            ResetLink(
                id: FakeWorld.id(0xA), address: "anna.berg@example.org", origin: .staff,
                databaseUser: "desk", createdAt: FakeWorld.now,
                expiresAt: Timestamp(microseconds: FakeWorld.now.microseconds + 3_600_000_000), state: .sent,
                stateAt: FakeWorld.now)
        ]
        try driver.press("<Enter>")
        #expect(driver.text().contains("sent now, to anna.berg@example.org, good until"))
    }

    @Test func aQueuedLinkThatNobodySendsIsSaidToBeOne() throws {
        let driver = ConsoleDriver()
        driver.world.links = [
            ResetLink(
                id: FakeWorld.id(0xA), address: "anna.berg@example.org", origin: .staff,
                databaseUser: "desk", createdAt: FakeWorld.now, state: .queued)
        ]
        try driver.press("<Enter>")
        #expect(!driver.text().contains("E-mail is not being sent"))
        driver.world.mailState.isAsking = false
        try driver.press("r")
        #expect(driver.text().contains("E-mail is not being sent"))
        driver.world.links[0].state = .sent
        try driver.press("r")
        #expect(!driver.text().contains("E-mail is not being sent"))
    }

    @Test func wordsTypedAFieldTooEarlyChooseNothing() throws {
        var policy = Policy.standard
        policy.verificationMethods = ["callback", "ID card"].map(VerificationMethod.init(parsing:))
        let driver = ConsoleDriver(policy: policy)
        try driver.press("p<Tab>forgot it again, ticket 21")
        #expect(driver.console.reset?.form.choice(.verifiedBy) == nil)
        #expect(driver.text().contains("Choose how you verified the caller"))
        try driver.press("<Tab><S-Tab>2")
        #expect(driver.console.reset?.form.choice(.verifiedBy) == 1)
    }

    @Test func whatWasDoneOfTheSameKindIsNotHiddenByOtherThings() throws {
        let driver = ConsoleDriver()
        func entry(_ sequence: Int, _ action: String) -> HistoryEntry {
            HistoryEntry(
                sequence: sequence, occurredAt: FakeWorld.now, action: action, outcome: "done",
                actor: ActorName(databaseUser: "bert"))
        }
        driver.world.history = [
            entry(45, "request_approval"), entry(44, "set_voice_pin"), entry(43, "clear_voice_pin"),
            entry(42, "reset_password"),
        ]
        try driver.press("p")
        #expect(driver.text().contains("Password reset just now by bert"))
        #expect(driver.text().contains("and 1 more"))
    }

    @Test func whatSomebodyElseDidAlreadyIsNotDoneAgain() throws {
        let driver = ConsoleDriver()
        driver.world.touch(1) { $0.isActive = false }
        try driver.press("xyes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("This account is already inactive."))
    }

    @Test func whoMayOnlyLookIsToldWhy() throws {
        let driver = ConsoleDriver(readOnlyReason: "This database user may not change accounts.")
        for key in ["x", "m"] {
            try driver.press(key)
            #expect(driver.console.reset == nil)
            #expect(driver.text().contains("may not change accounts"))
        }
    }

    @Test func aProtectedAccountTakesItsUsernameAndNotYes() throws {
        let driver = guardedDriver()
        driver.world.endings = [
            .success(.refused("This account is protected: a supervisor has to approve it.", rule: "approval_required")),
            .success(.done(secret: "482913")),
        ]
        try driver.press("v")
        #expect(driver.text().contains("every change needs a supervisor"))
        try driver.press("<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("Type its username, anna.berg, to confirm."))
        try driver.press("<C-u>anna.berg<Enter>")
        #expect(driver.text().contains("is with the supervisors"), "\(driver.text())")
        try driver.press("anna.berg<Enter>")
        #expect(driver.changes.count == 2)
        #expect(driver.text().contains("4 8 2   9 1 3"))
    }

    @Test func othersTakeYesAsEver() throws {
        let driver = guardedDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("<Down>v<Enter>yes<Enter>")
        #expect(driver.changes.count == 1)
    }

    @Test func untilItIsKnownWhetherAnAccountIsProtectedNothingIsSent() throws {
        let driver = guardedDriver()
        driver.isWaiting = true
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("Checking the account…"))
        // It is: what was confirmed by yes is not sent.
        driver.answer()
        #expect(driver.changes.isEmpty)
        #expect(driver.text().contains("every change needs a supervisor"))
    }

    @Test func whatWasConfirmedEarlyIsSentOnceTheAccountWasRead() throws {
        let driver = guardedDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        driver.isWaiting = true
        try driver.press("<Down>v<Enter>yes<Enter>")
        #expect(driver.changes.isEmpty)
        driver.answer()
        #expect(driver.changes.map(\.email) == ["bob.stone@example.org"])
        // Not where the account is another one than was seen, nor after a key that may have meant something else.
        for disturb in [{ $0.world.touch(2) { $0.lastName = "Other" } }, { $0.press(.tab) }]
            as [(ConsoleDriver) -> Void]
        {
            let other = guardedDriver()
            other.isWaiting = true
            try other.press("<Down>v<Enter>yes<Enter>")
            disturb(other)
            other.answer()
            #expect(other.changes.isEmpty)
        }
    }

    @Test func whereNothingMayBeTypedTypingIsNotOffered() throws {
        var policy = Policy.standard
        policy.allowsTyped = false
        let driver = ConsoleDriver(policy: policy)
        try driver.press("p<Right><Right>")
        #expect(driver.console.reset?.chosen.value == .generatedPassword)
        try driver.press("<Esc>v<Right>")
        #expect(driver.console.reset?.chosen == .clearPIN)
    }
}
