-- Gives an account one of its states: activate, deactivate, verify or unverify.
CREATE OR REPLACE FUNCTION convonet_admin.apply_state(p_attempt convonet_admin.attempt) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    action  text := (p_attempt.event).action;
BEGIN
    IF action NOT IN ('activate', 'deactivate', 'verify', 'unverify') THEN
        RAISE EXCEPTION 'unknown action' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    attempt := convonet_admin.with_written(attempt,
        CASE WHEN action IN ('activate', 'deactivate') THEN 'is_active' ELSE 'is_verified' END,
        CASE WHEN action IN ('activate', 'verify') THEN 'true' ELSE 'false' END);
    -- Or a link that was sent before would work again when the account does.
    IF action = 'deactivate' AND (attempt.event).outcome = 'done' THEN
        UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
        WHERE t.account_id = (attempt.event).account_id AND t.used_at IS NULL AND t.void_at IS NULL;
    END IF;
    RETURN attempt;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.set_account_active(
    p_account uuid, p_version text, p_active boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        CASE p_active WHEN true THEN 'activate' WHEN false THEN 'deactivate' END, p_account, p_version, NULL, p_request,
        p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.set_account_verified(
    p_account uuid, p_version text, p_verified boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        CASE p_verified WHEN true THEN 'verify' WHEN false THEN 'unverify' END, p_account, p_version, NULL, p_request,
        p_claims)
$$;
