import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct MigrationTests {
    /// Rights, owners and definitions of what the application has, and of what we have, as text.
    static let ours = """
        SELECT string_agg(line, chr(10) ORDER BY line) FROM (
            SELECT concat_ws(' ', relname, relkind, pg_get_userbyid(relowner), (SELECT string_agg(concat_ws(' ', a.privilege_type, pg_get_userbyid(a.grantee)), ',' ORDER BY a.privilege_type, pg_get_userbyid(a.grantee)) FROM aclexplode(relacl) a WHERE a.grantee <> relowner)) FROM pg_class
                WHERE relnamespace = 'convonet_admin'::regnamespace AND relkind <> 'i'
            UNION ALL SELECT concat_ws(' ', oid::regprocedure::text, pg_get_userbyid(proowner), (SELECT string_agg(concat_ws(' ', a.privilege_type, pg_get_userbyid(a.grantee)), ',' ORDER BY a.privilege_type, pg_get_userbyid(a.grantee)) FROM aclexplode(proacl) a WHERE a.grantee <> proowner), md5(replace(prosrc, current_database() || '_', '')), prosecdef, proconfig::text)
                FROM pg_proc WHERE pronamespace = 'convonet_admin'::regnamespace
            UNION ALL SELECT concat_ws(' ', a.attrelid::regclass, CASE WHEN c.relname <> 'policy' THEN a.attnum END, a.attname, a.atttypid::regtype, a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
                WHERE c.relnamespace = 'convonet_admin'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL SELECT (SELECT string_agg(concat_ws(' ', a.privilege_type, pg_get_userbyid(a.grantee)), ',' ORDER BY a.privilege_type, pg_get_userbyid(a.grantee)) FROM aclexplode(nspacl) a WHERE a.grantee <> nspowner) FROM pg_namespace WHERE nspname = 'convonet_admin'
            UNION ALL SELECT rule || md5(string_agg(pin, ' ' ORDER BY pin)) FROM convonet_admin.refused_pin GROUP BY rule
            UNION ALL SELECT concat_ws(' ', tgname, tgrelid::regclass, tgenabled) FROM pg_trigger WHERE NOT tgisinternal) AS l (line)
        """
    private static let application = """
        SELECT string_agg(line, chr(10) ORDER BY line) FROM (
            SELECT concat_ws(' ', relname, relkind, pg_get_userbyid(relowner), relhastriggers) FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, coalesce(attacl::text, '')) FROM pg_attribute
                WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
            UNION ALL SELECT concat_ws(' ', table_name, grantee, privilege_type) FROM information_schema.table_privileges WHERE table_schema = 'public'
            UNION ALL SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM users_convonet u) AS l (line)
        """
    private let desk = MigrationRequest(rolePrefix: TestDatabase.rolePrefix)

    /// The template's roles belong to the whole cluster: what uses them begins when they are there.
    init() async throws { _ = try await TestDatabase.make(.migrated) }

    @Test func thePlanSaysWhatItWillDoAndChangesNothing() async throws {
        let database = try await TestDatabase.make(.application)
        let plan = try await Migrator(try database.pool()).plan(
            MigrationRequest(rolePrefix: "plan_", grants: [.init(kind: .operator, role: "test_operator")]))
        #expect(
            plan.summary == [
                "Install the schema convonet_admin, version \(SchemaVersion.current), for public.users_convonet.",
                "Note for backups: a role that runs pg_dump without owning everything cannot read the new schema. Give it pg_read_all_data (PostgreSQL 14 and later), or leave the schema out with -N convonet_admin and dump it as a role that may: it holds the log.",
                "Create the roles plan_owner, plan_hand, plan_reader, plan_viewer, plan_operator, plan_auditor, plan_supervisor, plan_selfservice, plan_application, plan_scheduler.",
                "Let plan_hand read public.users_convonet and change password_hash, voice_pin, is_active, is_verified and updated_at.",
                "Create the views convonet_admin.accounts, convonet_admin.account_search, convonet_admin.account_pieces, convonet_admin.account_teams.",
                "Make test_operator a member of plan_operator.",
            ])
        #expect(
            try await database.sql(
                "SELECT to_regnamespace('convonet_admin') IS NULL AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname LIKE 'plan\\_%')"
            ) == "t")
    }

    @Test func whatADumpNeedsIsSaidWithTheTrigger() async throws {
        let database = try await TestDatabase.make()
        let migrator = Migrator(try database.pool())
        var request = desk
        request.watchesDirectChanges = true
        #expect(try await migrator.migrate(request).summary.contains { $0.contains("pg_dump -n public") })
        #expect(try await migrator.plan(request).isEmpty)
        request.watchesDirectChanges = false
        #expect(try await !migrator.plan(request).summary.contains { $0.contains("pg_dump") })
    }

    @Test func aSecondTimeThereIsNothingToDo() async throws {
        let database = try await TestDatabase.make(.application)
        let migrator = Migrator(try database.pool())
        #expect(try await !migrator.migrate(desk).isEmpty)
        let before = try await database.sql(Self.ours)
        #expect(try await migrator.migrate(desk).isEmpty)
        #expect(try await database.sql(Self.ours) == before)
    }

    @Test func twoAtOnceInstallOnce() async throws {
        let database = try await TestDatabase.make(.application)
        let request = desk
        let plans = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { try await Migrator(try database.pool()).migrate(request).isEmpty }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(plans.filter { !$0 }.count == 1)
    }

    @Test func thePrintedScriptDoesTheSame() async throws {
        let (one, other) = (try await TestDatabase.make(.application), try await TestDatabase.make(.application))
        _ = try await Migrator(try one.pool()).migrate(desk)
        let script = try await Migrator(try other.pool()).plan(desk).script
        try await other.sql("BEGIN;\n" + script + "COMMIT;", as: .owner)
        #expect(try await one.sql(Self.ours) == other.sql(Self.ours))
        #expect(try await Migrator(try other.pool()).plan(desk).isEmpty)
    }

    @Test func whatIsMissingIsNamed() async throws {
        let database = try await TestDatabase.make(.application)
        let migrator = Migrator(try database.pool())
        await #expect(throws: AdminError.usersTableMissing("public.none_such")) {
            try await migrator.migrate(MigrationRequest(usersTable: try QualifiedName(parsing: "none_such")))
        }
        await #expect(throws: AdminError.usersTableMissing("none.such")) {
            try await migrator.migrate(MigrationRequest(usersTable: try QualifiedName(parsing: "none.such")))
        }
        try await database.sql("ALTER TABLE users_convonet RENAME voice_pin TO pin")
        await #expect(throws: AdminError.usersTableMissing("public.users_convonet", columns: ["voice_pin"])) {
            try await migrator.migrate(MigrationRequest())
        }
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        let database = try await TestDatabase.make()
        try await database.sql("UPDATE convonet_admin.installation SET schema_version = 99")
        await #expect(throws: AdminError.schemaNewer(found: 99, known: SchemaVersion.current)) {
            try await Migrator(try database.pool()).migrate(desk)
        }
    }

    @Test(arguments: ["\"Odd \"\"table\"\"; '\\ {users\"", "\"Ünï\".\"Us.ers\"", "app$1.users_anthropic"])
    func anyTablesNameServes(name: String) async throws {
        let database = try await TestDatabase.make(.application)
        let table = try QualifiedName(parsing: name)
        try await database.sql(
            """
            CREATE SCHEMA IF NOT EXISTS \(QualifiedName.quote(table.schema)) AUTHORIZATION convonet_owner;
            ALTER TABLE users_convonet SET SCHEMA \(QualifiedName.quote(table.schema));
            ALTER TABLE \(QualifiedName.quote(table.schema)).users_convonet RENAME TO \(QualifiedName.quote(table.table));
            """)
        // Roles of its own: removing those that every other test's database uses waits for all of them.
        let request = MigrationRequest(
            usersTable: table, rolePrefix: "\(database.name)_", grants: [.init(kind: .operator, role: "test_operator")])
        _ = try await Migrator(try database.pool()).migrate(request)
        #expect(try await Migrator(try database.pool()).plan(request).script.contains("CREATE") == false)
        let session = try await database.session()
        let person = try await session.person()
        #expect(
            try await session.changes.perform(AccountChange(account: person, action: .issuePIN)).outcome == .done
        )
        #expect(try await session.accounts.estimatedCount() == (200, true))
        try await Migrator(try database.pool()).uninstall()
    }

    @Test(arguments: [
        "", "a.b.c", "a b", "\"open", "1a", "a;b", "a--", "\"a$$b\"", String(repeating: "x", count: 64), "\"\"",
        "\"a\nGRANT b TO c;\"", "\"a\rb\"", "\"a\u{85}b\"", "\"a\u{2028}b\"", "\"$$\u{301}b\"", "\"$b$\u{200D}\"",
        "\"{{teams}}\"",
        "\"{\u{308}{\"", "\"s\n\".t",
    ])
    func whatIsNoNameIsRefused(text: String) {
        #expect(throws: AdminError.invalidTableName(text)) { try QualifiedName(parsing: text) }
    }

    @Test func anOrdinaryOwnerInstallsWithoutRoles() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql(
            "CREATE ROLE plain_\(database.name) LOGIN; ALTER DATABASE \(database.name) OWNER TO plain_\(database.name); ALTER TABLE users_convonet OWNER TO plain_\(database.name)"
        )
        let parameters = try ConnectionParameters(
            database.cluster.connectionString(database: database.name, user: "plain_\(database.name)"),
            applicationName: "tests", environment: [:])
        let pool = PostgresPool(parameters)
        let plan = try await Migrator(pool).migrate(MigrationRequest(rolePrefix: "plain_"))
        #expect(
            plan.summary.contains { $0.contains("Install without roles: plain_\(database.name) may not create roles") })
        let session = try await AdminSession.open(pool, operator: TestDatabase.identity, application: "tests")
        #expect(
            session.rights
                == AdminSession.Rights(mayChange: true, mayReadLog: true, maySetPolicy: true, hasRoles: false))
        let person = try await session.person()
        #expect(
            try await session.changes.perform(AccountChange(account: person, action: .issuePIN)).outcome == .done
        )
        #expect(try await session.audit.verify().problem == nil)
        await #expect(throws: AdminError.self) {
            try await Migrator(pool).migrate(MigrationRequest(grants: [.init(kind: .viewer, role: "test_viewer")]))
        }
        try await Migrator(pool).uninstall()
    }

    @Test func aSuperuserWithoutRolesIsRefused() async throws {
        let database = try await TestDatabase.make(.application)
        let pool = PostgresPool(
            try ConnectionParameters(
                database.cluster.connectionString(database: database.name), applicationName: "tests", environment: [:]))
        do throws(any Error) {
            _ = try await Migrator(pool).migrate(MigrationRequest(withoutRoles: true))
            Issue.record("everything belongs to a superuser")
        } catch AdminError.cannotMigrate(let reason) {
            #expect(reason.contains("superuser postgres"))
        }
        #expect(try await !Migrator(pool).migrate(MigrationRequest(rolePrefix: "super_")).isEmpty)
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_proc WHERE pronamespace = 'convonet_admin'::regnamespace AND pg_get_userbyid(proowner) <> CASE WHEN proname ~ '^(hand|reader)_' THEN 'super_' || split_part(proname, '_', 1) ELSE 'super_owner' END"
            ) == "0")
    }

    @Test func whoOwnsNothingMayNotInstall() async throws {
        let database = try await TestDatabase.make(.application)
        let migrator = Migrator(try database.pool(.stranger))
        await #expect(throws: AdminError.notPermitted(.migrate)) { try await migrator.migrate(desk) }
        // With these rights GRANT would only warn.
        try await database.sql(
            "GRANT CREATE ON DATABASE \(database.name) TO test_stranger; GRANT SELECT ON users_convonet TO test_stranger"
        )
        await #expect(throws: AdminError.notPermitted(.migrate)) {
            try await migrator.migrate(MigrationRequest(withoutRoles: true))
        }
        #expect(try await database.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
        let installed = try await TestDatabase.make()
        for user in [TestDatabase.User.stranger, .viewer, .operator] {
            await #expect(throws: AdminError.notPermitted(.migrate)) {
                try await Migrator(try installed.pool(user)).detach()
            }
            await #expect(throws: AdminError.notPermitted(.migrate)) {
                try await Migrator(try installed.pool(user)).uninstall()
            }
        }
    }

    /// Whoever signs in and is made the table's owner at once (ALTER ROLE … SET role) leaves nobody a member of ours.
    @Test func whoBecameTheOwnerBySetRoleInstallsAndRemoves() async throws {
        let database = try await TestDatabase.make(.application)
        let administrator = "\(database.name)_dba"
        try await database.sql(
            """
            CREATE ROLE \(administrator) LOGIN IN ROLE convonet_owner;
            ALTER ROLE \(administrator) IN DATABASE \(database.name) SET role = 'convonet_owner'
            """)
        let parameters = try ConnectionParameters(
            database.connectionString() + " user=\(administrator)", applicationName: "tests", environment: [:])
        let migrator = Migrator(PostgresPool(parameters))
        let request = MigrationRequest(rolePrefix: "\(database.name)_")
        #expect(try await !migrator.migrate(request).isEmpty)
        try await database.sql("DROP VIEW convonet_admin.password_changes")
        #expect(try await !migrator.migrate(request).isEmpty)
        #expect(try await migrator.plan(request).isEmpty)
        let members = """
            SELECT count(*) FROM pg_auth_members b JOIN pg_roles r ON r.oid = b.roleid
            WHERE r.rolname IN ('\(database.name)_owner', '\(database.name)_hand', '\(database.name)_reader')
                AND coalesce((to_jsonb(b) ->> 'set_option')::boolean, true)
            """
        #expect(try await database.sql(members) == "0")
        _ = try await migrator.log().head()
        #expect(try await database.sql(members) == "0")
        try await migrator.uninstall()
        try await database.sql("DROP ROLE \(administrator)")
    }

    /// What is printed for it does what it does, as the table's owner.
    @Test func thePrintedDetachmentDoesTheSame() async throws {
        let database = try await TestDatabase.make()
        let script = try await Migrator(try database.pool()).detachScript()
        try await database.sql("BEGIN;\n\(script)COMMIT;", as: .owner)
        #expect(try await database.sql("SELECT to_regclass('convonet_admin.accounts') IS NULL") == "t")
        #expect(try await !Migrator(try database.pool()).migrate(desk).isEmpty)
    }

    @Test func afterDetachTheApplicationAltersItsTable() async throws {
        let database = try await TestDatabase.make()
        let migrator = Migrator(try database.pool())
        let alter = "ALTER TABLE users_convonet ALTER COLUMN first_name TYPE varchar(200)"
        #expect(await database.refusal(of: alter, as: .owner)?.contains("view") == true)
        try await migrator.detach()
        #expect(await database.refusal(of: alter, as: .owner) == nil)
        await #expect(throws: AdminError.schemaDetached) { try await database.session() }
        #expect(
            try await migrator.migrate(desk).summary == [
                "Create the views convonet_admin.accounts, convonet_admin.account_search, convonet_admin.account_pieces, convonet_admin.account_teams."
            ])
        #expect(try await database.session(.viewer).accounts.page(of: AccountSelection(), limit: 3).accounts.count == 3)
        let bare = try await TestDatabase.make(.application)
        await #expect(throws: AdminError.schemaMissing) { try await Migrator(try bare.pool()).detach() }
        await #expect(throws: AdminError.schemaMissing) { try await Migrator(try bare.pool()).uninstall() }
    }

    @Test func uninstallLeavesTheApplicationAsItWas() async throws {
        let database = try await TestDatabase.make(.application)
        let before = try await database.sql(Self.application)
        let migrator = Migrator(try database.pool())
        _ = try await migrator.migrate(
            MigrationRequest(rolePrefix: "gone_", grants: [.init(kind: .operator, role: "test_operator")]))
        try await migrator.uninstall()
        #expect(try await database.sql(Self.application) == before)
        #expect(try await database.sql("SELECT to_regnamespace('convonet_admin') IS NULL") == "t")
        #expect(
            try await database.sql("SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname LIKE 'gone\\_%'") == "")
    }

    @Test func rolesThatAnotherDatabaseUsesStay() async throws {
        let (one, other) = (try await TestDatabase.make(.application), try await TestDatabase.make(.application))
        for database in [one, other] {
            _ = try await Migrator(try database.pool()).migrate(MigrationRequest(rolePrefix: "shared_"))
        }
        try await Migrator(try one.pool()).uninstall()
        #expect(try await other.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'shared_owner'") == "1")
        #expect(try await Migrator(try other.pool()).plan(MigrationRequest(rolePrefix: "shared_")).isEmpty)
        try await Migrator(try other.pool()).uninstall()
        #expect(try await other.sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'shared\\_%'") == "0")
    }

    @Test func aGrantToAnUnknownRoleIsSaidClearly() async throws {
        let database = try await TestDatabase.make()
        do throws(any Error) {
            _ = try await Migrator(try database.pool()).migrate(
                MigrationRequest(grants: [.init(kind: .operator, role: "no\"body")]))
            Issue.record("granted to nobody")
        } catch AdminError.cannotMigrate(let reason) {
            #expect(reason.contains("no role “no\"body”") && reason.contains("CREATE ROLE \"no\"\"body\""))
        }
    }
}
