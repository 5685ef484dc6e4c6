-- Signed out everywhere: the application asks `tokens_not_before` whether a token still counts.

-- Ends the tokens from before an event, where it is one of those; what was taken back ends none.
CREATE OR REPLACE FUNCTION convonet_admin.end_tokens(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_event.outcome <> 'done' OR p_event.account_id IS NULL THEN
        RETURN;
    ELSIF p_event.action = 'undo' THEN
        DELETE FROM convonet_admin.token_cutoff c WHERE c.account_id = p_event.account_id;
        INSERT INTO convonet_admin.token_cutoff (account_id, not_before)
        SELECT t.account_id, max(t.not_before) FROM convonet_admin.token_end t
        WHERE t.account_id = p_event.account_id GROUP BY t.account_id;
    ELSE
        -- An event that was just written was not taken back.
        INSERT INTO convonet_admin.token_cutoff AS c (account_id, not_before)
        SELECT e.account_id, {{tokens_count_from}} FROM (SELECT (p_event).*) e WHERE {{ends_tokens}}
        ON CONFLICT (account_id) DO UPDATE SET not_before = greatest(c.not_before, excluded.not_before);
    END IF;
END
$$;

-- Of how many accounts the log tells otherwise than the tables beside it: for doctor, of whoever may not read the log.
CREATE OR REPLACE FUNCTION convonet_admin.told_rows() RETURNS TABLE (cutoffs bigint, freezes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    {{told_rows}}
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.told_rows() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};

-- The event itself ends the tokens.
CREATE OR REPLACE FUNCTION convonet_admin.apply_sign_out(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.with_outcome(p_attempt, 'done')
$$;

CREATE OR REPLACE FUNCTION convonet_admin.sign_out(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('sign_out', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.sign_out(uuid, text, uuid, jsonb) TO {{operator}};
