-- Records what the program refused before it would call one of the other functions. The rule is one of a fixed list,
-- so that nothing else can be written this way.
CREATE OR REPLACE FUNCTION convonet_admin.record_refusal(
    p_account uuid, p_action text, p_rule text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    person  convonet_admin.person;
BEGIN
    IF (EXISTS (SELECT FROM convonet_admin.actions() a WHERE a.name = p_action AND a.value IS NULL AND NOT starts_with(a.entry, 'self_'))
            AND p_rule IN ({{client_rules}})) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session('record_refusal');
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_refusal(attempt, p_rule));
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.record_refusal(uuid, text, text, uuid, jsonb) TO {{operator}};

-- An attempt that the program refused by a rule, unless its request was already another.
CREATE OR REPLACE FUNCTION convonet_admin.with_refusal(p_attempt convonet_admin.attempt, p_rule text)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
BEGIN
    attempt.replayed := false;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF attempt.replayed OR (attempt.event).outcome IS NULL THEN
        attempt := convonet_admin.with_outcome(p_attempt, 'refused', p_rule);
        attempt.replayed := false;
    END IF;
    RETURN attempt;
END
$$;

-- What was done to one account, newest first, without host, uid and tty. Its events are said as a range, and so are in the order of
-- (account_id, sequence), which one index has: where most events are of few accounts, PostgreSQL would go through the whole log
-- backwards instead, in the hope of a page of them.
CREATE OR REPLACE FUNCTION convonet_admin.account_history(p_account uuid, p_limit integer DEFAULT 50)
RETURNS TABLE (sequence bigint, event_id uuid, occurred_at timestamptz, actor_kind text, action text, outcome text,
               rule text, operator text, db_user text, reason text, ticket text, verified_by text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.event_id, e.occurred_at, e.actor_kind, e.action, e.outcome,
           e.rule, e.operator, e.db_user, e.reason, e.ticket, e.verified_by, e.detail
    FROM convonet_admin.audit_event e
    WHERE e.account_id BETWEEN p_account AND p_account
    ORDER BY e.account_id, e.sequence DESC
    LIMIT least(greatest(p_limit, 1), 1000)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_history(uuid, integer) TO {{operator}}, {{supervisor}};

-- Of what an account mostly has none of, whether there is any: who reads it in a new session is spared a function for each. Operators
-- may read all of that; whoever may not asks for each, and is told so.
CREATE OR REPLACE FUNCTION convonet_admin.account_marks(p_account uuid)
RETURNS TABLE (has_links boolean, has_approvals boolean, has_undoable boolean, has_codes boolean, has_temporary_password boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(t.code_hash IS NULL), false),
           EXISTS (SELECT FROM convonet_admin.approval a
                   WHERE a.account_id = p_account AND a.state IN ('requested', 'approved') AND a.expires_at > clock_timestamp()),
           EXISTS (SELECT FROM convonet_admin.replaced_credential r WHERE r.account_id = p_account),
           coalesce(bool_or(t.code_hash IS NOT NULL), false),
           EXISTS (SELECT FROM convonet_admin.temporary_password p WHERE p.account_id = p_account)
    FROM convonet_admin.reset_token t WHERE t.account_id = p_account
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_marks(uuid) TO {{operator}};

-- What this operator tried lately, newest first: after a line that dropped it says what became of the last change. What
-- is claimed is worked out once, in a subquery: for each event of a busy hour it would take most of a second.
CREATE OR REPLACE FUNCTION convonet_admin.own_recent_events(p_minutes integer, p_claims jsonb)
RETURNS TABLE (sequence bigint, occurred_at timestamptz, action text, outcome text, rule text, operator text,
               db_user text, reason text, ticket text, account_id uuid, account_email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.occurred_at, e.action, e.outcome, e.rule, e.operator, e.db_user, e.reason, e.ticket,
           e.account_id, e.account_email
    FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(mins => p_minutes) AND e.db_user = session_user
      AND e.uid IS NOT DISTINCT FROM (SELECT convonet_admin.numeric_claim(p_claims, 'uid'))
      AND e.host IS NOT DISTINCT FROM (SELECT convonet_admin.claimed(p_claims) ->> 'host')
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a)
    ORDER BY e.sequence DESC
    LIMIT 20
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.own_recent_events(integer, jsonb) TO {{operator}};

-- Whose accounts were changed through us within so many days.
CREATE OR REPLACE FUNCTION convonet_admin.accounts_changed_within(p_days integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT e.account_id FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(days => p_days) AND e.outcome = 'done' AND e.account_id IS NOT NULL
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.accounts_changed_within(integer) TO {{operator}}, {{auditor}};
