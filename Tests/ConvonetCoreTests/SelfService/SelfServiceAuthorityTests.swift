import ConvonetCore
import ConvonetDatabase
import Credentials
import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct SelfServiceAuthorityTests {
    @Test(arguments: [TestDatabase.User.viewer, .operator, .auditor, .supervisor, .stranger])
    func nobodyElseMayServe(user: TestDatabase.User) async throws {
        let database = try await TestDatabase.make()
        let desk = SelfServiceDatabase(try database.pool(user), application: "tests", host: "h")
        await #expect(throws: AdminError.notPermitted(.serveSelfService)) { try await desk.policy() }
        await #expect(throws: AdminError.notPermitted(.serveSelfService)) { try await desk.takeMail() }
    }

    @Test func anOldSchemaIsNamed() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 1")
        await #expect(throws: AdminError.schemaOlder(found: 1, needed: SchemaVersion.current)) {
            try await database.selfService().policy()
        }
        await #expect(throws: AdminError.schemaMissing) {
            let bare = try await TestDatabase.make(.application)
            _ = try await bare.selfService().policy()
        }
    }

    @Test func requestsAreCountedForAllServersTogether() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
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
        try await database.sql("UPDATE convonet_admin.request_counter SET began_at = began_at - interval '10 minutes'")
        #expect(try await one.admit(.request, from: "192.0.2.1") == nil)
    }

    @Test func aProviderOfIPv6IsBoundedAsAWhole() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_address_limit = 2")
        let desk = try database.selfService()
        func taken(_ addresses: [String]) async throws -> Int {
            var count = 0
            for address in addresses where try await desk.admit(.request, from: address) == nil { count += 1 }
            return count
        }
        // Each from a /64 of its own: of one /56 four, of one /48 eight.
        #expect(try await taken((0..<10).map { "2001:db8:1:10\($0)::1" }) == 4)
        #expect(try await taken((2..<9).map { "2001:db8:1:\($0)00::1" }) == 4)
        #expect(try await taken(["2001:db8:2::1", "192.0.2.1"]) == 2)
        #expect(
            try await database.sql("SELECT requests FROM convonet_admin.request_counter WHERE key = 'total'") == "10")
    }

    @Test func whoHasAGoodTokenIsHeldToNoTotalOfStrangers() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql(
            "UPDATE convonet_admin.policy SET self_service_address_limit = 3, self_service_total_limit = 1")
        let desk = try database.selfService()
        let person = try await database.session().person()
        let token = try await database.link(to: person.email, desk).token
        #expect(try await desk.admit(.request, from: "198.51.100.1") == nil)
        #expect(try await desk.admit(.request, from: "198.51.100.2") != nil)
        #expect(try await desk.admit(.request, from: "192.0.2.1", with: ResetToken()) != nil)
        #expect(try await desk.admit(.request, from: "192.0.2.1", with: token) == nil)
        #expect(try await desk.admit(.request, from: "192.0.2.1", isSignedIn: true) == nil)
        // To their own address's limit they are.
        #expect(try await desk.admit(.request, from: "192.0.2.1", with: token) != nil)
        // Used up, and its mail was a week ago, so that there is nothing to report either.
        try await database.sql(
            "UPDATE convonet_admin.reset_token SET used_at = now(); UPDATE convonet_admin.mail_queue SET created_at = now() - interval '8 days'"
        )
        #expect(try await desk.admit(.request, from: "192.0.2.3", with: token) != nil)
    }

    /// Code of the application's that locking an account runs leaves no path behind, which would lead this program to more.
    @Test func noSettingOutlivesACall() async throws {
        let database = try await TestDatabase.quick()
        let person = try await database.session().person()
        try await database.sql(
            """
            SET ROLE convonet_owner;
            CREATE FUNCTION public.leave(uuid) RETURNS boolean LANGUAGE plpgsql AS $f$
            BEGIN
                IF current_user = 'desk_hand' THEN
                    EXECUTE 'SET search_path = evil, pg_catalog'; EXECUTE 'SET LOCAL search_path = pg_catalog, pg_temp';
                END IF;
                RETURN true;
            END $f$;
            ALTER TABLE public.users_convonet ENABLE ROW LEVEL SECURITY;
            CREATE POLICY seen ON public.users_convonet USING (public.leave(id)) WITH CHECK (true);
            """)
        let proof = try await database.stored("password_hash", of: person)
        for call in [
            "self_check_old_password('\(person.idText)', '\(proof)', gen_random_uuid(), '{}')",
            "self_check_old_password('\(person.idText)', 'wrong', gen_random_uuid(), '{}')",
            "self_request_link('\(person.email)', NULL, gen_random_uuid(), '{}')",
            "self_take_mail(sha256('x'), '{}')", "self_take_mail(sha256('x'), '{}')",
            "self_change_password('\(person.idText)', '\(proof)', '\(try newHash().text)', gen_random_uuid(), '{}')",
        ] {
            let answer = try await database.sql(
                "SELECT FROM convonet_admin.\(call); SHOW search_path", as: .selfService)
            #expect(answer.hasSuffix("\"$user\", public"), "\(call): \(answer)")
        }
    }

    /// The same of every function that comes to lock or write an account, by its text.
    @Test func everyCallThatLocksForgetsTheSettings() async throws {
        let database = try await TestDatabase.make()
        let forgetful = try await database.sql(
            """
            WITH RECURSIVE ours AS (SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace),
            reach (name) AS (
                VALUES ('hand_lock'::name), ('hand_write')
                UNION SELECT p.proname FROM ours p JOIN reach r ON p.prosrc ~ ('convonet_admin\\.' || r.name || '\\((?!uuid\\))')),
            forgets (name) AS (
                SELECT p.proname FROM ours p WHERE p.prosrc LIKE '%RESET ALL%'
                UNION SELECT p.proname FROM ours p JOIN forgets f ON p.prosrc ~ ('convonet_admin\\.' || f.name || '\\(')),
            called AS (SELECT p.proname FROM ours p JOIN reach r ON r.name = p.proname
                       WHERE p.prosecdef AND p.proname NOT LIKE 'hand%' AND p.proname <> 'rehearse_change')
            SELECT count(*), string_agg(proname, ', ') FILTER (WHERE proname NOT IN (SELECT f.name FROM forgets f)) FROM called
            """)
        #expect(forgetful.hasSuffix("|") && forgetful != "0|", "\(forgetful)")
    }
}
