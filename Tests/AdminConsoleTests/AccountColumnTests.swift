import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The columns of the list of accounts.
@Suite struct AccountColumnTests {
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
}
