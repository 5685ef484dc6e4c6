-- A reset that was a slip is taken back: what stood there before comes again, as long as nothing else has happened to the account
-- since, not even a sign-in.

-- The receipt that an undo took back, by the detail of its event; NULL for another.
CREATE OR REPLACE FUNCTION convonet_admin.undone_receipt(p_detail text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT {{undone_receipt}}
$$;

-- Keeps what a change replaced, once it has its receipt. What was kept of the account before stays good through other changes of
-- ours; another of the same column covers it until that is taken back. What the person does themselves ends it.
CREATE OR REPLACE FUNCTION convonet_admin.keep_replaced(
    p_attempt convonet_admin.attempt, p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    undone bigint := CASE WHEN p_event.action = 'undo' THEN convonet_admin.undone_receipt(p_event.detail) END;
BEGIN
    -- What is only counted has no number in the log, and changes nothing.
    IF p_event.sequence = 0 THEN
        RETURN;
    END IF;
    -- The question spares most changes the planning of the two statements.
    IF EXISTS (SELECT FROM convonet_admin.replaced_credential r
               WHERE r.expires_at <= clock_timestamp() OR r.account_id = p_event.account_id OR r.sequence >= p_event.sequence)
            THEN
        DELETE FROM convonet_admin.replaced_credential d WHERE d.sequence IN (
            SELECT r.sequence FROM convonet_admin.replaced_credential r
            WHERE r.expires_at <= clock_timestamp()
               -- Where the log lost its end, its numbers come again.
               OR r.sequence >= p_event.sequence
               OR r.account_id = p_event.account_id AND p_attempt.written IS NOT NULL
                  AND (p_event.actor_kind <> 'operator' OR r.sequence = undone
                       -- Ten of a column are more than anybody notices too late; each reset goes through all that are kept.
                       OR undone IS NULL AND r.column_name = p_attempt.written AND r.sequence <= (
                                         SELECT t.sequence FROM convonet_admin.replaced_credential t
                                         WHERE t.account_id = r.account_id AND t.column_name = r.column_name
                                         ORDER BY t.sequence DESC OFFSET 9 LIMIT 1)
                       -- Where something else came after the last one, none of that column comes back.
                       OR r.column_name IN (
                           SELECT t.column_name FROM convonet_admin.replaced_credential t
                           WHERE t.account_id = r.account_id AND t.covered_by IS NULL AND t.expires_at > clock_timestamp()
                             AND t.version IS DISTINCT FROM (p_attempt.person).version))
            -- All stand in line at the log's head here, so only tidying can hold one, which deletes it itself.
            FOR UPDATE SKIP LOCKED);
        UPDATE convonet_admin.replaced_credential r
        SET version = p_attempt.version,
            covered_by = CASE WHEN undone IS NOT NULL THEN nullif(r.covered_by, undone)
                              WHEN r.column_name = p_attempt.written THEN coalesce(r.covered_by, p_event.sequence)
                              ELSE r.covered_by END
        WHERE r.account_id = p_event.account_id AND p_event.actor_kind = 'operator' AND p_attempt.written IS NOT NULL
          AND r.expires_at > clock_timestamp() AND (r.covered_by IS NULL OR r.covered_by = undone);
    END IF;
    IF p_event.actor_kind <> 'operator' OR p_attempt.written IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO convonet_admin.replaced_credential
        (sequence, account_id, column_name, value, version, db_user, uid, expires_at)
    SELECT p_event.sequence, p_event.account_id, p_attempt.written, p_attempt.replaced, p_attempt.version, p_event.db_user,
           p_event.uid, p_event.occurred_at + make_interval(mins => p.undo_minutes)
    FROM convonet_admin.policy p, convonet_admin.actions() a
    WHERE a.name = p_event.action AND a.replaces_credential AND NOT a.stands_alone AND p.undo_minutes > 0;
END
$$;

-- Forgets what can no longer be taken back. What somebody holds is left for the next time.
CREATE OR REPLACE FUNCTION convonet_admin.forget_replaced() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM convonet_admin.replaced_credential d WHERE d.sequence IN (
        SELECT r.sequence FROM convonet_admin.replaced_credential r
        WHERE r.expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED);
$$;

-- Shortens the time of what can be taken back once less is allowed, so that more time later brings nothing back. Under the log's
-- head, so that no reset under way keeps something by the policy of before.
CREATE OR REPLACE FUNCTION convonet_admin.keep_no_longer_than(p_minutes integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.lock_head();
    UPDATE convonet_admin.replaced_credential r
    SET expires_at = e.occurred_at + make_interval(mins => p_minutes)
    FROM convonet_admin.audit_event e
    WHERE e.sequence = r.sequence AND r.expires_at > e.occurred_at + make_interval(mins => p_minutes)
      -- What is over somebody may hold who tidies.
      AND r.expires_at > clock_timestamp();
    SELECT convonet_admin.forget_replaced();
$$;

-- Whether the user of this session may take something back: it is their own, or they may decide on what others ask.
CREATE OR REPLACE FUNCTION convonet_admin.may_undo(p_replaced convonet_admin.replaced_credential, p_uid bigint) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_replaced.db_user = session_user AND (i.role_prefix IS NOT NULL OR p_replaced.uid IS NOT DISTINCT FROM p_uid)
        OR i.role_prefix IS NOT NULL AND convonet_admin.session_may_call('decide_approval')
    FROM convonet_admin.installation i
$$;

-- Until when a change can be taken back: as long as was allowed when it was made, and is allowed now. NULL where the log does not
-- have it, as where it lost its end.
CREATE OR REPLACE FUNCTION convonet_admin.undo_until(p_replaced convonet_admin.replaced_credential) RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(p_replaced.expires_at, e.occurred_at + make_interval(mins => p.undo_minutes))
    FROM convonet_admin.audit_event e, convonet_admin.policy p
    WHERE e.sequence = p_replaced.sequence AND e.account_id = p_replaced.account_id AND e.outcome = 'done'
$$;

-- Why the change with this receipt cannot be taken back now by the user of this session; NULL where it can.
CREATE OR REPLACE FUNCTION convonet_admin.undo_fault(
    p_account uuid, p_receipt bigint, p_version text, p_uid bigint) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN e.sequence IS NULL THEN 'undo_missing'
                WHEN e.action = 'undo' THEN 'undo_of_undo'
                WHEN EXISTS (SELECT FROM convonet_admin.audit_event u
                             WHERE u.account_id = p_account AND u.action = 'undo' AND u.outcome = 'done'
                               -- Where the log lost its end, an older one can name a number that came again.
                               AND u.sequence > p_receipt AND convonet_admin.undone_receipt(u.detail) = p_receipt) THEN 'undo_done'
                WHEN r.sequence IS NULL OR convonet_admin.undo_until(r) <= clock_timestamp() THEN 'undo_expired'
                WHEN NOT convonet_admin.may_undo(r, p_uid) THEN 'undo_foreign'
                WHEN r.covered_by IS NOT NULL THEN 'undo_covered'
                WHEN r.version IS DISTINCT FROM p_version THEN 'undo_outdated' END
    FROM (SELECT) AS one
    LEFT JOIN convonet_admin.audit_event e ON e.sequence = p_receipt AND e.account_id = p_account AND e.outcome = 'done'
        AND e.actor_kind = 'operator'
        AND e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
    LEFT JOIN convonet_admin.replaced_credential r ON r.sequence = p_receipt AND r.account_id = p_account
$$;

-- Puts back what the change with this receipt replaced.
CREATE OR REPLACE FUNCTION convonet_admin.apply_undo(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt  convonet_admin.attempt;
    event    convonet_admin.audit_event := p_attempt.event;
    replaced convonet_admin.replaced_credential;
    rule     text;
BEGIN
    rule := convonet_admin.undo_fault(event.account_id, p_value::bigint, (p_attempt.person).version, event.uid);
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', rule);
    END IF;
    SELECT * INTO replaced FROM convonet_admin.replaced_credential r WHERE r.sequence = p_value::bigint;
    IF NOT FOUND THEN
        -- Its time was over meanwhile, and somebody tidied.
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'undo_expired');
    END IF;
    -- Not by the application's index alone, which it may not have.
    IF replaced.column_name <> 'voice_pin' OR replaced.value IS NULL OR NOT convonet_admin.hand_has_pin(replaced.value) THEN
        attempt := convonet_admin.with_written(p_attempt, replaced.column_name, replaced.value);
        IF (attempt.event).rule IS DISTINCT FROM 'pin_taken' THEN
            -- What was not ended because it was gone is due again.
            UPDATE convonet_admin.temporary_password t SET next_try_at = NULL
            WHERE t.account_id = event.account_id AND t.expired_at IS NULL
              AND t.password_fingerprint = convonet_admin.password_fingerprint(replaced.value);
            RETURN attempt;
        END IF;
    END IF;
    RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'undo_pin_taken');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.undo_change(
    p_account uuid, p_version text, p_receipt bigint, p_request uuid, p_claims jsonb) RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        'undo', p_account, p_version, p_receipt::text, p_request, p_claims, 'undoes=' || p_receipt)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.undo_change(uuid, text, bigint, uuid, jsonb) TO {{operator}}, {{supervisor}};

-- The same fault beforehand.
CREATE OR REPLACE FUNCTION convonet_admin.rehearse_undo(p_account uuid, p_receipt bigint, p_claims jsonb) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.undo_fault(u.id, p_receipt, u.version, convonet_admin.numeric_claim(p_claims, 'uid'))
    FROM convonet_admin.hand_read(p_account) u WHERE u.id IS NOT NULL
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.rehearse_undo(uuid, bigint, jsonb) TO {{operator}}, {{supervisor}};

-- What the user of this session could take back of an account now, newest first.
CREATE OR REPLACE FUNCTION convonet_admin.undoable_of(p_account uuid, p_claims jsonb)
RETURNS TABLE (sequence bigint, action text, occurred_at timestamptz, db_user text, operator text, expires_at timestamptz)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.action, e.occurred_at, e.db_user, e.operator, convonet_admin.undo_until(r)
    FROM convonet_admin.replaced_credential r
    JOIN convonet_admin.audit_event e ON e.sequence = r.sequence
    CROSS JOIN LATERAL convonet_admin.hand_read(r.account_id) u
    WHERE r.account_id = p_account AND convonet_admin.undo_until(r) > clock_timestamp() AND u.version = r.version AND r.covered_by IS NULL
      AND convonet_admin.may_undo(r, convonet_admin.numeric_claim(p_claims, 'uid'))
    ORDER BY e.sequence DESC
$$;

-- The same for staff; as with links, of most people there is nothing to take back.
CREATE OR REPLACE FUNCTION convonet_admin.undoable_changes(p_account uuid, p_claims jsonb)
RETURNS TABLE (sequence bigint, action text, occurred_at timestamptz, db_user text, operator text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.* FROM convonet_admin.undoable_of(p_account, p_claims) u
    WHERE EXISTS (SELECT FROM convonet_admin.replaced_credential r WHERE r.account_id = p_account)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.undoable_changes(uuid, jsonb) TO {{operator}}, {{supervisor}};

-- Whose account the reset with a receipt was of; no row where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.account_of_receipt(p_receipt bigint) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.account_id FROM convonet_admin.audit_event e
    WHERE e.sequence = p_receipt AND e.account_id IS NOT NULL AND e.actor_kind = 'operator' AND e.outcome = 'done'
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_of_receipt(bigint) TO {{operator}}, {{supervisor}};
