-- Codes that are read out, for people whose mail does not work. Whoever enters one at self-service gets a link's token for it, and
-- sets the password by that: all that ends a link ends a code, too. Of a code there is its bcrypt hash alone.

-- How often a code was entered wrong; NULL where its counter is another's by now.
CREATE OR REPLACE FUNCTION convonet_admin.reset_code_tries(p_code convonet_admin.reset_token) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1048576 = p_code.code_number THEN (value % 1048576)::integer END
    FROM coalesce(pg_sequence_last_value(format('convonet_admin.reset_code_tries_%s', p_code.slot)::regclass), 0) AS value
$$;

-- Why a code is no good, or NULL where it is; the account is the caller's to look at.
CREATE OR REPLACE FUNCTION convonet_admin.reset_code_fault(
    p_code convonet_admin.reset_token, p_hash text, p_email text, p_username text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN fault IS NOT NULL THEN fault
                WHEN p_code.username IS DISTINCT FROM p_username
                    OR substr(p_code.code_hash, 5, 2)::integer <> (SELECT p.bcrypt_cost FROM convonet_admin.policy p)
                    THEN 'link_outdated'
                WHEN convonet_admin.reset_code_tries(p_code) IS NULL THEN 'link_void'
                WHEN convonet_admin.reset_code_tries(p_code) >= 50 THEN 'reset_code_tries' END
    FROM convonet_admin.link_fault(p_code, p_hash, p_email) AS fault
$$;

-- The codes that nobody has set a password by, and whose time is not over.
CREATE OR REPLACE FUNCTION convonet_admin.open_reset_codes() RETURNS SETOF convonet_admin.reset_token
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.* FROM convonet_admin.reset_token t
    WHERE t.code_hash IS NOT NULL AND t.used_at IS NULL AND t.void_at IS NULL AND t.expires_at > clock_timestamp()
$$;

-- Makes a code for an account that the caller has locked, in place of an earlier one. The value is the hash of all of it. The token
-- of its link is nobody's until somebody enters the code.
CREATE OR REPLACE FUNCTION convonet_admin.apply_reset_code(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt   convonet_admin.attempt := p_attempt;
    event     convonet_admin.audit_event := p_attempt.event;
    person    convonet_admin.person := p_attempt.person;
    code      convonet_admin.reset_token;
    free_slot integer;
    rule      text;
BEGIN
    -- At another cost the time that entering it takes would tell that there is one.
    rule := CASE WHEN NOT convonet_admin.is_storable_hash(p_value) THEN 'hash_malformed'
                 WHEN substr(p_value, 5, 2)::integer <> (SELECT p.bcrypt_cost FROM convonet_admin.policy p)
                     THEN 'hash_malformed'
                 ELSE convonet_admin.link_refusal(person, p_claims) END;
    IF rule IS NULL THEN
        -- Two that begin at once take two slots. The one of this account's earlier code is not free: its counter is set where a
        -- rollback does not reach, and would no longer be that code's, which a rollback brings back.
        PERFORM convonet_admin.lock_head();
        SELECT s INTO free_slot FROM generate_series(0, 63) AS s
        WHERE s NOT IN (SELECT c.slot FROM convonet_admin.open_reset_codes() c) ORDER BY s LIMIT 1;
        rule := CASE WHEN free_slot IS NULL
                          OR (SELECT count(*) FROM convonet_admin.open_reset_codes() c WHERE c.db_user = event.db_user
                                AND c.account_id <> event.account_id) >= 32
                     THEN 'reset_codes_open' END;
    END IF;
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', rule);
    END IF;
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'newer'
    WHERE t.id IN (SELECT c.id FROM convonet_admin.open_reset_codes() c WHERE c.account_id = event.account_id);
    INSERT INTO convonet_admin.reset_token
        (account_id, address, username, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at,
         code_hash, code_number, slot)
    SELECT event.account_id, person.email, person.username, 'operator', event.db_user,
           convonet_admin.password_fingerprint(person.password_hash), clock_timestamp(),
           sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
           clock_timestamp() + make_interval(mins => p.reset_code_minutes), p_value,
           nextval('convonet_admin.reset_code_number'), free_slot
    FROM convonet_admin.policy p
    RETURNING * INTO code;
    PERFORM setval(format('convonet_admin.reset_code_tries_%s', code.slot)::regclass, code.code_number * 1048576);
    event.detail := concat_ws(' ', event.detail, 'link=' || code.id);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Gives somebody a code, to be read out, by which they set their password themselves: whoever reads it out does not learn that.
CREATE OR REPLACE FUNCTION convonet_admin.issue_reset_code(
    p_account uuid, p_version text, p_code_hash text, p_request uuid, p_claims jsonb) RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('issue_reset_code', p_account, p_version, p_code_hash, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.issue_reset_code(uuid, text, text, uuid, jsonb) TO {{operator}};

-- The codes of one account, newest first: until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.codes_of(p_account uuid, p_limit integer)
RETURNS TABLE (id uuid, db_user text, created_at timestamptz, expires_at timestamptz, state text, state_at timestamptz)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.db_user, t.created_at, t.expires_at,
           CASE WHEN t.void_at IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN fault = 'reset_code_tries' THEN 'exhausted'
                WHEN fault = 'link_void' THEN 'replaced'
                WHEN fault IS NOT NULL THEN substr(fault, 6)
                WHEN t.entered_at IS NOT NULL THEN 'entered'
                ELSE 'issued' END,
           coalesce(t.used_at, t.void_at, t.entered_at)
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    CROSS JOIN LATERAL convonet_admin.reset_code_fault(t, u.password_hash, u.email, u.username) AS fault
    WHERE t.account_id = p_account AND t.code_hash IS NOT NULL AND u.id IS NOT NULL
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- The same for staff; as with links, most people have none.
CREATE OR REPLACE FUNCTION convonet_admin.reset_codes(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, db_user text, created_at timestamptz, expires_at timestamptz, state text, state_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.* FROM convonet_admin.codes_of(p_account, p_limit) c
    WHERE EXISTS (SELECT FROM convonet_admin.reset_token t WHERE t.account_id = p_account AND t.code_hash IS NOT NULL)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.reset_codes(uuid, integer) TO {{operator}}, {{auditor}};

-- The code of the day of whoever is called so, by an address in any of its spellings, or by username: one that is open before those
-- that are over, and whose address it is before whoever took it for a username.
CREATE OR REPLACE FUNCTION convonet_admin.code_of_login(p_logins text[]) RETURNS convonet_admin.reset_token
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.* FROM convonet_admin.reset_token t CROSS JOIN unnest(p_logins) AS l (login)
    WHERE t.code_hash IS NOT NULL AND t.created_at > clock_timestamp() - interval '1 day'
      AND ({{lower:t.address}} = {{lower:l.login}} OR {{lower:t.username}} = {{lower:l.login}})
    ORDER BY t.used_at IS NULL AND t.void_at IS NULL AND t.expires_at > clock_timestamp() DESC,
             {{lower:t.address}} = {{lower:l.login}} DESC, l.login IN (t.address, t.username) DESC, t.created_at DESC
    LIMIT 1
$$;

-- How the code of somebody is hashed, without the result; NULL where there is none, or the policy has another cost by now.
CREATE OR REPLACE FUNCTION convonet_admin.self_code_setting(p_logins text[]) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT left(c.code_hash, 29) FROM convonet_admin.code_of_login(p_logins) c, convonet_admin.policy p
    WHERE substr(c.code_hash, 5, 2)::integer = p.bcrypt_cost
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_code_setting(text[]) TO {{selfservice}};

-- Counts a try to enter a code, and whether it may be looked at: five from where this client is, so that a stranger uses up nobody
-- else's, and fifty in all.
CREATE OR REPLACE FUNCTION convonet_admin.count_code_try(p_code convonet_admin.reset_token, p_client text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    network record;
    counted bigint;
BEGIN
    FOR network IN SELECT n.key, n.factor FROM convonet_admin.client_networks(coalesce(p_client, '')) n ORDER BY n.factor LOOP
        IF (convonet_admin.count_request('code ' || p_code.code_number || ' ' || network.key, 3600)).requests > 5 * network.factor
                THEN
            RETURN 'reset_code_tries';
        END IF;
    END LOOP;
    counted := nextval(format('convonet_admin.reset_code_tries_%s', p_code.slot)::regclass);
    RETURN CASE WHEN counted / 1048576 <> p_code.code_number THEN 'link_void'
                WHEN counted % 1048576 > 50 THEN 'reset_code_tries' END;
END
$$;

-- Takes a code by what its hash comes to, and gives its link the token with this hash. It can be entered again until the password is
-- set, as whoever entered it may lose the page; the token from before is good no more. No row where nobody of that name has one.
CREATE OR REPLACE FUNCTION convonet_admin.self_enter_code(
    p_logins text[], p_proof text, p_token_hash bytea, p_request uuid, p_claims jsonb) RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    code    convonet_admin.reset_token;
    attempt convonet_admin.attempt;
    person  convonet_admin.person;
    fault   text;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_enter_code');
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a SHA-256 has 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    code := convonet_admin.code_of_login(p_logins);
    attempt := convonet_admin.begin_holders_attempt(
        'enter_reset_code', code.account_id, p_request, p_claims, 'link=' || code.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        -- Whoever takes its slot once its time is over stands in line here, too.
        PERFORM convonet_admin.lock_head();
        person := attempt.person;
        -- Read again: it may have been used while this one waited for the account.
        SELECT t.* INTO code FROM convonet_admin.reset_token t WHERE t.id = code.id FOR UPDATE;
        fault := coalesce(
            convonet_admin.reset_code_fault(code, person.password_hash, person.email, person.username),
            convonet_admin.count_code_try(code, (attempt.event).client_address),
            CASE WHEN convonet_admin.password_fingerprint(p_proof)
                      IS DISTINCT FROM convonet_admin.password_fingerprint(code.code_hash) THEN 'reset_code_wrong' END);
        IF fault IS NULL THEN
            -- The right one is no try, nor is what was tried before it.
            DELETE FROM convonet_admin.request_counter c WHERE starts_with(c.key, 'code ' || code.code_number || ' ');
            PERFORM setval(format('convonet_admin.reset_code_tries_%s', code.slot)::regclass, code.code_number * 1048576);
            UPDATE convonet_admin.reset_token t SET token_hash = p_token_hash, entered_at = clock_timestamp()
            WHERE t.id = code.id;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, CASE WHEN fault IS NULL THEN 'done' ELSE 'refused' END, fault);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_enter_code(text[], text, bytea, uuid, jsonb) TO {{selfservice}};
