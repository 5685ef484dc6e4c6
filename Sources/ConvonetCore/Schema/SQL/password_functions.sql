CREATE OR REPLACE FUNCTION convonet_admin.reset_password(
    p_account uuid, p_version text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt    convonet_admin.attempt;
    event      convonet_admin.audit_event;
    old_hash   text;
    stored     text;
    state      text;
    constrained text;
BEGIN
    attempt := convonet_admin.begin_attempt('reset_password', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    IF (p_hash ~ '^\$2b\$1[0-5]\$[./A-Za-z0-9]{53}$') IS NOT TRUE THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'hash_malformed'));
    END IF;
    SELECT u.password_hash INTO old_hash FROM {{users}} u WHERE u.id = p_account;
    IF old_hash !~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$' THEN
        IF (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN
            RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in'));
        END IF;
        event := attempt.event;
        event.detail := concat_ws(' ', event.detail, 'local_password=yes',
            CASE WHEN old_hash ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN 'was=' || old_hash END);
        attempt.event := event;
    END IF;
    BEGIN
        UPDATE {{users}} u
        SET password_hash = p_hash, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        -- Read again and not RETURNING, which does not see what an AFTER trigger of the application did.
        SELECT u.password_hash, u.updated_at INTO stored, attempt.updated_at FROM {{users}} u WHERE u.id = p_account;
        IF stored IS DISTINCT FROM p_hash THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
        attempt := convonet_admin.failed_attempt(attempt, state, constrained);
    END;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
