-- Voice PINs that people get by a link that they were sent: nobody else ever sees one.

CREATE OR REPLACE FUNCTION convonet_admin.apply_pin_link(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.with_link(p_attempt, 'voice_pin', p_claims)
$$;

-- Sends somebody a link by which they get a voice PIN.
CREATE OR REPLACE FUNCTION convonet_admin.send_pin_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('send_pin_link', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_pin_link(uuid, text, uuid, jsonb) TO {{operator}};

-- Whether a PIN link is good now. Looking does not use it up, for programs that look through mail open every link.
CREATE OR REPLACE FUNCTION convonet_admin.self_pin_link_is_good(p_token_hash bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.reset_token t CROSS JOIN LATERAL convonet_admin.hand_read(t.account_id) u
        WHERE t.token_hash = p_token_hash AND t.purpose = 'voice_pin' AND u.is_active
          AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_pin_link_is_good(bytea) TO {{selfservice}};

-- Draws a PIN by a link whose account is locked, unless a fault was found.
CREATE OR REPLACE FUNCTION convonet_admin.with_own_pin(
    p_attempt convonet_admin.attempt, p_fault text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_fault IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', p_fault);
    END IF;
    RETURN convonet_admin.apply_issued_pin(p_attempt, NULL, '{}');
END
$$;

-- Gives whoever holds the link a voice PIN, which is in the receipt once. No row where there is no such token; an event where there
-- was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_issue_pin(p_token_hash bytea, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    token   convonet_admin.reset_token;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_issue_pin');
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash AND t.purpose = 'voice_pin';
    attempt := convonet_admin.begin_holders_attempt(
        'issue_voice_pin', token.account_id, p_request, p_claims, 'link=' || token.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_link_used(
            convonet_admin.with_own_pin(attempt, convonet_admin.held_link_fault(attempt, token.id, p_token_hash)), token.id);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_issue_pin(bytea, uuid, jsonb) TO {{selfservice}};
