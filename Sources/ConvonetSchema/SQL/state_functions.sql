-- Gives an account the state that its action names.
CREATE OR REPLACE FUNCTION convonet_admin.apply_state(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    action  record;
BEGIN
    SELECT * INTO STRICT action FROM convonet_admin.actions() a WHERE a.name = (p_attempt.event).action;
    attempt := convonet_admin.with_written(attempt, action.column_name, action.value);
    -- Or a link that was sent before would work again when the account does.
    IF action.column_name = 'is_active' AND action.value = 'false' AND (attempt.event).outcome = 'done' THEN
        PERFORM convonet_admin.revoked_links((attempt.event).account_id);
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
GRANT EXECUTE ON FUNCTION convonet_admin.set_account_active(uuid, text, boolean, uuid, jsonb) TO {{operator}};

CREATE OR REPLACE FUNCTION convonet_admin.set_account_verified(
    p_account uuid, p_version text, p_verified boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        CASE p_verified WHEN true THEN 'verify' WHEN false THEN 'unverify' END, p_account, p_version, NULL, p_request,
        p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.set_account_verified(uuid, text, boolean, uuid, jsonb) TO {{operator}};
