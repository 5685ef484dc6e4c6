-- Draws a PIN of the server's own random numbers. Of the 32 bits in the first half of a version 4 UUID, numbers past
-- the last full million are thrown away, so that every PIN is as likely as any other.
CREATE OR REPLACE FUNCTION convonet_admin.draw_pin(p_length integer) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    LOOP
        number := ('x' || left(gen_random_uuid()::text, 8))::bit(32)::bigint & 4294967295;
        EXIT WHEN number < 4294000000;
    END LOOP;
    RETURN lpad((number % (10 ^ p_length)::bigint)::text, p_length, '0');
END
$$;

-- Whether a PIN is of the secret share that is refused as if somebody had it.
CREATE OR REPLACE FUNCTION convonet_admin.is_decoy(p_pin text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('x' || left(encode(sha256(k.key || convert_to(p_pin, 'UTF8')), 'hex'), 8))::bit(32)::bigint % 1000
               < p.decoys_per_thousand
    FROM convonet_admin.pin_decoy_key k, convonet_admin.policy p
$$;

-- How many typed PINs were refused as unavailable within the hour, for the operators of one slot.
CREATE OR REPLACE FUNCTION convonet_admin.typed_pin_refusals(p_slot integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1024 > extract(epoch FROM clock_timestamp()) - 3600 THEN (value % 1024)::integer ELSE 0 END
    FROM coalesce(pg_sequence_last_value(('convonet_admin.typed_pin_refusals_' || p_slot)::regclass), 0) AS value
$$;

CREATE OR REPLACE FUNCTION convonet_admin.count_typed_pin_refusal(p_slot integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counter regclass := ('convonet_admin.typed_pin_refusals_' || p_slot)::regclass;
BEGIN
    IF convonet_admin.typed_pin_refusals(p_slot) = 0 THEN
        PERFORM setval(counter, floor(extract(epoch FROM clock_timestamp()))::bigint * 1024 + 1);
    ELSE
        PERFORM nextval(counter);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.issue_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    digits  integer;
    new_pin text;
    stored  text;
    state   text;
    constrained text;
BEGIN
    attempt := convonet_admin.begin_attempt('issue_voice_pin', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT p.issued_pin_length INTO digits FROM convonet_admin.policy p;
    attempt := convonet_admin.with_outcome(attempt, 'refused', 'no_free_pin');
    FOR draw IN 1..500 LOOP
        new_pin := convonet_admin.draw_pin(digits);
        CONTINUE WHEN EXISTS (SELECT FROM convonet_admin.refused_pin r WHERE r.pin = new_pin)
            OR EXISTS (SELECT FROM {{users}} u WHERE u.voice_pin = new_pin)
            -- Or else whoever draws and rolls back often enough learns from what never comes which PINs are taken.
            OR convonet_admin.is_decoy(new_pin);
        BEGIN
            UPDATE {{users}} u
            SET voice_pin = new_pin,
                updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
            SELECT u.voice_pin, u.updated_at INTO stored, attempt.updated_at FROM {{users}} u WHERE u.id = p_account;
            IF stored IS DISTINCT FROM new_pin THEN
                RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
            END IF;
            attempt := convonet_admin.with_outcome(attempt, 'done');
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN
                CONTINUE;
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
                attempt := convonet_admin.failed_attempt(attempt, state, constrained);
                EXIT;
        END;
    END LOOP;
    RETURN convonet_admin.finish_attempt(attempt, new_pin);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.set_voice_pin(
    p_account uuid, p_version text, p_pin text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    policy  convonet_admin.policy;
    own_slot integer := convonet_admin.operator_slot_of(p_claims);
    decoy   boolean;
    taken   boolean;
    pattern text;
    stored  text;
    state   text;
    constrained text;
BEGIN
    attempt := convonet_admin.begin_attempt('set_voice_pin', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT * INTO policy FROM convonet_admin.policy;
    IF (p_pin ~ '^[0123456789]{4,6}$' AND length(p_pin) BETWEEN policy.pin_minimum_length AND policy.pin_maximum_length)
            IS NOT TRUE THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'pin_malformed'));
    END IF;
    SELECT r.rule INTO pattern FROM convonet_admin.refused_pin r WHERE r.pin = p_pin;
    IF FOUND THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', pattern));
    END IF;
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = own_slot FOR UPDATE;
    IF convonet_admin.typed_pin_refusals(own_slot) >= policy.typed_pin_limit THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'typed_pin_limit'));
    END IF;
    -- Every row is looked at, whatever the PIN: the server's statistics, which everybody may read, tell an index look-up
    -- that finds from one that does not, an update that collides from one that is undone, and how often the key of the
    -- decoys was read.
    decoy := convonet_admin.is_decoy(p_pin);
    -- The person's own PIN is one of those that are taken: an update to the same value is told from another, too.
    SELECT coalesce(bool_or(u.voice_pin = p_pin), false) INTO taken FROM {{users}} u;
    IF taken OR decoy THEN
        PERFORM convonet_admin.count_typed_pin_refusal(own_slot);
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'pin_unavailable'));
    END IF;
    BEGIN
        UPDATE {{users}} u
        SET voice_pin = p_pin, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        SELECT u.voice_pin, u.updated_at INTO stored, attempt.updated_at FROM {{users}} u WHERE u.id = p_account;
        IF stored IS DISTINCT FROM p_pin THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    EXCEPTION
        -- Somebody took it meanwhile.
        WHEN unique_violation THEN
            PERFORM convonet_admin.count_typed_pin_refusal(own_slot);
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'pin_unavailable');
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
            attempt := convonet_admin.failed_attempt(attempt, state, constrained);
    END;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.clear_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    stored  text;
    state   text;
    constrained text;
BEGIN
    attempt := convonet_admin.begin_attempt('clear_voice_pin', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    IF EXISTS (SELECT FROM {{users}} u WHERE u.id = p_account AND u.voice_pin IS NULL) THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'no_voice_pin'));
    END IF;
    BEGIN
        UPDATE {{users}} u
        SET voice_pin = NULL, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        SELECT coalesce(u.voice_pin, 'cleared'), u.updated_at INTO stored, attempt.updated_at
        FROM {{users}} u WHERE u.id = p_account;
        IF stored IS DISTINCT FROM 'cleared' THEN
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
