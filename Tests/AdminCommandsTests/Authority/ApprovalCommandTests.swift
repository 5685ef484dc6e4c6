import ConvonetCore
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ApprovalCommandTests {
    private static let fields = [
        "format", "id", "state", "action", "account_id", "account_email", "account_username", "requested_at",
        "requested_by", "operator", "reason", "ticket", "verified_by", "expires_at", "decided_at", "decided_by",
        "decision_reason", "points",
    ]

    /// A database with one protected person, and their e-mail address.
    private func protected() async throws -> (TestDatabase, String) {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let set = try await CommandRun(database, as: .supervisor, ["policy", "set", "protected_accounts=\(email)"])
        #expect(set.status == 0)
        return (database, email)
    }

    /// Asks from another machine, so that the same hands are not at both programs.
    private func ask(_ database: TestDatabase, _ email: String) async throws -> Int {
        let desk = try await database.session()
        let change = AccountChange(
            account: try await desk.accounts.find(email), action: .issuePIN, context: ChangeContext(reason: "new phone")
        )
        return try #require(try await desk.changes.perform(change).receipt?.approval)
    }

    @Test func aRequestIsShownApprovedAndUsed() async throws {
        let (database, email) = try await protected()
        let arguments = ["reset-pin", email, "--generate", "--yes"]
        let id = try await ask(database, email)
        let refused = try await CommandRun(database, arguments + ["--json"])
        #expect(refused.status == 65)
        #expect(try refused.objects.first?.names == ResetPasswordTests.refusedFields)
        #expect(try refused.objects.first?.text("rule") == "approval_required")
        #expect(try refused.objects.first?["approval"] == .number(String(id)))
        #expect(try await CommandRun(database, arguments).errors.contains("approvals approve \(id)”"))
        let list = try await CommandRun(database, as: .supervisor, ["approvals"])
        #expect(list.status == 0 && list.output.hasPrefix("\(id)  pending  "))
        #expect(list.output.contains("issue voice PIN for \(email)") && list.output.contains("new phone"))
        let object = try #require(
            try await CommandRun(database, as: .supervisor, ["approvals", "list", "--json"]).objects.first)
        #expect(object.names == Self.fields && object.text("state") == "requested")
        let approved = try await CommandRun(
            database, as: .supervisor, ["approvals", "approve", "\(id)", "--yes", "--json"])
        #expect(approved.status == 0)
        #expect(try approved.objects.first?.names == ["format", "outcome", "approval", "event_id", "sequence"])
        #expect(approved.errors.contains("new phone") && approved.errors.contains(email))
        let done = try await CommandRun(database, arguments + ["--json"])
        #expect(done.status == 0)
        #expect(try await done.objects.first?.text("pin") == database.value("voice_pin", of: email))
        #expect(try done.objects.first?["approval"] == .number(String(id)))
        #expect(try await CommandRun(database, ["approvals"]).errors.contains("No pending approvals"))
        #expect(
            try await CommandRun(database, ["approvals", "--all", "--json"]).objects.first?.text("state") == "used")
        let late = try await CommandRun(database, as: .supervisor, ["approvals", "deny", "\(id)", "--yes", "--json"])
        #expect(late.status == 65)
        #expect(try late.objects.first?.text("rule") == "already_decided")
    }

    @Test func whatCannotBeDecidedSaysWhy() async throws {
        let (database, email) = try await protected()
        let id = try await ask(database, email)
        let operatorsOwn = try await CommandRun(database, ["approvals", "approve", "\(id)", "--yes"])
        #expect(operatorsOwn.status == 77 && operatorsOwn.errors.contains("--grant-supervisor"))
        #expect(try await CommandRun(database, as: .supervisor, ["approvals", "approve", "99", "--yes"]).status == 65)
        #expect(try await CommandRun(database, as: .supervisor, ["approvals", "approve", "x", "--yes"]).status == 64)
        #expect(try await CommandRun(database, as: .supervisor, ["approvals", "approve", "\(id)"]).status == 64)
        #expect(try await CommandRun(database, as: .viewer, ["approvals"]).status == 77)
        let denied = try await CommandRun(
            database, as: .supervisor, ["approvals", "deny", "\(id)", "--yes", "--reason", "nobody called"])
        #expect(denied.status == 0 && denied.output.hasPrefix("Denied."))
        let refused = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"])
        #expect(refused.status == 65 && refused.errors.contains("A supervisor denied request \(id)."))
        #expect(try await CommandRun(database, ["approvals", "--all", "--json"]).output.contains("nobody called"))
        let without = try await TestDatabase.make(.migratedWithoutRoles)
        let decided = try await CommandRun(without, as: .owner, ["approvals", "approve", "1", "--yes"])
        #expect(decided.status == 77 && decided.errors.contains("has no roles"))
    }

    @Test func aProtectedAccountIsConfirmedByItsUsername() async throws {
        let (database, email) = try await protected()
        let username = try await database.value("username", of: email)
        func terminal(_ arguments: [String], _ user: TestDatabase.User = .operator) throws -> TerminalRun {
            try TerminalRun(
                arguments, environment: ["CONVONET_DB_URI": database.connectionString(user), "TERM": "xterm"])
        }
        let hasty = try terminal(["reset-pin", email, "--generate"])
        await hasty.expect("is protected")
        await hasty.expect("Type \(username) to confirm: ")
        hasty.type("yes\r")
        #expect(await hasty.wait() == 1)
        #expect(try await database.events() == ["done:"])
        try await database.sql("UPDATE users_convonet SET username = 'ölga' WHERE email = '\(email)'")
        let careful = try terminal(["reset-pin", email, "--generate"])
        await careful.expect("Type ölga to confirm: ")
        careful.type("ölb\u{7F}ü\u{7F}ga\r")
        await careful.expect("approvals approve")
        #expect(await careful.wait() == 65)
        #expect(!username.isEmpty)
        let supervisor = try terminal(["approvals", "deny", "1"], .supervisor)
        await supervisor.expect("Deny this request? Type yes to confirm: ")
        supervisor.type("no\r")
        #expect(await supervisor.wait() == 1)
        #expect(try await database.sql("SELECT state FROM convonet_admin.approval") == "requested")
    }
}
