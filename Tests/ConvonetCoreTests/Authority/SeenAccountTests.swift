import ConvonetCore
import TestDatabase
import Testing

/// A change is bound to what was seen of an account, and to nothing that the application touches with every sign-in.
@Suite(.dropsDatabases) struct SeenAccountTests {
    private static let touches = [
        "last_login_at = now()", "updated_at = clock_timestamp()", "last_login_at = NULL, updated_at = now()",
        // What nobody sees, done by the person or the application.
        "password_hash = '$2b$10$abcdefghijklmnopqrstuuJ0Y2FqkxFvNz6uUGcTjJQpL8m0Fr4yS'",
    ]

    @Test(arguments: touches)
    func whatWasNotSeenIsNoConflict(touch: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql("UPDATE users_convonet SET \(touch) WHERE id = '\(person.idText)'")
        let change = AccountChange(account: person, action: .generatePassword)
        #expect(try await desk.changes.rehearse(change).outcome == .wouldDo)
        #expect(try await desk.changes.perform(change).outcome == .done)
    }

    @Test(arguments: [
        ("email = 'x' || email", "e-mail address", "email"),
        ("username = username || 'x'", "username", "username"),
        ("first_name = 'x'", "name", "name"), ("last_name = ''", "name", "name"),
        ("is_active = NOT is_active", "active or inactive", "is_active"),
        ("is_verified = NOT is_verified", "verified or not", "is_verified"),
        ("voice_pin = NULL", "voice PIN", "voice_pin"),
        ("password_hash = 'OTHER_SSO_USER'", "sign-in method", "sign_in"),
        ("first_name = 'x', email = 'x' || email", "e-mail address, name", "email,name"),
    ])
    func whatWasSeenIsOneAndIsNamed(change: String, words: String, detail: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.sql("UPDATE users_convonet SET \(change) WHERE id = '\(person.idText)'")
        let result = try await desk.changes.perform(AccountChange(account: person, action: .issuePIN))
        #expect(result.outcome == .conflict && result.rule == "account_changed")
        #expect(result.message?.contains("since you saw it: \(words). ") == true, "\(result.message ?? "")")
        #expect(try await database.log().last?.detail == "method=issued changed=\(detail)")
    }

    /// Of two operators who saw the same account the second hears of the first, whatever the application touches between.
    @Test(arguments: [AccountChange.Action.generatePassword, .issuePIN])
    func whatAColleagueDidIsOne(first: AccountChange.Action) async throws {
        let database = try await TestDatabase.quick()
        let (desk, other) = (try await database.session(), try await database.session(.secondOperator))
        let person = try await desk.person()
        #expect(try await other.changes.perform(AccountChange(account: person, action: first)).outcome == .done)
        for touch in ["", "UPDATE users_convonet SET last_login_at = now() WHERE id = '\(person.idText)'"] {
            if !touch.isEmpty { try await database.sql(touch) }
            let late = try await desk.changes.perform(AccountChange(account: person, action: .generatePassword))
            #expect(late.outcome == .conflict && late.message?.contains("password or voice PIN") == true)
            #expect(try await database.log().last?.detail == "method=generated changed=credentials")
        }
        // Who looked since, and the application touched it again, is not held up.
        let now = try #require(try await desk.accounts.account(id: person.id))
        try await database.sql("UPDATE users_convonet SET updated_at = clock_timestamp() WHERE id = '\(person.idText)'")
        #expect(try await desk.changes.perform(AccountChange(account: now, action: .clearPIN)).outcome == .done)
    }

    @Test func anApprovalOutlivesASignIn() async throws {
        let database = try await TestDatabase.quick()
        let (desk, supervisor) = (
            try await database.session(), try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        )
        let person = try await desk.person()
        try await database.protect(person)
        let touch = "UPDATE users_convonet SET last_login_at = clock_timestamp() WHERE id = '\(person.idText)'"
        let asked = try await desk.perform(.issuePIN, on: person)
        let id = try #require(asked.receipt?.approval)
        try await database.sql(touch)
        let decided = try await supervisor.approvals.decide(supervisor.approvals.request(id), .approve, reason: nil)
        #expect(decided.message == nil)
        try await database.sql(touch)
        #expect(try await desk.changes.perform(AccountChange(account: person, action: .issuePIN)).outcome == .done)
    }

    /// Who may only look learns nothing of a hash or a PIN: the version is the same whatever they are, but for the number of
    /// the transaction.
    @Test func aVersionSaysNothingOfASecret() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session(.viewer)
        let person = try await desk.person()
        var seen: Set<String> = []
        for (hash, pin) in [("a", "482913"), ("b", "719408"), ("c", "1357")] {
            let salted = "$2b$10$" + String(repeating: hash, count: 53)
            try await database.sql(
                "UPDATE users_convonet SET password_hash = '\(salted)', voice_pin = '\(pin)' WHERE id = '\(person.idText)'"
            )
            let version = try #require(try await desk.accounts.account(id: person.id)).version
            seen.insert(version.split(separator: "-").dropLast().joined(separator: "-"))
        }
        #expect(seen.count == 1)
    }

    @Test func whatIsNoVersionIsAConflict() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        for version in ["", "1", "-------", person.version + "0000000000", person.version + "-1", "a-b-c-d-n-y-y-x"] {
            #expect(
                try await database.sql(TestDatabase.call(.issuePIN, person, version: version), as: .operator)
                    == "conflict:account_changed", "\(version)")
        }
    }
}
