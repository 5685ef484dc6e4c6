import AccountDisplay
import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Marks in the list, and what is done to everybody who is marked.
@Suite struct MarkTests {
    private func marked(_ driver: ConsoleDriver) -> [String] { driver.console.list.marks.people.map(\.email) }

    /// Of the five people the second is inactive.
    private let emails = [
        "anna.berg@example.org", "bob.stone@example.org", "chen.li@example.org", "dora.sso@example.org",
        "emil.new@example.org",
    ]

    @Test func spaceMarksByPersonAndNotByPlace() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Down><Space>")
        #expect(marked(driver) == [emails[0], emails[2]])
        #expect(driver.text().contains("2 marked"))
        try driver.press("/emil<Tab><Space>")
        #expect(marked(driver) == [emails[0], emails[2], emails[4]])
        try driver.press("<Esc>")
        #expect(driver.text().contains("3 marked"))
        driver.world.accounts.remove(at: 1)
        try driver.press("r<Home><Space>")
        #expect(marked(driver) == [emails[2], emails[4]])
    }

    @Test func everybodyWhoIsFoundIsMarkedUpToAMost() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space>*")
        #expect(Set(marked(driver)) == Set(emails))
        #expect(driver.text().contains("5 people marked."))
        let many = ConsoleDriver(.many(600))
        try many.press("*")
        #expect(marked(many).isEmpty)
        #expect(many.text().contains("More than 500 people would be marked."))
        let some = ConsoleDriver(.many(500))
        try some.press("*")
        #expect(marked(some).count == 500)
    }

    @Test func marksAreTakenOffByEscTwiceOrByClear() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space><Esc>")
        #expect(driver.text().contains("Esc again takes the marks off") && marked(driver).count == 2)
        try driver.press("<Down><Esc>")
        #expect(marked(driver).count == 2)
        try driver.press("<Esc>")
        #expect(marked(driver).isEmpty && driver.text().contains("Nothing was changed."))
        try driver.press("<Home><Space>c")
        #expect(marked(driver).isEmpty)
    }

    @Test(arguments: ["p", "v", "z"]) func secretsAreNotMadeInBulk(key: String) throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space>" + key)
        #expect(driver.console.reset == nil && driver.console.batch == nil)
        #expect(driver.text().contains("secrets are never made in bulk"))
    }

    @Test func everybodyIsShownThenConfirmedByTheirNumber() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space><Space>x")
        for email in emails.prefix(3) { #expect(driver.text().contains(email)) }
        try driver.press("<Enter>left<Enter>T-7<Enter>")
        #expect(driver.text().contains("already inactive") && driver.text().contains("Type yes 2"))
        for wrong in ["yes", "yes 3", ""] {
            try driver.press(wrong.replacing(" ", with: "<Space>") + "<Enter><C-u>")
            #expect(driver.changes.isEmpty)
        }
        try driver.press("yes<Space>2<Enter>")
        #expect(driver.changes.map(\.email) == [emails[0], emails[2]])
        #expect(driver.changes.allSatisfy { $0.action == .setActive(false) })
        #expect(driver.changes.allSatisfy { $0.context == ChangeContext(reason: "left", ticket: "T-7") })
        #expect(driver.text().contains("2 done, 1 nothing to do.") && driver.text().contains("receipt 4711"))
        try driver.press("<Esc>")
        #expect(driver.console.batch == nil && marked(driver).isEmpty)
        #expect(driver.console.list.window.rows.prefix(3).allSatisfy { !$0.isActive })
    }

    @Test(arguments: [
        ("x2", AccountChange.Action.setActive(true)), ("m", .setVerified(false)), ("l", .sendResetLink),
        ("l2", .sendPINLink), ("L", .revokeResetLinks), ("o", .signOut), ("u", .unblock), ("U", .setFrozen(false)),
    ])
    func eachChangeThatIsForManyHasItsKey(keys: String, action: AccountChange.Action) throws {
        let driver = ConsoleDriver()
        // Bob, who is inactive, and Chen.
        try driver.press("<Down><Space><Space><Home>" + (keys == "x2" ? "x1" : keys) + "<Enter><Enter><Enter>")
        let wanted = driver.console.batch?.review.wanted ?? 0
        #expect(wanted > 0)
        try driver.press("yes<Space>\(wanted)<Enter>")
        #expect(driver.changes.map(\.action) == Array(repeating: action, count: wanted))
    }

    @Test func whatIsTypedIsForWhomItNames() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Space>:unverify chen.li@example.org<Enter>")
        #expect(driver.dialogEmail == emails[2] && driver.console.batch == nil)
        try driver.press("<Esc><Esc>:activate<Enter>")
        #expect(driver.console.reset == nil)
        #expect(driver.console.batch?.review.people.map(\.email) == [emails[0], emails[1]])
        try driver.press("<Enter><Enter><Enter>yes 1<Enter>")
        #expect(driver.changes.map(\.action) == [.setActive(true)])
    }

    @Test func itCanBeStoppedBetweenTwoPeople() throws {
        let driver = ConsoleDriver()
        try driver.press("<Space><Down><Space><Space>o<Enter><Enter>")
        driver.isWaiting = true
        try driver.press("yes<Space>3<Enter>")
        while driver.console.batch?.review.stage == .looking { driver.answer(0) }
        #expect(driver.console.batch?.isWriting == true)
        try driver.press("<Esc>")
        #expect(driver.text().contains("stopping after this one"))
        driver.answer()
        #expect(driver.changes.map(\.email) == [emails[0]])
        #expect(driver.text().contains("1 done, 2 not tried.") && driver.text().contains("2 people stay marked."))
        try driver.press("<Esc>")
        #expect(marked(driver) == [emails[2], emails[3]])
    }

    @Test func whoVanishedOrChangedIsToldAndLeftAlone() throws {
        let driver = ConsoleDriver()
        try driver.press("*o")
        driver.world.accounts.remove(at: 0)
        driver.world.accounts[0].isVerified = false
        driver.world.accounts[0].version = "other"
        driver.world.accounts[1].isFrozen = true
        try driver.press("<Enter><Enter>")
        let text = driver.text()
        #expect(text.contains("Since marked: ") && text.contains("account frozen"))
        #expect(text.contains("1 person who was marked is gone: \(emails[0]).") && text.contains("4 people"))
        #expect(text.contains("Type yes 3") && marked(driver) == Array(emails.dropFirst()))
        // When it has been looked at once more, one more changes.
        driver.isWaiting = true
        try driver.press("yes<Space>3<Enter>")
        while driver.console.batch?.review.stage == .looking { driver.answer(0) }
        driver.world.accounts[3].version = "another"
        driver.answer()
        #expect(driver.console.batch?.review.batch?.rows.map(\.standing) == [.done, .refused, .done, .conflict])
        try driver.press("<Esc>")
        #expect(marked(driver) == [emails[2], emails[4]])
    }

    @Test func whatThePolicyWantsIsAskedForFirst() throws {
        var policy = Policy.standard
        policy.requiresReason = true
        let driver = ConsoleDriver(policy: policy)
        try driver.press("*o<Enter>")
        #expect(driver.text().contains("Enter a reason."))
        driver.world.failure = .database(.timedOut)
        try driver.press("left<Enter><Enter>")
        #expect(driver.console.batch?.review.stage == .form && driver.console.batch?.review.problem != nil)
        driver.world.failure = nil
        try driver.press("<Enter>")
        #expect(driver.console.batch?.review.stage == .review)
        try driver.press("<Esc><Esc>")
        #expect(driver.console.batch == nil && driver.changes.isEmpty && marked(driver).count == 5)
    }

    @Test func whoMayNotChangeIsTold() throws {
        let driver = ConsoleDriver(readOnlyReason: "You may only look.")
        try driver.press("<Space><Space>x")
        #expect(driver.console.batch == nil && driver.text().contains("You may only look."))
    }
}
