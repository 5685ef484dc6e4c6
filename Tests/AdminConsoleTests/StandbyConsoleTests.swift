import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The console while only a standby answers.
@Suite struct StandbyConsoleTests {
    private func onStandby(isLinear: Bool = false) -> ConsoleDriver {
        var world = FakeWorld.few
        world.isOnStandby = true
        return ConsoleDriver(world, isLinear: isLinear)
    }

    @Test func itReadsAndSaysSinceWhenAndRefusesChanges() throws {
        let driver = onStandby()
        #expect(driver.text().contains("read only since 14:13"))
        #expect(driver.text().contains("READ ONLY since 14:13:20: only a standby answers"))
        #expect(driver.text().contains("Anna Berg"))
        for key in ["p", "v", "x", "F", "i"] {
            try driver.press(key)
            #expect(driver.text().contains("goes on by itself"), "\(key)")
            #expect(driver.console.reset == nil)
        }
        try driver.press("<Enter>")
        #expect(driver.text().contains("read only since 14:13"))
    }

    @Test func itGoesOnByItselfWhenThereIsAPrimary() throws {
        let driver = onStandby()
        driver.pass(seconds: 60)
        #expect(driver.text().contains("read only since 14:13"))
        driver.world.isOnStandby = false
        driver.pass(seconds: 3)
        #expect(driver.text().contains("There is a primary again: changes are possible."))
        #expect(driver.text().contains("● online"))
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
    }

    /// The primary went away under an open dialog.
    @Test func aDialogKeepsItsFieldsUntilThen() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [
            .failure(.database(.server(ServerError(sqlState: .readOnlyTransaction, isStandby: true)))),
            .success(.done(secret: "482913")),
        ]
        try driver.press("v<Tab>called from home<Tab><Tab>yes")
        driver.world.isOnStandby = true
        try driver.press("<Enter>")
        #expect(driver.text().contains("Only a standby answers"))
        #expect(driver.console.reset?.form.text(.reason) == "called from home")
        driver.world.isOnStandby = false
        driver.pass(seconds: 3)
        try driver.press("yes<Enter>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
    }

    @Test func lineByLineItIsSaidAndLookedForToo() throws {
        let driver = onStandby(isLinear: true)
        #expect(driver.heard().contains("READ ONLY since 14:13:20"))
        driver.world.isOnStandby = false
        driver.pass(seconds: 3)
        #expect(driver.heard().contains("There is a primary again"))
    }
}
