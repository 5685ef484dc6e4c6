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

-- Whether a PIN may come back to somebody from whom it was taken by mistake. A look at every row, whatever the PIN.
CREATE OR REPLACE FUNCTION convonet_admin.is_kept_pin(p_pin text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(r.value = p_pin AND r.expires_at > clock_timestamp()), false)
    FROM convonet_admin.replaced_credential r WHERE r.column_name = 'voice_pin'
$$;

-- Counts an answer that depends on other people's PINs, before it is given; false where this database user had as many
-- within the hour as the policy allows. Issued and accepted PINs are such answers too: they say who does not have them. What comes
-- of links that staff sent, each within their limits, is counted apart: ten times as many, and not under a lock, so that nobody
-- who opens one waits for another.
CREATE OR REPLACE FUNCTION convonet_admin.count_pin_answer(p_policy convonet_admin.policy, p_actor_kind text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own_slot integer;
BEGIN
    IF p_actor_kind = 'self' THEN
        IF convonet_admin.counted('link_pin_answers', 0) >= 10 * p_policy.pin_answers_per_hour::bigint THEN
            RETURN false;
        END IF;
        PERFORM convonet_admin.count_one('link_pin_answers', 0);
        RETURN true;
    END IF;
    own_slot := convonet_admin.operator_slot_of('{}');
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = own_slot FOR UPDATE;
    IF convonet_admin.counted('pin_answers', own_slot) >= p_policy.pin_answers_per_hour THEN
        RETURN false;
    END IF;
    PERFORM convonet_admin.count_one('pin_answers', own_slot);
    RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_issued_pin(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    policy  convonet_admin.policy;
    new_pin text;
BEGIN
    SELECT * INTO policy FROM convonet_admin.policy;
    IF NOT convonet_admin.count_pin_answer(policy, (p_attempt.event).actor_kind) THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'pin_answer_limit');
    END IF;
    FOR draw IN 1..500 LOOP
        new_pin := convonet_admin.draw_pin(policy.issued_pin_length);
        CONTINUE WHEN EXISTS (SELECT FROM convonet_admin.refused_pin r WHERE r.pin = new_pin)
            -- Or else whoever draws and rolls back often enough learns from what never comes which PINs are taken.
            OR convonet_admin.is_decoy(new_pin)
            -- In this order: one that is cleared in between is kept by then.
            OR convonet_admin.hand_has_pin(new_pin)
            OR convonet_admin.is_kept_pin(new_pin);
        attempt := p_attempt;
        attempt.voice_pin := new_pin;
        attempt := convonet_admin.with_written(attempt, 'voice_pin', new_pin);
        -- Somebody took it meanwhile.
        CONTINUE WHEN (attempt.event).rule = 'pin_taken';
        RETURN attempt;
    END LOOP;
    RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'no_free_pin');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_typed_pin(
    p_attempt convonet_admin.attempt, p_pin text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    policy  convonet_admin.policy;
    own_slot integer := convonet_admin.operator_slot_of(p_claims);
    decoy   boolean;
    taken   boolean;
    pattern text;
BEGIN
    SELECT * INTO policy FROM convonet_admin.policy;
    IF (p_pin ~ '^[0123456789]{4,6}$' AND length(p_pin) BETWEEN policy.pin_minimum_length AND policy.pin_maximum_length)
            IS NOT TRUE THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'pin_malformed');
    END IF;
    SELECT r.rule INTO pattern FROM convonet_admin.refused_pin r WHERE r.pin = p_pin;
    IF FOUND THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', pattern);
    END IF;
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = own_slot FOR UPDATE;
    IF convonet_admin.counted('typed_pin_refusals', own_slot) >= policy.typed_pin_limit THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'typed_pin_limit');
    ELSIF NOT convonet_admin.count_pin_answer(policy, (p_attempt.event).actor_kind) THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'pin_answer_limit');
    END IF;
    -- The same work whatever the PIN: the server's statistics, which everybody may read, tell an update that collides from
    -- one that is undone, and how often the key of the decoys was read. The person's own PIN is one of those that are
    -- taken: an update to the same value is told from another, too.
    decoy := convonet_admin.is_decoy(p_pin);
    taken := convonet_admin.hand_has_pin_anywhere(p_pin);
    taken := convonet_admin.is_kept_pin(p_pin) OR taken;
    IF NOT (taken OR decoy) THEN
        attempt := convonet_admin.with_written(attempt, 'voice_pin', p_pin);
        IF (attempt.event).rule IS DISTINCT FROM 'pin_taken' THEN
            RETURN attempt;
        END IF;
    END IF;
    PERFORM convonet_admin.count_one('typed_pin_refusals', own_slot);
    RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'pin_unavailable');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_cleared_pin(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (p_attempt.person).has_voice_pin THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'no_voice_pin');
    END IF;
    RETURN convonet_admin.with_written(p_attempt, 'voice_pin', NULL);
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.issue_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('issue_voice_pin', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb) TO {{operator}};

CREATE OR REPLACE FUNCTION convonet_admin.set_voice_pin(
    p_account uuid, p_version text, p_pin text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('set_voice_pin', p_account, p_version, p_pin, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.set_voice_pin(uuid, text, text, uuid, jsonb) TO {{operator}};

CREATE OR REPLACE FUNCTION convonet_admin.clear_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('clear_voice_pin', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.clear_voice_pin(uuid, text, uuid, jsonb) TO {{operator}};
