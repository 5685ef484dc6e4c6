import AccountDisplay
import OperatingSystem
import PostgresClient
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// What the person who looks did is said to be done by “you”, wherever it is shown; what others did, by their names.
@Suite struct ViewerTests {
    private static let reset = HistoryEntry(
        sequence: 41, occurredAt: Timestamp(microseconds: FakeWorld.now.microseconds - 60_000_000),
        action: "reset_password", outcome: "done",
        actor: ActorName(databaseUser: "anna", claimedSystemUser: "anna"))

    private func driver(
        _ prepare: (inout FakeWorld) -> Void, columns: Int = 120, rows: Int = 40
    ) -> ConsoleDriver {
        var world = FakeWorld.few
        prepare(&world)
        return ConsoleDriver(world, columns: columns, rows: rows)
    }

    @Test func ownNamesAreYou() {
        let viewer = Viewer(databaseUser: "desk", systemUser: "anna")
        func words(_ user: String, _ claimed: String?) -> String {
            viewer.words(ActorName(databaseUser: user, claimedSystemUser: claimed))
        }
        #expect(words("desk", "anna") == "you" && words("desk", nil) == "you" && words("desk", "desk") == "you")
        // Two people may share a database user.
        #expect(words("desk", "bert") == "you (claims system user bert)")
        #expect(words("desk2", "anna") == "desk2 (claims system user anna)")
        #expect(viewer.name("desk") == "you" && viewer.name("desk2") == "desk2" && viewer.by(nil) == "")
    }

    @Test func recentActivityAndItsWarningsSayYou() throws {
        let driver = driver { $0.history = [Self.reset] }
        #expect(!driver.text().contains("by anna"))
        try driver.press("<Enter>")
        #expect(driver.text().contains("! Password reset 1 min ago by you"))
        try driver.press("<Enter>")
        #expect(driver.text().firstMatch(of: /By +you/) != nil)
        try driver.press("<Esc>p")
        #expect(driver.text().contains("Password reset 1 minute ago by you"))
    }

    @Test func linksAndTheLogSayYou() throws {
        let driver = driver {
            $0.links = [
                ResetLink(
                    id: FakeWorld.id(700), address: "anna.berg@example.org", origin: .staff,
                    databaseUser: "anna", createdAt: FakeWorld.now, expiresAt: nil, state: .sent, stateAt: nil)
            ]
            var event = AuditEvent.example(1)
            event.dbUser = "anna"
            $0.events = [event, .example(2)]
        }
        try driver.press("<Enter>")
        #expect(driver.text().firstMatch(of: #/sent by │.*\n.* you  /#) != nil)
        try driver.press("A")
        #expect(driver.text().firstMatch(of: #/ you .*T-12/#) != nil && driver.text().contains("desk"))
        try driver.press("<Enter>")
        #expect(driver.text().firstMatch(of: /Database user +you/) != nil)
    }

    @Test func requestsAndDecisionsSayYou() throws {
        let driver = driver {
            var denied = FakeWorld.ownRequest(10)
            denied.state = .approved
            denied.decidedBy = "carla"
            var decided = FakeWorld.request(11)
            decided.state = .denied
            decided.decidedBy = "anna"
            $0.approvals = [FakeWorld.request(12), decided, denied]
        }
        try driver.press("wf")
        #expect(driver.text().contains("bert_db") && driver.text().firstMatch(of: #/ you /#) != nil)
        try driver.press("<Down><Enter>")
        #expect(driver.text().contains("Request 11 was denied by you"))
        try driver.press("<Down><Enter>")
        #expect(driver.text().contains("Approved by carla"), "\(driver.text())")
    }
}
