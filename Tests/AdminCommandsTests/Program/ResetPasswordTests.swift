import ConvonetCore
import Glibc
import Synchronization
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ResetPasswordTests {
    static let fields = ["format", "outcome", "account", "event_id", "sequence", "request_id", "replayed", "approval"]
    static let replayedFields = [
        "format", "outcome", "note", "account", "event_id", "sequence", "request_id", "replayed", "approval",
    ]
    static let refusedFields = [
        "format", "outcome", "rule", "message", "account", "event_id", "sequence", "request_id", "replayed",
        "approval",
    ]

    /// crypt(3) answers in memory that all calls share.
    private static let crypting = Mutex(())

    private func isPassword(_ password: String, of hash: String) -> Bool {
        Self.crypting.withLock { _ in
            hash.withCString { hash in
                password.withCString { password in
                    crypt(password, hash).map { strcmp($0, hash) == 0 } ?? false
                }
            }
        }
    }

    @Test func whatIsTemporaryIsSaidByEveryOutput() async throws {
        let database = try await TestDatabase.quick()
        let email = try await database.person()
        try await database.setPolicy("temporary_password_hours = 24")
        let arguments = ["reset-password", email, "--generate"]
        let tried = try await CommandRun(database, arguments + ["--dry-run"])
        #expect(tried.output.contains("It would be temporary: it works for 24 hours unless the person changes it."))
        let text = try await CommandRun(database, arguments + ["--yes"])
        #expect(text.output.contains(/Temporary: it works until 20\d\d-.* unless the person changes it\./))
        let object = try #require(try await CommandRun(database, arguments + ["--yes", "--json"]).objects.first)
        #expect(object.names == Self.fields + ["temporary_until", "password"])
        let shown = try #require(try await CommandRun(database, ["show", email, "--json"]).objects.first)
        #expect(shown["must_change_password"] == .flag(true))
        #expect(shown.text("temporary_until") == object.text("temporary_until"))
        #expect(try await CommandRun(database, ["show", email]).output.contains(/Temporary +must be changed by/))
        try await database.sql("UPDATE convonet_admin.temporary_password SET expires_at = now()")
        let byOperator = try await CommandRun(database, ["tidy"])
        #expect(byOperator.status == 0 && byOperator.errors.contains("--grant-scheduler"))
        #expect(try await CommandRun(database, as: .scheduler, ["tidy"]).errors == "Done.\n")
        #expect(try await CommandRun(database, ["show", email]).output.contains(/ran out .*, no password works/))
    }

    @Test func aGeneratedPasswordIsSetAndShownOnce() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let id = "0b7b4a8e-53a1-4f0e-9f8e-1d4f5a0c0001"
        let arguments = ["reset-password", email, "--generate", "--yes", "--json", "--request-id", id]
        let run = try await CommandRun(
            database, arguments + ["--reason", "forgot it", "--ticket", "T-1", "--verified-by", "call"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let object = try #require(try run.objects.first)
        #expect(object.names == Self.fields + ["password"])
        #expect(object["format"] == .number("1"))
        #expect(object.text("outcome") == "done")
        #expect(object["sequence"] == .number("1"))
        #expect(object.text("request_id") == id)
        #expect(object["replayed"] == .flag(false))
        #expect(object.object("account")?.names == ["id", "email", "username"])
        #expect(object.object("account")?.text("email") == email)
        let hash = try await database.value("password_hash", of: email)
        #expect(isPassword(try #require(object.text("password")), of: hash))
        #expect(
            try await database.sql("SELECT reason, ticket, verified_by, event_id FROM convonet_admin.audit_event")
                == "forgot it|T-1|call|\(try #require(object.text("event_id")))")

        let again = try await CommandRun(database, arguments)
        let replay = try #require(try again.objects.first)
        #expect(again.status == 0)
        #expect(replay.names == Self.fields.prefix(2) + ["note"] + Self.fields.dropFirst(2))
        #expect(replay.text("note")?.contains("cannot view the generated password again") == true)
        #expect(replay["replayed"] == .flag(true))
        #expect(replay["sequence"] == .number("1"))
        #expect(try await database.value("password_hash", of: email) == hash)

        let other = try await CommandRun(
            database, ["reset-pin", email, "--generate", "--yes", "--json", "--request-id", id])
        #expect(other.status == 65)
        #expect(try other.objects.first?.text("rule") == "request_id_reused")
    }

    @Test func theTextNamesPersonTimeAndReceipt() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("updated_at", of: email)
        let run = try await CommandRun(database, ["reset-password", email, "--generate", "--yes"])
        #expect(run.status == 0)
        #expect(try await database.value("updated_at", of: email) != before)
        for part in [
            email, try await database.value("id", of: email), try await database.value("first_name", of: email),
            try await database.value("last_name", of: email),
            try await database.value("to_char(updated_at, 'YYYY-MM-DD')", of: email), "Receipt 1", "New password: ",
        ] {
            #expect(run.output.contains(part))
        }
    }

    @Test(arguments: [
        ("", #"New password: ([A-Z][a-z3-9]{3})(-[a-z3-9]{4}){3}\n  \1-  CAPITAL [a-z-]+ [a-z -]+ dash\n"#),
        (
            #"alphabet = "din-5009"\npasswords = "words""#,
            #"New password: ([a-z]{4,7})(-[a-z]{4,7}){4}\n  \1- +[A-ZÄÖÜ][a-zäöü]+ [A-Za-zäöüÄÖÜ ]+ Bindestrich\n"#
        ),
        (#"alphabet = "french""#, #"\n  [A-Z][a-z3-9]{3}-  MAJUSCULE .* tiret\n"#),
    ])
    func aPasswordThatIsMadeUpIsSpelled(settings: String, shape: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let path = "/tmp/convonet-admin-dictation-\(getpid())-\(database.name)"
        defer { unlink(path) }
        let file = try #require(fopen(path, "w"))
        fputs("[dictation]\n" + settings.replacing("\\n", with: "\n") + "\n", file)
        fclose(file)
        let run = try await CommandRun(database, ["reset-password", email, "--generate", "--yes", "--config", path])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(try Regex(shape)), "\(run.output)")
        let password = try #require(run.output.firstMatch(of: /New password: (.*)/)?.1)
        #expect(isPassword(String(password), of: try await database.value("password_hash", of: email)))
    }

    @Test func standardInputLosesOneLineEndingAndNothingElse() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for (input, password) in [
            ("green tractor 41 sings\n", "green tractor 41 sings"),
            ("green tractor 42 sings\r\n", "green tractor 42 sings"),
            (" зелёный трактор 44 поёт ", " зелёный трактор 44 поёт "),
        ] {
            let run = try await CommandRun(database, ["reset-password", email, "--stdin", "--yes"], input: input)
            #expect(run.status == 0, "\(run.errors)")
            #expect(!run.output.contains("New password"))
            #expect(isPassword(password, of: try await database.value("password_hash", of: email)))
        }
    }

    @Test(arguments: [
        ("password1", "password_common"), ("ab1", "password_too_short"), ("ab\u{0}cdefghijk", "password_nul"),
        ("Qv7-convonet-Lz2", "password_contains_organisation_word"), ("aaaaaaaaaaaaaaaa", "password_too_weak"),
        (String(repeating: "kR7-", count: 19), "password_too_long"),
    ])
    func aRefusedPasswordChangesNothing(password: String, rule: String) async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let before = try await database.value("password_hash", of: email)
        let run = try await CommandRun(
            database, ["reset-password", email, "--stdin", "--yes", "--json"], input: password)
        #expect(run.status == 65)
        let object = try #require(try run.objects.first)
        #expect(object.names == Self.refusedFields)
        #expect(object.text("outcome") == "refused")
        #expect(object.text("rule") == rule)
        #expect(object.text("message")?.contains(password) == false)
        #expect(try await database.value("password_hash", of: email) == before)
        #expect(try await database.events() == ["refused:\(rule)"])
        let text = try await CommandRun(database, ["reset-password", email, "--stdin", "--yes"], input: password)
        #expect(text.status == 65)
        #expect(text.output.isEmpty)
        #expect(text.errors.hasPrefix("Refused: "))
    }

    @Test func whatIsNoTextIsRefused() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let environment = ["CONVONET_DB_URI": database.connectionString(.operator)]
        let arguments = ["reset-password", email, "--stdin", "--yes", "--json"]
        let invalid = try await CommandRun(
            arguments, input: [0x66, 0xFF, 0xFE] + Array("tractors sing".utf8), environment: environment)
        #expect(invalid.status == 65)
        #expect(try invalid.objects.first?.text("rule") == "password_not_utf8")
        for nothing in [[], [0x0A], [0x0D, 0x0A], [UInt8](repeating: 0x41, count: 6000)] as [[UInt8]] {
            let run = try await CommandRun(arguments, input: nothing, environment: environment)
            #expect(run.status == 65)
            #expect(try run.objects.first?.text("outcome") == "refused")
            #expect(try run.objects.first?.names == Self.refusedFields)
        }
        #expect(try await database.events() == ["refused:password_not_utf8"])
    }

    @Test func aWeakPasswordNeedsItsFlag() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let arguments = ["reset-password", email, "--stdin", "--yes", "--json", "--allow-weak"]
        #expect(try await CommandRun(database, arguments, input: "qzkvwt").status == 0)
        #expect(try await database.sql("SELECT detail FROM convonet_admin.audit_event").contains("weak"))
        #expect(try await CommandRun(database, arguments, input: "qzkvw").status == 65)
        #expect(try await CommandRun(database, arguments, input: "monkey").status == 65)
        #expect(try await CommandRun(database, as: .supervisor, ["policy", "set", "allow_weak=false"]).status == 0)
        #expect(try await CommandRun(database, arguments, input: "qzkvwt").status == 65)
    }

    @Test func whoeverSignsInElsewhereNeedsAFlag() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.outsider()
        let refused = try await CommandRun(database, ["reset-password", email, "--generate", "--yes", "--json"])
        #expect(refused.status == 65)
        #expect(try refused.objects.first?.text("rule") == "external_sign_in")
        #expect(try await database.value("password_hash", of: email) == "FRONTEGG_SSO_USER")
        #expect(
            try await CommandRun(database, ["reset-password", email, "--generate", "--yes", "--local-password"]).status
                == 0)
        #expect(try await database.events() == ["refused:external_sign_in", "done:"])
        #expect(
            try await database.sql("SELECT detail FROM convonet_admin.audit_event WHERE sequence = 2").contains(
                "local_password"))
    }

    @Test func anInactivePersonIsWarnedOf() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person(where: "NOT is_active")
        let run = try await CommandRun(database, ["reset-password", email, "--generate", "--yes"])
        #expect(run.status == 0)
        #expect(run.output.contains("inactive"))
    }
}
