-- Gives an account one of its states: activate, deactivate, verify or unverify.
CREATE OR REPLACE FUNCTION convonet_admin.change_state(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    wanted  boolean := p_action IN ('activate', 'verify');
    is_about_activity boolean := p_action IN ('activate', 'deactivate');
    stored  boolean;
    state   text;
    constrained text;
BEGIN
    IF p_action IS NULL THEN
        RAISE EXCEPTION 'no state given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    BEGIN
        -- Apart, so that a trigger of the application on one column does not hear of the other.
        IF is_about_activity THEN
            UPDATE {{users}} u
            SET is_active = wanted, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
        ELSE
            UPDATE {{users}} u
            SET is_verified = wanted, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
        END IF;
        SELECT CASE WHEN is_about_activity THEN u.is_active ELSE u.is_verified END, u.updated_at
        INTO stored, attempt.updated_at FROM {{users}} u WHERE u.id = p_account;
        IF stored IS DISTINCT FROM wanted THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
        -- Or a link that was sent before would work again when the account does.
        IF p_action = 'deactivate' THEN
            UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
            WHERE t.account_id = p_account AND t.used_at IS NULL AND t.void_at IS NULL;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
        attempt := convonet_admin.failed_attempt(attempt, state, constrained);
    END;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.set_account_active(
    p_account uuid, p_version text, p_active boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.change_state(
        CASE p_active WHEN true THEN 'activate' WHEN false THEN 'deactivate' END, p_account, p_version, p_request, p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.set_account_verified(
    p_account uuid, p_version text, p_verified boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.change_state(
        CASE p_verified WHEN true THEN 'verify' WHEN false THEN 'unverify' END, p_account, p_version, p_request, p_claims)
$$;
