-- Version 1 of the schema as it was installed, but for the table of refused PINs.
GRANT "desk_viewer" TO "desk_operator";
GRANT USAGE ON SCHEMA "public" TO "desk_owner";
GRANT SELECT, UPDATE (password_hash, voice_pin, is_active, is_verified, updated_at) ON "public"."users_convonet" TO "desk_owner";
CREATE SCHEMA convonet_admin AUTHORIZATION "desk_owner";
SET LOCAL ROLE "desk_owner";
-- What is installed here, and for which table of the application.
CREATE TABLE convonet_admin.installation (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    schema_version integer NOT NULL,
    users_table    text NOT NULL,
    role_prefix    text,                       -- NULL: installed without roles
    installed_by   text NOT NULL DEFAULT session_user,
    installed_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What protects people and must not depend on an operator's own file.
CREATE TABLE convonet_admin.policy (
    only_row             boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    minimum_length       integer NOT NULL DEFAULT 8 CHECK (minimum_length BETWEEN 6 AND 64),
    minimum_score        integer NOT NULL DEFAULT 3 CHECK (minimum_score BETWEEN 0 AND 4),
    require_uppercase    boolean NOT NULL DEFAULT false,
    require_lowercase    boolean NOT NULL DEFAULT false,
    require_digit        boolean NOT NULL DEFAULT false,
    require_symbol       boolean NOT NULL DEFAULT false,
    allow_weak           boolean NOT NULL DEFAULT true,
    context_words        text[] NOT NULL DEFAULT '{convonet}',
    blocked_passwords    text[] NOT NULL DEFAULT '{}' CHECK (cardinality(blocked_passwords) <= 100000),
    bcrypt_cost          integer NOT NULL DEFAULT 12 CHECK (bcrypt_cost BETWEEN 10 AND 15),
    pin_minimum_length   integer NOT NULL DEFAULT 4 CHECK (pin_minimum_length BETWEEN 4 AND 6),
    pin_maximum_length   integer NOT NULL DEFAULT 6 CHECK (pin_maximum_length BETWEEN 4 AND 6),
    issued_pin_length    integer NOT NULL DEFAULT 6 CHECK (issued_pin_length BETWEEN 4 AND 6),
    typed_pin_limit      integer NOT NULL DEFAULT 3 CHECK (typed_pin_limit BETWEEN 0 AND 20),
    decoys_per_thousand  integer NOT NULL DEFAULT 100 CHECK (decoys_per_thousand BETWEEN 0 AND 500),
    require_reason       boolean NOT NULL DEFAULT false,
    require_ticket       boolean NOT NULL DEFAULT false,
    ticket_pattern       text NOT NULL DEFAULT '' CHECK (length(ticket_pattern) <= 200),
    verification_methods text[] NOT NULL DEFAULT '{}' CHECK (cardinality(verification_methods) <= 20),
    CHECK (pin_minimum_length <= pin_maximum_length)
);
INSERT INTO convonet_admin.policy DEFAULT VALUES;

-- The key behind decoys. Two version 4 UUIDs carry 244 bits of the server's own random numbers.
CREATE TABLE convonet_admin.pin_decoy_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    key      bytea NOT NULL
);
INSERT INTO convonet_admin.pin_decoy_key (key)
VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- The PINs that the pattern rules refuse, as the program computed them.
CREATE TABLE convonet_admin.refused_pin (
    pin  text PRIMARY KEY,
    rule text NOT NULL
);

-- Refusals of typed PINs are counted in sequences, since a rollback does not undo those. An operator has one slot of
-- 64; its row is the lock that keeps parallel calls from passing the limit together. The sequence holds the second
-- of the first refusal times 1024, plus the number of refusals since.
CREATE TABLE convonet_admin.typed_pin_slot (
    slot integer PRIMARY KEY
);
INSERT INTO convonet_admin.typed_pin_slot SELECT generate_series(0, 63);
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.typed_pin_refusals_%s', slot);
    END LOOP;
END
$$;
-- The log: append-only, each row bound to the one before it by its hash.
CREATE TABLE convonet_admin.audit_event (
    sequence         bigint PRIMARY KEY,
    format           integer NOT NULL,
    event_id         uuid NOT NULL UNIQUE,
    request_id       uuid,
    occurred_at      timestamptz NOT NULL,
    actor_kind       text NOT NULL CHECK (actor_kind IN ('operator', 'self', 'outside')),
    action           text NOT NULL,
    outcome          text NOT NULL CHECK (outcome IN ('done', 'refused', 'conflict', 'failed')),
    rule             text,
    account_id       uuid,
    account_email    text,
    account_username text,
    operator         text,
    db_user          text NOT NULL,
    uid              bigint,
    login_uid        bigint,
    host             text,
    tty              text,
    ssh_origin       text,
    client_address   text,
    reason           text,
    ticket           text,
    verified_by      text,
    application      text,
    detail           text,
    previous_hash    bytea NOT NULL,
    hash             bytea NOT NULL
);
CREATE INDEX audit_event_account ON convonet_admin.audit_event (account_id, sequence DESC);
CREATE INDEX audit_event_time ON convonet_admin.audit_event (occurred_at);
CREATE INDEX audit_event_request ON convonet_admin.audit_event (request_id);
-- Two accounts at once with one request's id: the lock is the account's, so only this can tell.
CREATE UNIQUE INDEX audit_event_done_once ON convonet_admin.audit_event (request_id) WHERE outcome = 'done';
COMMENT ON COLUMN convonet_admin.audit_event.db_user IS 'session_user: what the server checked';
COMMENT ON COLUMN convonet_admin.audit_event.operator IS 'claimed by the program: name of its system user';
COMMENT ON COLUMN convonet_admin.audit_event.uid IS 'claimed by the program';
COMMENT ON COLUMN convonet_admin.audit_event.login_uid IS 'claimed by the program';
COMMENT ON COLUMN convonet_admin.audit_event.host IS 'claimed by the program';
COMMENT ON COLUMN convonet_admin.audit_event.tty IS 'claimed by the program';
COMMENT ON COLUMN convonet_admin.audit_event.ssh_origin IS 'claimed by the program';

CREATE TABLE convonet_admin.audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sequence bigint NOT NULL,
    hash     bytea NOT NULL
);
INSERT INTO convonet_admin.audit_head (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION convonet_admin.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION convonet_admin.check_head() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.sequence <> OLD.sequence + 1 OR NOT EXISTS (
        SELECT FROM convonet_admin.audit_event e
        WHERE e.sequence = NEW.sequence AND e.hash = NEW.hash AND e.previous_hash = OLD.hash) THEN
        RAISE EXCEPTION 'the head of the audit log only moves on by one event' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON convonet_admin.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON convonet_admin.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
CREATE TRIGGER moves_on BEFORE UPDATE ON convonet_admin.audit_head
    FOR EACH ROW EXECUTE FUNCTION convonet_admin.check_head();
ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on;

-- One field as it is hashed: the length of its UTF-8 in four bytes, most significant first, then the bytes; a NULL is
-- the length -1 alone.
CREATE FUNCTION convonet_admin.hashed_field(p_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_text IS NULL THEN int4send(-1)
                ELSE int4send(octet_length(convert_to(p_text, 'UTF8'))) || convert_to(p_text, 'UTF8') END
$$;

CREATE FUNCTION convonet_admin.event_hash(e convonet_admin.audit_event) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(string_agg(convonet_admin.hashed_field(field), ''::bytea ORDER BY position))
    FROM unnest(ARRAY[
        e.format::text, e.sequence::text, e.event_id::text, e.request_id::text,
        round(extract(epoch FROM e.occurred_at) * 1000000)::bigint::text,
        e.actor_kind, e.action, e.outcome, e.rule,
        e.account_id::text, e.account_email, e.account_username,
        e.operator, e.db_user, e.uid::text, e.login_uid::text, e.host, e.tty, e.ssh_origin, e.client_address,
        e.reason, e.ticket, e.verified_by, e.application, e.detail,
        encode(e.previous_hash, 'hex')]) WITH ORDINALITY AS fields (field, position)
$$;

-- Appends one event. The head's lock makes all appends stand in one line; the time is taken after it, so that the
-- order of sequence numbers is the order of times.
CREATE FUNCTION convonet_admin.append_event(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_event;
BEGIN
    SELECT h.sequence + 1, h.hash INTO STRICT event.sequence, event.previous_hash
    FROM convonet_admin.audit_head h FOR UPDATE;
    event.format := 1;
    event.event_id := gen_random_uuid();
    event.occurred_at := clock_timestamp();
    event.hash := convonet_admin.event_hash(event);
    INSERT INTO convonet_admin.audit_event VALUES (event.*);
    UPDATE convonet_admin.audit_head SET sequence = event.sequence, hash = event.hash;
    RETURN event;
END
$$;
-- A submitted change on its way through one of the functions.
CREATE TYPE convonet_admin.attempt AS (
    event      convonet_admin.audit_event,
    proceeds   boolean,        -- false: the outcome stands already
    replayed   boolean,        -- true: the receipt of an earlier call with the same request
    updated_at timestamptz
);

-- What the caller is told.
CREATE TYPE convonet_admin.receipt AS (
    outcome     text,
    rule        text,
    event_id    uuid,
    sequence    bigint,
    hash        bytea,
    occurred_at timestamptz,
    updated_at  timestamptz,
    replayed    boolean,
    voice_pin   text
);

-- A claim of the program, cut to a length and without control characters.
CREATE FUNCTION convonet_admin.claim(p_claims jsonb, p_name text, p_length integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(btrim(left(regexp_replace(p_claims ->> p_name, '[\u0001-\u001F\u007F-\u009F]', ' ', 'g'), p_length)), '')
$$;

CREATE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

CREATE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
BEGIN
    event.request_id := p_request;
    event.actor_kind := 'operator';
    event.action := p_action;
    event.db_user := session_user;
    event.client_address := host(inet_client_addr());
    event.operator := convonet_admin.claim(p_claims, 'operator', 100);
    event.uid := convonet_admin.numeric_claim(p_claims, 'uid');
    event.login_uid := convonet_admin.numeric_claim(p_claims, 'login_uid');
    event.host := convonet_admin.claim(p_claims, 'host', 255);
    event.tty := convonet_admin.claim(p_claims, 'tty', 100);
    event.ssh_origin := convonet_admin.claim(p_claims, 'ssh_origin', 255);
    event.reason := convonet_admin.claim(p_claims, 'reason', 1000);
    event.ticket := convonet_admin.claim(p_claims, 'ticket', 100);
    event.verified_by := convonet_admin.claim(p_claims, 'verified_by', 100);
    event.application := convonet_admin.claim(p_claims, 'application', 100);
    RETURN event;
END
$$;

-- How the new secret came about, as far as the program may say it: fixed words only.
CREATE FUNCTION convonet_admin.claimed_detail(p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(concat_ws(' ',
        CASE WHEN p_claims ->> 'method' IN ('generated', 'typed', 'issued', 'cleared')
             THEN 'method=' || (p_claims ->> 'method') END,
        CASE WHEN p_claims ->> 'weak' ~ '^[a-z_]{1,40}(,[a-z_]{1,40}){0,9}$'
             THEN 'weak=' || (p_claims ->> 'weak') END), '')
$$;

-- Locks the account and makes every check that does not depend on the new value. Raises no_data_found where there is
-- no such account, so that nothing is logged about somebody who does not exist.
CREATE FUNCTION convonet_admin.begin_attempt(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    earlier convonet_admin.audit_event;
    policy  convonet_admin.policy;
    version text;
BEGIN
    -- An older snapshot would not see a PIN that was set since, and what then collides would leave traces.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'only READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT u.xmin::text, u.id, u.email, u.username, u.updated_at
    INTO version, event.account_id, event.account_email, event.account_username, attempt.updated_at
    FROM "public"."users_convonet" u WHERE u.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.replayed := false;
    attempt.proceeds := false;
    SELECT * INTO policy FROM convonet_admin.policy;

    SELECT * INTO earlier FROM convonet_admin.audit_event e
    WHERE e.request_id = p_request ORDER BY (e.outcome = 'done') DESC, e.sequence DESC LIMIT 1;
    IF p_request IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'request_id_missing';
    ELSIF earlier.sequence IS NOT NULL AND (earlier.db_user, earlier.action, earlier.account_id)
            IS DISTINCT FROM (event.db_user, event.action, event.account_id) THEN
        event.outcome := 'refused';
        event.rule := 'request_id_reused';
    ELSIF earlier.outcome = 'done' THEN
        event := earlier;
        attempt.replayed := true;
    ELSIF version IS DISTINCT FROM p_version THEN
        event.outcome := 'conflict';
        event.rule := 'account_changed';
    ELSIF policy.require_reason AND event.reason IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'reason_required';
    ELSIF policy.require_ticket AND event.ticket IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'ticket_required';
    ELSIF policy.ticket_pattern <> '' AND (event.ticket ~ ('^(?:' || policy.ticket_pattern || ')$')) IS FALSE THEN
        event.outcome := 'refused';
        event.rule := 'ticket_malformed';
    ELSIF cardinality(policy.verification_methods) > 0
            AND NOT EXISTS (SELECT FROM unnest(policy.verification_methods) m
                            WHERE btrim(split_part(m, ':', 1)) = event.verified_by) THEN
        event.outcome := 'refused';
        event.rule := 'verification_required';
    ELSE
        attempt.proceeds := true;
    END IF;
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Writes the event and makes the receipt. The line in the server's log stays even if the caller rolls back.
CREATE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt, p_voice_pin text DEFAULT NULL)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event := p_attempt.event;
    receipt convonet_admin.receipt;
BEGIN
    IF NOT p_attempt.replayed THEN
        RAISE LOG 'convonet_admin: % of account %: %, by %, request %',
            event.action, event.account_id, concat_ws(' ', event.outcome, event.rule), event.db_user, event.request_id;
        event := convonet_admin.append_event(event);
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := p_attempt.replayed;
    receipt.updated_at := p_attempt.updated_at;
    IF event.outcome = 'done' AND NOT p_attempt.replayed THEN
        receipt.voice_pin := p_voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- What became of an error inside the change: its code and constraint, never its text, which can hold a hash or a PIN.
-- What another try may mend is raised again, and undoes everything.
CREATE FUNCTION convonet_admin.failed_attempt(
    p_attempt convonet_admin.attempt, p_state text, p_constraint text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    IF p_state IN ('55P03', '40001', '40P01') THEN
        RAISE EXCEPTION 'busy' USING ERRCODE = p_state;
    END IF;
    event.outcome := 'failed';
    event.rule := CASE p_state WHEN 'CA001' THEN 'overridden_by_trigger' ELSE 'database_error' END;
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || p_state, 'constraint=' || nullif(p_constraint, ''));
    p_attempt.event := event;
    RETURN p_attempt;
END
$$;

CREATE FUNCTION convonet_admin.with_outcome(
    p_attempt convonet_admin.attempt, p_outcome text, p_rule text DEFAULT NULL) RETURNS convonet_admin.attempt
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    event.outcome := p_outcome;
    event.rule := p_rule;
    p_attempt.event := event;
    RETURN p_attempt;
END
$$;
CREATE FUNCTION convonet_admin.reset_password(
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
    SELECT u.password_hash INTO old_hash FROM "public"."users_convonet" u WHERE u.id = p_account;
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
        UPDATE "public"."users_convonet" u
        SET password_hash = p_hash, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        -- Read again and not RETURNING, which does not see what an AFTER trigger of the application did.
        SELECT u.password_hash, u.updated_at INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = p_account;
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
-- Draws a PIN of the server's own random numbers. Of the 32 bits in the first half of a version 4 UUID, numbers past
-- the last full million are thrown away, so that every PIN is as likely as any other.
CREATE FUNCTION convonet_admin.draw_pin(p_length integer) RETURNS text
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
CREATE FUNCTION convonet_admin.is_decoy(p_pin text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ('x' || left(encode(sha256(k.key || convert_to(p_pin, 'UTF8')), 'hex'), 8))::bit(32)::bigint % 1000
               < p.decoys_per_thousand
    FROM convonet_admin.pin_decoy_key k, convonet_admin.policy p
$$;

-- The sequence that counts this operator's refused PINs. With roles the operator is the session's user; without, staff
-- share one, and the claimed system user tells them apart.
CREATE FUNCTION convonet_admin.typed_pin_slot_of(p_claims jsonb) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT hashtext(session_user || CASE WHEN i.role_prefix IS NULL THEN ':' || coalesce(p_claims ->> 'uid', '') ELSE '' END)
           & 63
    FROM convonet_admin.installation i
$$;

CREATE FUNCTION convonet_admin.typed_pin_refusals(p_slot integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1024 > extract(epoch FROM clock_timestamp()) - 3600 THEN (value % 1024)::integer ELSE 0 END
    FROM coalesce(pg_sequence_last_value(('convonet_admin.typed_pin_refusals_' || p_slot)::regclass), 0) AS value
$$;

CREATE FUNCTION convonet_admin.count_typed_pin_refusal(p_slot integer) RETURNS void
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

CREATE FUNCTION convonet_admin.issue_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
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
            OR EXISTS (SELECT FROM "public"."users_convonet" u WHERE u.voice_pin = new_pin)
            -- Or else whoever draws and rolls back often enough learns from what never comes which PINs are taken.
            OR convonet_admin.is_decoy(new_pin);
        BEGIN
            UPDATE "public"."users_convonet" u
            SET voice_pin = new_pin,
                updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
            SELECT u.voice_pin, u.updated_at INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = p_account;
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

CREATE FUNCTION convonet_admin.set_voice_pin(
    p_account uuid, p_version text, p_pin text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    policy  convonet_admin.policy;
    own_slot integer := convonet_admin.typed_pin_slot_of(p_claims);
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
    PERFORM FROM convonet_admin.typed_pin_slot s WHERE s.slot = own_slot FOR UPDATE;
    IF convonet_admin.typed_pin_refusals(own_slot) >= policy.typed_pin_limit THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'typed_pin_limit'));
    END IF;
    -- Every row is looked at, whatever the PIN: the server's statistics, which everybody may read, tell an index look-up
    -- that finds from one that does not, an update that collides from one that is undone, and how often the key of the
    -- decoys was read.
    decoy := convonet_admin.is_decoy(p_pin);
    SELECT coalesce(bool_or(u.voice_pin = p_pin), false) INTO taken FROM "public"."users_convonet" u WHERE u.id <> p_account;
    IF taken OR decoy THEN
        PERFORM convonet_admin.count_typed_pin_refusal(own_slot);
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'pin_unavailable'));
    END IF;
    BEGIN
        UPDATE "public"."users_convonet" u
        SET voice_pin = p_pin, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        SELECT u.voice_pin, u.updated_at INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = p_account;
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

CREATE FUNCTION convonet_admin.clear_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
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
    IF EXISTS (SELECT FROM "public"."users_convonet" u WHERE u.id = p_account AND u.voice_pin IS NULL) THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'no_voice_pin'));
    END IF;
    BEGIN
        UPDATE "public"."users_convonet" u
        SET voice_pin = NULL, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        SELECT coalesce(u.voice_pin, 'cleared'), u.updated_at INTO stored, attempt.updated_at
        FROM "public"."users_convonet" u WHERE u.id = p_account;
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
-- Records what the program refused before it would call one of the other functions. The rule is one of a fixed list,
-- so that nothing else can be written this way.
CREATE FUNCTION convonet_admin.record_refusal(
    p_account uuid, p_action text, p_rule text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    IF p_action NOT IN ('reset_password', 'issue_voice_pin', 'set_voice_pin', 'clear_voice_pin')
            OR p_rule NOT IN ('password_empty', 'password_not_utf8', 'password_nul', 'password_too_long', 'password_spaces_only', 'password_common', 'password_organisation_list', 'password_contains_name', 'password_contains_organisation_word', 'password_needs_uppercase', 'password_needs_lowercase', 'password_needs_digit', 'password_needs_symbol', 'password_too_short', 'password_too_weak', 'pin_all_same', 'pin_steps', 'pin_keypad', 'pin_year', 'pin_periodic', 'pin_doubled', 'pin_palindrome', 'pin_all_but_one_same', 'pin_date', 'pin_common', 'entries_differ', 'pin_empty', 'pin_not_digits', 'pin_not_ascii_digits', 'pin_wrong_length') THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT u.id, u.email, u.username INTO event.account_id, event.account_email, event.account_username
    FROM "public"."users_convonet" u WHERE u.id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.outcome := 'refused';
    event.rule := p_rule;
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.event := event;
    attempt.replayed := false;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;

-- What was done to one account, newest first, without host, uid and tty.
CREATE FUNCTION convonet_admin.account_history(p_account uuid, p_limit integer DEFAULT 50)
RETURNS TABLE (sequence bigint, event_id uuid, occurred_at timestamptz, actor_kind text, action text, outcome text,
               rule text, operator text, db_user text, reason text, ticket text, verified_by text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.event_id, e.occurred_at, e.actor_kind, e.action, e.outcome,
           e.rule, e.operator, e.db_user, e.reason, e.ticket, e.verified_by, e.detail
    FROM convonet_admin.audit_event e
    WHERE e.account_id = p_account
    ORDER BY e.sequence DESC
    LIMIT least(greatest(p_limit, 1), 1000)
$$;

-- What this operator tried lately, newest first: after a line that dropped it says what became of the last change.
CREATE FUNCTION convonet_admin.own_recent_events(p_minutes integer, p_claims jsonb)
RETURNS TABLE (sequence bigint, occurred_at timestamptz, action text, outcome text, rule text, operator text,
               db_user text, reason text, ticket text, account_id uuid, account_email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.occurred_at, e.action, e.outcome, e.rule, e.operator, e.db_user, e.reason, e.ticket,
           e.account_id, e.account_email
    FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(mins => p_minutes) AND e.db_user = session_user
      AND e.uid IS NOT DISTINCT FROM convonet_admin.numeric_claim(p_claims, 'uid')
      AND e.host IS NOT DISTINCT FROM convonet_admin.claim(p_claims, 'host', 255)
    ORDER BY e.sequence DESC
    LIMIT 20
$$;

-- Whose credentials were changed through us within so many days.
CREATE FUNCTION convonet_admin.accounts_changed_within(p_days integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT e.account_id FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(days => p_days) AND e.outcome = 'done' AND e.account_id IS NOT NULL
$$;

-- Changes settings of the policy: an object of column names and new values. Logged with the values before and after.
CREATE FUNCTION convonet_admin.set_policy(p_changes jsonb, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event('set_policy', p_request, p_claims);
    old     convonet_admin.policy;
    changed convonet_admin.policy;
BEGIN
    attempt.replayed := false;
    SELECT * INTO STRICT old FROM convonet_admin.policy FOR UPDATE;
    IF EXISTS (SELECT FROM jsonb_object_keys(p_changes) k WHERE NOT to_jsonb(old) ? k OR k = 'only_row') THEN
        RAISE EXCEPTION 'unknown setting' USING ERRCODE = 'undefined_column';
    END IF;
    BEGIN
        changed := jsonb_populate_record(old, p_changes);
        -- A pattern that is none is an error here rather than in the next reset.
        PERFORM '' ~ ('^(?:' || changed.ticket_pattern || ')$');
        UPDATE convonet_admin.policy SET
            minimum_length = changed.minimum_length, minimum_score = changed.minimum_score,
            require_uppercase = changed.require_uppercase, require_lowercase = changed.require_lowercase,
            require_digit = changed.require_digit, require_symbol = changed.require_symbol,
            allow_weak = changed.allow_weak, context_words = changed.context_words,
            blocked_passwords = changed.blocked_passwords, bcrypt_cost = changed.bcrypt_cost,
            pin_minimum_length = changed.pin_minimum_length, pin_maximum_length = changed.pin_maximum_length,
            issued_pin_length = changed.issued_pin_length, typed_pin_limit = changed.typed_pin_limit,
            decoys_per_thousand = changed.decoys_per_thousand, require_reason = changed.require_reason,
            require_ticket = changed.require_ticket, ticket_pattern = changed.ticket_pattern,
            verification_methods = changed.verification_methods;
        event.outcome := 'done';
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        event.outcome := 'refused';
        event.rule := 'setting_out_of_range';
    END;
    event.detail := left(
        (SELECT string_agg(format('%s: %s -> %s', k,
             CASE k WHEN 'blocked_passwords' THEN cardinality(old.blocked_passwords) || ' entries'
                    ELSE (to_jsonb(old) -> k)::text END,
             CASE WHEN k = 'blocked_passwords' AND jsonb_typeof(p_changes -> k) = 'array'
                         THEN jsonb_array_length(p_changes -> k) || ' entries'
                    ELSE (p_changes -> k)::text END), '; ' ORDER BY k)
         FROM jsonb_object_keys(p_changes) k), 4000);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
INSERT INTO convonet_admin.installation (schema_version, users_table, role_prefix)
VALUES (1, '"public"."users_convonet"', 'desk_');
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA convonet_admin FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA convonet_admin FROM PUBLIC;
REVOKE ALL ON SCHEMA convonet_admin FROM PUBLIC;
-- Who may do what. Nobody has a right on the users' table or to write the log.
GRANT USAGE ON SCHEMA convonet_admin TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy
    TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION
    convonet_admin.reset_password(uuid, text, text, uuid, jsonb),
    convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.set_voice_pin(uuid, text, text, uuid, jsonb),
    convonet_admin.clear_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.record_refusal(uuid, text, text, uuid, jsonb),
    convonet_admin.account_history(uuid, integer),
    convonet_admin.accounts_changed_within(integer),
    convonet_admin.own_recent_events(integer, jsonb)
    TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.accounts_changed_within(integer) TO "desk_auditor";
GRANT SELECT ON convonet_admin.audit_event, convonet_admin.audit_head TO "desk_auditor";
GRANT EXECUTE ON FUNCTION convonet_admin.set_policy(jsonb, uuid, jsonb) TO "desk_supervisor";
INSERT INTO convonet_admin.refused_pin (rule, pin) VALUES ('repeated', '000000');
ANALYZE convonet_admin.refused_pin;
SET LOCAL ROLE NONE;
GRANT SELECT ON "public"."teams_convonet", "public"."team_memberships_convonet" TO "desk_owner";
SET LOCAL ROLE "desk_owner";
-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide.
CREATE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       CASE WHEN u.password_hash ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$' THEN 'password' ELSE 'external' END AS sign_in,
       CASE WHEN u.password_hash ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       u.xmin::text AS version,
       (u.email || ' ' || u.username || ' ' || u.first_name || ' ' || u.last_name) AS search_text
FROM "public"."users_convonet" u;
-- Who is in which of the application's teams, and as what.
CREATE VIEW convonet_admin.account_teams AS
SELECT m.user_id AS account_id, t.name::text AS team, m.role::text AS role, t.is_active
FROM "public"."team_memberships_convonet" m JOIN "public"."teams_convonet" t ON t.id = m.team_id;
GRANT SELECT ON convonet_admin.accounts, convonet_admin.account_teams TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
SET LOCAL ROLE NONE;
