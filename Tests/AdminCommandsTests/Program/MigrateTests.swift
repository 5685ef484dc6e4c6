import FoundationEssentials
import Glibc
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct MigrateTests {
    static let prefix = ["--role-prefix", "m_"]

    @Test func itSaysWhatItWillDoAndNeedsYes() async throws {
        let database = try await TestDatabase.make(.application)
        let asked = try await CommandRun(database, as: .owner, ["migrate"] + Self.prefix)
        #expect(asked.status == 64)
        #expect(asked.errors.contains("Install the schema convonet_admin"))
        #expect(asked.errors.contains("--yes"))
        let printed = try await CommandRun(database, as: .owner, ["migrate", "--print"] + Self.prefix)
        #expect(printed.status == 0)
        #expect(printed.output.hasPrefix("BEGIN;") && printed.output.hasSuffix("COMMIT;\n"))
        #expect(try await database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'convonet_admin'") == "0")
        try await database.sql("SET ROLE convonet_owner;\n\(printed.output)")
        let again = try await CommandRun(database, as: .owner, ["migrate", "--yes", "--json"] + Self.prefix)
        #expect(again.status == 0)
        #expect(try again.objects.first?.text("outcome") == "nothing to do")
    }

    @Test func anOrdinaryUserWorksWithoutRoles() async throws {
        let database = try await TestDatabase.make(.application)
        let run = try await CommandRun(database, as: .owner, ["migrate", "--yes", "--without-roles", "--json"])
        #expect(run.status == 0)
        #expect(try run.objects.first?.names == ["format", "outcome"])
        #expect(run.errors.contains("Install without roles"))
        let email = try await database.person()
        #expect(
            try await CommandRun(database, as: .owner, ["reset-password", email, "--generate", "--yes"]).status == 0)
        #expect(try await CommandRun(database, as: .owner, ["audit", "verify"]).status == 0)
        let granted = try await CommandRun(
            database, as: .owner, ["migrate", "--yes", "--grant-operator", "test_operator"])
        #expect(granted.status == 78)
    }

    @Test func whatCannotBeDoneIsSaid() async throws {
        let empty = try await TestDatabase.make(.application)
        try await empty.sql("DROP TABLE team_memberships_convonet; ALTER TABLE users_convonet RENAME TO people")
        let missing = try await CommandRun(empty, as: .owner, ["migrate", "--yes"] + Self.prefix)
        #expect(missing.status == 78)
        #expect(missing.errors.contains("public.users_convonet"))
        let stranger = try await CommandRun(
            try await TestDatabase.make(.application), as: .stranger, ["migrate", "--yes"])
        #expect(stranger.status == 77)
        let database = try await TestDatabase.make()
        let nobody = try await CommandRun(database, as: .owner, ["migrate", "--yes", "--grant-viewer", "no_such_role"])
        #expect(nobody.status == 78)
        #expect(nobody.errors.contains("no_such_role"))
    }

    /// The roles of the template belong to all databases that are made from it.
    @Test func uninstallNamesTheRolesThatStay() async throws {
        let (database, other) = (try await TestDatabase.make(), try await TestDatabase.make())
        let run = try await CommandRun(database, as: .owner, ["migrate", "--uninstall", "--yes"])
        #expect(run.status == 0, "\(run.errors)")
        let roles = try await other.sql("SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'desk_') ORDER BY 1")
            .split(separator: "\n").joined(separator: ", ")
        #expect(run.errors.contains("These roles were kept") && run.errors.contains(roles))

        let alone = try await TestDatabase.make(.application)
        #expect(try await CommandRun(alone, as: .owner, ["migrate", "--yes", "--role-prefix", "gone_"]).status == 0)
        let all = try await CommandRun(alone, as: .owner, ["migrate", "--uninstall", "--yes"])
        #expect(
            all.errors.contains("Remove the roles gone_application, gone_auditor, ")
                && !all.errors.contains("were kept"))
    }

    /// Whoever ran it is no auditor afterwards, nor anything else that they were not.
    @Test func aRefusedUninstallLeavesNobodyInAGroup() async throws {
        let database = try await TestDatabase.make(.application)
        let prefix = "\(database.name)_"
        let install = ["migrate", "--yes", "--role-prefix", prefix, "--grant-operator", "test_operator"]
        #expect(try await CommandRun(database, as: .owner, install).status == 0)
        _ = try await CommandRun(
            database, as: .operator, ["reset-pin", try await database.person(), "--generate", "--yes"])
        let members = """
            SELECT string_agg(b.member::regrole::text, ' ') FROM pg_auth_members b
            WHERE starts_with(b.roleid::regrole::text, '\(prefix)') AND b.member = 'convonet_owner'::regrole
            """
        // Since PostgreSQL 16 whoever makes a role may decide who is in it.
        let before = try await database.sql(members)
        let path = "/tmp/convonet-admin-kept-\(getpid()).jsonl"
        try "kept".write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        for arguments in [[], ["--export", path], ["--export", path + "/none"]] {
            #expect(
                try await CommandRun(database, as: .owner, ["migrate", "--uninstall", "--yes"] + arguments).status != 0)
            #expect(try await database.sql(members) == before)
        }
        unlink(path)
        let run = try await CommandRun(database, as: .owner, ["migrate", "--uninstall", "--yes", "--export", path])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func uninstallKeepsTheLogInAFile() async throws {
        let database = try await TestDatabase.make(.application)
        #expect(try await CommandRun(database, as: .owner, ["migrate", "--yes", "--without-roles"]).status == 0)
        _ = try await CommandRun(
            database, as: .owner, ["reset-pin", try await database.person(), "--generate", "--yes"])
        let refused = try await CommandRun(database, as: .owner, ["migrate", "--uninstall", "--yes"])
        #expect(refused.status == 64)
        #expect(refused.errors.contains("--export"))
        let path = "/tmp/convonet-admin-export-\(getpid()).jsonl"
        defer { unlink(path) }
        let arguments = ["migrate", "--uninstall", "--yes", "--export", path]
        #expect(try await CommandRun(database, as: .owner, arguments).status == 0)
        let text = String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
        #expect(try text.split(separator: "\n").map { try JSONReading(String($0)).names } == [LogTests.fields])
        #expect(try await database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'convonet_admin'") == "0")
        #expect(try await CommandRun(database, as: .owner, arguments).status == 78)
    }
}
