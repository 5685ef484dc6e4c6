import TerminalKit
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ListingTests {
    static let fields = [
        "format", "id", "email", "username", "first_name", "last_name", "sign_in", "external_marker", "has_voice_pin",
        "is_active", "is_verified", "is_frozen", "created_at", "updated_at", "last_login_at",
    ]

    @Test func everyAccountIsOneLineOfJSON() async throws {
        let database = try await TestDatabase.make()
        let run = try await CommandRun(database, as: .viewer, ["list", "--json"])
        #expect(run.status == 0)
        let objects = try run.objects
        #expect(objects.count == 200)
        #expect(objects.allSatisfy { $0.names == Self.fields })
        #expect(objects.compactMap { $0.text("email") } == objects.compactMap { $0.text("email") }.sorted())
        let external = try #require(objects.first { $0.text("sign_in") == "external" })
        #expect(external.text("external_marker") == "FRONTEGG_SSO_USER")
        #expect(objects.contains { $0["last_login_at"] == .null })
        let time = try #require(objects[0].text("created_at"))
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
        #expect(!run.output.contains("$2b$"))
    }

    @Test func limitSortAndFilterAreObeyed() async throws {
        let database = try await TestDatabase.make()
        func emails(_ arguments: [String]) async throws -> [String] {
            try await CommandRun(database, arguments + ["--json"]).objects.compactMap { $0.text("email") }
        }
        #expect(try await emails(["list", "--limit", "3"]).count == 3)
        let upwards = try await emails(["list", "--sort", "created"])
        #expect(try await emails(["list", "--sort", "-created"]) == upwards.reversed())
        let inactive = try await database.sql("SELECT count(*) FROM users_convonet WHERE NOT is_active")
        #expect(String(try await emails(["list", "--filter", "inactive"]).count) == inactive)
        let both = try await database.sql(
            "SELECT count(*) FROM users_convonet WHERE NOT is_active AND voice_pin IS NULL")
        #expect(String(try await emails(["list", "--filter", "inactive", "--filter", "no-pin"]).count) == both)
        #expect(try await emails(["list", "--filter", "inactive,no-pin"]).count == Int(both))
    }

    @Test func whoIsNamedExactlyComesFirstAndOnce() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            "UPDATE users_convonet SET username = 'example' WHERE email = (SELECT max(email) FROM users_convonet)")
        let all = try await CommandRun(database, ["search", "example", "--json"]).objects
        #expect(all.first?.text("username") == "example")
        #expect(all.count == 200)
        let one = try await CommandRun(database, ["search", "example", "--json", "--limit", "1"]).objects
        #expect(one == [all[0]])
        let nobody = try await CommandRun(database, ["search", "100%", "--json"])
        #expect(nobody.status == 0)
        #expect(nobody.output.isEmpty)
        #expect(try await CommandRun(database, ["search", "zzz"]).errors.contains("No accounts found"))
    }

    @Test func whereNobodyIsFoundItIsSaidWhy() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            UPDATE users_convonet SET is_active = true;
            UPDATE users_convonet SET email = 'zz.' || email WHERE email IN (SELECT email FROM users_convonet ORDER BY email LIMIT 2)
            """)
        func said(_ arguments: String...) async throws -> String {
            let run = try await CommandRun(database, ["search"] + arguments)
            #expect(run.status == 0 && run.output.isEmpty)
            return run.errors
        }
        #expect(
            try await said("zz.", "--filter", "inactive")
                == "No accounts found. 2 hidden by the filter inactive: leave out --filter.\n")
        #expect(
            try await said("zz.", "--filter", "inactive,frozen").contains("2 hidden by the filters inactive, frozen: "))
        #expect(try await said("zzz", "--filter", "inactive") == "No accounts found.\n")
        #expect(
            try await said("00-00ff") == "No accounts found. Ids match from their beginning, by four digits or more.\n")
        #expect(
            try await said("qx")
                == "No accounts found. Words as short as “qx” match only the start of a word.\n")
    }

    @Test func whoIsNamedExactlyPassesTheFiltersToo() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        func found(_ arguments: String...) async throws -> [String] {
            try await CommandRun(database, ["search", email, "--json"] + arguments).objects.compactMap {
                $0.text("email")
            }
        }
        #expect(try await found() == [email])
        for filter in ["inactive", "no-pin", "external", "created=1"] {
            #expect(try await found("--filter", filter).isEmpty, "\(filter)")
        }
        try await database.sql("UPDATE users_convonet SET is_active = false WHERE email = '\(email)'")
        #expect(try await found("--filter", "inactive") == [email])
    }

    @Test func onATerminalEveryLineFitsIt() async throws {
        let database = try await TestDatabase.make()
        let run = try TerminalRun(
            ["list", "--limit", "30"],
            environment: ["CONVONET_DB_URI": database.connectionString(.viewer), "TERM": "xterm"])
        await #expect(run.wait() == 0)
        let lines = run.transcript.split(whereSeparator: \.isNewline)
        #expect(lines.count == 31 && lines.allSatisfy { TextWidth.columns(of: String($0)) <= 80 })
        let piped = try await CommandRun(database, ["list"]).output.split(separator: "\n")
        #expect(piped.count == 201 && piped.allSatisfy { $0.split(separator: "\t").count == 5 && !$0.contains("  ") })
    }

    @Test func showFindsByEmailUsernameAndID() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for key in [email, try await database.value("username", of: email), try await database.value("id", of: email)] {
            let run = try await CommandRun(database, ["show", key, "--json"])
            #expect(run.status == 0)
            #expect(try run.objects.first?.text("email") == email)
            #expect(
                try run.objects.first?.names
                    == Self.fields + [
                        "frozen_at", "frozen_by", "frozen_note", "must_change_password", "temporary_until",
                        "password_expired_at", "blocked_until", "wrong_passwords", "links_asked", "links_most",
                        "last_mail_state", "last_mail_at", "last_mail_error", "last_mail_tries", "code_state",
                        "code_expires_at", "points", "points_needed", "ways", "proven_until", "proven_minutes_left",
                        "caller_code_state", "caller_code_way", "caller_code_until", "caller_code_tries_left",
                        "undo_receipt", "undo_action", "undo_until",
                    ])
        }
        let text = try await CommandRun(database, ["show", email])
        #expect(text.output.contains(email))
        let unknown = try await CommandRun(database, ["show", "nobody@example.org"])
        #expect(unknown.status == 67)
        #expect(unknown.errors.contains("nobody@example.org"))
    }

    @Test func twoPeopleOfOneNameAreBothShown() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        let other = try await database.outsider()
        try await database.sql("UPDATE users_convonet SET username = '\(email)' WHERE email = '\(other)'")
        for arguments in [["show", email], ["reset-pin", email, "--generate", "--yes"]] {
            let run = try await CommandRun(database, arguments)
            #expect(run.status == 67)
            #expect(run.errors.contains(email))
            #expect(run.errors.contains(other))
            #expect(run.output.isEmpty)
        }
        #expect(try await database.events().isEmpty)
    }

    @Test func hostileNamesStayOnTheirLine() async throws {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        try await database.sql(
            #"UPDATE users_convonet SET first_name = E'Eve\nADMIN\r\x1b[2J', last_name = U&'\202Emoc' WHERE email = '\#(email)'"#
        )
        for arguments in [["list"], ["show", email], ["reset-password", email, "--generate", "--yes"]] {
            let run = try await CommandRun(database, arguments)
            #expect(run.status == 0)
            #expect(run.output.contains("Eve^JADMIN^M^[[2J <U+202E>moc"))
            #expect(!run.output.contains("\u{1B}") && !run.output.contains("\u{202E}") && !run.output.contains("\r"))
        }
        let json = try await CommandRun(database, ["show", email, "--json"])
        #expect(json.output.split(separator: "\n").count == 1)
        #expect(!json.output.contains("\u{202E}"))
        #expect(try json.objects.first?.text("last_name") == "\u{202E}moc")
    }
}
