import FoundationEssentials
import PostgresClient

/// What must never be, by the numbers of docs/MODEL.md: asked of the tables and the log alone, whatever the model expects.
enum ModelInvariants {
    /// The numbers of those that do not hold for these accounts.
    static func broken(_ people: [ModelPerson], _ house: ModelHouse, _ superuser: PostgresPool) async throws -> [Int] {
        let ids = people.map(\.id.uuidString)
        let needed = Statement(trusted: "\(house.points)")
        let protectedID = house.protects ? people[0].id.uuidString : "none"
        return try await superuser.query(
            """
            WITH e AS (SELECT * FROM convonet_admin.audit_event WHERE account_id = ANY (\(ids)::uuid[])),
            d AS (SELECT * FROM e WHERE outcome = 'done'),
            staff AS (SELECT d.*, a.needs_proof, a.column_name, a.stands_alone FROM d
                      JOIN convonet_admin.actions() a ON a.name = d.action WHERE d.actor_kind = 'operator'),
            undo AS (SELECT d.*, convonet_admin.undone_receipt(d.detail) AS receipt FROM d WHERE d.action = 'undo'),
            link AS (SELECT d.*, substring(d.detail FROM 'link=([0-9a-f-]{36})') AS link FROM d
                     WHERE d.actor_kind = 'self' AND d.action IN ('reset_password', 'issue_voice_pin'))
            SELECT n::bigint FROM (
                SELECT 2 AS n WHERE EXISTS (SELECT FROM undo GROUP BY receipt HAVING count(*) > 1)
                UNION ALL
                SELECT 2 WHERE EXISTS (
                    SELECT FROM undo u JOIN d r ON r.sequence = u.receipt
                    WHERE u.account_id <> r.account_id OR r.actor_kind <> 'operator'
                       OR u.db_user NOT IN (r.db_user, 'test_supervisor_lead')
                       OR EXISTS (SELECT FROM d b JOIN convonet_admin.actions() a ON a.name = b.action
                                  WHERE b.account_id = u.account_id AND b.sequence BETWEEN r.sequence AND u.sequence
                                    AND b.actor_kind <> 'operator' AND a.column_name IN ('password_hash', 'voice_pin')))
                UNION ALL
                SELECT 3 WHERE EXISTS (
                    SELECT FROM public.users_convonet u JOIN convonet_admin.replaced_credential r
                    ON r.column_name = 'voice_pin' AND r.value = u.voice_pin AND r.expires_at > clock_timestamp()
                    -- The application knows nothing of them, and an undo brings back one of another.
                    JOIN LATERAL (SELECT e.* FROM convonet_admin.audit_event e WHERE e.account_id = u.id AND e.outcome = 'done'
                                    AND e.action IN ('issue_voice_pin', 'set_voice_pin', 'direct_change', 'undo')
                                  ORDER BY e.sequence DESC LIMIT 1) l ON l.action IN ('issue_voice_pin', 'set_voice_pin')
                    WHERE l.sequence > r.sequence AND NOT EXISTS (SELECT FROM convonet_admin.direct_change))
                UNION ALL
                SELECT 4 WHERE EXISTS (
                    SELECT FROM d f JOIN staff s
                        ON s.account_id = f.account_id AND s.sequence > f.sequence AND s.action <> 'unfreeze'
                    WHERE f.action IN ('freeze', 'report_not_me') AND NOT EXISTS (
                        SELECT FROM d u WHERE u.account_id = f.account_id AND u.action = 'unfreeze'
                          AND u.sequence BETWEEN f.sequence AND s.sequence))
                UNION ALL
                SELECT 5 WHERE EXISTS (SELECT FROM link GROUP BY link HAVING count(*) > 1)
                UNION ALL
                SELECT 5 WHERE EXISTS (
                    SELECT FROM link l LEFT JOIN convonet_admin.reset_token t ON t.id::text = l.link
                    WHERE (t.account_id = l.account_id AND t.used_at IS NOT NULL AND t.void_at IS NULL) IS NOT TRUE)
                UNION ALL
                SELECT 6 WHERE EXISTS (
                    SELECT FROM staff s WHERE s.needs_proof AND \(needed) > 0
                      AND (coalesce(substring(s.detail FROM 'points=([0-9]+)')::integer, 0) < \(needed)
                           OR NOT EXISTS (SELECT FROM d v WHERE v.account_id = s.account_id AND v.db_user = s.db_user
                                            AND v.action = 'verify_caller' AND v.sequence < s.sequence)))
                UNION ALL
                SELECT 7 WHERE EXISTS (
                    SELECT FROM staff s LEFT JOIN convonet_admin.approval p
                        ON p.id = substring(s.detail FROM 'approval=([0-9]+)')::bigint
                    WHERE s.account_id::text = lower(\(protectedID)) AND NOT s.stands_alone
                      AND (p.state = 'used' AND p.action = s.action AND p.account_id = s.account_id
                           AND p.requested_by = s.db_user AND p.decided_by <> s.db_user) IS NOT TRUE)
                UNION ALL
                SELECT 7 WHERE EXISTS (
                    SELECT FROM staff s WHERE s.detail ~ 'approval=' GROUP BY substring(s.detail FROM 'approval=[0-9]+')
                    HAVING count(*) > 1)
                UNION ALL
                SELECT 8 WHERE EXISTS (
                    SELECT FROM d WHERE d.request_id IS NOT NULL GROUP BY d.request_id, d.action HAVING count(*) > 1)
                UNION ALL
                SELECT 8 WHERE EXISTS (
                    SELECT FROM e JOIN convonet_admin.audit_event b ON b.sequence = e.sequence - 1
                    WHERE e.previous_hash <> b.hash OR e.hash <> convonet_admin.event_hash(e::convonet_admin.audit_event)
                       OR e.occurred_at < b.occurred_at)
                UNION ALL
                SELECT 10 WHERE EXISTS (
                    SELECT FROM d r WHERE r.action = 'report_not_me' AND EXISTS (
                        SELECT FROM convonet_admin.reset_token t
                        WHERE t.account_id = r.account_id AND t.used_at > r.occurred_at
                          AND EXISTS (SELECT FROM d a JOIN link l ON l.account_id = a.account_id AND l.sequence > r.sequence
                                      WHERE a.sequence < r.sequence AND position(l.link IN a.detail) > 0)))
                UNION ALL
                SELECT 10 WHERE EXISTS (
                    SELECT FROM d r JOIN d q ON q.account_id = r.account_id AND q.sequence < r.sequence
                        AND q.action = 'request_approval'
                    JOIN staff s ON s.account_id = r.account_id AND s.sequence > r.sequence
                        AND substring(s.detail FROM 'approval=([0-9]+)') = substring(q.detail FROM '^approval=([0-9]+)')
                    WHERE r.action = 'report_not_me')
                UNION ALL
                SELECT 11 WHERE EXISTS (
                    SELECT FROM d x JOIN d s ON s.account_id = x.account_id AND s.action = 'reset_password'
                    WHERE x.action = 'expire_password' AND x.sequence > s.sequence
                      AND s.sequence = (SELECT max(m.sequence) FROM d m JOIN convonet_admin.actions() a ON a.name = m.action
                                        WHERE m.account_id = x.account_id AND m.sequence < x.sequence
                                          AND a.column_name = 'password_hash'
                                          AND m.sequence NOT IN (SELECT u.receipt FROM undo u))
                      AND s.actor_kind <> 'operator')
                UNION ALL
                SELECT 12 WHERE EXISTS (
                    SELECT FROM convonet_admin.mail_queue q WHERE q.account_id = ANY (\(ids)::uuid[])
                      AND q.kind NOT IN ('link_request', 'approval_request') AND q.state <> 'void'
                      AND NOT EXISTS (SELECT FROM d WHERE d.request_id = q.request_id AND d.account_id = q.account_id))
            ) AS broken GROUP BY n ORDER BY n
            """
        ).map { try $0.int(0) }
    }
}
