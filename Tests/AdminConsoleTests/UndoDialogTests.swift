import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// Taking a slip back, and accounts that nobody may touch.
@Suite struct UndoDialogTests {
    private static let undoable = UndoableChange(
        receipt: 42, action: "issue_voice_pin", occurredAt: FakeWorld.now,
        actor: ActorName(databaseUser: "bert", claimedSystemUser: nil), until: FakeWorld.now)

    @Test func zTwiceOnTheReceiptTakesTheResetBack() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913")), .success(.done(secret: nil))]
        try driver.press("v<Enter>yes<Enter>")
        driver.world.undoable = [Self.undoable]
        try driver.press("z")
        #expect(driver.text().contains("Press z once more") && driver.text().contains("4 8 2   9 1 3"))
        try driver.press("z")
        #expect(driver.text().contains("Takes back") && driver.text().contains("Voice PIN issued"))
        #expect(!driver.text().contains("4 8 2   9 1 3"))
        try driver.press("yes<Enter>")
        #expect(driver.changes.last?.action == .undo(receipt: 42))
        #expect(driver.text().contains("Taken back"))
        try driver.press("z<Esc>")
        #expect(driver.console.reset == nil && driver.changes.count == 2)
    }

    @Test func whereThereIsNothingToTakeBackThatIsSaid() throws {
        let driver = ConsoleDriver()
        try driver.press("<Enter>z")
        #expect(driver.console.reset == nil && driver.text().contains("no reset here that you can take back"))
        // From the list that is found out once the dialog is open.
        try driver.press("<Esc>zyes<Enter>")
        #expect(driver.text().contains("no reset here that you can take back") && driver.changes.isEmpty)
    }

    @Test func anUndoIsNotTakenBack() throws {
        let driver = ConsoleDriver()
        driver.world.history = [.example(44, "undo"), .example(43, "reset_password")]
        try driver.press("<Enter>z")
        let words = "What was taken back cannot be taken back again. Reset it anew."
        #expect(driver.console.reset == nil && driver.text().contains(words))
        // From the list that is found out once the dialog is open.
        try driver.press("<Esc>zyes<Enter>")
        #expect(driver.text().contains(words) && driver.changes.isEmpty)
    }

    @Test func whatIsTakenBackIsSeenAtEverySize() throws {
        for (columns, rows) in [(80, 24), (40, 10), (120, 40)] {
            let driver = ConsoleDriver(columns: columns, rows: rows)
            driver.world.undoable = [Self.undoable]
            try driver.press("z")
            #expect(driver.text().contains("Voice PIN issued"), "\(columns)x\(rows)")
            #expect(driver.text().contains("anna.berg@example.org"))
        }
    }

    /// What was done last need not be what is taken back.
    @Test func thePageNamesWhatWouldBeTakenBack() throws {
        let driver = ConsoleDriver()
        driver.world.undoable = [Self.undoable]
        try driver.press("<Enter>")
        #expect(driver.text().contains("z takes back: Voice PIN issued now by bert, receipt 42; until "))
        driver.world.obstacles.freeze = .init(at: FakeWorld.now, databaseUser: "lead", note: "call security")
        try driver.press("<F5>")
        #expect(!driver.text().contains("z takes back"))
    }

    /// Where there is little room the footer asks what the lines below would.
    @Test func whatASecondKeyDoesIsSaidAtEverySize() throws {
        for (columns, rows) in [(80, 24), (40, 10)] {
            let driver = ConsoleDriver(columns: columns, rows: rows)
            driver.world.endings = [.success(.done(secret: "482913"))]
            try driver.press("v<Enter>yes<Enter>z")
            #expect(driver.text().contains("the value is lost"), "\(driver.text())")
        }
    }

    @Test func aLongNoteCanBeReadToItsEnd() throws {
        let driver = ConsoleDriver(columns: 40, rows: 10)
        let note = "suspected fraud: do not reset anything, and pass the caller to security at once"
        driver.world.obstacles.freeze = .init(at: FakeWorld.now, databaseUser: "lead", note: note)
        try driver.press("<Enter>")
        var seen = driver.text()
        for _ in 0..<8 {
            try driver.press("j")
            seen += driver.text()
        }
        #expect(seen.contains("security at") && seen.contains("once”"), "\(seen)")
    }

    /// The key that switches times does so on every screen, and closes no receipt.
    @Test func timesAreSwitchedOnAReceipt() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        try driver.press("v<Enter>yes<Enter>")
        let line = { driver.text().split(separator: "\n").first { $0.contains("Receipt") } }
        let before = line()
        try driver.press("tt")
        #expect(line() != nil && line() != before && driver.text().contains("4 8 2   9 1 3"), "\(driver.text())")
    }

    /// In the list, too, also by those who may not know why.
    @Test func whoIsFrozenIsSeenInTheList() throws {
        let driver = ConsoleDriver()
        driver.world.accounts[0].isFrozen = true
        try driver.press("<F5>")
        #expect(driver.text().contains("FROZEN"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("FROZEN"))
    }

    /// Enter does not pass an empty reason where the person reported something.
    @Test func whoLiftsAReportSaysWhatCameOfIt() throws {
        let driver = ConsoleDriver()
        driver.world.obstacles.freeze = .init(
            at: FakeWorld.now, databaseUser: "web", note: AccountObstacles.Freeze.reportNote)
        try driver.press("<Enter>")
        #expect(driver.text().contains("the person reported that something was not them"))
        #expect(!driver.text().contains("web"))
        try driver.press("U<Enter>")
        #expect(driver.console.reset != nil && driver.text().contains("Enter a reason."), "\(driver.text())")
    }

    @Test func theNoteThatStopsIsSeenFirstAndNothingIsOpened() throws {
        let driver = ConsoleDriver()
        driver.world.obstacles.freeze = .init(at: FakeWorld.now, databaseUser: "lead", note: "call security")
        try driver.press("<Enter>")
        #expect(driver.text().contains("✗ FROZEN") && driver.text().contains("by lead: “call security”"))
        #expect(!driver.text().contains("p password"))
        try driver.press("p")
        #expect(driver.console.reset == nil && driver.text().contains("A supervisor has to unfreeze it first"))
    }
}
