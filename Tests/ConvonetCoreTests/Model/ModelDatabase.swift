import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import TestDatabase

/// A database in which one interleaving after the other takes place, each about accounts of its own.
struct ModelDatabase: Sendable {
    let database: TestDatabase
    let sessions: ModelSessions

    static func make() async throws -> ModelDatabase {
        let database = try await TestDatabase.quick()
        try await database.sql(
            """
            UPDATE public.users_convonet SET voice_pin = NULL;
            UPDATE convonet_admin.policy SET refusals_per_operator_hour = 10000, events_per_operator_hour = 1000000,
                pin_answers_per_hour = 1000000, typed_pin_limit = 20, self_service_account_limit = 2, mail_code_points = 3,
                self_service_refusals_per_hour = 100000, reset_code_minutes = 15, reset_link_minutes = 60,
                verification_minutes = 10, approval_minutes = 15;
            \(ModelPINs.setting)
            """)
        // What the application changes itself is in the log, too.
        let watching = MigrationRequest(rolePrefix: TestDatabase.rolePrefix, watchesDirectChanges: true)
        _ = try await Migrator(try database.pool()).migrate(watching)
        try await database.sql(ModelPicture.function)
        let sessions = try ModelSessions(database)
        let model = ModelDatabase(database: database, sessions: sessions)
        // A mail program is there.
        _ = try await sessions.person.change("SELECT id FROM convonet_admin.self_take_mail(sha256('none'), '{}')")
        return model
    }

    /// Two people, and the settings of the house.
    func open(_ people: [ModelPerson], _ house: ModelHouse) async throws {
        let (ids, emails) = (people.map(\.id.uuidString), people.map(\.email))
        let (hashes, pins) = (people.map(\.hash), people.map { $0.pin ?? "" })
        let protected = house.protects ? [ids[0].lowercased()] : []
        let approvers = house.tellsApprovers ? ["boss@example.org"] : []
        _ = try await sessions.superuser.change(
            """
            WITH opened AS (
                UPDATE convonet_admin.policy SET verification_points = \(house.points)::integer,
                    verification_points_protected = \(house.protectedPoints)::integer,
                    temporary_password_hours = \(house.temporaryHours)::integer,
                    undo_minutes = \(house.undoMinutes)::integer, notify_changes = \(house.notifies),
                    links_only = \(house.isPasswordByLinkOnly), pins_by_link_only = \(house.isPINByLinkOnly),
                    allow_typed = \(house.allowsTyped), protected_accounts = \(protected),
                    approver_addresses = \(approvers)),
            made AS (
                INSERT INTO public.users_convonet (id, email, username, password_hash, first_name, last_name, voice_pin, is_active,
                                            is_verified, created_at, updated_at)
                SELECT n.id, n.email, n.email, n.hash, 'Person', 'Model', nullif(n.pin, ''), true, true, now(), now()
                FROM unnest(\(ids)::uuid[], \(emails)::text[], \(hashes)::text[], \(pins)::text[]) AS n (id, email, hash, pin))
            SELECT setval(format('convonet_admin.typed_pin_refusals_%s', s)::regclass, 1) FROM generate_series(0, 63) s
            """)
    }

    /// Takes the people away, and what is left of them; of the log nothing goes, nor what says the same.
    func close(_ people: [ModelPerson]) async throws {
        let ids = people.map(\.id.uuidString)
        let parts = Self.tables.map {
            "d_\($0) AS (DELETE FROM convonet_admin.\($0) WHERE account_id = ANY ((SELECT ids FROM gone)::uuid[]))"
        }
        _ = try await sessions.superuser.change(
            """
            WITH gone AS (SELECT \(ids)::uuid[] AS ids),
            people AS (DELETE FROM public.users_convonet WHERE id = ANY ((SELECT ids FROM gone)::uuid[])),
            \(Statement(trusted: parts.joined(separator: ",\n")))
            DELETE FROM convonet_admin.mail_queue
            WHERE account_id IS NULL OR account_id = ANY ((SELECT ids FROM gone)::uuid[])
            """)
        _ = try await sessions.superuser.change("DELETE FROM convonet_admin.direct_change")
    }

    private static let tables = [
        "reset_token", "caller_code", "replaced_credential", "temporary_password", "approval", "wrong_password",
    ]

    /// Lets time pass for these people, by moving all that is kept of them: but for the log, which nobody moves, and the
    /// birth of PIN links, which is compared with it.
    func pass(_ minutes: Int, for people: [ModelPerson]) async throws {
        let ids = people.map(\.id.uuidString)
        _ = try await sessions.superuser.change(
            """
            WITH past AS (SELECT make_interval(mins => \(minutes)::integer) AS by, \(ids)::uuid[] AS ids),
            codes AS (UPDATE convonet_admin.caller_code c SET created_at = created_at - by, expires_at = expires_at - by,
                proven_at = proven_at - by FROM past WHERE c.account_id = ANY (ids)),
            mails AS (UPDATE convonet_admin.mail_queue q SET created_at = created_at - by, give_up_at = give_up_at - by,
                next_try_at = next_try_at - by, ended_at = ended_at - by FROM past
                WHERE q.account_id IS NULL OR q.account_id = ANY (ids)),
            links AS (UPDATE convonet_admin.reset_token t
                SET created_at = CASE purpose WHEN 'password' THEN created_at - by ELSE created_at END,
                expires_at = expires_at - by FROM past WHERE t.account_id = ANY (ids)),
            kept AS (UPDATE convonet_admin.replaced_credential r SET expires_at = expires_at - by FROM past
                WHERE r.account_id = ANY (ids)),
            temporary AS (UPDATE convonet_admin.temporary_password t SET issued_at = issued_at - by,
                expires_at = expires_at - by, next_try_at = next_try_at - by, taken_until = taken_until - by FROM past WHERE t.account_id = ANY (ids)),
            asked AS (UPDATE convonet_admin.approval a SET requested_at = requested_at - by, expires_at = expires_at - by
                FROM past WHERE a.account_id = ANY (ids)),
            wrong AS (UPDATE convonet_admin.wrong_password w SET last_at = last_at - by, blocked_until = blocked_until - by
                FROM past WHERE w.account_id = ANY (ids))
            SELECT 1
            """)
    }
}
