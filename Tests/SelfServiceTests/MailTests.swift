import ConvonetCore
import Credentials
import FoundationEssentials
import Glibc
import TestDatabase
import TestPrograms
import Testing

/// From the request to the inbox, through a real msmtp.
@Suite(.dropsDatabases) struct MailTests {
    /// An SMTP server that keeps what it gets, and a service that sends by msmtp to it.
    private struct Post {
        let directory: ScratchDirectory
        let sink: StartedProgram

        init(refusing code: String? = nil) async throws {
            let directory = try ScratchDirectory()
            self.directory = directory
            sink = try StartedProgram(
                [SourceTree.root + "/Tests/SelfServiceTests/Tools/smtp_sink.py", directory.path]
                    + (code.map { [$0] } ?? []),
                environment: [:], executable: SourceTree.root + "/.build/venv/bin/python")
            do {
                try await eventually("the mail server listens") { directory.read("port") != nil }
            } catch {
                end()
                throw error
            }
            try directory.write(
                "msmtprc",
                "account default\nhost 127.0.0.1\nport \(directory.read("port") ?? "")\nauto_from off\nfrom bounces@example.org\n"
            )
        }

        func end() { sink.abandon() }

        var settings: String {
            #"sendmail = ["/usr/bin/msmtp", "-C", "\#(directory.path)/msmtprc", "-t", "-i"]"#
        }
    }

    /// The parts of a mail, decoded: plain text and HTML.
    private func parts(of mail: String) -> [String] {
        let text = mail.replacing("\r\n", with: "\n")
        guard let start = text.firstRange(of: "boundary=\""),
            case let boundary = text[start.upperBound...].prefix(while: { $0 != "\"" })
        else { return [] }
        return text.split(separator: "--\(boundary)").dropFirst().compactMap { part in
            part.split(separator: "\n\n", maxSplits: 1).dropFirst().first.flatMap { body in
                Data(base64Encoded: body.filter { !$0.isWhitespace }).map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    /// The first mail, which somebody asked for who forgot their password.
    private func linkMail(_ post: Post, _ service: RunningService, to person: Person) async throws -> String {
        #expect(
            try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#).status == 200)
        try await eventually("the mail is there") { post.directory.read("mail-1") != nil }
        return try #require(post.directory.read("mail-1"))
    }

    /// By the button of the page that each mail leads to; programs that look through mail open it, and nothing comes of that.
    @Test func whoeverItWasNotSaysSo() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, post.settings)
        let texts = parts(of: try await linkMail(post, service, to: person))
        let address = try #require(texts.first?.firstMatch(of: #/https://app.example.org(/\S+/not-me\?token=(\S+))/#))
        #expect(texts.last?.contains("<a href=\"\(address.output.0)\">") == true)
        for _ in 0..<2 {
            let page = try await service.curl(String(address.output.1))
            #expect(page.status == 200 && page.body.contains("action=\"/auth/reset-password/not-me\""))
        }
        let path = "/auth/reset-password/not-me"
        #expect(try await service.curl(path).status == 401)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.account_freeze") == "0")
        let form = ["--data-urlencode", "token=\(address.output.2)"]
        let foreign = try await service.curl(path, form + ["-H", "Sec-Fetch-Site: cross-site"])
        #expect(foreign.status == 403, "\(foreign)")
        let pressed = try await service.curl(path, form)
        #expect(pressed.status == 200 && pressed.body.contains("Thank you."), "\(pressed.body)")
        #expect(
            try await database.sql("SELECT account_id FROM convonet_admin.account_freeze")
                == person.id)
        // Its link is void, and it was the last word.
        #expect(try await service.curl("/auth/reset-password?token=\(address.output.2)").status == 401)
        let again = try await service.send("POST", path, #"{"token": "\#(address.output.2)"}"#)
        #expect(again.status == 401 && again.body.contains("was used already"), "\(again.body)")
    }

    @Test func theLinkComesByMailAndWorksOnThePageWithoutAScript() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, post.settings)
        let mail = try await linkMail(post, service, to: person)
        #expect(mail.contains("RCPT <\(person.email)>"))
        #expect(mail.contains("\r\nSubject: Set a new password for Convonet\r\n"))
        #expect(mail.contains("\r\nFrom: Convonet <support@example.org>\r\n"))
        let texts = parts(of: mail)
        try #require(texts.count == 2)
        let address = try #require(texts[0].firstMatch(of: /https:[^\s]+/)).output
        #expect(texts[1].contains("href=\"\(address)\""))
        #expect(address.hasPrefix("https://app.example.org/auth/reset-password?token="))
        let token = String(address.split(separator: "=")[1])

        // Opened twice, by a scanner of mail and by the person: nothing is used up, and the token goes nowhere.
        for _ in 0..<2 {
            let page = try await service.curl("/auth/reset-password?token=\(token)")
            #expect(page.status == 200)
            #expect(
                page.body.contains("value=\"\(token)\"")
                    && page.body.contains("method=\"post\" action=\"/auth/reset-password\""))
            #expect(page.body.ranges(of: token).count == 1)
        }
        func submit(_ password: String, _ again: String) async throws -> CurlAnswer {
            try await service.curl(
                "/auth/reset-password",
                [
                    "--data-urlencode", "token=\(token)", "--data-urlencode", "password=\(password)",
                    "--data-urlencode", "again=\(again)",
                ])
        }
        let differing = try await submit("walrus & canyon 41 ü", "walrus")
        #expect(differing.status == 400 && differing.body.contains("The two entries do not match. Type both again."))
        let weak = try await submit("kitten12", "kitten12")
        #expect(weak.status == 400 && weak.body.contains("role=\"alert\">The password is too easy to guess"))
        #expect(weak.body.contains(token) && !weak.body.contains("kitten12"))
        let done = try await submit("walrus & canyon 41 ü", "walrus & canyon 41 ü")
        #expect(done.status == 200 && done.body.contains("Your new password is set."))
        #expect(try await database.signsIn(person, with: "walrus & canyon 41 ü"))
        let used = try await service.curl("/auth/reset-password?token=\(token)")
        #expect(used.status == 401 && used.body.contains("This link is no longer valid"))
        #expect(try await database.sql("SELECT state FROM convonet_admin.mail_queue") == "sent")
    }

    @Test func aCallersCodeComesByMailAndProvesWhoIsSpeaking() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database, post.settings)
        let staff = try await database.session()
        let account = try await staff.accounts.find(person.email)
        let key = CallerKey()
        #expect(try await staff.callers.sendCode(to: account, key: key).isDone)
        try await eventually("the mail is there") { post.directory.read("mail-1") != nil }
        let texts = parts(of: try #require(post.directory.read("mail-1")))
        #expect(texts.first?.hasPrefix("Our staff asks for this code only when you have called us.\n") == true)
        let code = try #require(texts.first?.firstMatch(of: /\n +(\d{3} \d{3})\n/)).1
        #expect(texts.last?.contains(code) == true)
        #expect(try await staff.callers.verify(account, code: String(code), key: key).isDone)
        #expect(await service.stop() == 0)
    }

    @Test func mailThatIsRefusedWaitsOrIsGivenUp() async throws {
        for (code, state, status) in [("451", "waiting", 69), ("550", "failed", 65)] {
            let post = try await Post(refusing: code)
            defer { post.end() }
            let (database, person) = try await TestDatabase.withPerson()
            let service = try await RunningService(database, post.settings)
            _ = try await service.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#)
            try await eventually("the mail was tried") {
                try await database.sql("SELECT coalesce(string_agg(last_error, ''), '') FROM convonet_admin.mail_queue")
                    != ""
            }
            let row = try await database.sql("SELECT state, attempts, last_error FROM convonet_admin.mail_queue")
            // Once, or on a slow machine once more.
            #expect(row.hasPrefix("\(state)|") && row.contains("|exit \(status) "), "\(row)")
            #expect(row.contains(code))
        }
    }

    /// A command of the site's gets number and code, each on a line, and what the caller reads back is taken.
    @Test func aCodeGoesToATelephoneByACommandOfTheSites() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            CREATE VIEW convonet_admin_phone_numbers AS
            SELECT id AS account_id, '020 7946 0142'::text AS number FROM users_convonet;
            GRANT SELECT ON convonet_admin_phone_numbers TO desk_reader
            """, as: .owner)
        let directory = try ScratchDirectory()
        let service = try await RunningService(
            database, "send_code = [\"/bin/dd\", \"status=none\", \"of=\(directory.path)/text\"]")
        let session = try await database.session()
        let person = try await session.person()
        try await eventually("a program says that it sends") {
            try await session.callers.state(of: person).phone == "…42"
        }
        let key = CallerKey()
        #expect(try await session.callers.sendCode(to: person, by: .text, key: key).isDone)
        try await eventually("it is sent") { try await session.callers.state(of: person).code?.state == .sent }
        let lines = (directory.read("text") ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[0] == "02079460142" && lines[1].count == 6 && lines[2].isEmpty)
        #expect(try await session.callers.verify(person, code: String(lines[1]), key: key).isDone)
        #expect(await service.stop() == 0)
        #expect(!service.talk.contains(lines[1]) && !service.talk.contains("0142"))
    }

    /// What the command says is kept for whoever looks into the queue, without the code.
    @Test func aCommandThatFailsIsTriedAgainOrGivenUp() async throws {
        for (status, state) in [(75, "waiting"), (67, "failed")] {
            let database = try await TestDatabase.quick()
            try await database.sql(
                """
                CREATE VIEW convonet_admin_phone_numbers AS
                SELECT id AS account_id, '020 7946 0142'::text AS number FROM users_convonet;
                GRANT SELECT ON convonet_admin_phone_numbers TO desk_reader
                """, as: .owner)
            let service = try await RunningService(
                database, "send_code = [\"/bin/sh\", \"-c\", \"cat; echo no route; exit \(status)\"]")
            let session = try await database.session()
            let person = try await session.person()
            try await eventually("a program says that it sends") {
                try await session.callers.state(of: person).phone != nil
            }
            #expect(try await session.callers.sendCode(to: person, by: .text, key: CallerKey()).isDone)
            try await eventually("it was tried") {
                try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE last_error <> ''") == "1"
            }
            let row = try await database.sql(
                "SELECT concat_ws(' ', state, last_error) FROM convonet_admin.mail_queue")
            #expect(row.hasPrefix("\(state) exit \(status) ") && row.contains("no route"), "\(row)")
            #expect(row.contains("<secret>") && row.firstMatch(of: #/\n[0-9]{6}\n/#) == nil, "\(row)")
            #expect(await service.stop() == 0)
        }
    }

    @Test func whatOneInstanceTookAnotherSendsWhereItDied() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        // Its mail program never ends, and it dies over it.
        let directory = try ScratchDirectory()
        let first = try await RunningService(
            database, "sendmail = [\"/bin/sh\", \"-c\", \"echo $$ > \(directory.path)/pid; exec sleep 3600\"]")
        _ = try await first.send("POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#)
        try await eventually("the mail was taken") {
            try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE state = 'sending'") == "1"
        }
        await first.die()
        defer { if let pid = directory.read("pid").flatMap({ pid_t($0.dropLast()) }) { kill(pid, SIGKILL) } }
        try await database.sql("UPDATE convonet_admin.mail_queue SET next_try_at = now()")
        let second = try await RunningService(database, post.settings)
        try await eventually("the other sent it") { post.directory.read("mail-1") != nil }
        try await eventually("it is marked so") {
            try await database.sql("SELECT state, attempts FROM convonet_admin.mail_queue") == "sent|2"
        }
        #expect(await second.stop() == 0)
    }

    /// A link to a voice PIN, by a browser without script: whatever opens it before uses nothing up.
    @Test func aVoicePINIsShownOnceBehindAButton() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        let staff = try await database.session()
        #expect(
            try await staff.perform(.sendPINLink, on: try await staff.accounts.find(person.email)).outcome == .done)
        let service = try await RunningService(database, post.settings)
        try await eventually("the mail is there") { post.directory.read("mail-1") != nil }
        let mail = try #require(post.directory.read("mail-1"))
        #expect(mail.contains("\r\nSubject: Your new voice PIN for Convonet\r\n"))
        let texts = parts(of: mail)
        #expect(texts.count == 2 && texts.allSatisfy { $0.contains("/auth/reset-password/not-me?token=") })
        let address = try #require(
            texts.first?.firstMatch(of: #/https://app.example.org(/auth/reset-password/pin\?token=(\S+))/#))
        #expect(texts.last?.contains(String(address.output.0)) == true)
        let (path, token) = ("/auth/reset-password/pin", String(address.output.2))
        for opened in [String(address.output.1), "/auth/voice-pin?token=\(token)"] {
            let page = try await service.curl(opened)
            #expect(page.status == 200 && page.body.contains("action=\"\(path)\"") && page.body.contains("Show my PIN"))
            #expect(page.headers["cache-control"] == "no-store")
        }
        #expect(try await service.curl("/auth/reset-password?token=\(token)").status == 401)
        for wrong in [path, path + "?token=short", path + "?token=\(String(repeating: "A", count: 43))"] {
            #expect(try await service.curl(wrong).status == 401)
        }
        let form = ["--data-urlencode", "token=\(token)"]
        #expect(try await service.curl(path, form + ["-H", "Sec-Fetch-Site: cross-site"]).status == 403)
        #expect(try await database.outcomes(of: "issue_voice_pin").isEmpty)

        let shown = try await service.curl(path, form)
        #expect(shown.status == 200 && shown.headers["cache-control"] == "no-store")
        let pin = try await database.sql("SELECT voice_pin FROM users_convonet WHERE id = '\(person.id)'")
        let digits = pin.map { "<span>\($0)</span>" }.joined(separator: " ")
        #expect(shown.body.contains(digits) && !shown.body.contains(pin), "\(shown.body)")
        let again = try await service.curl(path, form)
        #expect(again.status == 401 && again.body.contains("no longer valid"))
        let program = try await service.send("POST", path, "{}", token: token)
        #expect(program.status == 401 && program.body.contains("error"))
        #expect(
            try await database.outcomes(of: "issue_voice_pin") == "done, refused link_used, refused link_used")
        #expect(await service.stop() == 0)
    }

    @Test func whoseTemporaryPasswordRanOutGetsInByALink() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET temporary_password_hours = 1")
        let staff = try await database.session()
        let account = try await staff.accounts.find(person.email)
        let given = try #require(
            try await staff.changes.perform(AccountChange(account: account, action: .generatePassword)).newSecret)
        #expect(try await database.signsIn(person, with: given.revealedText()))
        try await database.sql("UPDATE convonet_admin.temporary_password SET expires_at = now()")
        let service = try await RunningService(database, post.settings)
        try await eventually("the mail is there") { post.directory.read("mail-1") != nil }
        #expect(try await !database.signsIn(person, with: given.revealedText()))
        let mail = try #require(post.directory.read("mail-1"))
        #expect(
            mail.contains("\r\nSubject: Your temporary Convonet password has expired\r\n")
                && mail.contains("RCPT <\(person.email)>"))
        let address = try #require(parts(of: mail).first?.firstMatch(of: /https:[^\s]+/)).output
        #expect(parts(of: mail).allSatisfy { $0.contains("/auth/reset-password/not-me?token=") })
        let set = try await service.curl(
            "/auth/reset-password",
            [
                "--data-urlencode", "token=\(address.split(separator: "=")[1])", "--data-urlencode",
                "password=walrus & canyon 41 ü", "--data-urlencode", "again=walrus & canyon 41 ü",
            ])
        #expect(set.status == 200)
        #expect(try await database.signsIn(person, with: "walrus & canyon 41 ü"))
        #expect(await service.stop() == 0)
    }

    @Test func whoWasToldOfASlipIsToldThatItWasTakenBack() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET notify_changes = true")
        let service = try await RunningService(database, post.settings)
        let staff = try await database.session()
        let account = try await staff.accounts.find(person.email)
        let receipt = try #require(
            try await staff.changes.perform(AccountChange(account: account, action: .issuePIN)).receipt)
        try await eventually("the notice was sent") {
            try await database.sql("SELECT state FROM convonet_admin.mail_queue") == "sent"
        }
        let undo = AccountChange(
            account: try await staff.accounts.find(person.email), action: .undo(receipt: receipt.sequence))
        #expect(try await staff.changes.perform(undo).outcome == .done)
        try await eventually("the second mail is there") { post.directory.read("mail-2") != nil }
        let mail = try #require(post.directory.read("mail-2"))
        #expect(mail.contains("sign-in is as it was before") && mail.contains("RCPT <\(person.email)>"))
        #expect(parts(of: mail).first?.contains("what you had before is valid again") == true)
        #expect(await service.stop() == 0)
    }

    @Test func theSitesOwnTextsAndANameFullOfTricks() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET notify_changes = true")
        try await database.sql(
            "UPDATE users_convonet SET first_name = E'<b>Ann\u{e4}</b>\\r\\nBcc: thief@example.net' WHERE id = '\(person.id)'"
        )
        let templates = try ScratchDirectory()
        try templates.write("notice.txt", "Subject: {{name}}, {{what}}\n\nYour {{what}} was changed {{by}}.\n")
        let service = try await RunningService(
            database, post.settings + "\nmail_templates = \"\(templates.path)\"")
        let staff = try await database.session()
        let account = try await staff.accounts.find(person.email)
        let change = AccountChange(account: account, action: .issuePIN)
        #expect(try await staff.changes.perform(change).outcome == .done)
        try await eventually("the notice is there") { post.directory.read("mail-1") != nil }
        let mail = try #require(post.directory.read("mail-1"))
        #expect(!mail.contains("\nBcc:") && mail.contains("RCPT <\(person.email)>") && !mail.contains("thief@"))
        let texts = parts(of: mail)
        #expect(texts.first == "Your voice PIN was changed by support staff.\n")
        #expect(texts.last?.contains("Hello \(person.email),") == true && texts.last?.contains("Ann") == false)
        _ = service
    }

    @Test func anAddressThatIsNoneGoesNowhere() async throws {
        let post = try await Post()
        defer { post.end() }
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql("UPDATE convonet_admin.policy SET notify_changes = true")
        let service = try await RunningService(database, post.settings)
        let staff = try await database.session()
        for (number, address) in ["-oQ/tmp@example.org", "a@b.example, c@d.example", "a b@example.org"].enumerated() {
            try await database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.id)'")
            let account = try await staff.accounts.find(person.id)
            #expect(
                try await staff.changes.perform(AccountChange(account: account, action: .issuePIN)).outcome == .done)
            try await eventually("it was looked at") {
                try await database.sql(
                    "SELECT count(*) FROM convonet_admin.mail_queue WHERE last_error = 'the address is not valid in a mail header'"
                )
                    == "\(number + 1)"
            }
        }
        #expect(post.directory.read("mail-1") == nil)
        _ = service
    }
}
