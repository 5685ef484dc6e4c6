-- Passwords that people change with the old one, signed in to the application.

-- Whether no old password is looked at for now. What a clock that was ahead wrote down blocks nobody.
CREATE OR REPLACE FUNCTION convonet_admin.is_blocked(p_wrong convonet_admin.wrong_password) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_wrong.blocked_until > clock_timestamp() AND p_wrong.last_at <= clock_timestamp() + interval '1 minute'
$$;

-- What is needed to check an old password and hold a new one against the person, whatever token they came with: for programs of
-- version 8, which do not say. Of the stored hash it gives the setting
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
GRANT EXECUTE ON FUNCTION convonet_admin.self_signed_in(uuid) TO {{selfservice}};

-- The same of whoever comes with a token of the application that was issued then, in seconds since 1970; no row where it was ended
-- since, or does not say when it was issued and could have been. Tokens tell whole seconds, so that one of the same second may be
-- from before.
CREATE OR REPLACE FUNCTION convonet_admin.self_token_holder(p_account uuid, p_issued_at bigint)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, setting text, wait integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.* FROM convonet_admin.self_signed_in(p_account) s
    WHERE NOT EXISTS (SELECT FROM convonet_admin.token_cutoff c
                      WHERE c.account_id = p_account AND (p_issued_at > extract(epoch FROM c.not_before)) IS NOT TRUE)
      -- What was taken back ends no tokens; those that its password may have given are no good all the same.
      AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u JOIN convonet_admin.audit_event e
                      ON e.sequence = convonet_admin.undone_receipt(u.detail) AND e.account_id = u.account_id
                      WHERE u.account_id = p_account AND u.action = 'undo' AND u.outcome = 'done' AND e.action = 'reset_password'
                        AND (p_issued_at NOT BETWEEN floor(extract(epoch FROM e.occurred_at))
                                                 AND ceil(extract(epoch FROM u.occurred_at)) + 2) IS NOT TRUE)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_token_holder(uuid, bigint) TO {{selfservice}};

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
    PERFORM convonet_admin.require_plain_session('self_check_old_password');
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        fault := convonet_admin.old_password_fault(p_account, p_proof);
        IF fault IS NULL THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'refused', fault);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_check_old_password(uuid, text, uuid, jsonb) TO {{selfservice}};

-- Sets the password of somebody signed in who knows the old one.
CREATE OR REPLACE FUNCTION convonet_admin.self_change_password(
    p_account uuid, p_proof text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_change_password');
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_own_password(
            attempt, convonet_admin.old_password_fault(p_account, p_proof), p_hash);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_change_password(uuid, text, text, uuid, jsonb) TO {{selfservice}};
