import TestDatabase
import Testing

/// The console that is told line by line, in a terminal that somebody leaves and comes back to.
@Suite(.dropsDatabases) struct LinearEndToEndTests {
    @Test func whatWasStoppedSaysWhereItIs() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(
            database: database.connectionString(.operator), arguments: "--linear", hasShell: true)
        try await terminal.wait(for: "200 in the list.")
        #expect(try terminal.state("#{alternate_on}") == "0")
        try terminal.press("Down")
        try await terminal.wait(for: "2 of 200: ")
        try terminal.press("C-z")
        try await terminal.wait(for: "STOPPED")
        try terminal.resume()
        try await terminal.wait("everything anew") { _ in
            let behind = try terminal.everythingShown().split(separator: "STOPPED").last ?? ""
            return behind.contains("accounts.") && behind.contains("Keys: ") && behind.contains("2 of 200: ")
        }
        try terminal.type("q")
        #expect(try await terminal.status() == 0)
        try terminal.expectGivenBack(withScreen: false)
    }

    /// As on a screen: on a line on which every byte takes 300 ms, each way.
    @Test func keysTypedAheadOfADialogConfirmNothing() async throws {
        let database = try await TestDatabase.make()
        let terminal = try TerminalSession(
            database: database.connectionString(.operator), arguments: "--linear", delay: 0.3)
        try await terminal.wait(for: "200 in the list.")
        try terminal.type("v\ryes\r")
        try await terminal.wait(for: "Reset voice PIN.")
        try await terminal.wait(for: "1 Issue, chosen")
        // The dialog's own key comes behind all those.
        try terminal.press("Right")
        try await terminal.wait(for: "Type chosen.")
        try terminal.press("Escape")
        try await terminal.wait(for: "Cancelled. Nothing was changed.")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.audit_event") == "0")
    }
}
