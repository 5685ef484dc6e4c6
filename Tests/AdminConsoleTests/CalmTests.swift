import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Somebody else writes between every two keys: inserts, deletes, and changes what the list is sorted by.
@Suite struct CalmTests {
    private static let keys: [Key] = [
        .down, .down, .up, .pageDown, .pageUp, .home, .end, .character("r"), .function(5),
    ]

    /// One change by somebody else.
    private func disturb(_ driver: ConsoleDriver, _ next: inout Int, _ random: inout SeededGenerator) {
        let digits = String(100_000 + Int.random(in: 0..<99_999, using: &random)).dropFirst()
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            next += 1
            driver.world.accounts.append(
                FakeWorld.account(next, email: "person\(digits)-\(next)@example.org", first: "New", last: "\(next)"))
        case 1:
            if let account = driver.world.accounts.randomElement(using: &random) {
                driver.world.accounts.removeAll { $0.id == account.id }
            }
        default:
            guard let index = driver.world.accounts.indices.randomElement(using: &random) else { return }
            next += 1
            var account = driver.world.accounts[index]
            account.email = "person\(digits)-m\(next)@example.org"
            account.version += "x"
            driver.world.accounts[index] = account
        }
    }

    /// A thousand runs; each walks through the list, opens a dialog, and confirms it.
    @Test func neitherTheSelectedPersonNorTheOneInADialogEverChanges() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SeededGenerator(state: seed)
        var gone = 0
        for run in 0..<1000 {
            let driver = ConsoleDriver(.many(150))
            var next = 10_000
            let context = "seed \(seed), run \(run)"
            for _ in 0..<8 {
                disturb(driver, &next, &random)
                let before = driver.console.list.window.selectedID
                let key = Self.keys.randomElement(using: &random) ?? .down
                driver.press(key)
                let after = driver.console.list.window.selectedID
                guard key == .character("r") || key == .function(5), before != after else { continue }
                gone += 1
                #expect(!driver.world.accounts.contains { $0.id == before }, "\(context): still there")
                #expect(driver.text().contains("is no longer in this list"), "\(context)")
            }
            let selected = try #require(driver.console.list.window.selectedID)
            let row = driver.text().split(separator: "\n").first { $0.hasPrefix(">") }
            #expect(row?.contains(driver.selectedEmail?.prefix(20) ?? "?") == true, "\(context)")
            try driver.press("v")
            for key in try KeyText.keys("<Enter>yes") {
                disturb(driver, &next, &random)
                driver.press(key)
                #expect(driver.console.reset?.account.id == selected, "\(context)")
            }
            let isThere = driver.world.accounts.contains { $0.id == selected }
            driver.world.endings = [isThere ? .success(.done(secret: "482913")) : .failure(.database(.timedOut))]
            let shown = driver.console.reset?.account.email
            driver.press(.enter)
            #expect(driver.changes.allSatisfy { $0.email == shown }, "\(context)")
            #expect(driver.console.reset?.account.id == selected, "\(context)")
            if driver.changes.isEmpty { #expect(driver.text().contains("This account was deleted"), "\(context)") }
        }
        #expect(gone > 0, "seed \(seed): nobody was ever gone, which proves little")
    }
}
