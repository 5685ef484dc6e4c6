import ConvonetCore
import OperatingSystem
import TerminalKit
import Testing

@testable import AdminConsole

/// A new value as it is read out.
@Suite struct ReceiptTests {
    @Test func theReceiptIsClosedByEscTwiceAlone() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        try driver.press("<Enter>q<Space><C-c><Esc>x<Esc><Tab><F10>/")
        #expect(driver.text().contains("Press Esc twice to close"))
        driver.paste("x")
        // The space showed one line alone.
        #expect(driver.text().contains("4 8 2") && driver.text().contains("Line 1 of 2"))
        try driver.press("<Space>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
        try driver.press("<Esc><Esc>")
        #expect(driver.console.reset == nil)
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        #expect(!driver.hasQuit)
    }

    @Test func theReceiptsSecretIsHiddenAndShownByOneKey() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter><C-r>")
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        try driver.press("<C-r>")
        #expect(driver.text().contains("4 8 2   9 1 3"))
    }

    @Test func theReceiptSaysUntilWhenAPasswordWorks() throws {
        for (columns, rows) in [(80, 24), (40, 10)] {
            let driver = ConsoleDriver(columns: columns, rows: rows)
            driver.world.endings = [.success(.done(secret: "Kmwp-7d4x-9rtv-h3qe"))]
            driver.world.temporaryUntil = Timestamp(microseconds: FakeWorld.now.microseconds + 86_300_000_000)
            try driver.press("p<Enter>yes<Enter>")
            let text = driver.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                columns < 80 || text.contains(/Temporary: works until tomorrow \d\d:\d\d \(23 h\) unless the person/),
                "\(text)")
            SnapshotFile.expect(driver.screen(), "password-temporary-\(columns)x\(rows)")
        }
    }

    @Test(arguments: ["<Esc>", "<Enter>"]) func aReceiptWithoutASecretIsClosedByOneKey(_ key: String) throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: nil))]
        try driver.press("v<Left><Enter>yes<Enter>")
        #expect(driver.text().contains("The voice PIN was cleared."))
        try driver.press("q" + key)
        #expect(driver.console.reset == nil)
        #expect(!driver.hasQuit)
    }

    @Test func theReceiptPutsTheCursorOnTheNewValue() throws {
        for (columns, rows) in [(80, 24), (40, 10), (120, 40)] {
            let driver = ConsoleDriver(columns: columns, rows: rows)
            driver.world.endings = [.success(.done(secret: "482913"))]
            try driver.press("v<Enter>yes<Enter>")
            let cursor = try #require(driver.screen().cursor)
            let cells = driver.screen().row(cursor.row).dropFirst(cursor.column).prefix(13)
            #expect(cells.map(\.text).joined() == "4 8 2   9 1 3")
            #expect(driver.text().contains("anna.berg@example.org"))
        }
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
