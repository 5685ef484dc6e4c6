import AccountPolicy
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct SessionTests {
    @Test func aDatabaseWithoutTheSchema() async throws {
        for template in [TestDatabase.Template.empty, .application] {
            let database = try await TestDatabase.make(template)
            for user in [TestDatabase.User.owner, .stranger] {
                await #expect(throws: AdminError.schemaMissing) { try await database.session(user) }
            }
        }
    }

    @Test func anotherVersionOfTheSchema() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 0")
        await #expect(throws: AdminError.schemaOlder(found: 0, needed: SchemaVersion.current)) {
            try await database.session()
        }
        try await database.sql("ALTER TABLE convonet_admin.policy DROP COLUMN require_ticket")
        await #expect(throws: AdminError.schemaOlder(found: 0, needed: SchemaVersion.current)) {
            try await database.session()
        }
        let newer = SchemaVersion.current + 1
        try await database.sql(
            "UPDATE convonet_admin.installation SET schema_version = \(newer), serves_from = \(newer)")
        await #expect(throws: AdminError.schemaNewer(found: newer, known: SchemaVersion.current)) {
            try await database.session()
        }
    }

    @Test func aDetachedSchemaAndAStranger() async throws {
        let database = try await TestDatabase.make()
        await #expect(throws: AdminError.notPermitted(.viewAccounts)) { try await database.session(.stranger) }
        try await Migrator(try database.pool()).detach()
        await #expect(throws: AdminError.schemaDetached) { try await database.session() }
    }

    @Test func theFirstPageComesAlongWhereItIsAskedFor() async throws {
        let database = try await TestDatabase.make()
        func open(_ limit: Int?) async throws -> AdminSession {
            try await AdminSession.open(
                try database.pool(.viewer), operator: TestDatabase.identity, application: "tests", firstPage: limit)
        }
        #expect(try await open(nil).firstPage == nil)
        let session = try await open(60)
        #expect(session.firstPage == (try await session.accounts.page(of: AccountSelection(), limit: 60)))
        #expect(session.firstPage?.hasMore == true)
        #expect(try await open(200).firstPage?.hasMore == false)
        // The session does not depend on it.
        try await database.sql("REVOKE SELECT ON convonet_admin.accounts FROM PUBLIC, \(TestDatabase.rolePrefix)viewer")
        #expect(try await open(60).firstPage == nil)
    }

    @Test func whoIsNamedComesAlong() async throws {
        let database = try await TestDatabase.make()
        func open(_ key: String?) async throws -> AdminSession {
            try await AdminSession.open(
                try database.pool(.viewer), operator: TestDatabase.identity, application: "tests", finding: key)
        }
        #expect(try await open(nil).candidates == nil)
        let accounts = try await database.session(.viewer).accounts
        let anybody = try #require(try await accounts.page(of: AccountSelection(), limit: 1).accounts.first)
        for key in [anybody.email, anybody.username, anybody.idText, anybody.email.uppercased(), " \(anybody.email) "] {
            let session = try await open(key)
            #expect(session.candidates != nil)
            #expect(try await session.accounts.find(key, among: session.candidates) == anybody)
        }
        let session = try await open("nobody@example.org")
        #expect(session.candidates == [])
        await #expect(throws: AdminError.accountUnknown("nobody@example.org")) {
            try await session.accounts.find("nobody@example.org", among: session.candidates)
        }
        // The session does not depend on it.
        try await database.sql("REVOKE SELECT ON convonet_admin.accounts FROM PUBLIC, \(TestDatabase.rolePrefix)viewer")
        #expect(try await open(anybody.email).candidates == nil)
    }

    @Test func rightsAreThoseOfTheGroup() async throws {
        let database = try await TestDatabase.make()
        let expected: [TestDatabase.User: (Bool, Bool, Bool)] = [
            .viewer: (false, false, false), .operator: (true, false, false), .auditor: (false, true, false),
            .supervisor: (false, false, true),
        ]
        let standard = try Policy.standard.with(words: ["convonet"])
        for (user, rights) in expected {
            let session = try await database.session(user)
            #expect((session.rights.mayChange, session.rights.mayReadLog, session.rights.maySetPolicy) == rights)
            #expect(session.rights.hasRoles && session.connection.user == user.rawValue)
            #expect(session.policy == standard)
            if !rights.1 {
                await #expect(throws: AdminError.notPermitted(.readLog)) { try await session.audit.newest(limit: 1) }
                await #expect(throws: AdminError.notPermitted(.readLog)) { try await session.audit.verify() }
            }
        }
    }

    @Test func thePolicyIsSetAndLoggedByTheSupervisorAlone() async throws {
        let database = try await TestDatabase.make()
        let setting = try #require(PolicySetting.all.first { $0.name == "typed_pin_limit" })
        let cost = try #require(PolicySetting.all.first { $0.name == "bcrypt_cost" })
        let blocked = try #require(PolicySetting.all.first { $0.name == "blocked_passwords" })
        let supervisor = try await database.session(.supervisor)
        let receipt = try await supervisor.policies.set(
            [(setting, "5"), (cost, "11"), (blocked, "my-secret-word,other")], reason: "as agreed")
        #expect(receipt.outcome == .done)
        let policy = try await supervisor.policies.current()
        #expect(
            policy.typedPINLimit == 5 && policy.password.bcryptCost == 11
                && policy.blockedPasswords == ["my-secret-word", "other"])
        let event = try #require(try await database.log().last)
        #expect(event.action == "set_policy" && event.reason == "as agreed")
        #expect(
            event.detail?.wholeMatch(
                of:
                    #/settings=[0-9a-f]{20}; bcrypt_cost: 12 -> 11; blocked_passwords: 0 entries -> 2 entries; typed_pin_limit: 3 -> 5/#
            )
                != nil)
        // What is set already is no change, in whatever way a list is written.
        let same = try PolicyStore.differing(
            [(setting, "5"), (cost, "12"), (blocked, " my-secret-word , other,")], from: policy)
        #expect(same.map(\.setting.name) == ["bcrypt_cost"])
        for setting in PolicySetting.all {
            let text = setting.kind == .list ? setting.entries(policy).joined(separator: ",") : setting.value(policy)
            #expect(try PolicyStore.differing([(setting, text)], from: policy).isEmpty, "\(setting.name)")
        }
        let desk = try await database.session()
        await #expect(throws: AdminError.notPermitted(.setPolicy)) {
            try await desk.policies.set([(setting, "9")], reason: nil)
        }
        let shortest = try #require(PolicySetting.all.first { $0.name == "pin_minimum_length" })
        let longest = try #require(PolicySetting.all.first { $0.name == "pin_maximum_length" })
        await #expect(throws: AdminError.self) {
            try await supervisor.policies.set([(shortest, "6"), (longest, "4")], reason: nil)
        }
        #expect(try await supervisor.policies.current().pinLengths == 4...6)
        #expect(try await database.log().map(\.outcome) == ["done", "refused"])
    }
}

@Suite(.dropsDatabases) struct ServerClockTests {
    /// However wrong this machine's clock is: an age is counted from what the server said.
    @Test(arguments: [0, 4_102_444_800_000_000] as [Int64])
    func itGoesOnFromWhatTheServerSaid(microseconds: Int64) {
        let clock = ServerClock(saying: Timestamp(microseconds: microseconds))
        let (first, second) = (clock.now, clock.now)
        #expect(first <= second && first >= Timestamp(microseconds: microseconds))
        #expect(second.seconds(since: Timestamp(microseconds: microseconds)) < 3600)
    }

    @Test func aSessionAsksTheServer() async throws {
        let database = try await TestDatabase.make()
        let before = try await database.sql("SELECT extract(epoch FROM clock_timestamp()) * 1000000")
        let session = try await database.session()
        let asked = try #require(Double(before))
        #expect(Double(session.clock.now.microseconds) >= asked)
    }
}

extension Policy {
    fileprivate func with(words: [String]) throws -> Policy {
        var policy = self
        policy.password = PasswordPolicy(contextWords: words)
        return policy
    }
}
