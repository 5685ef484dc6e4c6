import AccountPolicy
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The ticket of a change, and the form that the policy asks of it.
@Suite struct TicketTests {
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
}
