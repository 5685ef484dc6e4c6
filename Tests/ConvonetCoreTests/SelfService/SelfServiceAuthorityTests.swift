import ConvonetCore
import TestDatabase
import Testing

@Suite struct SelfServiceAuthorityTests {
    @Test(arguments: [TestDatabase.User.viewer, .desk, .auditor, .supervisor, .stranger])
    func nobodyElseMayServe(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.make()
        let desk = SelfServiceDesk(try database.pool(user), application: "tests", host: "h")
        await #expect(throws: AdminError.notPermitted(.serveSelfService)) { try await desk.policy() }
        await #expect(throws: AdminError.notPermitted(.serveSelfService)) { try await desk.takeMail() }
    }

    @Test func anOldSchemaIsNamed() async throws {
        let database = try await TestDatabase.make()
        try database.sql("UPDATE convonet_admin.installation SET schema_version = 1")
        await #expect(throws: AdminError.schemaOlder(found: 1, needed: 4)) {
            try await database.selfService().policy()
        }
        await #expect(throws: AdminError.schemaMissing) {
            let bare = try await TestDatabase.make(.application)
            _ = try await bare.selfService().policy()
        }
    }

    @Test func requestsAreCountedForAllServersTogether() async throws {
        let database = try await TestDatabase.make()
        try database.sql(
            "UPDATE convonet_admin.policy SET self_service_address_limit = 3, self_service_total_limit = 5")
        let (one, other) = (try database.selfService(), try database.selfService())
        for desk in [one, other, one] { #expect(try await desk.admit(.request, from: "192.0.2.1") == nil) }
        let pause = try #require(try await other.admit(.request, from: "192.0.2.1"))
        #expect((1...600).contains(pause))
        // One household has 2^64 addresses.
        for address in ["2001:db8::1", "2001:db8::2"] { #expect(try await one.admit(.request, from: address) == nil) }
        #expect(try await one.admit(.request, from: "2001:db8:0:0:ffff::3") ?? 0 > 0)
        #expect(try await one.admit(.request, from: "198.51.100.7") ?? 99 <= 60)
        #expect(try await one.admit(.assess, from: "192.0.2.1") == nil)
        #expect(try await one.admit(.assess, from: "no address") == nil)
        try database.sql("UPDATE convonet_admin.request_counter SET began_at = began_at - interval '10 minutes'")
        #expect(try await one.admit(.request, from: "192.0.2.1") == nil)
    }
}
