import ConvonetCore
import Credentials
import Glibc
import OperatingSystem
import PostgresClient
import TestDatabase
import Testing

@testable import EmbeddedPostgres

@Suite(.dropsDatabases) struct SecretsTests {
    /// What the application's own login says: Python's bcrypt 4.0.1.
    private func applicationAccepts(_ password: String, _ hash: String) throws -> Bool {
        let python = SourceTree.root + "/.build/venv/bin/python"
        let program =
            "import sys, bcrypt; a = sys.stdin.read().split('\\n'); print(bcrypt.checkpw(a[0].encode('utf-8'), a[1].encode()))"
        let outcome = try ChildProcess.run([python, "-c", program], input: password + "\n" + hash)
        try #require(outcome.succeeded, "\(outcome.errors)")
        return outcome.output.hasPrefix("True")
    }

    @Test(.enabled(if: access(SourceTree.root + "/.build/venv/packages-2", F_OK) == 0))
    func theApplicationTakesTheNewPasswordAndNotTheOld() async throws {
        let database = try await TestDatabase.make()
        let desk = try await database.session()
        let person = try await desk.person()
        #expect(try await applicationAccepts("Convonet-demo-1", database.stored("password_hash", of: person)))
        let typed = "пароль-Kdfj-eorj 39é"
        let first = try await desk.changes.perform(
            AccountChange(account: person, action: .setPassword(.text(typed), allowWeak: true)))
        #expect(first.outcome == .done, "\(first.message ?? "")")
        let hash = try await database.stored("password_hash", of: person)
        #expect(hash.hasPrefix("$2b$12$"))
        #expect(try applicationAccepts(typed, hash))
        #expect(try !applicationAccepts("Convonet-demo-1", hash))
        let now = try #require(try await desk.accounts.account(id: person.id))
        let second = try await desk.changes.perform(AccountChange(account: now, action: .generatePassword))
        let generated = try #require(second.newSecret).revealedText()
        #expect(try await applicationAccepts(generated, database.stored("password_hash", of: person)))
        #expect(try await !applicationAccepts(typed, database.stored("password_hash", of: person)))
    }

    @Test func noSecretIsInTheServersLogNorInOurs() async throws {
        // A log of its own: in that of all tests, whoever makes PINs by the thousand may make this one.
        let database = try await TestDatabase.alone()
        try await database.sql("UPDATE convonet_admin.policy SET bcrypt_cost = 10")
        // What a server that logs most would write down.
        for setting in [
            "log_min_duration_statement = 0", "log_parameter_max_length_on_error = -1", "log_error_verbosity = verbose",
        ] {
            try await database.sql("ALTER DATABASE \(database.name) SET \(setting)")
        }
        let desk = try await database.session()
        let people = try await desk.people(5)
        let typed = "Kdfj-eorj-3939-wqpz-\(database.name)"
        var secrets = [typed]
        for (person, action) in zip(
            people, [AccountChange.Action.generatePassword, .issuePIN, .setPassword(.text(typed), allowWeak: false)])
        {
            let result = try await desk.changes.perform(AccountChange(account: person, action: action))
            #expect(result.outcome == .done)
            if let secret = result.newSecret {
                secrets.append(secret.revealedText())
                var dumped = ""
                dump(result, to: &dumped)
                #expect(!dumped.contains(secret.revealedText()) && !"\(result)".contains(secret.revealedText()))
            }
        }
        // Refused by the rules, by the person's version, and by a database that cannot write.
        let weak = "password-\(people[3].username)"
        let refused = AccountChange(account: people[3], action: .setPassword(.text(weak), allowWeak: true))
        #expect(try await desk.changes.perform(refused).outcome == .refused)
        #expect(
            try await desk.changes.perform(
                AccountChange(account: people[0], action: .setPassword(.text(typed), allowWeak: false))
            ).outcome == .conflict)
        try await database.sql(
            "ALTER TABLE users_convonet ADD CONSTRAINT frozen CHECK (updated_at < '2025-01-01') NOT VALID")
        #expect(
            try await desk.changes.perform(
                AccountChange(account: people[4], action: .setPassword(.text(typed), allowWeak: false))
            ).outcome == .failed)
        #expect(
            try await desk.changes.perform(AccountChange(account: people[4], action: .issuePIN)).outcome
                == .failed)

        let serverLog = String(decoding: try SourceTree.contents(of: database.cluster.logPath), as: UTF8.self)
        #expect(serverLog.contains("reset_password") && serverLog.contains(people[0].idText))
        let ourLog = try await database.sql("SELECT string_agg(e::text, chr(10)) FROM convonet_admin.audit_event e")
        #expect(secrets.count == 3)
        for secret in secrets + [weak] {
            // A PIN's digits can stand by chance inside a longer number; a PIN is a word of its own.
            #expect(!words(of: serverLog, contain: secret))
            #expect(!words(of: ourLog, contain: secret))
        }
        #expect(!ourLog.contains("$2b$"))
    }

    private func words(of text: String, contain secret: String) -> Bool {
        guard secret.utf8.allSatisfy({ (48...57).contains($0) }) else { return text.contains(secret) }
        return text.utf8.split { !(48...57).contains($0) }.contains { $0.elementsEqual(secret.utf8) }
    }
}
