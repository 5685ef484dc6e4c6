import Glibc
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct LogTests {
    static let fields = [
        "format", "sequence", "event_id", "request_id", "occurred_at", "actor_kind", "action", "outcome", "rule",
        "account_id", "account_email", "account_username", "operator", "db_user", "uid", "login_uid", "host", "tty",
        "ssh_origin", "client_address", "reason", "ticket", "verified_by", "application", "detail", "previous_hash",
        "hash",
    ]

    @Test func eventsAreListedNewestFirstAndShownInFull() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let environment = [
            "CONVONET_DB_URI": database.connectionString(.operator),
            "SSH_CONNECTION": "192.0.2.7 50022 198.51.100.1 22",
        ]
        _ = try await CommandRun(
            ["reset-pin", email, "--generate", "--yes", "--reason", "new phone"], environment: environment)
        _ = try await CommandRun(
            ["reset-password", email, "--stdin", "--yes"], input: "password1", environment: environment)
        _ = try await CommandRun(
            ["reset-pin", try await database.outsider(), "--generate", "--yes"], environment: environment)
        let run = try await CommandRun(database, as: .auditor, ["audit", "list", "--json"])
        #expect(run.status == 0)
        let events = try run.objects
        #expect(events.allSatisfy { $0.names == Self.fields })
        #expect(events.map { $0["sequence"] } == [.number("3"), .number("2"), .number("1")])
        let first = events[2]
        #expect(first.text("action") == "issue_voice_pin")
        #expect(first.text("account_email") == email)
        #expect(first.text("db_user") == TestDatabase.User.operator.rawValue)
        #expect(first["uid"] == .number(String(getuid())))
        #expect(first.text("ssh_origin") == "192.0.2.7 50022")
        #expect(first["tty"] == .null)
        #expect(first.text("reason") == "new phone")
        #expect(first.text("previous_hash") == String(repeating: "0", count: 64))
        #expect(events[1].text("previous_hash") == first.text("hash"))
        #expect(events[1].text("rule") == "password_common")
        for key in [email, try await database.value("id", of: email)] {
            #expect(
                try await CommandRun(database, as: .auditor, ["audit", "list", "--account", key, "--json"]).objects
                    .count == 2
            )
        }
        #expect(
            try await CommandRun(database, as: .auditor, ["audit", "--limit", "1", "--json"]).objects == [events[0]])
        for key in ["1", try #require(first.text("event_id"))] {
            #expect(try await CommandRun(database, as: .auditor, ["audit", "show", key, "--json"]).objects == [first])
        }
        let text = try await CommandRun(database, as: .auditor, ["audit", "show", "1"])
        #expect(text.output.contains("claims host"))
        let lines = try await CommandRun(database, as: .auditor, ["audit", "list"]).output.split(separator: "\n")
        #expect(lines.last?.hasSuffix("  “new phone”") == true && lines.first?.contains("“") == false)
        #expect(try await CommandRun(database, as: .auditor, ["audit", "show", "99"]).status == 65)
        #expect(try await CommandRun(database, as: .auditor, ["audit", "show", "x"]).status == 64)
        #expect(try await CommandRun(database, ["audit", "list"]).status == 77)
    }

    @Test func verifyFindsAnEdit() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for _ in 0..<3 { _ = try await CommandRun(database, ["reset-pin", email, "--generate", "--yes"]) }
        let whole = try await CommandRun(database, as: .auditor, ["audit", "verify", "--json"])
        #expect(whole.status == 0)
        let object = try #require(try whole.objects.first)
        #expect(object.names == ["format", "ok", "events", "head"])
        #expect(object["ok"] == .flag(true))
        #expect(object["events"] == .number("3"))
        try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL;
            UPDATE convonet_admin.audit_event SET reason = 'because' WHERE sequence = 2;
            """)
        let broken = try await CommandRun(database, as: .auditor, ["audit", "verify", "--json"])
        #expect(broken.status == 65)
        #expect(
            try broken.objects.first?.names == [
                "format", "ok", "events", "head", "first_bad_sequence", "problem", "kind", "could_be_failover",
                "missing",
            ])
        #expect(try broken.objects.first?["ok"] == .flag(false))
        #expect(try broken.objects.first?["first_bad_sequence"] == .number("2"))
        let text = try await CommandRun(database, as: .auditor, ["audit", "verify"])
        #expect(text.status == 65)
        #expect(text.output.contains("BROKEN at event 2"))
    }

    @Test func theLogUnwritableMeansNoReset() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("password_hash", of: email)
        try await database.sql("ALTER TABLE convonet_admin.audit_event ADD CONSTRAINT none CHECK (sequence < 1)")
        let run = try await CommandRun(database, ["reset-password", email, "--generate", "--yes", "--json"])
        #expect(run.status == 69)
        #expect(try run.objects.first?.text("outcome") == "failed")
        #expect(try run.objects.first?["password"] == nil)
        #expect(try await database.value("password_hash", of: email) == before)
    }

    @Test func policyIsShownSetAndLogged() async throws {
        let database = try await TestDatabase.make()
        let shown = try #require(try await CommandRun(database, ["policy", "--json"]).objects.first)
        #expect(shown["minimum_length"] == .number("8"))
        #expect(shown["require_reason"] == .flag(false))
        #expect(shown["context_words"] == .list([.text("convonet")]))
        let set = try await CommandRun(
            database, as: .supervisor,
            ["policy", "set", "minimum_length=12", "context_words=convonet,acme", "--reason", "audit", "--json"])
        #expect(set.status == 0)
        #expect(try set.objects.first?.names == ["format", "outcome", "sequence", "looser", "unknown_accounts"])
        let text = try await CommandRun(database, ["policy", "show"])
        #expect(text.output.contains("minimum_length = 12"))
        let one = try await CommandRun(database, ["policy", "show", "require_reason", "minimum_length"])
        #expect(
            one.output.split(separator: "\n").filter { !$0.hasPrefix(" ") } == [
                "require_reason = false", "minimum_length = 12",
            ])
        let typo = try await CommandRun(database, ["policy", "show", "minimum_lenght"])
        #expect(typo.status == 65 && typo.errors.contains("lists all settings") && typo.output.isEmpty)
        #expect(try await database.sql("SELECT detail, reason FROM convonet_admin.audit_event").hasSuffix("|audit"))
        for change in [
            "minimum_length=99", "minimum_length=x", "require_reason=maybe", "shoe_size=42", "pin_minimum_length=7",
        ] {
            #expect(try await CommandRun(database, as: .supervisor, ["policy", "set", change]).status == 65)
        }
        #expect(try await CommandRun(database, as: .supervisor, ["policy", "set", "minimum_length"]).status == 64)
        #expect(
            try await CommandRun(database, as: .supervisor, ["policy", "set", "blocked_passwords=@/nonexistent"]).status
                == 65
        )
        #expect(try await CommandRun(database, ["policy", "set", "minimum_length=6"]).status == 77)
        #expect(try await database.events().count == 1)
    }
}
