-- What people do for themselves. These functions, and no table or view, are what the program behind the web pages may
-- use; its role is its own. Which program may call which function is in grants.sql.

CREATE OR REPLACE FUNCTION convonet_admin.password_fingerprint(p_hash text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(p_hash, 'UTF8'))
$$;

-- The schema's version and the policy: to know by what rules a password is held, and that the way here is open.
CREATE OR REPLACE FUNCTION convonet_admin.self_schema_version() RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.require_visible_people();
    RETURN (SELECT i.schema_version FROM convonet_admin.installation i);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.self_policy() RETURNS SETOF convonet_admin.policy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM convonet_admin.policy p
$$;

-- Counts one request in the window of its key; the number of requests in it, and the seconds until it ends. A window that
-- begins in the future was begun by a clock that was wrong, and is over.
CREATE OR REPLACE FUNCTION convonet_admin.count_request(p_key text, p_seconds integer, OUT requests integer, OUT rest integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.request_counter AS c (key, began_at, requests)
    VALUES (p_key, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        began_at = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN excluded.began_at ELSE c.began_at END,
        requests = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN 1 ELSE least(c.requests, 2000000) + 1 END
    RETURNING c.requests,
        greatest(1, ceil(extract(epoch FROM c.began_at + make_interval(secs => p_seconds) - clock_timestamp())))::integer
$$;

-- What a client counts as, narrowest first, and how many times an address's limit each may have: its address; of IPv6 the
-- 64 bits that one household has, and the 56 and 48 that a provider gives to one customer.
CREATE OR REPLACE FUNCTION convonet_admin.client_networks(p_client text) RETURNS TABLE (key text, factor integer)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address inet;
BEGIN
    -- An IPv4 address as a socket for both kinds gives it is no network of IPv6.
    address := regexp_replace(p_client, '^::ffff:(?=[0-9]+\.)', '', 'i');
    IF family(address) = 6 THEN
        RETURN QUERY SELECT host(network(set_masklen(address, v.bits))) || '/' || v.bits, v.times
        FROM (VALUES (64, 1), (56, 2), (48, 4)) AS v (bits, times);
    ELSE
        RETURN QUERY SELECT host(address), 1 WHERE address IS NOT NULL;
    END IF;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN QUERY SELECT 'unknown'::text, 1;
END
$$;

-- Whether a request may go on: NULL, or the seconds after which it may be tried again. Called before anything else, in
-- a transaction of its own. The address is counted first, so that one that is over its limit uses up nobody else's; and
-- whoever has a good token, of a link or of the application, is held to no total that strangers can use up.
CREATE OR REPLACE FUNCTION convonet_admin.self_admit(
    p_kind text, p_client text, p_token_hash bytea, p_is_signed_in boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    policy  convonet_admin.policy;
    counted record;
    network record;
    is_look boolean := p_kind = 'assess';
BEGIN
    -- The counters are on this server alone: nobody waits for a standby because of them.
    PERFORM set_config('synchronous_commit', 'local', true);
    SELECT * INTO policy FROM convonet_admin.policy;
    FOR network IN SELECT n.key, n.factor FROM convonet_admin.client_networks(p_client) n ORDER BY n.factor LOOP
        SELECT * INTO counted FROM convonet_admin.count_request(
            CASE WHEN is_look THEN 'assess ' ELSE 'address ' END || network.key, 600);
        -- Looking a password over while somebody types is many requests, and none of them changes anything.
        IF counted.requests > policy.self_service_address_limit::bigint * network.factor
                * (CASE WHEN is_look THEN 10 ELSE 1 END) THEN
            RETURN counted.rest;
        END IF;
    END LOOP;
    IF is_look OR p_is_signed_in OR EXISTS (
            SELECT FROM convonet_admin.reset_token t
            WHERE t.token_hash = p_token_hash AND t.used_at IS NULL AND t.void_at IS NULL
              AND t.expires_at > clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO counted FROM convonet_admin.count_request('total', 60);
    RETURN CASE WHEN counted.requests > policy.self_service_total_limit THEN counted.rest END;
END
$$;

-- Notes that somebody asked for a link. It does the same whatever the address is; self_take_mail looks it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_request_link(p_email text, p_other text, p_request uuid, p_claims jsonb)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, other_address, request_id, client_address, created_at, give_up_at, next_try_at)
    SELECT 'link_request', left(p_email, 400), left(p_other, 400), p_request,
           convonet_admin.claim(p_claims, 'client_address', 100),
           clock_timestamp(), clock_timestamp() + make_interval(mins => p.reset_link_minutes), clock_timestamp()
    FROM convonet_admin.policy p
$$;

-- An event of somebody who acts for themselves. The address is what the program says: behind a proxy nobody else knows it.
CREATE OR REPLACE FUNCTION convonet_admin.new_self_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    event.actor_kind := 'self';
    event.client_address := convonet_admin.claim(p_claims, 'client_address', 100);
    event.detail := convonet_admin.claimed_detail(p_claims);
    RETURN event;
END
$$;

-- Locks the account and makes the checks that every change by the person has in common; as begin_attempt for operators.
CREATE OR REPLACE FUNCTION convonet_admin.begin_self_attempt(p_action text, p_account uuid, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
    person  convonet_admin.person;
BEGIN
    person := convonet_admin.locked_person(p_account);
    event.account_id := person.id;
    event.account_email := person.email;
    event.account_username := person.username;
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
    PERFORM set_config('convonet_admin.acting', CASE WHEN attempt.proceeds THEN 'yes' ELSE '' END, true);
    RETURN attempt;
END
$$;

-- Why a link is no good, or NULL where it is; for the one whose account is locked.
CREATE OR REPLACE FUNCTION convonet_admin.link_fault(
    p_token convonet_admin.reset_token, p_hash text, p_email text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_token.used_at IS NOT NULL THEN 'link_used'
                WHEN p_token.void_at IS NOT NULL THEN 'link_void'
                WHEN p_token.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(p_hash)
                    -- A new address may be the answer to somebody else's reading of the old one's mail.
                    OR p_token.address IS DISTINCT FROM p_email THEN 'link_outdated'
                WHEN p_token.expires_at <= clock_timestamp() THEN 'link_expired' END
$$;

-- Whose link it is, as long as it is good: what a new password is held against. Looking does not use it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_link_holder(p_token_hash bytea)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email, u.username, u.first_name, u.last_name, t.expires_at
    FROM convonet_admin.reset_token t CROSS JOIN LATERAL convonet_admin.hand_read(t.account_id) u
    WHERE t.token_hash = p_token_hash AND u.is_active AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL
$$;

-- Sets the password of whoever holds the link, whose row is locked from the look at it to its use. No row
-- where there is no such token; an event where there was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_reset_password(
    p_token_hash bytea, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    stored  text;
    fault   text;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    BEGIN
        attempt := convonet_admin.begin_self_attempt('reset_password', token.account_id, p_request, p_claims);
    EXCEPTION WHEN no_data_found THEN
        RETURN;
    END;
    IF NOT attempt.proceeds THEN
        RETURN NEXT convonet_admin.finish_attempt(attempt);
        {{forget_settings}}
        RETURN;
    END IF;
    event := attempt.event;
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    -- Read again: another may have used it while this one waited for the account.
    SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = token.id FOR UPDATE;
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(token.account_id) a;
    fault := CASE WHEN token.token_hash IS DISTINCT FROM p_token_hash THEN 'link_void'
                  ELSE convonet_admin.link_fault(token, stored, event.account_email) END;
    IF fault IS NULL AND NOT convonet_admin.is_storable_hash(p_hash) THEN
        fault := 'hash_malformed';
    END IF;
    IF fault IS NOT NULL THEN
        RETURN NEXT convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', fault));
        {{forget_settings}}
        RETURN;
    END IF;
    attempt := convonet_admin.with_written(attempt, 'password_hash', p_hash);
    IF (attempt.event).outcome = 'done' THEN
        UPDATE convonet_admin.reset_token t SET used_at = clock_timestamp() WHERE t.id = token.id;
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = token.account_id;
    END IF;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
    {{forget_settings}}
END
$$;

-- Whether no old password is looked at for now. What a clock that was ahead wrote down blocks nobody.
CREATE OR REPLACE FUNCTION convonet_admin.is_blocked(p_wrong convonet_admin.wrong_password) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_wrong.blocked_until > clock_timestamp() AND p_wrong.last_at <= clock_timestamp() + interval '1 minute'
$$;

-- What is needed to check an old password and hold a new one against the person. Of the stored hash it gives the setting
-- alone (version, cost and salt): the hash is computed outside and compared here, so that none ever leaves the database.
CREATE OR REPLACE FUNCTION convonet_admin.self_signed_in(p_account uuid)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, setting text, wait integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email, u.username, u.first_name, u.last_name,
           CASE WHEN convonet_admin.is_bcrypt(u.password_hash) THEN left(u.password_hash, 29) END,
           (SELECT ceil(extract(epoch FROM w.blocked_until - clock_timestamp()))::integer
            FROM convonet_admin.wrong_password w WHERE w.account_id = u.id AND convonet_admin.is_blocked(w))
    FROM convonet_admin.hand_read(p_account) u WHERE u.is_active
$$;

-- The rule that an old password breaks, or NULL. From the fifth wrong one on each makes the next wait, a minute and then
-- twice as long each time, an hour at most; a day without any, and it begins anew. The account is locked by the caller,
-- so that many at once are counted one after the other.
CREATE OR REPLACE FUNCTION convonet_admin.old_password_fault(p_account uuid, p_proof text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored text;
    wrong  convonet_admin.wrong_password;
BEGIN
    SELECT * INTO wrong FROM convonet_admin.wrong_password w WHERE w.account_id = p_account;
    IF convonet_admin.is_blocked(wrong) THEN
        RETURN 'old_password_blocked';
    END IF;
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(p_account) a;
    IF NOT convonet_admin.is_bcrypt(stored) THEN
        RETURN 'external_sign_in';
    END IF;
    -- Hashed once more, so that the time of comparing tells nothing about the stored one.
    IF convonet_admin.password_fingerprint(stored) IS NOT DISTINCT FROM convonet_admin.password_fingerprint(p_proof) THEN
        RETURN NULL;
    END IF;
    wrong.attempts := CASE WHEN wrong.last_at > clock_timestamp() - interval '24 hours' THEN wrong.attempts ELSE 0 END + 1;
    INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
    VALUES (p_account, wrong.attempts, clock_timestamp(),
            clock_timestamp() + CASE WHEN wrong.attempts < 5 THEN interval '0'
                                     ELSE make_interval(mins => least(60, 2 ^ least(wrong.attempts - 5, 6))::integer) END)
    ON CONFLICT (account_id) DO UPDATE
    SET attempts = excluded.attempts, last_at = excluded.last_at, blocked_until = excluded.blocked_until;
    RETURN 'old_password_wrong';
END
$$;

-- Whether the old password is right, before the new one is hashed at some cost; the event where it is not.
CREATE OR REPLACE FUNCTION convonet_admin.self_check_old_password(
    p_account uuid, p_proof text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    fault   text;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        fault := convonet_admin.old_password_fault(p_account, p_proof);
        IF fault IS NULL THEN
            PERFORM set_config('convonet_admin.acting', '', true);
            PERFORM convonet_admin.settle();
            RETURN;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'refused', fault);
    END IF;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
    {{forget_settings}}
END
$$;

-- Sets the password of somebody signed in who knows the old one.
CREATE OR REPLACE FUNCTION convonet_admin.self_change_password(
    p_account uuid, p_proof text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    fault   text;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN NEXT convonet_admin.finish_attempt(attempt);
        {{forget_settings}}
        RETURN;
    END IF;
    fault := convonet_admin.old_password_fault(p_account, p_proof);
    IF fault IS NULL AND NOT convonet_admin.is_storable_hash(p_hash) THEN
        fault := 'hash_malformed';
    END IF;
    IF fault IS NOT NULL THEN
        RETURN NEXT convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', fault));
        {{forget_settings}}
        RETURN;
    END IF;
    attempt := convonet_admin.with_written(attempt, 'password_hash', p_hash);
    IF (attempt.event).outcome = 'done' THEN
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = p_account;
    END IF;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
    {{forget_settings}}
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
BEGIN
    IF (p_action IN ('reset_password', 'change_password') AND p_rule IN ({{client_rules}})) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session();
    SELECT a.id, a.email, a.username INTO event.account_id, event.account_email, event.account_username
    FROM convonet_admin.hand_read(p_account) a;
    IF event.account_id IS NULL THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.outcome := 'refused';
    event.rule := p_rule;
    attempt.event := event;
    attempt.replayed := false;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
