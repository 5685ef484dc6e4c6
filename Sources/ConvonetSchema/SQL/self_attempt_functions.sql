-- An event of somebody who acts for themselves. The address is what the program says: behind a proxy nobody else knows it.
CREATE OR REPLACE FUNCTION convonet_admin.new_self_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    event.actor_kind := 'self';
    event.client_address := convonet_admin.claimed(p_claims) ->> 'client_address';
    event.detail := convonet_admin.claimed_detail(p_claims);
    RETURN event;
END
$$;

-- Locks the account and makes the checks that every change by the person has in common; as begin_attempt for operators. What
-- it is about besides, such as a link, goes into the event's detail.
CREATE OR REPLACE FUNCTION convonet_admin.begin_self_attempt(
    p_action text, p_account uuid, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
    person  convonet_admin.person;
BEGIN
    person := convonet_admin.lock_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    event.detail := nullif(concat_ws(' ', event.detail, p_detail), '');
    attempt.person := person;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
    -- Whoever cannot sign in can still say that something was not them.
    ELSIF person.is_active IS NOT TRUE AND p_action <> 'report_not_me' THEN
        event.outcome := 'refused';
        event.rule := 'account_inactive';
    ELSIF (SELECT convonet_admin.policy_has_changed(p, p_claims) FROM convonet_admin.policy p) THEN
        event.outcome := 'conflict';
        event.rule := 'policy_changed';
    ELSE
        attempt.proceeds := true;
    END IF;
    attempt.event := event;
    RETURN attempt;
END
$$;

-- The same for whoever came with something secret; without a person where that is nobody's, or the account was deleted.
CREATE OR REPLACE FUNCTION convonet_admin.begin_holders_attempt(
    p_action text, p_account uuid, p_request uuid, p_claims jsonb, p_detail text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_account IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN convonet_admin.begin_self_attempt(p_action, p_account, p_request, p_claims, p_detail);
EXCEPTION WHEN no_data_found THEN
    RETURN NULL;
END
$$;

-- Ends an attempt of the person's: its receipt, after which nothing of ours may be looked up any more.
CREATE OR REPLACE FUNCTION convonet_admin.finish_self_attempt(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    receipt convonet_admin.receipt := convonet_admin.finish_attempt(p_attempt);
BEGIN
    {{forget_settings}}
    RETURN receipt;
END
$$;

-- Ends a call of self-service that leaves no receipt; the last thing in it, as above.
CREATE OR REPLACE FUNCTION convonet_admin.finish_without_receipt() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.run_deferred();
    {{forget_settings}}
END
$$;

-- Gives somebody the password that they chose, unless a fault was found, or the hash is none.
CREATE OR REPLACE FUNCTION convonet_admin.with_own_password(
    p_attempt convonet_admin.attempt, p_fault text, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
BEGIN
    IF p_fault IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', p_fault);
    ELSIF NOT convonet_admin.is_storable_hash(p_hash) THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'hash_malformed');
    END IF;
    attempt := convonet_admin.with_written(attempt, 'password_hash', p_hash);
    IF (attempt.event).outcome = 'done' THEN
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = (attempt.event).account_id;
    END IF;
    RETURN attempt;
END
$$;

-- Records what the program refused before it would set a password: the rule is one of a fixed list.
CREATE OR REPLACE FUNCTION convonet_admin.self_record_refusal(
    p_action text, p_account uuid, p_rule text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
    person  convonet_admin.person;
BEGIN
    IF (p_action IN ('reset_password', 'change_password') AND p_rule IN ({{client_rules}})) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session('self_record_refusal');
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_refusal(attempt, p_rule));
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_record_refusal(text, uuid, text, uuid, jsonb) TO {{selfservice}};
