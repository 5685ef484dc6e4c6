import ConvonetCore
import Credentials
import TestDatabase
import Testing

/// Where the policy requires a list of leaked passwords, nobody sets a password that was not held against it.
@Suite(.dropsDatabases) struct BreachedPasswordTests {
    private static let leaked = "maple-river-kettle-41"
    private static let other = "canyon-orbit-lettuce-7"

    private struct Desk {
        let database: TestDatabase
        let file: BreachedFile
        let email: String
        private let directory: AuditCommandTests.Directory

        init() async throws {
            database = try await TestDatabase.quick()
            file = try BreachedFile(BreachedFile.lines([Secret(copying: leaked), Secret(copying: "another-one")]))
            email = try await database.person()
            directory = try AuditCommandTests.Directory()
        }

        /// With settings that name a list, or none.
        func run(
            _ arguments: [String], _ list: String?, as user: TestDatabase.User = .operator, input: String = ""
        ) async throws -> CommandRun {
            let path = try directory.write(
                list.map { "[passwords]\nbreached_passwords = \"\($0)\"\n" } ?? "", to: "config.toml")
            return try await CommandRun(
                arguments + ["--config", path], input: input,
                environment: ["CONVONET_DB_URI": database.connectionString(user)])
        }

        func reset(_ password: String, _ list: String?) async throws -> CommandRun {
            try await run(["reset-password", email, "--stdin", "--yes"], list, input: password)
        }

        func require(_ value: String) async throws -> CommandRun {
            try await run(["policy", "set", "breached_passwords=\(value)"], nil, as: .supervisor)
        }
    }

    @Test func aLeakedPasswordIsRefusedOnceThePolicyRequiresTheList() async throws {
        let desk = try await Desk()
        #expect(try await desk.reset(Self.leaked, desk.file.path).status == 0)
        let set = try await desk.require("@" + desk.file.path)
        #expect(set.status == 0, "\(set.errors)")
        let fingerprint = try desk.file.list().fingerprint
        #expect(try await desk.run(["policy", "show", "breached_passwords"], nil).output.contains(fingerprint))
        let refused = try await desk.reset(Self.leaked, desk.file.path)
        #expect(refused.status == 65 && refused.errors.contains("has been leaked"))
        #expect(try await desk.database.events().last?.contains("password_breached") == true)
        #expect(try await desk.reset(Self.other, desk.file.path).status == 0)
        // The filter is another file, so the policy has to name it.
        let filter = try desk.file.filter()
        #expect(try await desk.reset(Self.other, filter).status == 65)
        #expect(try await desk.require("@" + filter).status == 0)
        #expect(try await desk.reset(Self.leaked, filter).status == 65)
        #expect(try await desk.reset(Self.other, filter).status == 0)
    }

    @Test func withoutTheListTypedPasswordsAreRefusedAndOthersAreNot() async throws {
        let desk = try await Desk()
        _ = try await desk.require("@" + desk.file.path)
        let fingerprint = try desk.file.list().fingerprint
        let other = try BreachedFile(BreachedFile.lines([Secret(copying: "nothing-else")]))
        for (list, words) in [
            (nil, "has no list"), (other.path, "is another one"), ("/nonexistent/list", "cannot be read"),
        ] {
            let run = try await desk.reset(Self.other, list)
            #expect(run.status == 65 && run.errors.contains(words), "\(run.errors)")
            // The way to get it.
            #expect(run.errors.contains(fingerprint) && run.errors.contains("set breached_passwords to a copy"))
            let doctor = try await desk.run(["doctor", "--json"], list)
            let finding = try doctor.objects.first { $0.text("check") == "breached-passwords" }
            #expect(finding?.text("result") == "problem" && finding?.text("message")?.contains(words) == true)
        }
        let generated = try await desk.run(["reset-password", desk.email, "--generate", "--yes"], nil)
        #expect(generated.status == 0)
        let doctor = try await desk.run(["doctor", "--json"], desk.file.path)
        #expect(try doctor.objects.first { $0.text("check") == "breached-passwords" }?.text("result") == "ok")
    }

    @Test func whatCannotBeRequiredIsRefused() async throws {
        let desk = try await Desk()
        for value in ["@/nonexistent/list", "@/tmp", "0123", "XYZ"] {
            let run = try await desk.require(value)
            #expect(run.status == 65 && !run.errors.isEmpty, "\(value)")
        }
        // No list any more is looser, and said to be.
        _ = try await desk.require("@" + desk.file.path)
        #expect(try await desk.require("").output.contains("Looser than before: breached_passwords."))
        #expect(try await desk.reset(Self.leaked, nil).status == 0)
        let relative = try await desk.reset(Self.other, "list.txt")
        #expect(relative.status == 78 && relative.errors.contains("full path"))
    }

    /// A program of before does not know of lists: it may go on only where none is required.
    @Test func whatWasJudgedWithoutTheListIsNotStored() async throws {
        let desk = try await Desk()
        let old = try await desk.database.session()
        let person = try await old.accounts.find(desk.email)
        _ = try await desk.require("@" + desk.file.path)
        let result = try await old.changes.perform(
            AccountChange(account: person, action: .setPassword(.text(Self.leaked), allowWeak: false)))
        #expect(result.outcome == .conflict && result.rule == "policy_changed")
    }
}
