import AccountDisplay
import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// What the dialog about those who are marked says, and which words it takes for what.
@Suite struct BatchWordTests {
    /// Two kinds of links are offered, so that the focus is on a choice.
    private func driver(_ keys: String = "<Space><Space>l") throws -> ConsoleDriver {
        let driver = ConsoleDriver()
        try driver.press(keys)
        return driver
    }

    @Test(arguments: ["yes", "yes<Space>2", "YES<Space>12", "yes2", "yes<Space>yes"])
    func whatConfirmsIsNeitherReasonNorTicket(word: String) throws {
        for (field, name) in [("<Enter>", "reason"), ("<Enter><Enter>", "ticket")] {
            let driver = try driver()
            try driver.press(field + word + "<Enter>")
            #expect(driver.text().contains("is not a \(name)."), "\(driver.text())")
            #expect(driver.console.batch?.review.stage == .form)
            // Nor by another way out of the field.
            try driver.press("<Tab>")
            #expect(driver.text().contains("is not a \(name)."))
            for _ in 0..<4 { try driver.press("<Enter>") }
            #expect(driver.console.batch?.review.stage == .form && driver.changes.isEmpty)
        }
    }

    @Test(arguments: ["yes he lost it", "yesterday", "yes, 2 of them"]) func aSentenceIsAReason(reason: String) throws {
        let driver = try driver()
        try driver.press("<Enter>" + reason.replacing(" ", with: "<Space>") + "<Enter><Enter>")
        #expect(driver.console.batch?.review.stage == .review)
    }

    @Test func aWordTypedIntoAChoiceIsNotDroppedInSilence() throws {
        let driver = try driver()
        try driver.press("yes<Space>2")
        #expect(driver.text().contains("What confirms is typed later."))
        // The 2 of it chose nothing, and Enter goes on.
        #expect(driver.console.batch?.review.form.choice(.action) == 0)
        try driver.press("<Enter>")
        #expect(driver.console.batch?.review.form.focus == .reason)
    }

    @Test func theReviewShowsWhatTheLogWillSay() throws {
        let driver = try driver("<Space><Space>o<Enter>")
        #expect(driver.console.batch?.review.stage == .form)
        try driver.press("<Enter>")
        #expect(driver.text().contains("Without a reason or a ticket."))
        try driver.press("<Esc><S-Tab>left the company<Tab>T-7<Enter>")
        #expect(driver.text().contains("Ticket: T-7; Reason: left the company"), "\(driver.text())")
    }

    @Test func itSaysWhomItIsForWhereSomebodyElseIsSelected() throws {
        let driver = try driver("<Down><Space>x")
        #expect(driver.text().contains("Activate: bob.stone@example.org"), "\(driver.text())")
        #expect(driver.text().contains("the one who is marked, not for chen.li@example.org"))
        try driver.press("<Esc><Up>x")
        #expect(!driver.text().contains("who is selected"))
    }

    @Test func whoStaysMarkedIsSaidAtTheEnd() throws {
        let driver = try driver("<Space><Space>o<Enter><Enter>")
        driver.isWaiting = true
        try driver.press("yes<Space>2<Enter>")
        while driver.console.batch?.review.stage == .looking { driver.answer(0) }
        driver.world.accounts[0].version = "other"
        driver.answer()
        #expect(driver.text().contains("1 person stays marked. In the list, Esc takes the mark off."))
        try driver.press("<Esc>")
        #expect(driver.text().contains("1 person stays marked."))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.list.marks.isEmpty)
    }

    @Test func eachChangeIsSaidOfEach() throws {
        #expect(try driver("<Space><Space>l").text().contains("Each gets a link at the address shown below"))
        #expect(try driver("<Space><Space>L").text().contains("After this all open links and codes of each are void"))
        #expect(try driver("<Space><Space>u").text().contains("The wrong old passwords of each are forgotten"))
        #expect(try driver("<Space><Space>o").text().contains("After this each has to sign in again"))
    }
}
