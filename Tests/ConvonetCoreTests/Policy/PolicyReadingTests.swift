import Credentials
import TestDatabase
import Testing

@testable import AccountPolicy
@testable import ConvonetCore

@Suite(.dropsDatabases) struct PolicyReadingTests {
    /// Neither a column that is no setting, nor a default that the program and the schema see differently.
    @Test func theRowAndTheSettingsAreTheSame() async throws {
        let database = try await TestDatabase.make()
        let names = try await database.sql(
            "SELECT string_agg(k, ',' ORDER BY k) FROM convonet_admin.policy p, jsonb_object_keys(to_jsonb(p) - 'only_row') k"
        )
        #expect(names.split(separator: ",").map(String.init) == PolicySetting.all.map(\.name).sorted())
        var policy = try await database.session(.supervisor).policies.current()
        policy.password.contextWords = []
        #expect(policy == .standard)
    }

    @Test func whatANewerSchemaAddsIsPassedOver() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            "ALTER TABLE convonet_admin.policy ADD later numeric NOT NULL DEFAULT 0.5, ADD none jsonb DEFAULT '{}'")
        #expect(try await database.session(.supervisor).policies.current().approvalMinutes == 15)
    }

    @Test(arguments: ["[]", "{}", "{\"minimum_length\": true}", "{\"minimum_length\": 3}", "no"])
    func aRowThatIsNoneIsAnError(json: String) {
        #expect(throws: (any Error).self) { try Policy(json: json) }
    }

    @Test func aSettingKnowsWhatIsLooser() throws {
        var strict = Policy.standard
        strict.resetsPerOperatorHour = 5
        strict.protection.domains = ["a.example", "b.example"]
        strict.allowsTyped = false
        strict.requiresReason = true
        var loose = strict
        loose.resetsPerOperatorHour = 0
        loose.protection.domains = ["b.example", "c.example"]
        loose.allowsTyped = true
        loose.requiresReason = false
        let names = ["resets_per_operator_hour", "protected_domains", "allow_typed", "require_reason"]
        #expect(
            Set(PolicySetting.all.filter { $0.isLooser(loose, than: strict) }.map(\.name)) == Set(names))
        #expect(
            PolicySetting.all.filter { $0.isLooser(strict, than: loose) }.map(\.name) == ["protected_domains"])
        #expect(!PolicySetting.all.contains { $0.isLooser(strict, than: strict) })
    }
}
