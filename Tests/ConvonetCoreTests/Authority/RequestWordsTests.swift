import ConvonetCore
import FoundationEssentials
import TestDatabase
import Testing

/// By which words an event's detail is known again as a request: by no word that a value or a name brought along.
@Suite(.dropsDatabases) struct RequestWordsTests {
    private func set(_ database: TestDatabase, _ changes: String, _ id: UUID) async throws -> String {
        try await database.sql(
            """
            SELECT coalesce(rule, outcome) || ' ' || replayed
            FROM convonet_admin.set_policy($$\(changes)$$, '\(id)', '{}')
            """, as: .supervisor)
    }

    /// A supervisor writes the digest of other settings into a value, before or after what it is changed to.
    @Test(arguments: ["context_words", "blocked_passwords", "ticket_pattern"]) func aValueIsNoDigest(name: String)
        async throws
    {
        let database = try await TestDatabase.quick()
        let other = #"{"approval_minutes": 21}"#
        let digest = try await database.sql(
            "SELECT 'settings=' || left(encode(sha256(convert_to('\(other)'::jsonb::text, 'UTF8')), 'hex'), 20)")
        let id = UUID()
        let isText = name == "ticket_pattern"
        let value = isText ? "\"x \(digest) y\"" : "[\"x \(digest) y\", \"\(digest)\"]"
        #expect(try await set(database, "{\"\(name)\": \(value)}", id) == "done false")
        #expect(try await set(database, other, id) == "request_id_reused false")
        #expect(try await database.sql("SELECT approval_minutes FROM convonet_admin.policy") == "15")
        #expect(try await set(database, "{\"\(name)\": \(value)}", id) == "done true")
        // From here on it is the old value.
        let second = UUID()
        #expect(try await set(database, "{\"\(name)\": \(isText ? "\"\"" : "[]")}", second) == "done false")
        #expect(try await set(database, other, second) == "request_id_reused false")
        #expect(try await set(database, other, UUID()) == "done false")
    }

    /// Whoever asks for an approval may be called like another request.
    @Test func aNameIsNoRequestForApproval() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.protect(person)
        let name = "\"\(database.name) approval=2\""
        try await database.sql("CREATE ROLE \(name) LOGIN; GRANT desk_operator TO \(name)")
        let ask = """
            SELECT c.approval FROM convonet_admin.accounts a,
                convonet_admin.issue_voice_pin(a.id, a.version, gen_random_uuid(), '{}') c WHERE a.id = '\(person.idText)'
            """
        #expect(try await database.sql("SET SESSION AUTHORIZATION \(name); \(ask)") == "1")
        #expect(try await database.sql(ask, as: .operator) == "2")
        let id = UUID()
        func approve(_ number: Int) async throws -> String {
            try await database.sql(
                """
                SELECT coalesce(rule, outcome) || ' ' || replayed
                FROM convonet_admin.decide_approval(\(number), 'approve', '\(id)', '{}')
                """, as: .supervisor)
        }
        #expect(try await approve(1) == "done false")
        #expect(try await approve(2) == "request_id_reused false")
        #expect(try await approve(1) == "done true")
        #expect(try await database.sql("SELECT state FROM convonet_admin.approval WHERE id = 2") == "requested")
        try await database.sql("DROP OWNED BY \(name); DROP ROLE \(name)")
    }

    @Test(arguments: [
        ("method=typed weak=short,reversed link=7 sqlstate=1", "{method=typed,link=7}"),
        ("method=issued approval=7", "{method=issued,approval=7}"),
        ("approval=7 action=x requested_by=y approval=8", "{approval=7}"),
        ("settings=00ff; a: [] -> [\"; settings=11ff; \"]", "{settings=00ff}"), ("links=3 link=4", "{}"), ("", "{}"),
    ])
    func onlyWhatItBeginsWithCounts(detail: String, words: String) async throws {
        let database = try await TestDatabase.quick()
        #expect(try await database.sql("SELECT convonet_admin.request_words($$\(detail)$$)") == words)
        #expect(try await database.sql("SELECT convonet_admin.request_words(NULL)") == "{}")
    }
}
