-- A claim of the program, cut to a length and without control characters.
CREATE OR REPLACE FUNCTION convonet_admin.claim(p_claims jsonb, p_name text, p_length integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(btrim(left(regexp_replace(p_claims ->> p_name, '[\u0001-\u001F\u007F-\u009F]', ' ', 'g'), p_length)), '')
$$;

CREATE OR REPLACE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

-- An event of the caller's, with what their program claims. All claims are cleaned in one query: to plan one for each of
-- them took longer than everything else that a change does.
CREATE OR REPLACE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event;
    claimed jsonb;
BEGIN
    SELECT jsonb_object_agg(c.key, nullif(btrim(left(regexp_replace(c.value, '[\u0001-\u001F\u007F-\u009F]', ' ', 'g'),
               CASE c.key WHEN 'reason' THEN 1000 WHEN 'host' THEN 255 WHEN 'ssh_origin' THEN 255 ELSE 100 END)), ''))
    INTO claimed
    FROM jsonb_each_text(CASE jsonb_typeof(p_claims) WHEN 'object' THEN p_claims ELSE '{}' END) c;
    event.request_id := p_request;
    event.actor_kind := 'operator';
    event.action := p_action;
    event.db_user := session_user;
    event.client_address := host(inet_client_addr());
    event.operator := claimed ->> 'operator';
    event.uid := convonet_admin.numeric_claim(p_claims, 'uid');
    event.login_uid := convonet_admin.numeric_claim(p_claims, 'login_uid');
    event.host := claimed ->> 'host';
    event.tty := claimed ->> 'tty';
    event.ssh_origin := claimed ->> 'ssh_origin';
    event.reason := claimed ->> 'reason';
    event.ticket := claimed ->> 'ticket';
    event.verified_by := claimed ->> 'verified_by';
    event.application := claimed ->> 'application';
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

-- Whether a password was judged by other rules than are in force now. The program judges it, for the database sees only a
-- hash: by the policy that is, or not at all.
CREATE OR REPLACE FUNCTION convonet_admin.was_judged_otherwise(p_claims jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_claims ->> 'policy' <> {{password_rules}} FROM convonet_admin.policy p
$$;

-- Why an attempt may not go on, as far as it does not depend on the new value; NULL where nothing is in the way. Whatever
-- comes first is what is said.
CREATE OR REPLACE FUNCTION convonet_admin.attempt_fault(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_person convonet_admin.person, p_version text,
    p_claims jsonb) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN convonet_admin.changed_since(p_person.id, p_version, p_person.version) IS NOT NULL THEN 'account_changed'
        WHEN convonet_admin.was_judged_otherwise(p_claims) THEN 'policy_changed'
        WHEN p_policy.require_reason AND p_event.reason IS NULL THEN 'reason_required'
        WHEN p_policy.require_ticket AND p_event.ticket IS NULL THEN 'ticket_required'
        WHEN p_policy.ticket_pattern <> '' AND (p_event.ticket ~ ('^(?:' || p_policy.ticket_pattern || ')$')) IS FALSE
            THEN 'ticket_malformed'
        WHEN cardinality(p_policy.verification_methods) > 0
            AND NOT EXISTS (SELECT FROM unnest(p_policy.verification_methods) m
                            WHERE btrim(split_part(m, ':', 1)) = p_event.verified_by) THEN 'verification_required'
        WHEN CASE p_event.action WHEN 'activate' THEN p_person.is_active WHEN 'deactivate' THEN NOT p_person.is_active
                                 WHEN 'verify' THEN p_person.is_verified WHEN 'unverify' THEN NOT p_person.is_verified END
            THEN 'already_so'
        WHEN p_policy.links_only AND p_event.action = 'reset_password' THEN 'links_only'
        WHEN NOT p_policy.allow_typed AND (p_event.action = 'set_voice_pin'
            -- Of a password only its hash is seen here: how it came about is the program's word, and in the log.
            OR (p_event.action = 'reset_password' AND (p_claims ->> 'method') IS DISTINCT FROM 'generated'))
            THEN 'typed_not_allowed'
        ELSE convonet_admin.overdrawn_budget(p_event, p_policy, p_claims) END
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
    person  convonet_admin.person;
    fault   text;
BEGIN
    person := convonet_admin.locked_person(p_account);
    event.account_id := person.id;
    event.account_email := person.email;
    event.account_username := person.username;
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.event := event;
    attempt.person := person;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN attempt;
    END IF;
    SELECT * INTO policy FROM convonet_admin.policy;
    fault := convonet_admin.attempt_fault(event, policy, person, p_version, p_claims);
    IF fault IS NOT NULL THEN
        IF fault = 'account_changed' THEN
            event.detail := concat_ws(' ', event.detail,
                'changed=' || convonet_admin.changed_since(person.id, p_version, person.version));
            attempt.event := event;
        END IF;
        RETURN convonet_admin.with_outcome(
            attempt, CASE WHEN fault IN ('account_changed', 'policy_changed') THEN 'conflict' ELSE 'refused' END, fault);
    END IF;
    attempt.proceeds := true;
    attempt := convonet_admin.with_approval(attempt, policy);
    -- Without roles the trigger on the users' table can tell our changes from others by nothing better.
    PERFORM set_config('convonet_admin.acting', CASE WHEN attempt.proceeds THEN 'yes' ELSE '' END, true);
    RETURN attempt;
END
$$;

-- An account under its lock. Raises no_data_found where there is none, and says whose it is where it cannot be had in time.
CREATE OR REPLACE FUNCTION convonet_admin.locked_person(p_account uuid) RETURNS convonet_admin.person
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person convonet_admin.person;
BEGIN
    SELECT * INTO person FROM convonet_admin.hand_lock(p_account);
    -- Of another account than was asked for only code of the application's could tell.
    IF person.id IS NULL OR person.id <> p_account THEN
        PERFORM convonet_admin.require_visible_people();
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    RETURN person;
EXCEPTION WHEN lock_not_available THEN
    PERFORM convonet_admin.raise_busy('account', convonet_admin.hand_locker(p_account));
END
$$;

-- Carries a change out: the one way of all changes by staff. The account's lock is kept only by what is done. Whatever else
-- comes of it, all that was locked and written on the way is undone, and only the event is left: else whoever asks, and
-- leaves the transaction open, would keep the person from signing in.
CREATE OR REPLACE FUNCTION convonet_admin.carry_out(
    p_action text, p_account uuid, p_version text, p_value text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    receipt convonet_admin.receipt;
BEGIN
    IF p_action IS NULL THEN
        RAISE EXCEPTION 'no state given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session();
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
        IF attempt.proceeds THEN
            attempt := CASE p_action
                WHEN 'reset_password' THEN convonet_admin.apply_password(attempt, p_value, p_claims)
                WHEN 'issue_voice_pin' THEN convonet_admin.apply_issued_pin(attempt)
                WHEN 'set_voice_pin' THEN convonet_admin.apply_typed_pin(attempt, p_value, p_claims)
                WHEN 'clear_voice_pin' THEN convonet_admin.apply_no_pin(attempt)
                WHEN 'send_reset_link' THEN convonet_admin.apply_link(attempt, p_claims)
                WHEN 'revoke_reset_links' THEN convonet_admin.apply_no_links(attempt)
                ELSE convonet_admin.apply_state(attempt) END;
        END IF;
        IF (attempt.event).outcome <> 'done' OR attempt.replayed THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'CA003';
        END IF;
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        -- What a variable was given inside the block it keeps.
        NULL;
    END;
    receipt := convonet_admin.finish_attempt(attempt);
    -- What is written within a subtransaction of the caller's could be undone alone.
    IF NOT attempt.replayed AND EXISTS (
            SELECT FROM convonet_admin.audit_head h WHERE h.xmin <> pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'within a subtransaction' USING ERRCODE = 'CA005';
    END IF;
    -- The application's code may have set these for the session and hidden it behind a value for the transaction. The last
    -- act here, for nothing of ours may be looked up after it.
    {{forget_settings}}
    RETURN receipt;
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
    PERFORM convonet_admin.require_plain_session();
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'CA003';
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        IF attempt.version IS NULL THEN
            RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA001';
        END IF;
        RETURN (attempt.event).rule;
    END;
END
$$;

-- Writes the event and makes the receipt; what is done uses its approval up, and what needs one is asked for.
CREATE OR REPLACE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt) RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event;
    receipt convonet_admin.receipt;
BEGIN
    -- The application's code can raise whatever error it likes, and so end an attempt before there is anything to log.
    IF (attempt.event).outcome IS NULL THEN
        RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA001';
    END IF;
    PERFORM set_config('convonet_admin.acting', '', true);
    PERFORM convonet_admin.settle();
    IF NOT attempt.replayed THEN
        IF (attempt.event).rule = 'approval_required' AND attempt.approval IS NULL THEN
            attempt := convonet_admin.ask_approval(attempt);
        END IF;
        event := attempt.event;
        IF event.outcome = 'done' AND attempt.approval IS NOT NULL AND event.action NOT IN ('approve', 'deny') THEN
            PERFORM convonet_admin.use_approval(attempt.approval);
        END IF;
        event := convonet_admin.record_event(event);
        PERFORM convonet_admin.queue_notice(event);
    ELSE
        event := attempt.event;
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := attempt.replayed;
    receipt.updated_at := attempt.updated_at;
    receipt.approval := attempt.approval;
    IF event.outcome = 'done' AND NOT attempt.replayed THEN
        receipt.voice_pin := attempt.voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- Has the hand write one column, and makes of an error what the log may say: its code and constraint. What another try
-- may mend is raised again, and undoes everything.
CREATE OR REPLACE FUNCTION convonet_admin.with_written(
    p_attempt convonet_admin.attempt, p_column text, p_value text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    written record;
BEGIN
    SELECT * INTO written FROM convonet_admin.hand_write(event.account_id, p_column, p_value);
    IF written.state IS NULL THEN
        attempt.updated_at := written.updated_at;
        RETURN convonet_admin.with_outcome(attempt, 'done');
    ELSIF written.state IN ('55P03', '40001', '40P01') THEN
        RAISE EXCEPTION 'busy' USING ERRCODE = written.state;
    END IF;
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || written.state,
        'constraint=' || nullif(written.constrained, ''));
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'failed', CASE written.state
        WHEN 'CA001' THEN 'overridden_by_trigger' WHEN 'CA004' THEN 'settings_changed_by_trigger'
        WHEN '23505' THEN CASE p_column WHEN 'voice_pin' THEN 'pin_taken' ELSE 'database_error' END
        ELSE 'database_error' END);
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
