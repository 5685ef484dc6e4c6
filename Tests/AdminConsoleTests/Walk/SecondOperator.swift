import ConvonetCore
import FoundationEssentials
import PostgresClient
import TestDatabase

/// Everybody else: another operator, a supervisor, the application and whoever looks after the server. Each acts between two keys.
struct SecondOperator {
    private let name: String
    private let superuser: PostgresPool
    private let desk: PostgresPool
    private let supervisor: PostgresPool
    /// Everybody who is there.
    private(set) var people: [UUID]
    private var made = 0
    /// Whether nobody new is let in to the database.
    private(set) var isShut = false

    static let policies = [
        "require_reason = NOT require_reason", "require_ticket = NOT require_ticket", "allow_typed = NOT allow_typed",
        "allow_weak = NOT allow_weak", "links_only = NOT links_only", "pins_by_link_only = NOT pins_by_link_only",
        "notify_changes = NOT notify_changes", "ticket_pattern = 'T-[0-9]+'", "ticket_pattern = ''",
        "verification_methods = ARRAY['callback', 'in person: Which team?']", "verification_methods = '{}'",
        "verification_points = 3", "verification_points = 0", "verification_points = 0",
        "protected_domains = ARRAY['example.org']", "protected_domains = '{}'", "protected_domains = '{}'",
        "temporary_password_hours = 24 - temporary_password_hours", "undo_minutes = 15 - undo_minutes",
        "typed_pin_limit = 20 - typed_pin_limit", "require_digit = NOT require_digit",
        "minimum_length = 8 + (minimum_length + 1) % 7",
    ]

    init(_ database: TestDatabase) async throws {
        name = database.name
        superuser = try database.superuserPool()
        desk = try database.pool(.secondOperator, maximum: 1)
        supervisor = try database.pool(.supervisor, maximum: 1)
        people = try await superuser.query("SELECT id FROM public.users_convonet ORDER BY email").map { try $0.uuid(0) }
        // They are in before the door is shut.
        for pool in [desk, supervisor] { _ = try await pool.query("SELECT 1") }
    }

    /// Does something to somebody, and says what.
    mutating func act(on target: UUID?, _ keys: inout WalkKeys) async throws -> String {
        let id = target ?? people[keys.chance(people.count)]
        let other = people[keys.chance(people.count)]
        let act = keys.chance(20)
        switch act {
        case 0...3: try await rename(id, &keys)
        case 4: try await swap(id, other)
        case 5: try await write("last_login_at = clock_timestamp()", id)
        case 6: try await write("is_active = NOT is_active, is_verified = NOT is_verified", id)
        case 7: try await write("voice_pin = NULL, password_hash = 'FRONTEGG_SSO_USER'", id)
        case 8: try await replace(id)
        case 9, 10: try await call("clear_voice_pin", id, by: desk)
        case 11: try await call(keys.chance(2) == 0 ? "deactivate_account" : "sign_out", id, by: desk)
        case 12: try await call("freeze_account", id, by: supervisor)
        case 13, 14: try await call("unfreeze_account", id, by: supervisor)
        case 15, 16: try await decide(keys.chance(3) == 0 ? "deny" : "approve")
        case 17: try await endSessions()
        case 18: try await shut(keys.chance(2) == 0)
        default:
            try await set(Self.policies[keys.chance(Self.policies.count)])
            return "policy"
        }
        return "\(act) on \(id)"
    }

    /// Somebody else's name is long or wide, wants to be two lines, or turns the line around.
    private mutating func rename(_ id: UUID, _ keys: inout WalkKeys) async throws {
        let names = [
            "Anna", "王小明王小明", "\u{202E}annA", "Mallory\r> Anna", "\u{1B}[31mRed", String(repeating: "Ünter", count: 15),
        ]
        made += 1
        let (login, last) = ("n\(made)", names[keys.chance(names.count)])
        _ = try await superuser.change(
            """
            UPDATE public.users_convonet SET email = \(login + "@example.org"), username = \(login), first_name = \(last),
                last_name = \(login) WHERE id = \(id)
            """)
    }

    /// Two people change their names, so that each is called what the other was.
    private func swap(_ one: UUID, _ other: UUID) async throws {
        guard one != other else { return }
        _ = try await superuser.change(
            """
            WITH old AS (SELECT id, email, username FROM public.users_convonet WHERE id IN (\(one), \(other))),
            moved AS (SELECT o.id, o.email, o.username FROM old o)
            UPDATE public.users_convonet u SET email = m.email || '.x', username = m.username || 'x'
            FROM moved m WHERE m.id <> u.id AND u.id IN (\(one), \(other))
            """)
        _ = try await superuser.change(
            """
            UPDATE public.users_convonet SET email = left(email, -2), username = left(username, -1)
            WHERE id IN (\(one), \(other)) AND email LIKE '%.x'
            """)
    }

    private func write(_ assignments: String, _ id: UUID) async throws {
        let assignments = Statement(trusted: assignments)
        _ = try await superuser.change("UPDATE public.users_convonet SET \(assignments) WHERE id = \(id)")
    }

    /// Somebody is deleted, and somebody new comes.
    private mutating func replace(_ id: UUID) async throws {
        made += 1
        let (new, login) = (UUID(), "n\(made)")
        _ = try await superuser.change("DELETE FROM public.team_memberships_convonet WHERE user_id = \(id)")
        _ = try await superuser.change("DELETE FROM public.users_convonet WHERE id = \(id)")
        _ = try await superuser.change(
            """
            INSERT INTO public.users_convonet (id, email, username, password_hash, first_name, last_name, is_active, is_verified,
                created_at, updated_at)
            VALUES (\(new), \(login + "@example.org"), \(login), \("$2b$10$" + String(repeating: "Q", count: 53)), 'New', \(login),
                true, true, now(), now())
            """)
        people = people.map { $0 == id ? new : $0 }
    }

    private func call(_ function: String, _ id: UUID, by pool: PostgresPool) async throws {
        let isState = function == "deactivate_account"
        let name = Statement(trusted: isState ? "set_account_active" : function)
        let value = Statement(trusted: isState ? "false, " : "")
        let claims = Parameter.jsonb(#"{"reason": "by somebody else", "ticket": "T-1", "verified_by": "callback"}"#)
        _ = try await pool.change(
            """
            SELECT c.outcome FROM convonet_admin.accounts a,
                LATERAL convonet_admin.\(name)(a.id, a.version, \(value)gen_random_uuid(), \(claims)) c WHERE a.id = \(id)
            """)
    }

    private func decide(_ decision: String) async throws {
        _ = try await supervisor.change(
            """
            SELECT d.outcome
            FROM (SELECT id FROM convonet_admin.approvals(NULL, false, false, 9) WHERE state = 'requested' LIMIT 1) p,
                LATERAL convonet_admin.decide_approval(p.id, \(decision), gen_random_uuid(), \(Parameter.jsonb("{}"))) d
            """)
    }

    private func set(_ assignment: String) async throws {
        let assignment = Statement(trusted: assignment)
        _ = try await superuser.change("UPDATE convonet_admin.policy SET \(assignment)")
    }

    private func endSessions() async throws {
        _ = try await superuser.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = \(TestDatabase.User.lead.rawValue)
            """)
    }

    /// Lets nobody in any more, and puts the console out; or opens again.
    mutating func shut(_ isShut: Bool) async throws {
        guard isShut != self.isShut else { return }
        let limit = Statement(trusted: "ALTER DATABASE \(name) CONNECTION LIMIT \(isShut ? 0 : -1)")
        _ = try await superuser.change(limit)
        if isShut { try await endSessions() }
        self.isShut = isShut
    }
}
