-- Lets an attempt on a protected account go on where somebody else approved it: for this database user, account, action
-- and row as it was seen. Otherwise it is refused. Called under the account's lock.
CREATE OR REPLACE FUNCTION convonet_admin.with_approval(
    p_attempt convonet_admin.attempt, p_policy convonet_admin.policy) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    asked   convonet_admin.approval;
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.actions() a WHERE a.name = event.action AND a.stands_alone)
            OR NOT convonet_admin.is_protected(
                event.account_id, (attempt.person).email, (attempt.person).username, p_policy) THEN
        RETURN attempt;
    END IF;
    attempt.proceeds := false;
    IF EXISTS (SELECT FROM convonet_admin.installation i WHERE i.role_prefix IS NULL) THEN
        -- One database user for all: nobody could tell a second person from the first.
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'account_protected');
    END IF;
    SELECT * INTO asked FROM convonet_admin.open_request(attempt) r;
    IF asked.id IS NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'approval_required');
    END IF;
    event.detail := concat_ws(' ', event.detail, 'approval=' || asked.id);
    attempt.event := event;
    attempt.approval := asked.id;
    IF asked.state = 'approved' THEN
        attempt.proceeds := true;
        RETURN attempt;
    END IF;
    RETURN convonet_admin.with_outcome(attempt, 'refused',
        CASE asked.state WHEN 'denied' THEN 'approval_denied' ELSE 'approval_required' END);
END
$$;

-- The newest request for what is attempted, locked, unless it is used or over; what was asked before it counts no more.
CREATE OR REPLACE FUNCTION convonet_admin.open_request(p_attempt convonet_admin.attempt) RETURNS convonet_admin.approval
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
    asked convonet_admin.approval;
BEGIN
    SELECT * INTO asked FROM convonet_admin.approval a
    WHERE a.account_id = event.account_id AND a.requested_by = event.db_user AND a.action = event.action
      AND a.expires_at > clock_timestamp()
      AND convonet_admin.changed_since(a.account_id, a.version, p_attempt.version) IS NULL
    ORDER BY a.id DESC LIMIT 1 FOR UPDATE;
    IF asked.state = 'used' THEN
        RETURN NULL;
    END IF;
    RETURN asked;
END
$$;

-- Asks for the approval that an attempt lacks, with an event; or finds what the same operator asked for at the same time,
-- whose calls stand in line at their slot.
CREATE OR REPLACE FUNCTION convonet_admin.ask_approval(p_attempt convonet_admin.attempt) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    asked   convonet_admin.approval;
    proof   record;
    now     timestamptz := clock_timestamp();
BEGIN
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = (SELECT convonet_admin.operator_slot_of('{}')) FOR UPDATE;
    SELECT * INTO asked FROM convonet_admin.open_request(attempt) r;
    IF asked.id IS NULL AND (
            SELECT count(*) FROM convonet_admin.approval a
            WHERE a.requested_by = event.db_user AND a.state = 'requested' AND a.expires_at > now) >= 50 THEN
        -- More hide those of others, and whoever decides looks at all of them.
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'approvals_waiting');
    ELSIF asked.id IS NULL THEN
        SELECT * INTO proof
        FROM convonet_admin.caller_proof(event.account_id, (attempt.person).email, attempt.number, event.uid) c;
        -- The account was let go since it was looked at. Whoever reports has the head, too, and ends what was asked for before.
        PERFORM convonet_admin.lock_head();
        IF EXISTS (SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = event.account_id) THEN
            RETURN convonet_admin.with_outcome(attempt, 'refused', 'frozen');
        END IF;
        INSERT INTO convonet_admin.approval (
            action, account_id, account_email, account_username, version, requested_at, requested_by, operator, login_uid,
            host, reason, ticket, verified_by, points, ways, expires_at)
        SELECT event.action, event.account_id, coalesce(event.account_email, ''), coalesce(event.account_username, ''),
               attempt.version, now, event.db_user, event.operator, event.login_uid, event.host, event.reason, event.ticket,
               event.verified_by, proof.points, proof.ways, now + make_interval(mins => p.approval_minutes)
        FROM convonet_admin.policy p
        RETURNING * INTO asked;
        PERFORM convonet_admin.record_event(convonet_admin.approval_event(event, asked, NULL, 'request_approval', 'done'));
        PERFORM convonet_admin.queue_approver_mail(asked);
    END IF;
    event.detail := concat_ws(' ', event.detail, 'approval=' || asked.id);
    attempt.event := event;
    attempt.approval := asked.id;
    RETURN attempt;
END
$$;

-- Ends what was asked for or approved of an account; under the log's head but for what somebody decides now, who sees the freeze once
-- they have the head.
CREATE OR REPLACE FUNCTION convonet_admin.end_approvals(p_account uuid, p_has_head boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open bigint[];
BEGIN
    IF p_has_head THEN
        open := ARRAY(SELECT a.id FROM convonet_admin.approval a
                      WHERE a.account_id = p_account AND a.state IN ('requested', 'approved') FOR UPDATE SKIP LOCKED);
    END IF;
    UPDATE convonet_admin.approval a SET expires_at = clock_timestamp()
    WHERE a.account_id = p_account AND a.state IN ('requested', 'approved') AND a.expires_at > clock_timestamp()
      AND (open IS NULL OR a.id = ANY (open));
END
$$;

-- The event about an approval, from one that says who is at it. That of asking has no request's id: it is the change's.
CREATE OR REPLACE FUNCTION convonet_admin.approval_event(
    p_event convonet_admin.audit_event, p_approval convonet_admin.approval, p_request uuid, p_action text,
    p_outcome text, p_rule text DEFAULT NULL)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_event;
BEGIN
    event.request_id := p_request;
    event.action := p_action;
    event.outcome := p_outcome;
    event.rule := p_rule;
    event.account_id := p_approval.account_id;
    event.account_email := p_approval.account_email;
    event.account_username := p_approval.account_username;
    event.detail := format('approval=%s action=%s requested_by=%s', p_approval.id, p_approval.action, p_approval.requested_by);
    RETURN event;
END
$$;

-- An approval is used up by what was done with it, and by nothing else; its row is locked since it was found.
CREATE OR REPLACE FUNCTION convonet_admin.use_approval(p_approval bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE convonet_admin.approval a SET state = 'used', used_at = clock_timestamp()
    WHERE a.id = p_approval AND a.state = 'approved';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such approval' USING ERRCODE = 'invalid_transaction_state';
    END IF;
END
$$;

-- A second person's word: `approve` or `deny`. Raises no_data_found where there is no such request.
CREATE OR REPLACE FUNCTION convonet_admin.decide_approval(
    p_approval bigint, p_decision text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_decision, p_request, p_claims);
    asked   convonet_admin.approval;
    version text;
    rule    text;
BEGIN
    PERFORM convonet_admin.require_plain_session('decide_approval');
    IF p_decision IS NULL OR p_decision NOT IN ('approve', 'deny') THEN
        RAISE EXCEPTION 'unknown decision' USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_request IS NULL THEN
        RAISE EXCEPTION 'no request id' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Before anything is locked, also for a call that was carried out earlier.
    PERFORM convonet_admin.forbid_preparing();
    SELECT * INTO asked FROM convonet_admin.approval a WHERE a.id = p_approval FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'no_data_found';
    END IF;
    attempt.replayed := false;
    attempt.approval := asked.id;
    attempt.event := convonet_admin.approval_event(event, asked, p_request, p_decision, NULL);
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT a.version INTO version FROM convonet_admin.hand_read(asked.account_id) a;
    -- Whoever reports has the head by then, and passed this request over.
    PERFORM convonet_admin.lock_head();
    -- The database user is checked; who logged in to which machine is claimed, and must not be the same all the same.
    rule := CASE
        WHEN asked.requested_by = event.db_user OR (asked.login_uid = event.login_uid AND asked.host = event.host)
            THEN 'own_request'
        WHEN asked.state <> 'requested' THEN 'already_decided'
        WHEN asked.expires_at <= clock_timestamp() THEN 'approval_expired'
        WHEN p_decision = 'approve' AND EXISTS (
            SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = asked.account_id) THEN 'frozen'
        WHEN p_decision = 'approve' AND convonet_admin.changed_since(asked.account_id, asked.version, version) IS NOT NULL
            THEN 'approval_outdated' END;
    IF rule IS NULL THEN
        UPDATE convonet_admin.approval a
        SET state = CASE p_decision WHEN 'approve' THEN 'approved' ELSE 'denied' END,
            decided_at = clock_timestamp(), decided_by = event.db_user, decided_operator = event.operator,
            decision_reason = event.reason,
            expires_at = clock_timestamp() + make_interval(mins => p.approval_minutes)
        FROM convonet_admin.policy p
        WHERE a.id = p_approval;
    END IF;
    RETURN convonet_admin.finish_attempt(
        convonet_admin.with_outcome(attempt, CASE WHEN rule IS NULL THEN 'done' ELSE 'refused' END, rule));
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.decide_approval(bigint, text, uuid, jsonb) TO {{supervisor}};

-- Whether the user of this session sees what others asked for: who may decide it, or read the log.
CREATE OR REPLACE FUNCTION convonet_admin.sees_all_requests() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT has_function_privilege(session_user, 'convonet_admin.decide_approval(bigint, text, uuid, jsonb)', 'EXECUTE')
        OR has_table_privilege(session_user, 'convonet_admin.audit_event', 'SELECT')
$$;

-- Requests on one side of a number, or from an end: newest first before it, oldest first after it. Their own for whoever
-- asks; all of them for who may decide or read the log.
CREATE OR REPLACE FUNCTION convonet_admin.approvals(p_from bigint, p_oldest_first boolean, p_all boolean, p_limit integer)
RETURNS TABLE (id bigint, action text, account_id uuid, account_email text, account_username text,
               requested_at timestamptz, requested_by text, operator text, reason text, ticket text, verified_by text,
               expires_at timestamptz, state text, decided_at timestamptz, decided_by text, decision_reason text,
               is_own boolean, points integer, ways text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.action, a.account_id, a.account_email, a.account_username, a.requested_at, a.requested_by, a.operator,
           a.reason, a.ticket, a.verified_by, a.expires_at, s.state, a.decided_at, a.decided_by, a.decision_reason,
           a.requested_by = session_user, a.points, CASE WHEN a.points > 0 THEN coalesce(a.ways, 'mail_code') END
    FROM convonet_admin.approval a
    LEFT JOIN convonet_admin.hand_versions(ARRAY(
        SELECT o.account_id FROM convonet_admin.approval o
        WHERE o.state IN ('requested', 'approved') AND o.expires_at > clock_timestamp())) u ON u.account_id = a.account_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN a.state IN ('used', 'denied') THEN a.state
        WHEN a.expires_at <= clock_timestamp() THEN 'expired'
        WHEN convonet_admin.changed_since(a.account_id, a.version, u.version) IS NOT NULL THEN 'outdated'
        ELSE a.state END) AS s (state)
    WHERE (p_from IS NULL OR CASE WHEN p_oldest_first THEN a.id > p_from ELSE a.id < p_from END)
      AND (p_all OR s.state IN ('requested', 'approved'))
      AND (a.requested_by = session_user OR (SELECT convonet_admin.sees_all_requests()))
    ORDER BY CASE WHEN p_oldest_first THEN a.id END, a.id DESC
    LIMIT least(greatest(p_limit, 1), 1001)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.approvals(bigint, boolean, boolean, integer) TO {{operator}}, {{auditor}}, {{supervisor}};

-- Those for one account that can still be decided or used; mostly there is none, and then nobody else's are looked at.
CREATE OR REPLACE FUNCTION convonet_admin.account_approvals(p_account uuid)
RETURNS TABLE (id bigint, action text, account_id uuid, account_email text, account_username text,
               requested_at timestamptz, requested_by text, operator text, reason text, ticket text, verified_by text,
               expires_at timestamptz, state text, decided_at timestamptz, decided_by text, decision_reason text,
               is_own boolean, points integer, ways text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.* FROM convonet_admin.approvals(NULL, false, false, 1001) a
    WHERE a.account_id = p_account AND EXISTS (
        SELECT FROM convonet_admin.approval o
        WHERE o.account_id = p_account AND o.state IN ('requested', 'approved') AND o.expires_at > clock_timestamp())
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_approvals(uuid) TO {{operator}}, {{auditor}}, {{supervisor}};

-- How much waits for a second person, as far as it concerns the user of this session: requests, and people's reports. Every console
-- asks for it once a second, so it looks at what is open and nothing else.
CREATE OR REPLACE FUNCTION convonet_admin.pending_approvals()
RETURNS TABLE (of_others bigint, own bigint, granted bigint, reports bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH open AS MATERIALIZED (
        SELECT a.account_id, a.version, a.state, a.requested_by = session_user AS is_own FROM convonet_admin.approval a
        WHERE a.state IN ('requested', 'approved') AND a.expires_at > statement_timestamp())
    SELECT count(*) FILTER (WHERE NOT o.is_own AND o.state = 'requested'),
           count(*) FILTER (WHERE o.is_own AND o.state = 'requested'), count(*) FILTER (WHERE o.is_own AND o.state = 'approved'),
           (SELECT count(*) FROM convonet_admin.frozen_accounts f WHERE f.is_reported)
    FROM open o
    JOIN convonet_admin.hand_versions(ARRAY(SELECT p.account_id FROM open p)) u ON u.account_id = o.account_id
    WHERE (o.is_own OR (SELECT convonet_admin.sees_all_requests()))
      AND convonet_admin.changed_since(o.account_id, o.version, u.version) IS NULL;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.pending_approvals() TO {{operator}}, {{auditor}}, {{supervisor}};
