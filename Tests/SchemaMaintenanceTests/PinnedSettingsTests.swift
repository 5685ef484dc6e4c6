import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

/// Every setting that a caller may change is either pinned on our functions or left with a reason.
@Suite(.dropsDatabases) struct PinnedSettingsTests {
    @Test func everySettingOfThisServerIsPinnedOrLeftForAReason() async throws {
        let database = try await TestDatabase.make()
        let server = Set(
            try await database.sql("SELECT name FROM pg_settings WHERE context = 'user' AND name NOT LIKE '%.%'")
                .split(separator: "\n").map(String.init))
        let pinned = Set(PinnedSettings.values.map(\.name))
        let left = Set(PinnedSettings.left.flatMap(\.names))
        #expect(server.subtracting(pinned).subtracting(left).sorted() == [])
        #expect(pinned.isDisjoint(with: left))
        #expect(PinnedSettings.left.allSatisfy { !$0.reason.isEmpty })
    }

    @Test func everyFunctionWithItsOwnersRightsHasThem() async throws {
        let database = try await TestDatabase.make()
        let list = PinnedSettings.values.map { "('\($0.name)', '\($0.value)')" }.joined(separator: ", ")
        let lacking = try await database.sql(
            """
            SELECT p.proname || ' ' || v.name FROM pg_proc p CROSS JOIN (VALUES \(list)) AS v (name, value)
            JOIN pg_settings s ON s.name = v.name AND s.context = 'user'
            WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef
                AND NOT coalesce(p.proconfig, '{}') @> ARRAY[v.name || '=' || v.value]
            """)
        #expect(lacking == "")
    }

    /// A caught error became the end of the session, with its text.
    @Test func anErrorThatIsCaughtTellsNothing() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            "ALTER TABLE users_convonet ADD CONSTRAINT fussy CHECK (password_hash NOT LIKE '%QQQ%') NOT VALID")
        let person = try await database.session().person()
        let call = TestDatabase.call(.generatePassword, person)
        for setting in [
            "exit_on_error = on", "log_parameter_max_length_on_error = 100", "client_min_messages = debug5",
        ] {
            let answer = try await database.sql("SET \(setting); \(call)", as: .operator)
            #expect(answer.contains("failed:database_error") && !answer.contains("$2b$"), "\(setting)")
        }
        #expect(try await database.log().count == 3)
    }

    @Test func howACallersTextIsReadChangesNoRule() async throws {
        let database = try await TestDatabase.quick()
        let words = try await database.sql(
            "SET standard_conforming_strings = off; SELECT rule FROM convonet_admin.set_policy('{\"protected_domains\": [\"a b.example\"]}', gen_random_uuid(), '{}')",
            as: .supervisor)
        #expect(words == "setting_out_of_range")
        try await database.setPolicy("ticket_pattern = 'T-\\d+'")
        let person = try await database.session().person()
        let call = TestDatabase.call(.clearPIN, person, claims: #"{"ticket": "T-12"}"#)
        #expect(
            try await database.sql(
                "SET standard_conforming_strings = off; SET backslash_quote = off; \(call)", as: .operator)
                == "done")
    }
}
