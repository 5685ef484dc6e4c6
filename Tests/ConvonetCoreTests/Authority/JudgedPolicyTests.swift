import AccountPolicy
import ConvonetCore
import Credentials
import TestDatabase
import Testing

/// A password is judged by the policy that is in force when it is stored, or not stored.
@Suite(.dropsDatabases) struct JudgedPolicyTests {
    @Test func whatAnotherPolicyJudgedIsRefusedAndJudgedAnewTheNextTime() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        let typed = AccountChange.Action.setPassword(.text("kdfj-eorj-3939-wqpz"), allowWeak: false)
        #expect(desk.changes.assess(.text("kdfj-eorj-3939-wqpz"), for: person).findings.isEmpty)
        try await database.setPolicy("minimum_length = 24")
        let dry = try await desk.changes.rehearse(AccountChange(account: person, action: .generatePassword))
        #expect(dry.outcome == .conflict && dry.rule == "policy_changed")
        // That read it anew.
        #expect(!desk.changes.assess(.text("kdfj-eorj-3939-wqpz"), for: person).findings.isEmpty)
        try await database.setPolicy("minimum_length = 12")
        let before = try await database.stored("password_hash", of: person)
        let late = try await desk.changes.perform(
            AccountChange(
                account: person, action: .setPassword(.text("kdfj-eorj-3939-wqpz-0412-mnbv"), allowWeak: false)))
        #expect(late.outcome == .conflict && late.rule == "policy_changed" && late.message?.contains("policy") == true)
        #expect(try await database.stored("password_hash", of: person) == before)
        #expect(try await database.log().last?.outcome == "conflict")
        #expect(try await desk.changes.perform(AccountChange(account: person, action: typed)).outcome == .done)
    }

    @Test func aDossierBringsThePolicy() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        try await database.setPolicy("minimum_length = 30, bcrypt_cost = 11")
        #expect(try await desk.accounts.dossier(of: person.id).policy.get().password.minimumLength == 30)
        let result = try await desk.changes.perform(AccountChange(account: person, action: .generatePassword))
        #expect(result.outcome == .done && (result.newSecret?.codePointCount ?? 0) >= 30)
        #expect(try await database.stored("password_hash", of: person).hasPrefix("$2b$11$"))
    }

    /// What the database judges itself does not depend on it, nor does a program that does not say.
    @Test func onlyPasswordsAreBoundToIt() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let people = try await desk.people(2)
        try await database.setPolicy("minimum_length = 24")
        for action in [AccountChange.Action.issuePIN, .setVerified(!people[0].isVerified)] {
            let account = try #require(try await desk.accounts.account(id: people[0].id))
            #expect(try await desk.changes.perform(AccountChange(account: account, action: action)).outcome == .done)
        }
        #expect(try await database.sql(TestDatabase.call(.generatePassword, people[1]), as: .operator) == "done")
    }
}
