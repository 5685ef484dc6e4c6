-- A claim of the program, cut to a length and without control characters.
CREATE OR REPLACE FUNCTION convonet_admin.claim(p_claims jsonb, p_name text, p_length integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(btrim(left(regexp_replace(p_claims ->> p_name, '[\u0001-\u001F\u007F-\u009F]', ' ', 'g'), p_length)), '')
$$;

CREATE OR REPLACE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
BEGIN
    event.request_id := p_request;
    event.actor_kind := 'operator';
    event.action := p_action;
    event.db_user := session_user;
    event.client_address := host(inet_client_addr());
    event.operator := convonet_admin.claim(p_claims, 'operator', 100);
    event.uid := convonet_admin.numeric_claim(p_claims, 'uid');
    event.login_uid := convonet_admin.numeric_claim(p_claims, 'login_uid');
    event.host := convonet_admin.claim(p_claims, 'host', 255);
    event.tty := convonet_admin.claim(p_claims, 'tty', 100);
    event.ssh_origin := convonet_admin.claim(p_claims, 'ssh_origin', 255);
    event.reason := convonet_admin.claim(p_claims, 'reason', 1000);
    event.ticket := convonet_admin.claim(p_claims, 'ticket', 100);
    event.verified_by := convonet_admin.claim(p_claims, 'verified_by', 100);
    event.application := convonet_admin.claim(p_claims, 'application', 100);
    RETURN event;
END
$$;

-- How the new secret came about, as far as the program may say it: fixed words only.
CREATE OR REPLACE FUNCTION convonet_admin.claimed_detail(p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(concat_ws(' ',
        CASE WHEN p_claims ->> 'method' IN ('generated', 'typed', 'issued', 'cleared')
             THEN 'method=' || (p_claims ->> 'method') END,
        CASE WHEN p_claims ->> 'weak' ~ '^[a-z_]{1,40}(,[a-z_]{1,40}){0,9}$'
             THEN 'weak=' || (p_claims ->> 'weak') END), '')
$$;

-- What an earlier call with the same request makes of an attempt: its receipt, where it was this one; a refusal, where it
-- was another. Called under the account's lock, so that two of one request stand in line.
CREATE OR REPLACE FUNCTION convonet_admin.with_earlier_request(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    earlier convonet_admin.audit_event;
BEGIN
    SELECT * INTO earlier FROM convonet_admin.audit_event e
    WHERE e.request_id = event.request_id ORDER BY (e.outcome = 'done') DESC, e.sequence DESC LIMIT 1;
    IF event.request_id IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'request_id_missing';
    ELSIF earlier.sequence IS NOT NULL AND (earlier.db_user, earlier.action, earlier.account_id)
            IS DISTINCT FROM (event.db_user, event.action, event.account_id) THEN
        event.outcome := 'refused';
        event.rule := 'request_id_reused';
    ELSIF earlier.outcome = 'done' THEN
        event := earlier;
        attempt.replayed := true;
    END IF;
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Locks the account and makes every check that does not depend on the new value. Raises no_data_found where there is
-- no such account, so that nothing is logged about somebody who does not exist.
CREATE OR REPLACE FUNCTION convonet_admin.begin_attempt(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    policy  convonet_admin.policy;
    version text;
    is_active boolean;
    is_verified boolean;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    SELECT u.xmin::text, u.id, u.email, u.username, u.updated_at, u.is_active, u.is_verified
    INTO version, event.account_id, event.account_email, event.account_username, attempt.updated_at, is_active,
         is_verified
    FROM {{users}} u WHERE u.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.replayed := false;
    attempt.proceeds := false;
    SELECT * INTO policy FROM convonet_admin.policy;

    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
    ELSIF version IS DISTINCT FROM p_version THEN
        event.outcome := 'conflict';
        event.rule := 'account_changed';
    ELSIF policy.require_reason AND event.reason IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'reason_required';
    ELSIF policy.require_ticket AND event.ticket IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'ticket_required';
    ELSIF policy.ticket_pattern <> '' AND (event.ticket ~ ('^(?:' || policy.ticket_pattern || ')$')) IS FALSE THEN
        event.outcome := 'refused';
        event.rule := 'ticket_malformed';
    ELSIF cardinality(policy.verification_methods) > 0
            AND NOT EXISTS (SELECT FROM unnest(policy.verification_methods) m
                            WHERE btrim(split_part(m, ':', 1)) = event.verified_by) THEN
        event.outcome := 'refused';
        event.rule := 'verification_required';
    ELSIF (p_action = 'activate' AND is_active) OR (p_action = 'deactivate' AND NOT is_active)
            OR (p_action = 'verify' AND is_verified) OR (p_action = 'unverify' AND NOT is_verified) THEN
        event.outcome := 'refused';
        event.rule := 'already_so';
    ELSIF policy.links_only AND p_action = 'reset_password' THEN
        event.outcome := 'refused';
        event.rule := 'links_only';
    ELSIF NOT policy.allow_typed AND (p_action = 'set_voice_pin'
            -- Of a password only its hash is seen here: how it came about is the program's word, and in the log.
            OR (p_action = 'reset_password' AND (p_claims ->> 'method') IS DISTINCT FROM 'generated')) THEN
        event.outcome := 'refused';
        event.rule := 'typed_not_allowed';
    ELSE
        event.rule := convonet_admin.overdrawn_budget(event, policy, p_claims);
        event.outcome := CASE WHEN event.rule IS NOT NULL THEN 'refused' END;
        attempt.proceeds := event.rule IS NULL;
    END IF;
    attempt.event := event;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_approval(attempt, version, policy);
    END IF;
    -- Without roles the trigger on the users' table can tell our changes from others by nothing better.
    PERFORM set_config('convonet_admin.acting', CASE WHEN attempt.proceeds THEN 'yes' ELSE '' END, true);
    RETURN attempt;
END
$$;

-- The rule that would stand in the way of a change now, as far as it does not depend on the new value; NULL where none
-- would. All that the checks wrote and locked is undone, and they wait for nobody for long.
CREATE OR REPLACE FUNCTION convonet_admin.rehearse_change(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
DECLARE
    attempt convonet_admin.attempt;
BEGIN
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'CA003';
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        -- What a variable was given inside the block it keeps.
        RETURN (attempt.event).rule;
    END;
END
$$;

-- Writes the event and makes the receipt; what is done uses its approval up.
CREATE OR REPLACE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt, p_voice_pin text DEFAULT NULL)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event := p_attempt.event;
    receipt convonet_admin.receipt;
BEGIN
    PERFORM set_config('convonet_admin.acting', '', true);
    IF NOT p_attempt.replayed THEN
        IF event.outcome = 'done' AND p_attempt.approval IS NOT NULL AND event.action NOT IN ('approve', 'deny') THEN
            PERFORM convonet_admin.use_approval(p_attempt.approval);
        END IF;
        event := convonet_admin.record_event(event);
        PERFORM convonet_admin.queue_notice(event);
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := p_attempt.replayed;
    receipt.updated_at := p_attempt.updated_at;
    receipt.approval := p_attempt.approval;
    IF event.outcome = 'done' AND NOT p_attempt.replayed THEN
        receipt.voice_pin := p_voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- What became of an error inside the change: its code and constraint, never its text, which can hold a hash or a PIN.
-- What another try may mend is raised again, and undoes everything.
CREATE OR REPLACE FUNCTION convonet_admin.failed_attempt(
    p_attempt convonet_admin.attempt, p_state text, p_constraint text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    IF p_state IN ('55P03', '40001', '40P01') THEN
        RAISE EXCEPTION 'busy' USING ERRCODE = p_state;
    END IF;
    event.outcome := 'failed';
    event.rule := CASE p_state WHEN 'CA001' THEN 'overridden_by_trigger' ELSE 'database_error' END;
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || p_state, 'constraint=' || nullif(p_constraint, ''));
    p_attempt.event := event;
    RETURN p_attempt;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.with_outcome(
    p_attempt convonet_admin.attempt, p_outcome text, p_rule text DEFAULT NULL) RETURNS convonet_admin.attempt
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    event.outcome := p_outcome;
    event.rule := p_rule;
    p_attempt.event := event;
    RETURN p_attempt;
END
$$;
