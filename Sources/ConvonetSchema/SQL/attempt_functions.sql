-- What a request was about, by the words with which an event's detail begins: how the value came about, which request for
-- approval, link or settings. Whoever writes a detail puts these in front of whatever comes from a value or a name: further on,
-- such a word could be anybody's. Which rules a password broke is passed over, as another try may break others.
CREATE OR REPLACE FUNCTION convonet_admin.request_words(p_detail text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(
        SELECT w[1] FROM regexp_matches(
            substring(p_detail FROM '^(?:(?:method|weak|link|approval|settings|code|undoes|mail)=[^ ;]*(?:;? |$))*'), '[^ ;]+', 'g') AS w
        WHERE w[1] NOT LIKE 'weak=%')
$$;

-- What an earlier call with the same request makes of an attempt: its receipt, where it was this one; a refusal, where it
-- was another. It was this one if the same user did the same to the same account, and it was about the same. The value itself is
-- compared with nothing, since nothing of it is kept. Called by every function that takes a request, once `detail` has its words;
-- under the account's lock, so that two of one request stand in line.
CREATE OR REPLACE FUNCTION convonet_admin.with_earlier_request(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    earlier convonet_admin.audit_event;
BEGIN
    IF event.request_id IS NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'request_id_missing');
    ELSIF NOT EXISTS (SELECT FROM convonet_admin.audit_event e WHERE e.request_id = event.request_id) THEN
        RETURN attempt;
    END IF;
    SELECT * INTO earlier FROM convonet_admin.audit_event e
    WHERE e.request_id = event.request_id ORDER BY (e.outcome = 'done') DESC, e.sequence DESC LIMIT 1;
    IF (earlier.db_user, earlier.action, earlier.account_id)
            IS DISTINCT FROM (event.db_user, event.action, event.account_id) THEN
        event.outcome := 'refused';
        event.rule := 'request_id_reused';
    ELSIF earlier.outcome = 'done'
            AND NOT convonet_admin.request_words(earlier.detail) @> convonet_admin.request_words(event.detail) THEN
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
CREATE OR REPLACE FUNCTION convonet_admin.policy_has_changed(p convonet_admin.policy, p_claims jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_claims ->> 'policy' <> {{password_rules}}
$$;

-- Why an attempt may not go on, as far as it does not depend on the new value; NULL where nothing is in the way. Whatever
-- comes first is what is said.
CREATE OR REPLACE FUNCTION convonet_admin.attempt_fault(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_person convonet_admin.person, p_version text,
    p_points integer, p_claims jsonb) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_event.action <> 'unfreeze' AND EXISTS (
            SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = p_person.id) THEN 'frozen'
        WHEN p_version IS DISTINCT FROM p_person.version
            AND convonet_admin.changed_since(p_person.id, p_version, p_person.version) IS NOT NULL THEN 'account_changed'
        WHEN convonet_admin.policy_has_changed(p_policy, p_claims) THEN 'policy_changed'
        WHEN p_policy.require_reason AND p_event.reason IS NULL THEN 'reason_required'
        WHEN p_policy.require_ticket AND p_event.ticket IS NULL THEN 'ticket_required'
        WHEN p_policy.ticket_pattern <> '' AND (p_event.ticket ~ ('^(?:' || p_policy.ticket_pattern || ')$')) IS FALSE
            THEN 'ticket_malformed'
        -- Proven is more than said.
        WHEN cardinality(p_policy.verification_methods) > 0 AND p_points = 0 AND NOT a.stands_alone
            AND NOT EXISTS (SELECT FROM unnest(p_policy.verification_methods) m
                            WHERE btrim(split_part(m, ':', 1)) = p_event.verified_by) THEN 'verification_required'
        WHEN a.needs_proof AND p_points < greatest(p_policy.verification_points, p_policy.verification_points_protected)
            AND p_points < convonet_admin.points_needed(p_person.id, p_person.email, p_person.username, p_policy)
            THEN 'caller_unproven'
        WHEN a.value IS NOT NULL AND to_jsonb(p_person) ->> a.column_name = a.value THEN 'already_so'
        WHEN to_jsonb(p_policy) ->> a.only_by_link = 'true' THEN a.only_by_link
        -- Of a password only its hash is seen here: how it came about is the program's word, and in the log.
        WHEN NOT p_policy.allow_typed AND (a.typing = 'always'
            OR a.typing = 'unless_generated' AND (p_claims ->> 'method') IS DISTINCT FROM 'generated')
            THEN 'typed_not_allowed'
        ELSE convonet_admin.exceeded_limit(p_event, p_policy, a.budget, p_claims) END
    FROM convonet_admin.actions() a WHERE a.name = p_event.action
$$;

-- Says that there is no such account, unless people are hidden: then nobody knows.
CREATE OR REPLACE FUNCTION convonet_admin.raise_unknown_account() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.require_visible_people();
    RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
END
$$;

-- An account as it is, without a lock. Raises no_data_found where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.read_person(p_account uuid) RETURNS convonet_admin.person
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person convonet_admin.person;
BEGIN
    SELECT * INTO person FROM convonet_admin.hand_read(p_account);
    -- Of another account than was asked for only code of the application's could tell.
    IF person.id IS DISTINCT FROM p_account OR p_account IS NULL THEN
        PERFORM convonet_admin.raise_unknown_account();
    END IF;
    RETURN person;
END
$$;

-- An account under its lock. Raises no_data_found where there is none, and says whose it is where it cannot be had in time.
CREATE OR REPLACE FUNCTION convonet_admin.lock_person(p_account uuid) RETURNS convonet_admin.person
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person convonet_admin.person;
BEGIN
    PERFORM convonet_admin.forbid_preparing();
    SELECT * INTO person FROM convonet_admin.hand_lock(p_account);
    IF person.id IS DISTINCT FROM p_account OR p_account IS NULL THEN
        PERFORM convonet_admin.raise_unknown_account();
    END IF;
    RETURN person;
EXCEPTION WHEN lock_not_available THEN
    PERFORM convonet_admin.raise_busy('account', convonet_admin.hand_locker(p_account));
END
$$;

-- Locks the account and makes every check that does not depend on the new value. Raises no_data_found where there is
-- no such account, so that nothing is logged about somebody who does not exist. What it is about besides, such as a receipt, goes
-- into the event's detail.
CREATE OR REPLACE FUNCTION convonet_admin.begin_attempt(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    policy  convonet_admin.policy;
    person  convonet_admin.person;
    -- What is proven of the caller; the site's view of telephones is read before anything is locked.
    proof   record;
    number  text := convonet_admin.needed_number(p_account, false);
    -- Whether there is anybody whose changes need a second person.
    protects boolean;
    fault   text;
BEGIN
    person := convonet_admin.lock_person(p_account);
    SELECT * INTO policy FROM convonet_admin.policy;
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    -- Spares everybody the queries about approvals where nobody is protected: to read them takes two milliseconds.
    protects := cardinality(policy.protected_domains || policy.protected_accounts || policy.protected_team_roles) > 0;
    SELECT * INTO proof FROM convonet_admin.counting_proof(event, policy, person, number) c;
    event.detail := nullif(concat_ws(' ', p_detail, convonet_admin.claimed_detail(p_claims),
        convonet_admin.caller_detail(proof.points, proof.ways, event.verified_by)), '');
    attempt.event := event;
    attempt.person := person;
    attempt.number := number;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN attempt;
    END IF;
    fault := convonet_admin.attempt_fault(event, policy, person, p_version, proof.points, p_claims);
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
    RETURN CASE WHEN protects THEN convonet_admin.with_approval(attempt, policy) ELSE attempt END;
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
