-- A note that stops: nobody changes the account until a supervisor lifts it.
CREATE OR REPLACE FUNCTION convonet_admin.apply_freeze(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    -- Whoever comes upon it has to know why.
    IF event.reason IS NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'reason_required');
    END IF;
    INSERT INTO convonet_admin.account_freeze (account_id, frozen_at, db_user, note)
    VALUES (event.account_id, clock_timestamp(), event.db_user, event.reason);
    -- A code was told to staff, and could be the reason; a link for a PIN is staff's doing, too.
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
    WHERE t.id IN (SELECT c.id FROM convonet_admin.open_reset_codes() c WHERE c.account_id = event.account_id)
       OR t.account_id = event.account_id AND t.purpose = 'voice_pin' AND t.used_at IS NULL AND t.void_at IS NULL
          AND t.created_at > clock_timestamp() - interval '89 days';
    RETURN convonet_admin.with_outcome(p_attempt, 'done');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_unfreeze(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.frozen_accounts f
               WHERE f.account_id = (p_attempt.event).account_id AND f.is_reported) THEN
        -- What the person reported may be newer than what the supervisor saw: who lifts it says what came of it.
        IF (p_attempt.event).reason IS NULL THEN
            RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'report_unanswered');
        END IF;
        -- The report passed over what somebody held just then.
        PERFORM convonet_admin.end_approvals((p_attempt.event).account_id, false);
    END IF;
    DELETE FROM convonet_admin.account_freeze f WHERE f.account_id = (p_attempt.event).account_id;
    RETURN CASE WHEN FOUND THEN convonet_admin.with_outcome(p_attempt, 'done')
                ELSE convonet_admin.with_outcome(p_attempt, 'refused', 'not_frozen') END;
END
$$;

-- Forgets the wrong old passwords by which somebody signed in cannot set another for now.
CREATE OR REPLACE FUNCTION convonet_admin.apply_unblock(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM convonet_admin.wrong_password w
    WHERE w.account_id = (p_attempt.event).account_id AND convonet_admin.is_blocked(w);
    RETURN CASE WHEN FOUND THEN convonet_admin.with_outcome(p_attempt, 'done')
                ELSE convonet_admin.with_outcome(p_attempt, 'refused', 'not_blocked') END;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.freeze_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('freeze', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.freeze_account(uuid, text, uuid, jsonb) TO {{supervisor}};

CREATE OR REPLACE FUNCTION convonet_admin.unfreeze_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('unfreeze', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.unfreeze_account(uuid, text, uuid, jsonb) TO {{supervisor}};

CREATE OR REPLACE FUNCTION convonet_admin.unblock_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('unblock', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.unblock_account(uuid, text, uuid, jsonb) TO {{operator}};

-- What holds up a caller, or whoever wants to help them: a note that stops, wrong old passwords, how many links the person asked
-- for within the hour, and what became of the last mail.
CREATE OR REPLACE FUNCTION convonet_admin.account_obstacles(p_account uuid)
RETURNS TABLE (frozen_at timestamptz, frozen_by text, note text, wrong_passwords integer, blocked_until timestamptz,
               links_asked integer, links_most integer, mail_state text, mail_at timestamptz, mail_error text,
               mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.frozen_at, f.db_user, f.note, w.attempts, w.blocked_until,
           (SELECT count(*) FROM convonet_admin.reset_token t
            WHERE t.account_id = p_account AND t.requested_by = 'self'
              AND t.created_at > clock_timestamp() - interval '1 hour')::integer, p.self_service_account_limit,
           m.state, coalesce(m.ended_at, m.created_at), m.last_error, m.attempts
    FROM convonet_admin.policy p
    LEFT JOIN convonet_admin.account_freeze f ON f.account_id = p_account
    LEFT JOIN convonet_admin.wrong_password w ON w.account_id = p_account AND convonet_admin.is_blocked(w)
    LEFT JOIN LATERAL (
        SELECT q.state, q.ended_at, q.created_at, q.last_error, q.attempts FROM convonet_admin.mail_queue q
        WHERE q.account_id = p_account AND q.kind NOT IN ('link_request', 'text_code') ORDER BY q.id DESC LIMIT 1) m ON true
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_obstacles(uuid) TO {{operator}}, {{auditor}}, {{supervisor}};
