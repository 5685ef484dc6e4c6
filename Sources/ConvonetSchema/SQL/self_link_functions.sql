-- Passwords that people set by a link that they were sent.

CREATE OR REPLACE FUNCTION convonet_admin.password_fingerprint(p_hash text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(coalesce(p_hash, ''), 'UTF8'))
$$;

-- Whether somebody's voice PIN changed since; a reset that was taken back is two changes. The log has what the application changed by
-- the time at which it was noted, or will have it.
CREATE OR REPLACE FUNCTION convonet_admin.pin_changed_since(p_account uuid, p_moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.audit_event e
        WHERE e.account_id = p_account AND e.occurred_at > p_moment AND e.outcome = 'done'
          AND CASE e.action
              WHEN 'direct_change' THEN e.detail ~ '^columns=[a-z_,]*voice_pin'
                  AND substring(e.detail FROM ' at=([0-9TZ:.-]{27})')::timestamptz > p_moment
              WHEN 'undo' THEN EXISTS (
                  SELECT FROM convonet_admin.audit_event r JOIN convonet_admin.actions() a ON a.name = r.action
                  WHERE r.sequence = convonet_admin.undone_receipt(e.detail) AND a.column_name = 'voice_pin')
              ELSE e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.column_name = 'voice_pin') END
        UNION ALL SELECT FROM convonet_admin.direct_change d
        WHERE d.account_id = p_account AND d.noted_at > p_moment AND d.columns ~ '^[a-z_,]*voice_pin')
$$;

-- Why a link is no good, or NULL where it is; for the one whose account is locked.
CREATE OR REPLACE FUNCTION convonet_admin.link_fault(
    p_token convonet_admin.reset_token, p_hash text, p_email text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_token.used_at IS NOT NULL THEN 'link_used'
                WHEN p_token.void_at IS NOT NULL THEN 'link_void'
                -- A new address may be the answer to somebody else's reading of the old one's mail.
                WHEN p_token.address IS DISTINCT FROM p_email OR CASE p_token.purpose
                    WHEN 'password' THEN
                        p_token.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(p_hash)
                    -- Of a PIN there is no fingerprint, for it would give the PIN away: the log tells whether it changed.
                    ELSE convonet_admin.pin_changed_since(p_token.account_id, p_token.created_at) END THEN 'link_outdated'
                WHEN p_token.expires_at <= clock_timestamp() THEN 'link_expired' END
$$;

-- Whose link it is, as long as it is good: what a new password is held against. Looking does not use it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_link_holder(p_token_hash bytea)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email, u.username, u.first_name, u.last_name, t.expires_at
    FROM convonet_admin.reset_token t CROSS JOIN LATERAL convonet_admin.hand_read(t.account_id) u
    WHERE t.token_hash = p_token_hash AND t.purpose = 'password' AND u.is_active AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_link_holder(bytea) TO {{selfservice}};

-- Why a link is no good to whoever came with it, whose account is locked; NULL where it is. It is read again, and locked: another may
-- have used it while this one waited for the account.
CREATE OR REPLACE FUNCTION convonet_admin.held_link_fault(
    p_attempt convonet_admin.attempt, p_token uuid, p_token_hash bytea) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token  convonet_admin.reset_token;
    person convonet_admin.person := p_attempt.person;
BEGIN
    SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = p_token FOR UPDATE;
    RETURN CASE WHEN token.token_hash IS DISTINCT FROM p_token_hash THEN 'link_void'
                ELSE convonet_admin.link_fault(token, person.password_hash, person.email) END;
END
$$;

-- Uses a link up by which something was done.
CREATE OR REPLACE FUNCTION convonet_admin.with_link_used(
    p_attempt convonet_admin.attempt, p_token uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE convonet_admin.reset_token t SET used_at = clock_timestamp()
    WHERE t.id = p_token AND (p_attempt.event).outcome = 'done';
    RETURN p_attempt;
END
$$;

-- Sets the password of whoever holds the link, whose row is locked from the look at it to its use. No row
-- where there is no such token; an event where there was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_reset_password(
    p_token_hash bytea, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    token   convonet_admin.reset_token;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_reset_password');
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash AND t.purpose = 'password';
    attempt := convonet_admin.begin_holders_attempt(
        'reset_password', token.account_id, p_request, p_claims, 'link=' || token.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_link_used(
            convonet_admin.with_own_password(
                attempt, convonet_admin.held_link_fault(attempt, token.id, p_token_hash), p_hash), token.id);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_reset_password(bytea, text, uuid, jsonb) TO {{selfservice}};
