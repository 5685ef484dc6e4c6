import EmbeddedPostgres
import TestDatabase
import Testing

/// Of two options of `migrate` both are heeded, or the two are refused.
@Suite(.dropsDatabases) struct MigratePairsTests {
    private struct Option: Sendable {
        var words: [String]
        /// The works that it belongs to: i(nstall), d(etach), u(ninstall), b(uild and drop of the index).
        var works: String
        /// What is in the printed SQL where it was heeded.
        var mark = ""
        var name: String { words[0] }
    }

    private static let options = [
        Option(words: ["--yes"], works: "idub"), Option(words: ["--json"], works: "idub"),
        Option(words: ["--print"], works: "idb"),
        Option(words: ["--grant-viewer", "test_viewer"], works: "i", mark: #"viewer" TO "test_viewer""#),
        Option(words: ["--grant-operator", "test_operator"], works: "i", mark: #"operator" TO "test_operator""#),
        Option(words: ["--grant-auditor", "test_auditor"], works: "i", mark: #"auditor" TO "test_auditor""#),
        Option(
            words: ["--grant-supervisor", "test_supervisor"], works: "i", mark: #"supervisor" TO "test_supervisor""#),
        Option(
            words: ["--grant-selfservice", "test_selfservice"], works: "i", mark: #"selfservice" TO "test_selfservice""#
        ),
        Option(words: ["--grant-application", "test_stranger"], works: "i", mark: #"application" TO "test_stranger""#),
        Option(words: ["--grant-scheduler", "test_scheduler"], works: "i", mark: #"scheduler" TO "test_scheduler""#),
        Option(words: ["--role-prefix", "pair_"], works: "i", mark: #"CREATE ROLE "pair_owner""#),
        Option(words: ["--without-roles"], works: "i", mark: ""),
        Option(words: ["--watch-direct-changes"], works: "i", mark: "SET watches_direct_changes = true"),
        Option(words: ["--unwatch"], works: "i", mark: ""), Option(words: ["--rebuild"], works: "i"),
        Option(words: ["--follow-log"], works: "i"),
        Option(words: ["--detach"], works: "d"),
        Option(words: ["--uninstall"], works: "u"), Option(words: ["--export", "/nonexistent/log"], works: "u"),
        Option(words: ["--search-index"], works: "b"), Option(words: ["--drop-search-index"], works: "b"),
    ]

    /// What one work heeds, but not together.
    private static let opposites: [Set<String>] =
        [
            ["--watch-direct-changes", "--unwatch"], ["--print", "--json"], ["--print", "--yes"],
            ["--without-roles", "--role-prefix"], ["--search-index", "--drop-search-index"],
        ]
        + options.filter { $0.name.hasPrefix("--grant-") }.map { ["--without-roles", $0.name] }

    private static let pairs = options.indices.flatMap { first in
        options.indices.filter { $0 > first }.map { (options[first], options[$0]) }
    }

    private func isRefused(_ first: Option, _ second: Option) -> Bool {
        Set(first.works).isDisjoint(with: second.works) || Self.opposites.contains([first.name, second.name])
    }

    @Test func noOptionIsLeftOut() async throws {
        let help = try await CommandRun(["migrate", "--help"]).output
        let named = help.split(separator: "\n").filter { $0.hasPrefix("  --") }.map {
            String($0.dropFirst(2).prefix { $0 != " " })
        }
        // The settings' file and the version are heeded by every command.
        #expect(Set(named).subtracting(["--config", "--environment", "--version"]) == Set(Self.options.map(\.name)))
    }

    /// The program gets no further than its arguments, or to a database that is not there.
    @Test func whatIsNotDoneTogetherIsRefused() async throws {
        for (first, second) in Self.pairs {
            let alone = second.name == "--export" && first.name != "--uninstall"
            let run = try await CommandRun(
                ["migrate"] + first.words + second.words, environment: ["CONVONET_DB_URI": "host=/nonexistent"])
            let isRefused =
                isRefused(first, second) || alone || first.name == "--export" && second.name != "--uninstall"
            // What would be done is asked for, which takes a terminal or --yes.
            let isTaken = run.status != 64 || run.errors.contains("add --yes")
            #expect(isTaken != isRefused, "\(first.name) \(second.name): \(run.status) \(run.errors)")
            if isRefused {
                let namesBoth = run.errors.contains(first.name) && run.errors.contains(second.name)
                #expect(namesBoth || run.errors.contains("--export needs --uninstall"), "\(run.errors)")
            }
        }
    }

    @Test func whatIsInstalledTogetherIsDone() async throws {
        let database = try await TestDatabase.make(.application)
        let installing = Self.options.filter {
            $0.works == "i" && $0.name != "--without-roles" && $0.name != "--unwatch"
        }
        for (index, first) in installing.enumerated() {
            for second in installing[(index + 1)...] {
                let prefix = [first.name, second.name].contains("--role-prefix") ? [] : ["--role-prefix", "pair_"]
                let run = try await CommandRun(
                    database, as: .owner, ["migrate", "--print"] + prefix + first.words + second.words)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.contains(first.mark), "\(first.name) with \(second.name)")
                #expect(run.output.contains(second.mark), "\(second.name) with \(first.name)")
            }
        }
    }

    /// What is installed is not changed by these, so they are refused there and not passed over.
    @Test func whatIsInstalledOtherwiseIsSaid() async throws {
        let database = try await TestDatabase.make()
        for wrong in [["--without-roles"], ["--role-prefix", "other_"]] {
            let run = try await CommandRun(database, as: .owner, ["migrate", "--yes"] + wrong)
            #expect(run.status == 78 && run.errors.contains("with the role prefix “\(TestDatabase.rolePrefix)”"))
        }
        let same = ["migrate", "--yes", "--role-prefix", TestDatabase.rolePrefix]
        #expect(try await CommandRun(database, as: .owner, same).status == 0)
        let without = try await TestDatabase.make(.migratedWithoutRoles)
        let run = try await CommandRun(without, as: .owner, ["migrate", "--yes", "--role-prefix", "other_"])
        #expect(run.status == 78 && run.errors.contains("installed without roles"))
    }

    @Test func whoCannotMakeRolesIsNotGivenAnInstallationWithoutThem() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            "CREATE ROLE \(database.name)_plain LOGIN; ALTER DATABASE \(database.name) OWNER TO \(database.name)_plain")
        let address = database.cluster.connectionString(database: database.name, user: "\(database.name)_plain")
        let run = try await CommandRun(
            ["migrate", "--yes", "--role-prefix", "other_"], environment: ["CONVONET_DB_URI": address])
        #expect(run.status == 78 && run.errors.contains("CREATEROLE"), "\(run.errors)")
        #expect(try await database.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'convonet_admin'") == "0")
    }
}
