import ConvonetCore
import Credentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// Somebody who may create tables beside the application's, as everybody may in databases of before PostgreSQL 15, and gives
/// them names that our functions look for.
@Suite(.dropsDatabases) struct PlantedTableTests {
    private let database: TestDatabase
    private let staff: AdminSession

    init() async throws {
        database = try await TestDatabase.quick()
        staff = try await database.session()
        try await database.sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
        for user in [TestDatabase.User.stranger, .operator] {
            // What a function of theirs would do as the hand: tell what it sees, past the undoing of whatever it does.
            let name = user.rawValue
            try await database.sql(
                """
                CREATE SEQUENCE \(name)_loot; GRANT ALL ON \(name)_loot TO PUBLIC;
                CREATE FUNCTION \(name)_spy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM setval('public.\(name)_loot', (SELECT count(*) FROM public.users_convonet WHERE voice_pin IS NOT NULL));
                    RETURN true;
                END $$
                """, as: user)
        }
    }

    private func expectNothingSeen(by user: TestDatabase.User) async throws {
        #expect(try await database.sql("SELECT is_called FROM \(user.rawValue)_loot") == "f", "\(user)")
    }

    @Test(arguments: [TestDatabase.User.stranger, .operator])
    func aViewOfNumbersOfTheirsIsNotRead(user: TestDatabase.User) async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE VIEW convonet_admin_phone_numbers AS
            SELECT '\(person.idText)'::uuid AS account_id, '0800666666'::text AS number WHERE \(user.rawValue)_spy();
            GRANT SELECT ON convonet_admin_phone_numbers TO PUBLIC
            """, as: user)
        _ = try await database.selfService().takeMail(sendsTexts: true)
        #expect(try await staff.callers.state(of: person).phone == nil)
        #expect(
            try await staff.callers.sendCode(to: person, by: .text, key: CallerKey()).rule == "no_phone_number")
        try await expectNothingSeen(by: user)
        // That of the table's owner is.
        try await database.sql("ALTER VIEW convonet_admin_phone_numbers OWNER TO convonet_owner")
        try await database.sql(
            "CREATE OR REPLACE VIEW convonet_admin_phone_numbers AS SELECT '\(person.idText)'::uuid AS account_id, '0800123456'::text AS number",
            as: .owner)
        #expect(try await staff.callers.state(of: person).phone == "…56")
    }

    @Test func teamsOfTheirsAreNotRead() async throws {
        let set =
            "SELECT rule FROM convonet_admin.set_policy('{\"protected_team_roles\": [\"owner\"]}', gen_random_uuid(), '{}')"
        try await database.sql("DROP TABLE team_memberships_convonet, teams_convonet CASCADE", as: .owner)
        #expect(try await database.sql(set, as: .supervisor) == "teams_unavailable")
        try await database.sql(
            """
            CREATE VIEW team_memberships_convonet AS
            SELECT gen_random_uuid() AS user_id, gen_random_uuid() AS team_id, 'owner'::text AS role WHERE test_stranger_spy();
            CREATE VIEW teams_convonet AS SELECT gen_random_uuid() AS id, 'team'::text AS name;
            GRANT SELECT ON team_memberships_convonet, teams_convonet TO PUBLIC
            """, as: .stranger)
        #expect(try await database.sql(set, as: .supervisor) == "teams_unavailable")
        // Where the policy has it already, everybody is protected rather than nobody.
        try await database.setPolicy("protected_team_roles = '{owner}'")
        #expect(try await staff.perform(.issuePIN, on: staff.person()).rule == "approval_required")
        try await expectNothingSeen(by: .stranger)
    }

    /// To lock what is theirs would be to wait for them, and to go through whatever they made it of.
    @Test func whatIsTheirsIsNotEvenTouched() async throws {
        let set =
            "SELECT rule FROM convonet_admin.set_policy('{\"protected_team_roles\": [\"owner\"]}', gen_random_uuid(), '{}')"
        try await database.sql("DROP TABLE team_memberships_convonet, teams_convonet CASCADE", as: .owner)
        try await database.sql(
            """
            CREATE TABLE team_memberships_convonet (user_id uuid, team_id uuid, role text);
            GRANT SELECT ON team_memberships_convonet TO PUBLIC
            """, as: .stranger)
        try await database.pool(.stranger).withConnection { stranger in
            try await stranger.run(script: "BEGIN; LOCK TABLE team_memberships_convonet", limit: .seconds(10))
            #expect(try await database.sql(set, as: .supervisor) == "teams_unavailable")
            await stranger.rollback()
        }
    }

    /// What the reader can read is read, of whatever kind it is.
    @Test func theOwnersTeamsMayBeAMaterializedView() async throws {
        try await database.sql(
            """
            ALTER TABLE team_memberships_convonet RENAME TO memberships;
            CREATE MATERIALIZED VIEW team_memberships_convonet AS SELECT * FROM memberships;
            GRANT SELECT ON team_memberships_convonet TO desk_reader
            """, as: .owner)
        let set =
            "SELECT outcome FROM convonet_admin.set_policy('{\"protected_team_roles\": [\"owner\"]}', gen_random_uuid(), '{}')"
        #expect(try await database.sql(set, as: .supervisor) == "done")
        let owner = try await database.sql("SELECT user_id FROM memberships WHERE role = 'owner' LIMIT 1")
        let other = try await database.sql(
            "SELECT id FROM users_convonet WHERE id NOT IN (SELECT user_id FROM memberships WHERE role = 'owner') LIMIT 1"
        )
        for (person, isProtected) in [(owner, "t"), (other, "f")] {
            #expect(
                try await database.sql("SELECT convonet_admin.account_is_protected('\(person)')", as: .operator)
                    == isProtected)
        }
    }

    /// What a trigger sets for the session, and hides behind the value from before, is gone with the change.
    @Test(arguments: [
        ("idle_session_timeout", "1000"), ("DateStyle", "German"), ("bytea_output", "escape"), ("work_mem", "64"),
        ("exit_on_error", "on"), ("plpgsql.extra_errors", "all"), ("client_encoding", "LATIN1"),
        ("search_path", "evil"),
    ])
    func noSettingOutlivesTheChange(name: String, value: String) async throws {
        let person = try await staff.person()
        try await database.sql(
            """
            CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE before text := current_setting('\(name)');
            BEGIN
                PERFORM set_config('\(name)', '\(value)', false);
                PERFORM set_config('\(name)', before, true);
                RETURN NEW;
            END $$;
            CREATE TRIGGER leave BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION leave()
            """, as: .owner)
        let found = try await database.sql(
            """
            DO 'BEGIN END';
            SELECT current_setting('\(name)') AS before \\gset
            SELECT outcome FROM convonet_admin.issue_voice_pin('\(person.idText)',
                (SELECT version FROM convonet_admin.accounts WHERE id = '\(person.idText)'), gen_random_uuid(), '{}');
            SELECT current_setting('\(name)') = :'before'
            """, as: .operator)
        #expect(found.hasSuffix("t") && !found.contains("refused"), "\(found)")
    }

    @Test func aListInAListIsRefused() async throws {
        for list in ["[[\"a@b.example\"]]", "[[null]]", "[{}]"] {
            for name in ["approver_addresses", "protected_domains", "blocked_passwords"] {
                let set =
                    "SELECT rule FROM convonet_admin.set_policy('{\"\(name)\": \(list)}', gen_random_uuid(), '{}')"
                #expect(try await database.sql(set, as: .supervisor) == "setting_out_of_range", "\(name) \(list)")
            }
        }
    }
}
