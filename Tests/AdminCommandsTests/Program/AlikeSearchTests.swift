import SchemaMaintenance
import TestDatabase
import Testing

/// `search`, where nobody matches and somebody is alike.
@Suite(.dropsDatabases) struct AlikeSearchTests {
    private func database() async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            INSERT INTO users_convonet SELECT gen_random_uuid(), u || '@alike.test', u,
                '!', f, l, NULL, u <> 'berta', true, now(), now()
            FROM (VALUES ('anton', 'Anton', 'Maier'), ('berta', 'Berta', 'Mayr')) v (u, f, l)
            """)
        try await SearchIndex(try database.pool()).build { _, _, _ in }
        return database
    }

    @Test func theyAreMarkedBelowALineThatSaysSo() async throws {
        let database = try await database()
        let run = try await CommandRun(database, as: .viewer, ["search", "Meyer"])
        #expect(run.status == 0)
        #expect(run.errors == "No accounts found. Names that sound or are typed alike:\n")
        let rows = run.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.map { $0[0] } == ["MATCH", "alike", "alike"])
        #expect(rows.map { $0[1] } == ["E-MAIL", "anton@alike.test", "berta@alike.test"])
    }

    @Test func whoMatchesIsNotMarkedAndComesAlone() async throws {
        let run = try await CommandRun(try await database(), ["search", "Maier"])
        #expect(run.output.hasPrefix("E-MAIL\t") && run.output.contains("anton@") && !run.output.contains("berta@"))
        #expect(run.errors.isEmpty)
    }

    @Test func inJSONAFieldSaysIt() async throws {
        let database = try await database()
        let exact = try await CommandRun(database, ["search", "maier", "--json"]).objects
        #expect(exact.map { $0.text("match") } == ["exact"])
        #expect(exact[0].names == ListingTests.fields + ["match"])
        let run = try await CommandRun(database, ["search", "meyer", "--json"])
        #expect(try run.objects.map { $0.text("match") } == ["alike", "alike"] && run.errors.isEmpty)
        #expect(
            try await CommandRun(database, ["list", "--json", "--limit", "1"]).objects[0].names == ListingTests.fields)
    }

    @Test func limitFilterAndExactAreObeyed() async throws {
        let database = try await database()
        func found(_ arguments: String...) async throws -> [String?] {
            try await CommandRun(database, ["search", "meyer", "--json"] + arguments).objects.map {
                $0.text("username")
            }
        }
        #expect(try await found("--limit", "1") == ["anton"])
        #expect(try await found("--filter", "inactive") == ["berta"])
        #expect(try await found("--exact") == [])
        // Whom the filter hides matches.
        let hidden = try await CommandRun(database, ["search", "maier", "--filter", "inactive"])
        #expect(hidden.output.isEmpty && hidden.errors.contains("1 hidden by the filter"))
        let nobody = try await CommandRun(database, ["search", "meyer", "--exact"])
        #expect(nobody.output.isEmpty && nobody.errors.contains("No accounts found."))
        #expect(!(try await CommandRun(database, ["search", "田仲"]).errors.contains("alike")))
    }

    /// What names one account is never satisfied by one that is alike, whatever it is for.
    @Test(arguments: [
        ["show", "meyer"], ["show", "antno"], ["reset-pin", "antno", "--generate", "--yes"],
        ["deactivate", "anton@alike.tset", "--yes"],
        ["sign-out", "beerta", "--yes", "--json"],
    ])
    func aCommandNeedsTheOneItNames(arguments: [String]) async throws {
        let database = try await database()
        let run = try await CommandRun(database, as: .operator, arguments)
        #expect(run.status == 67)
        #expect(
            !(run.output + run.errors).contains("anton@alike.test") && !(run.output + run.errors).contains("berta@"))
        #expect(try await database.log().isEmpty)
    }
}
