-- Whether a text has the shape of a bcrypt hash, as the application makes and checks them. By its length, since a pattern that
-- counts its letters takes longer than all the rest.
CREATE OR REPLACE FUNCTION convonet_admin.is_bcrypt(p_hash text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(length(p_hash) = 60 AND p_hash ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$', false)
$$;

-- Whether a hash may be stored: `$2b$` alone, at a cost from 10 to 15.
CREATE OR REPLACE FUNCTION convonet_admin.is_storable_hash(p_hash text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(length(p_hash) = 60 AND p_hash ~ '^\$2b\$1[0-5]\$[./A-Za-z0-9]+$', false)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_password(
    p_attempt convonet_admin.attempt, p_hash text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt  convonet_admin.attempt := p_attempt;
    event    convonet_admin.audit_event := p_attempt.event;
    old_hash text := (p_attempt.person).password_hash;
BEGIN
    IF NOT convonet_admin.is_storable_hash(p_hash) THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'hash_malformed');
    END IF;
    IF NOT convonet_admin.is_bcrypt(old_hash) THEN
        IF (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN
            RETURN convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        END IF;
        event.detail := concat_ws(' ', event.detail, 'local_password=yes',
            CASE WHEN old_hash ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN 'was=' || old_hash END);
        attempt.event := event;
    END IF;
    RETURN convonet_admin.with_temporary_password(
        convonet_admin.with_written(attempt, 'password_hash', p_hash), p_hash);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.reset_password(
    p_account uuid, p_version text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('reset_password', p_account, p_version, p_hash, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.reset_password(uuid, text, text, uuid, jsonb) TO {{operator}};
