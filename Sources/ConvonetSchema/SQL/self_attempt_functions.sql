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
    person := convonet_admin.locked_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    event.detail := nullif(concat_ws(' ', event.detail, p_detail), '');
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
    ELSIF person.is_active IS NOT TRUE THEN
        event.outcome := 'refused';
        event.rule := 'account_inactive';
    ELSIF convonet_admin.was_judged_otherwise(p_claims) THEN
        event.outcome := 'conflict';
        event.rule := 'policy_changed';
    ELSE
        attempt.proceeds := true;
    END IF;
    attempt.event := event;
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
    SELECT * INTO person FROM convonet_admin.hand_read(p_account);
    IF person.id IS NULL THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_refusal(attempt, p_rule));
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_record_refusal(text, uuid, text, uuid, jsonb) TO {{selfservice}};
