import ConvonetCore
import SchemaMaintenance
import TestDatabase
import Testing

/// Who reaches people or our roles by a way that is not the users' table itself.
extension AdviceTests {
    /// By a partition or child, by a parent, and by what writes into it by a foreign key.
    @Test(arguments: [
        (
            "CREATE TABLE part () INHERITS (users_convonet); ALTER TABLE part OWNER TO convonet_owner; GRANT UPDATE ON part TO test_operator",
            "test_operator (UPDATE on public.part)"
        ),
        (
            "CREATE TABLE whole (id uuid NOT NULL); ALTER TABLE whole OWNER TO test_stranger; ALTER TABLE users_convonet INHERIT whole",
            "test_stranger (its owner on public.whole)"
        ),
        (
            """
            CREATE TABLE pins (pin varchar PRIMARY KEY); INSERT INTO pins SELECT voice_pin FROM users_convonet WHERE voice_pin IS NOT NULL;
            ALTER TABLE pins OWNER TO test_stranger;
            ALTER TABLE users_convonet ADD FOREIGN KEY (voice_pin) REFERENCES pins (pin) ON UPDATE CASCADE
            """, "test_stranger (a foreign key to their table writes or deletes on public.pins)"
        ),
    ])
    func whoReachesPeopleByAnotherTable(making: String, named: String) async throws {
        let database = try await TestDatabase.make()
        func message() async throws -> String {
            try await findings(database).first { $0.check == "grants" }?.message ?? ""
        }
        #expect(try await message().hasPrefix("Only its owner has rights"))
        try await database.sql(making)
        let found = try await message()
        #expect(found.contains(named), "\(found)")
    }

    /// A PIN that a foreign key carries on from a table of the application's.
    @Test func aPINThatIsCarriedOn() async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE UNIQUE INDEX pins ON users_convonet (voice_pin);
            CREATE TABLE caller (pin varchar UNIQUE REFERENCES users_convonet (voice_pin) ON UPDATE CASCADE);
            CREATE TABLE further (pin varchar REFERENCES caller (pin) ON UPDATE CASCADE);
            ALTER TABLE caller OWNER TO convonet_owner; ALTER TABLE further OWNER TO test_stranger
            """)
        let found = try await findings(database).first { $0.check == "neighbours" }
        #expect(found?.message.contains("further of test_stranger") == true, "\(String(describing: found))")
    }

    /// What a group of staff may call, and a path that finds another schema's types before the server's.
    @Test(arguments: [
        "REVOKE EXECUTE ON FUNCTION tidy FROM PUBLIC; GRANT EXECUTE ON FUNCTION tidy TO test_operator, desk_hand",
        "ALTER FUNCTION tidy SET search_path = public, pg_catalog",
    ])
    func aFunctionThatStaffCanLead(making: String) async throws {
        let database = try await TestDatabase.make()
        try await database.sql(
            """
            CREATE FUNCTION tidy(n text) RETURNS text LANGUAGE plpgsql AS 'DECLARE t text; BEGIN t := btrim(n); RETURN t; END';
            CREATE FUNCTION person() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN NEW.first_name := public.tidy(NEW.first_name); RETURN NEW; END';
            CREATE TRIGGER p BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION person();
            \(making);
            """, as: .owner)
        let advice = try await advice("paths", database)
        #expect(advice.contains("TO \"desk_hand\""))
        let plan = try await Migrator(try database.pool()).plan(request)
        #expect(plan.isEmpty && plan.notes.contains { $0.contains(advice) })
        // The way that takes it from them leaves changes possible.
        let grant = try statement("GRANT EXECUTE", in: advice)
        try await database.sql("REVOKE EXECUTE ON FUNCTION tidy FROM PUBLIC, test_operator; \(grant)", as: .owner)
        try await expectNothing("paths", database)
        let desk = try await database.session()
        #expect(try await desk.perform(.issuePIN, on: try await desk.person()).outcome == .done)
        try await database.sql(try statement("ALTER ROUTINE", in: advice), as: .owner)
        try await expectNothing("paths", database)
    }

    /// A right that somebody gives our reader would be anybody's whose code runs as it.
    @Test func aRightThatTheReaderWasGiven() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("GRANT SELECT ON users_convonet TO desk_reader", as: .owner)
        let advice = try await advice("owners", database)
        try await database.sql(try statement("REVOKE", in: advice), as: .owner)
        try await expectWell("owners", database)
    }
}
