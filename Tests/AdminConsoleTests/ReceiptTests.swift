import OperatingSystem
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

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

    /// In an emergency: a stranger may be signed in. What is shown once is not lost by one key.
    @Test func oOnAPasswordsReceiptSignsOutEverywhere() throws {
        for (columns, rows) in [(80, 24), (40, 10)] {
            let driver = ConsoleDriver(columns: columns, rows: rows)
            driver.world.endings = [.success(.done(secret: "Kmwp-7d4x-9rtv-h3qe")), .success(.done(secret: nil))]
            try driver.press("p<Enter>yes<Enter>o")
            #expect(driver.text().contains("sign out: the value is lost"), "\(driver.text())")
            #expect(driver.changes.count == 1)
            // Another key in between, and it is asked anew.
            try driver.press("zo")
            #expect(driver.console.reset?.kind == .password)
            try driver.press("o")
            #expect(driver.console.reset?.kind == .signOut && !driver.text().contains("Kmwp"))
            try driver.press("yes<Enter>")
            #expect(driver.changes.last?.action == .signOut)
        }
    }

    @Test func signingOutIsOfferedAfterWhatAStrangerMayBeBehind() throws {
        func text(_ keys: String, secret: String?) throws -> String {
            let driver = ConsoleDriver()
            driver.world.endings = [.success(.done(secret: secret))]
            try driver.press(keys)
            return driver.text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let offer = "Somebody else may be signed in? o signs out everywhere."
        #expect(try text("p<Enter>yes<Enter>", secret: "Kmwp-7d4x-9rtv-h3qe").contains(offer))
        #expect(try !text("v<Enter>yes<Enter>", secret: "482913").contains(offer))
        // Nor by who may not.
        let driver = ConsoleDriver()
        var shared = driver.console.shared
        let dialog = ResetDialog(kind: .password, account: driver.world.accounts[0], facts: nil, shared)
        #expect(dialog.nextActions(shared.context) == [.undo, .signOut])
        shared.context.readOnlyReason = "Only supervisors do that."
        #expect(dialog.nextActions(shared.context) == [.undo])
    }

    /// What the person reported need not have ended what a stranger does.
    @Test func anUnfrozenAccountCanBeSignedOut() throws {
        let driver = ConsoleDriver()
        driver.world.obstacles.freeze = .init(
            at: FakeWorld.now, databaseUser: "web", note: AccountObstacles.Freeze.reportNote)
        driver.world.endings = [.success(.done(secret: nil)), .success(.done(secret: nil))]
        try driver.press("<Enter>U")
        try driver.press("it was them<Enter><Enter>yes<Enter>")
        driver.world.obstacles.freeze = nil
        #expect(driver.text().contains("o signs out everywhere"), "\(driver.text())")
        try driver.press("oyes<Enter>")
        #expect(driver.changes.map(\.action) == [.setFrozen(false), .signOut])
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
