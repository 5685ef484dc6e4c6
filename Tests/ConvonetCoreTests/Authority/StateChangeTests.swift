import AuditVerification
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct StateChangeTests {
    private static let all: [(AccountChange.Action, String, String)] = [
        (.setActive(false), "deactivate", "is_active"), (.setActive(true), "activate", "is_active"),
        (.setVerified(false), "unverify", "is_verified"), (.setVerified(true), "verify", "is_verified"),
    ]

    @Test func everyStateIsSetOnceAndLogged() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person { $0.isActive && $0.isVerified && $0.signIn == .password }
        let context = ChangeContext(reason: "left", ticket: "T-1", verifiedBy: "callback")
        for (action, name, column) in Self.all {
            let before = try #require(try await desk.accounts.account(id: person.id))
            let change = AccountChange(account: before, action: action, context: context)
            let result = try await desk.changes.perform(change)
            #expect(result.outcome == .done && result.newSecret == nil)
            let after = try #require(try await desk.accounts.account(id: person.id))
            #expect(
                try await database.stored(column, of: person)
                    == (action == .setActive(true) || action == .setVerified(true) ? "true" : "false"))
            #expect(after.updatedAt > before.updatedAt && result.account.updatedAt == after.updatedAt)
            #expect(result.account.isActive == after.isActive && result.account.isVerified == after.isVerified)
            let event = try #require(try await database.log().last)
            #expect(event.action == name && event.outcome == "done" && event.accountID == person.id)
            #expect([event.reason, event.ticket, event.verifiedBy] == ["left", "T-1", "callback"])
            // The same request again is not done again, and another is refused, as it is so.
            let again = try await desk.changes.perform(change)
            #expect(again.receipt?.isReplayed == true && again.receipt?.sequence == result.receipt?.sequence)
            let refused = try await desk.perform(action, on: person)
            #expect(refused.outcome == .refused && refused.rule == "already_so")
            #expect(refused.message?.hasPrefix("This account is") == true)
            #expect(
                try await desk.changes.rehearse(AccountChange(account: after, action: action)).rule
                    == "already_so")
        }
        #expect(try await database.stored("password_hash", of: person).hasPrefix("$2b$"))
        #expect(try await desk.accounts.history(of: person.id).count == 8)
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func theyStandOnTheSameRailsAsAReset() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("require_reason = true")
        let desk = try await database.session()
        let people = try await desk.people(3) { $0.isActive }
        #expect(try await desk.perform(.setActive(false), on: people[0]).rule == "reason_required")
        let context = ChangeContext(reason: "r")
        try await database.sql(
            "UPDATE users_convonet SET is_verified = NOT is_verified WHERE id = '\(people[0].idText)'")
        let stale = AccountChange(account: people[0], action: .setActive(false), context: context)
        #expect(try await desk.changes.perform(stale).outcome == .conflict)
        try await database.sql(
            """
            CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.is_active := true; RETURN NEW; END';
            CREATE TRIGGER keep BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.keep()
            """)
        let kept = try await desk.perform(.setActive(false), on: people[1], context: context)
        #expect(kept.outcome == .failed && kept.rule == "overridden_by_trigger")
        #expect(try await database.stored("is_active", of: people[1]) == "true")
        for user in [TestDatabase.User.viewer, .auditor, .supervisor] {
            let session = try await database.session(user)
            await #expect(throws: AdminError.notPermitted(.changeCredentials)) {
                try await session.perform(.setVerified(false), on: people[2], context: context)
            }
        }
        for value in ["set_account_active", "set_account_verified"] {
            let words = await database.refusal(
                of:
                    "SELECT convonet_admin.\(value)('\(people[2].idText)', '\(people[2].version)', NULL, gen_random_uuid(), '{}')",
                as: .operator)
            #expect(words?.contains("no such action") == true)
        }
    }
}
