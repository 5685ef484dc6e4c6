-- Version 2 of the schema as it was installed, watching direct changes, but for the table of refused PINs.
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
-- What operators are held to besides the rules for a new value. All of it is off until it is set.
ALTER TABLE convonet_admin.policy
    ADD COLUMN protected_domains        text[] NOT NULL DEFAULT '{}' CHECK (cardinality(protected_domains) <= 1000),
    ADD COLUMN protected_accounts       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(protected_accounts) <= 10000),
    ADD COLUMN protected_team_roles     text[] NOT NULL DEFAULT '{}' CHECK (cardinality(protected_team_roles) <= 20),
    ADD COLUMN approval_minutes         integer NOT NULL DEFAULT 15 CHECK (approval_minutes BETWEEN 1 AND 1440),
    ADD COLUMN resets_per_operator_hour integer NOT NULL DEFAULT 0 CHECK (resets_per_operator_hour BETWEEN 0 AND 10000),
    ADD COLUMN resets_per_account_day   integer NOT NULL DEFAULT 0 CHECK (resets_per_account_day BETWEEN 0 AND 1000),
    ADD COLUMN allow_typed              boolean NOT NULL DEFAULT true;

-- The rows are locks, one operator's parallel calls stand in line at theirs: for typed PINs, and for the hour's budget.
ALTER TABLE convonet_admin.typed_pin_slot RENAME TO operator_slot;
DROP FUNCTION IF EXISTS convonet_admin.typed_pin_slot_of(jsonb), convonet_admin.hashed_field(text);

-- Changes of protected accounts that somebody asked for, and what a second person said. Never a new password or PIN.
CREATE TABLE convonet_admin.approval (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action           text NOT NULL,
    account_id       uuid NOT NULL,
    account_email    text NOT NULL,
    account_username text NOT NULL,
    version          text NOT NULL,            -- the account's row as it was; of another row it approves nothing
    requested_at     timestamptz NOT NULL,
    requested_by     text NOT NULL,            -- session_user
    operator         text,                     -- this and the next five: claims of the requester's program
    login_uid        bigint,
    host             text,
    reason           text,
    ticket           text,
    verified_by      text,
    expires_at       timestamptz NOT NULL,     -- of the request, and once it is approved, of the approval
    state            text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'approved', 'denied', 'used')),
    decided_at       timestamptz,
    decided_by       text,                     -- session_user
    decided_operator text,
    decision_reason  text,
    used_at          timestamptz
);
CREATE INDEX approval_account ON convonet_admin.approval (account_id, id DESC);
CREATE INDEX approval_requester ON convonet_admin.approval (requested_by, id DESC);

ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE approval bigint;
ALTER TYPE convonet_admin.receipt ADD ATTRIBUTE approval bigint;

-- Changes that came past the functions, as a trigger on the users' table notes them, until the next event takes them
-- into the log. Nothing here waits for anything: no row is unique but by its own number.
CREATE TABLE convonet_admin.direct_change (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    noted_at         timestamptz NOT NULL,
    account_id       uuid NOT NULL,
    account_email    text,
    account_username text,
    columns          text NOT NULL,            -- their names, never a value
    db_user          text NOT NULL,
    application      text,
    client_address   text
);
ALTER TABLE convonet_admin.installation ADD COLUMN watches_direct_changes boolean NOT NULL DEFAULT false;
-- What the policy says of links and of self-service.
ALTER TABLE convonet_admin.policy
    ADD COLUMN links_only                 boolean NOT NULL DEFAULT false,
    ADD COLUMN notify_changes             boolean NOT NULL DEFAULT false,
    ADD COLUMN reset_link_minutes         integer NOT NULL DEFAULT 60 CHECK (reset_link_minutes BETWEEN 5 AND 1440),
    ADD COLUMN self_service_account_limit integer NOT NULL DEFAULT 5
        CHECK (self_service_account_limit BETWEEN 1 AND 1000),
    ADD COLUMN self_service_address_limit integer NOT NULL DEFAULT 60
        CHECK (self_service_address_limit BETWEEN 1 AND 1000000),
    ADD COLUMN self_service_total_limit   integer NOT NULL DEFAULT 600
        CHECK (self_service_total_limit BETWEEN 1 AND 1000000);

-- Links by which somebody sets a password themselves. The token is made by the program when the mail is sent, and only
-- its hash comes here; the fingerprint binds it to the password as it was, whoever changes that.
CREATE TABLE convonet_admin.reset_token (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id           uuid NOT NULL,
    address              text NOT NULL,
    requested_by         text NOT NULL CHECK (requested_by IN ('self', 'operator')),
    db_user              text NOT NULL,
    password_fingerprint bytea NOT NULL,
    created_at           timestamptz NOT NULL,
    token_hash           bytea UNIQUE CHECK (octet_length(token_hash) = 32),
    expires_at           timestamptz,
    used_at              timestamptz,
    void_at              timestamptz,
    void_reason          text CHECK (void_reason IN ('newer', 'revoked')),
    CHECK ((token_hash IS NULL) = (expires_at IS NULL)),
    CHECK ((void_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX reset_token_account ON convonet_admin.reset_token (account_id, created_at DESC);
COMMENT ON COLUMN convonet_admin.reset_token.token_hash IS 'SHA-256; NULL until the mail is about to be sent';

-- Mail that waits to be sent, or was. A link_request is what somebody asked for by an address alone: whose it is, is
-- looked up when it is taken from the queue, so that asking takes the same time for everybody.
CREATE TABLE convonet_admin.mail_queue (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('link_request', 'reset_link', 'notice')),
    address        text NOT NULL,
    account_id     uuid,
    token_id       uuid REFERENCES convonet_admin.reset_token ON DELETE CASCADE,
    action         text,
    actor_kind     text,
    request_id     uuid NOT NULL,
    client_address text,
    created_at     timestamptz NOT NULL,
    give_up_at     timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'void')),
    attempts       integer NOT NULL DEFAULT 0,
    next_try_at    timestamptz NOT NULL,
    last_error     text,
    ended_at       timestamptz
);
-- Mail to people who are known goes before what was asked for by an address that may be nobody's.
CREATE INDEX mail_queue_due ON convonet_admin.mail_queue ((kind = 'link_request'), next_try_at, id)
    WHERE state IN ('waiting', 'sending');
CREATE INDEX mail_queue_token ON convonet_admin.mail_queue (token_id);
COMMENT ON COLUMN convonet_admin.mail_queue.next_try_at IS
    'while sending: when the one who took it is given up, and another may';

-- Requests counted by window. Not in the write-ahead log: a crash of the server only forgets them.
CREATE UNLOGGED TABLE convonet_admin.request_counter (
    key      text PRIMARY KEY,
    began_at timestamptz NOT NULL,
    requests integer NOT NULL
);

-- Wrong old passwords given by somebody signed in.
CREATE TABLE convonet_admin.wrong_password (
    account_id    uuid PRIMARY KEY,
    attempts      integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);

-- When a password was last changed through us: with it the application can refuse access tokens issued before.
CREATE VIEW convonet_admin.password_changes AS
SELECT e.account_id, max(e.occurred_at) AS password_changed_at
FROM convonet_admin.audit_event e
WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'change_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
GROUP BY e.account_id;
-- Each field as it is hashed: the length of its UTF-8 in four bytes, most significant first, then the bytes; a NULL is
-- the length -1 alone. In one expression, for a function called for each of the fields takes longer than the hash.
CREATE OR REPLACE FUNCTION convonet_admin.event_hash(e convonet_admin.audit_event) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(string_agg(
        int4send(coalesce(octet_length(convert_to(field, 'UTF8')), -1)) || coalesce(convert_to(field, 'UTF8'), ''::bytea),
        ''::bytea ORDER BY position))
    FROM unnest(ARRAY[
        e.format::text, e.sequence::text, e.event_id::text, e.request_id::text,
        round(extract(epoch FROM e.occurred_at) * 1000000)::bigint::text,
        e.actor_kind, e.action, e.outcome, e.rule,
        e.account_id::text, e.account_email, e.account_username,
        e.operator, e.db_user, e.uid::text, e.login_uid::text, e.host, e.tty, e.ssh_origin, e.client_address,
        e.reason, e.ticket, e.verified_by, e.application, e.detail,
        encode(e.previous_hash, 'hex')]) WITH ORDINALITY AS fields (field, position)
$$;

-- Puts one event behind the last; for append_event alone, which holds the head's lock.
CREATE OR REPLACE FUNCTION convonet_admin.append_to_head(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_event;
BEGIN
    SELECT h.sequence + 1, h.hash INTO STRICT event.sequence, event.previous_hash FROM convonet_admin.audit_head h;
    event.format := 1;
    event.event_id := gen_random_uuid();
    event.occurred_at := clock_timestamp();
    event.hash := convonet_admin.event_hash(event);
    INSERT INTO convonet_admin.audit_event VALUES (event.*);
    UPDATE convonet_admin.audit_head SET sequence = event.sequence, hash = event.hash;
    RETURN event;
END
$$;

-- Appends one event, after some of those that the trigger on the users' table noted meanwhile. The head's lock makes
-- all appends stand in one line; the time is taken after it, so that the order of sequence numbers is the order of times.
CREATE OR REPLACE FUNCTION convonet_admin.append_event(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    noted convonet_admin.direct_change;
BEGIN
    PERFORM FROM convonet_admin.audit_head h FOR UPDATE;
    FOR noted IN
        WITH taken AS (
            DELETE FROM convonet_admin.direct_change d
            WHERE d.id IN (SELECT o.id FROM convonet_admin.direct_change o ORDER BY o.id LIMIT 50) RETURNING d.*)
        SELECT * FROM taken ORDER BY id
    LOOP
        PERFORM convonet_admin.append_to_head(convonet_admin.direct_change_event(noted));
    END LOOP;
    RETURN convonet_admin.append_to_head(p_event);
END
$$;

-- Appends one event and says so in the server's own log, where the line stays even if the caller rolls back.
CREATE OR REPLACE FUNCTION convonet_admin.record_event(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE LOG 'convonet_admin: % of account %: %, by %, request %', p_event.action, p_event.account_id,
        concat_ws(' ', p_event.outcome, p_event.rule), p_event.db_user, p_event.request_id;
    RETURN convonet_admin.append_event(p_event);
END
$$;
-- For the trigger on the users' table that `migrate --watch-direct-changes` makes: notes which columns were changed past
-- us, and by whom. The application's statement must neither fail nor wait for it, so it takes only what is free at once,
-- and what goes wrong here is said in the server's log alone.
CREATE OR REPLACE FUNCTION convonet_admin.note_direct_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10ms' AS $$
DECLARE
    state text;
BEGIN
    LOCK TABLE convonet_admin.direct_change IN ROW EXCLUSIVE MODE NOWAIT;
    INSERT INTO convonet_admin.direct_change (
        noted_at, account_id, account_email, account_username, columns, db_user, application, client_address)
    VALUES (
        clock_timestamp(), NEW.id, NEW.email, NEW.username,
        concat_ws(',', CASE WHEN NEW.password_hash IS DISTINCT FROM OLD.password_hash THEN 'password_hash' END,
                       CASE WHEN NEW.voice_pin IS DISTINCT FROM OLD.voice_pin THEN 'voice_pin' END,
                       CASE WHEN NEW.is_active IS DISTINCT FROM OLD.is_active THEN 'is_active' END),
        session_user, current_setting('application_name', true), host(inet_client_addr()));
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
    RAISE LOG 'convonet_admin: a direct change could not be noted (SQLSTATE %)', state;
    RETURN NULL;
END
$$;

-- What was noted, as an event. Its time is that of the log; when it happened stands in the detail.
CREATE OR REPLACE FUNCTION convonet_admin.direct_change_event(p_noted convonet_admin.direct_change)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
BEGIN
    event.actor_kind := 'outside';
    event.action := 'direct_change';
    event.outcome := 'done';
    event.account_id := p_noted.account_id;
    event.account_email := p_noted.account_email;
    event.account_username := p_noted.account_username;
    event.db_user := p_noted.db_user;
    event.client_address := p_noted.client_address;
    event.application := convonet_admin.claim(jsonb_build_object('application', p_noted.application), 'application', 100);
    event.detail := format('columns=%s at=%s', p_noted.columns,
        to_char(p_noted.noted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    RETURN event;
END
$$;
-- The actions that give somebody a new way in: what budgets count.
CREATE OR REPLACE FUNCTION convonet_admin.credential_actions() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '{reset_password,issue_voice_pin,set_voice_pin,clear_voice_pin,send_reset_link}'::text[]
$$;

-- All that changes an account.
CREATE OR REPLACE FUNCTION convonet_admin.change_actions() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.credential_actions() || '{activate,deactivate,verify,unverify,change_password,revoke_reset_links}'::text[]
$$;

-- One of 64 rows that stands for an operator: with roles the session's user; without, staff share one, and the claimed
-- system user tells them apart.
CREATE OR REPLACE FUNCTION convonet_admin.operator_slot_of(p_claims jsonb) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT hashtext(session_user || CASE WHEN i.role_prefix IS NULL THEN ':' || coalesce(p_claims ->> 'uid', '') ELSE '' END)
           & 63
    FROM convonet_admin.installation i
$$;

-- What a session must be like for a change to go on. An older snapshot would not see what was set, counted or decided
-- since. A trigger of the application runs with the owner's rights, and may name a table that the caller's own temporary
-- one, with a trigger of theirs, would take the place of.
CREATE OR REPLACE FUNCTION convonet_admin.require_plain_session() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'only READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema())
            OR EXISTS (SELECT FROM pg_type t WHERE t.typnamespace = pg_my_temp_schema()) THEN
        RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
    END IF;
END
$$;

-- Whether a change of this account needs a second person. A domain protects its subdomains too. Where the policy names
-- roles in teams, and these cannot be read any more, everybody is protected: to guess otherwise would open a door.
CREATE OR REPLACE FUNCTION convonet_admin.is_protected(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    domain text := lower(substring(p_email FROM '@([^@]*)$'));
BEGIN
    IF EXISTS (SELECT FROM unnest(p_policy.protected_domains) p, lower(ltrim(btrim(p), '@')) AS d
               WHERE domain = d OR right(domain, length(d) + 1) = '.' || d)
        OR EXISTS (SELECT FROM unnest(p_policy.protected_accounts) p
                   WHERE lower(btrim(p)) IN (lower(p_email), lower(p_username), p_account::text)) THEN
        RETURN true;
    END IF;
    IF cardinality(p_policy.protected_team_roles) = 0 THEN
        RETURN false;
    END IF;
    BEGIN
        RETURN EXISTS (SELECT FROM "public"."team_memberships_convonet" m, unnest(p_policy.protected_team_roles) r
                       WHERE m.user_id = p_account AND lower(m.role::text) = lower(btrim(r)));
    EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
        RETURN true;
    END;
END
$$;

-- Whether the application's teams can be read here.
CREATE OR REPLACE FUNCTION convonet_admin.teams_are_readable() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM "public"."team_memberships_convonet" m WHERE m.user_id IS NULL AND m.role IS NULL LIMIT 1;
    RETURN true;
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN false;
END
$$;

-- Whether a change of this account needs a second person, for whoever is about to ask; NULL where there is no such account.
CREATE OR REPLACE FUNCTION convonet_admin.account_is_protected(p_account uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer boolean;
BEGIN
    SELECT convonet_admin.is_protected(u.id, u.email, u.username, p) INTO answer
    FROM "public"."users_convonet" u, convonet_admin.policy p WHERE u.id = p_account;
    RETURN answer;
END
$$;

-- The budget that a change would overdraw, or NULL; called under the account's lock, which makes the account's count
-- exact; the operator's own lock does that for theirs. Only what is done counts, so whoever rolls back gains nothing.
CREATE OR REPLACE FUNCTION convonet_admin.overdrawn_budget(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used bigint;
BEGIN
    IF p_event.action <> ALL (convonet_admin.credential_actions()) THEN
        RETURN NULL;
    END IF;
    IF p_policy.resets_per_operator_hour > 0 THEN
        PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = convonet_admin.operator_slot_of(p_claims) FOR UPDATE;
        SELECT count(*) INTO used
        FROM convonet_admin.audit_event e, convonet_admin.installation i
        WHERE e.occurred_at > clock_timestamp() - interval '1 hour' AND e.db_user = p_event.db_user
          AND (i.role_prefix IS NOT NULL OR e.uid IS NOT DISTINCT FROM p_event.uid)
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (convonet_admin.credential_actions());
        IF used >= p_policy.resets_per_operator_hour THEN
            RETURN 'operator_budget';
        END IF;
    END IF;
    IF p_policy.resets_per_account_day > 0 THEN
        SELECT count(*) INTO used FROM convonet_admin.audit_event e
        WHERE e.account_id = p_event.account_id AND e.occurred_at > clock_timestamp() - interval '24 hours'
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (convonet_admin.credential_actions());
        IF used >= p_policy.resets_per_account_day THEN
            RETURN 'account_budget';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
-- Lets an attempt on a protected account go on where somebody else approved it: for this database user, account, action
-- and row as it is. Otherwise it is refused, and asked for where nobody asked yet. Called under the account's lock.
CREATE OR REPLACE FUNCTION convonet_admin.with_approval(
    p_attempt convonet_admin.attempt, p_version text, p_policy convonet_admin.policy) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    asked   convonet_admin.approval;
    now     timestamptz := clock_timestamp();
BEGIN
    IF NOT convonet_admin.is_protected(event.account_id, event.account_email, event.account_username, p_policy) THEN
        RETURN attempt;
    END IF;
    IF EXISTS (SELECT FROM convonet_admin.installation i WHERE i.role_prefix IS NULL) THEN
        -- One database user for all: nobody could tell a second person from the first.
        attempt.proceeds := false;
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'account_protected');
    END IF;
    -- The newest: what was asked before it is over.
    SELECT * INTO asked FROM convonet_admin.approval a
    WHERE a.account_id = event.account_id AND a.requested_by = event.db_user AND a.action = event.action
      AND a.version = p_version AND a.expires_at > now
    ORDER BY a.id DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR asked.state = 'used' THEN
        INSERT INTO convonet_admin.approval (
            action, account_id, account_email, account_username, version, requested_at, requested_by, operator, login_uid,
            host, reason, ticket, verified_by, expires_at)
        VALUES (
            event.action, event.account_id, event.account_email, event.account_username, p_version, now, event.db_user,
            event.operator, event.login_uid, event.host, event.reason, event.ticket,
            event.verified_by, now + make_interval(mins => p_policy.approval_minutes))
        RETURNING * INTO asked;
        PERFORM convonet_admin.record_event(convonet_admin.approval_event(event, asked, NULL, 'request_approval', 'done'));
    END IF;
    event.detail := concat_ws(' ', event.detail, 'approval=' || asked.id);
    attempt.event := event;
    attempt.approval := asked.id;
    IF asked.state <> 'approved' THEN
        attempt.proceeds := false;
        attempt := convonet_admin.with_outcome(attempt, 'refused',
            CASE asked.state WHEN 'denied' THEN 'approval_denied' ELSE 'approval_required' END);
    END IF;
    RETURN attempt;
END
$$;

-- The event about an approval, from one that says who is at it. That of asking has no request's id: it is the change's.
CREATE OR REPLACE FUNCTION convonet_admin.approval_event(
    p_event convonet_admin.audit_event, p_approval convonet_admin.approval, p_request uuid, p_action text,
    p_outcome text, p_rule text DEFAULT NULL)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_event;
BEGIN
    event.request_id := p_request;
    event.action := p_action;
    event.outcome := p_outcome;
    event.rule := p_rule;
    event.account_id := p_approval.account_id;
    event.account_email := p_approval.account_email;
    event.account_username := p_approval.account_username;
    event.detail := format('approval=%s action=%s requested_by=%s', p_approval.id, p_approval.action, p_approval.requested_by);
    RETURN event;
END
$$;

-- An approval is used up by what was done with it, and by nothing else; its row is locked since it was found.
CREATE OR REPLACE FUNCTION convonet_admin.use_approval(p_approval bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE convonet_admin.approval a SET state = 'used', used_at = clock_timestamp()
    WHERE a.id = p_approval AND a.state = 'approved';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such approval' USING ERRCODE = 'invalid_transaction_state';
    END IF;
END
$$;

-- A second person's word: `approve` or `deny`. Raises no_data_found where there is no such request.
CREATE OR REPLACE FUNCTION convonet_admin.decide_approval(
    p_approval bigint, p_decision text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_decision, p_request, p_claims);
    asked   convonet_admin.approval;
    version text;
    rule    text;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    IF p_decision IS NULL OR p_decision NOT IN ('approve', 'deny') THEN
        RAISE EXCEPTION 'unknown decision' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO asked FROM convonet_admin.approval a WHERE a.id = p_approval FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'no_data_found';
    END IF;
    SELECT u.xmin::text INTO version FROM "public"."users_convonet" u WHERE u.id = asked.account_id;
    -- The database user is checked; who logged in to which machine is claimed, and must not be the same all the same.
    IF asked.requested_by = event.db_user OR (asked.login_uid = event.login_uid AND asked.host = event.host) THEN
        rule := 'own_request';
    ELSIF asked.state <> 'requested' THEN
        rule := 'already_decided';
    ELSIF asked.expires_at <= clock_timestamp() THEN
        rule := 'approval_expired';
    ELSIF p_decision = 'approve' AND version IS DISTINCT FROM asked.version THEN
        rule := 'approval_outdated';
    ELSE
        UPDATE convonet_admin.approval a
        SET state = CASE p_decision WHEN 'approve' THEN 'approved' ELSE 'denied' END,
            decided_at = clock_timestamp(), decided_by = event.db_user, decided_operator = event.operator,
            decision_reason = event.reason,
            expires_at = clock_timestamp() + make_interval(mins => p.approval_minutes)
        FROM convonet_admin.policy p
        WHERE a.id = p_approval;
    END IF;
    attempt.event := convonet_admin.approval_event(
        event, asked, p_request, p_decision, CASE WHEN rule IS NULL THEN 'done' ELSE 'refused' END, rule);
    attempt.replayed := false;
    attempt.approval := asked.id;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;

-- Requests on one side of a number, or from an end: newest first before it, oldest first after it. Their own for whoever
-- asks; all of them for who may decide or read the log.
CREATE OR REPLACE FUNCTION convonet_admin.approvals(p_from bigint, p_oldest_first boolean, p_all boolean, p_limit integer)
RETURNS TABLE (id bigint, action text, account_id uuid, account_email text, account_username text,
               requested_at timestamptz, requested_by text, operator text, reason text, ticket text, verified_by text,
               expires_at timestamptz, state text, decided_at timestamptz, decided_by text, decision_reason text,
               is_own boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.action, a.account_id, a.account_email, a.account_username, a.requested_at, a.requested_by, a.operator,
           a.reason, a.ticket, a.verified_by, a.expires_at, s.state, a.decided_at, a.decided_by, a.decision_reason,
           a.requested_by = session_user
    FROM convonet_admin.approval a LEFT JOIN "public"."users_convonet" u ON u.id = a.account_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN a.state IN ('used', 'denied') THEN a.state
        WHEN a.expires_at <= clock_timestamp() THEN 'expired'
        WHEN u.xmin::text IS DISTINCT FROM a.version THEN 'outdated'
        ELSE a.state END) AS s (state)
    WHERE (p_from IS NULL OR CASE WHEN p_oldest_first THEN a.id > p_from ELSE a.id < p_from END)
      AND (p_all OR s.state IN ('requested', 'approved'))
      AND (a.requested_by = session_user
           OR has_function_privilege(session_user, 'convonet_admin.decide_approval(bigint, text, uuid, jsonb)', 'EXECUTE')
           OR has_table_privilege(session_user, 'convonet_admin.audit_event', 'SELECT'))
    ORDER BY CASE WHEN p_oldest_first THEN a.id END, a.id DESC
    LIMIT least(greatest(p_limit, 1), 1001)
$$;
-- A claim of the program, cut to a length and without control characters.
CREATE OR REPLACE FUNCTION convonet_admin.claim(p_claims jsonb, p_name text, p_length integer) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(btrim(left(regexp_replace(p_claims ->> p_name, '[\u0001-\u001F\u007F-\u009F]', ' ', 'g'), p_length)), '')
$$;

CREATE OR REPLACE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
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
CREATE OR REPLACE FUNCTION convonet_admin.claimed_detail(p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(concat_ws(' ',
        CASE WHEN p_claims ->> 'method' IN ('generated', 'typed', 'issued', 'cleared')
             THEN 'method=' || (p_claims ->> 'method') END,
        CASE WHEN p_claims ->> 'weak' ~ '^[a-z_]{1,40}(,[a-z_]{1,40}){0,9}$'
             THEN 'weak=' || (p_claims ->> 'weak') END), '')
$$;

-- What an earlier call with the same request makes of an attempt: its receipt, where it was this one; a refusal, where it
-- was another. Called under the account's lock, so that two of one request stand in line.
CREATE OR REPLACE FUNCTION convonet_admin.with_earlier_request(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    earlier convonet_admin.audit_event;
BEGIN
    SELECT * INTO earlier FROM convonet_admin.audit_event e
    WHERE e.request_id = event.request_id ORDER BY (e.outcome = 'done') DESC, e.sequence DESC LIMIT 1;
    IF event.request_id IS NULL THEN
        event.outcome := 'refused';
        event.rule := 'request_id_missing';
    ELSIF earlier.sequence IS NOT NULL AND (earlier.db_user, earlier.action, earlier.account_id)
            IS DISTINCT FROM (event.db_user, event.action, event.account_id) THEN
        event.outcome := 'refused';
        event.rule := 'request_id_reused';
    ELSIF earlier.outcome = 'done' THEN
        event := earlier;
        attempt.replayed := true;
    END IF;
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Locks the account and makes every check that does not depend on the new value. Raises no_data_found where there is
-- no such account, so that nothing is logged about somebody who does not exist.
CREATE OR REPLACE FUNCTION convonet_admin.begin_attempt(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    policy  convonet_admin.policy;
    version text;
    is_active boolean;
    is_verified boolean;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    SELECT u.xmin::text, u.id, u.email, u.username, u.updated_at, u.is_active, u.is_verified
    INTO version, event.account_id, event.account_email, event.account_username, attempt.updated_at, is_active,
         is_verified
    FROM "public"."users_convonet" u WHERE u.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.replayed := false;
    attempt.proceeds := false;
    SELECT * INTO policy FROM convonet_admin.policy;

    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
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
    ELSIF (p_action = 'activate' AND is_active) OR (p_action = 'deactivate' AND NOT is_active)
            OR (p_action = 'verify' AND is_verified) OR (p_action = 'unverify' AND NOT is_verified) THEN
        event.outcome := 'refused';
        event.rule := 'already_so';
    ELSIF policy.links_only AND p_action = 'reset_password' THEN
        event.outcome := 'refused';
        event.rule := 'links_only';
    ELSIF NOT policy.allow_typed AND (p_action = 'set_voice_pin'
            -- Of a password only its hash is seen here: how it came about is the program's word, and in the log.
            OR (p_action = 'reset_password' AND (p_claims ->> 'method') IS DISTINCT FROM 'generated')) THEN
        event.outcome := 'refused';
        event.rule := 'typed_not_allowed';
    ELSE
        event.rule := convonet_admin.overdrawn_budget(event, policy, p_claims);
        event.outcome := CASE WHEN event.rule IS NOT NULL THEN 'refused' END;
        attempt.proceeds := event.rule IS NULL;
    END IF;
    attempt.event := event;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_approval(attempt, version, policy);
    END IF;
    -- Without roles the trigger on the users' table can tell our changes from others by nothing better.
    PERFORM set_config('convonet_admin.acting', CASE WHEN attempt.proceeds THEN 'yes' ELSE '' END, true);
    RETURN attempt;
END
$$;

-- Writes the event and makes the receipt; what is done uses its approval up.
CREATE OR REPLACE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt, p_voice_pin text DEFAULT NULL)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event := p_attempt.event;
    receipt convonet_admin.receipt;
BEGIN
    PERFORM set_config('convonet_admin.acting', '', true);
    IF NOT p_attempt.replayed THEN
        IF event.outcome = 'done' AND p_attempt.approval IS NOT NULL AND event.action NOT IN ('approve', 'deny') THEN
            PERFORM convonet_admin.use_approval(p_attempt.approval);
        END IF;
        event := convonet_admin.record_event(event);
        PERFORM convonet_admin.queue_notice(event);
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := p_attempt.replayed;
    receipt.updated_at := p_attempt.updated_at;
    receipt.approval := p_attempt.approval;
    IF event.outcome = 'done' AND NOT p_attempt.replayed THEN
        receipt.voice_pin := p_voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- What became of an error inside the change: its code and constraint, never its text, which can hold a hash or a PIN.
-- What another try may mend is raised again, and undoes everything.
CREATE OR REPLACE FUNCTION convonet_admin.failed_attempt(
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

CREATE OR REPLACE FUNCTION convonet_admin.with_outcome(
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
    SELECT coalesce(bool_or(u.voice_pin = p_pin), false) INTO taken FROM "public"."users_convonet" u;
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
            UPDATE "public"."users_convonet" u
            SET is_active = wanted, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
        ELSE
            UPDATE "public"."users_convonet" u
            SET is_verified = wanted, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
            WHERE u.id = p_account;
        END IF;
        SELECT CASE WHEN is_about_activity THEN u.is_active ELSE u.is_verified END, u.updated_at
        INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = p_account;
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
-- Records what the program refused before it would call one of the other functions. The rule is one of a fixed list,
-- so that nothing else can be written this way.
CREATE OR REPLACE FUNCTION convonet_admin.record_refusal(
    p_account uuid, p_action text, p_rule text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    IF (p_action IN ('reset_password', 'issue_voice_pin', 'set_voice_pin', 'clear_voice_pin')
            AND p_rule IN ('password_empty', 'password_not_utf8', 'password_nul', 'password_too_long', 'password_spaces_only', 'password_common', 'password_organisation_list', 'password_contains_name', 'password_contains_organisation_word', 'password_needs_uppercase', 'password_needs_lowercase', 'password_needs_digit', 'password_needs_symbol', 'password_too_short', 'password_too_weak', 'pin_all_same', 'pin_steps', 'pin_keypad', 'pin_year', 'pin_periodic', 'pin_doubled', 'pin_palindrome', 'pin_all_but_one_same', 'pin_date', 'pin_common', 'entries_differ', 'pin_empty', 'pin_not_digits', 'pin_not_ascii_digits', 'pin_wrong_length')) IS NOT TRUE THEN
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
CREATE OR REPLACE FUNCTION convonet_admin.account_history(p_account uuid, p_limit integer DEFAULT 50)
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
CREATE OR REPLACE FUNCTION convonet_admin.own_recent_events(p_minutes integer, p_claims jsonb)
RETURNS TABLE (sequence bigint, occurred_at timestamptz, action text, outcome text, rule text, operator text,
               db_user text, reason text, ticket text, account_id uuid, account_email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.occurred_at, e.action, e.outcome, e.rule, e.operator, e.db_user, e.reason, e.ticket,
           e.account_id, e.account_email
    FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(mins => p_minutes) AND e.db_user = session_user
      AND e.uid IS NOT DISTINCT FROM convonet_admin.numeric_claim(p_claims, 'uid')
      AND e.host IS NOT DISTINCT FROM convonet_admin.claim(p_claims, 'host', 255)
      AND e.action = ANY (convonet_admin.change_actions())
    ORDER BY e.sequence DESC
    LIMIT 20
$$;

-- Whose accounts were changed through us within so many days.
CREATE OR REPLACE FUNCTION convonet_admin.accounts_changed_within(p_days integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT e.account_id FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(days => p_days) AND e.outcome = 'done' AND e.account_id IS NOT NULL
      AND e.action = ANY (convonet_admin.change_actions())
$$;

-- A setting before and after. Of a long list only what came and what went is said, so that nothing hides behind its
-- length; of refused passwords only how many there are.
CREATE OR REPLACE FUNCTION convonet_admin.setting_change(p_name text, p_old jsonb, p_new jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    came text;
    went text;
BEGIN
    IF jsonb_typeof(p_old) IS DISTINCT FROM 'array' OR jsonb_typeof(p_new) IS DISTINCT FROM 'array'
            OR (p_name <> 'blocked_passwords' AND jsonb_array_length(p_old) + jsonb_array_length(p_new) <= 20) THEN
        RETURN format('%s: %s -> %s', p_name, p_old, p_new);
    END IF;
    IF p_name <> 'blocked_passwords' THEN
        SELECT string_agg('+' || e, ' ' ORDER BY e) INTO came
        FROM jsonb_array_elements_text(p_new) e WHERE NOT p_old ? e;
        SELECT string_agg('-' || e, ' ' ORDER BY e) INTO went
        FROM jsonb_array_elements_text(p_old) e WHERE NOT p_new ? e;
    END IF;
    RETURN format('%s: %s entries -> %s entries', p_name, jsonb_array_length(p_old), jsonb_array_length(p_new))
        || coalesce(' ' || nullif(concat_ws(' ', went, came), ''), '');
END
$$;

-- Changes settings of the policy: an object of column names and new values. Logged with the values before and after.
CREATE OR REPLACE FUNCTION convonet_admin.set_policy(p_changes jsonb, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event('set_policy', p_request, p_claims);
    old     convonet_admin.policy;
    changed convonet_admin.policy;
BEGIN
    attempt.replayed := false;
    -- The row is replaced as a whole, so two at once must stand in line; readers need not wait.
    LOCK TABLE convonet_admin.policy IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO STRICT old FROM convonet_admin.policy;
    IF EXISTS (SELECT FROM jsonb_object_keys(p_changes) k WHERE NOT to_jsonb(old) ? k OR k = 'only_row') THEN
        RAISE EXCEPTION 'unknown setting' USING ERRCODE = 'undefined_column';
    END IF;
    BEGIN
        changed := jsonb_populate_record(old, p_changes);
        -- A pattern that is none is an error here rather than in the next reset.
        PERFORM '' ~ ('^(?:' || changed.ticket_pattern || ')$');
        IF EXISTS (SELECT FROM unnest(changed.context_words || changed.blocked_passwords || changed.verification_methods
                                      || changed.protected_domains || changed.protected_accounts
                                      || changed.protected_team_roles) e WHERE length(e) > 320)
                -- A domain that could never be anybody's would protect nobody, and nobody would notice.
                OR EXISTS (SELECT FROM unnest(changed.protected_domains) d
                           WHERE btrim(d) !~ '^@?[^@.*[:space:]]+(\.[^@.*[:space:]]+)*$') THEN
            RAISE EXCEPTION 'out of range' USING ERRCODE = 'data_exception';
        END IF;
        IF cardinality(changed.protected_team_roles) > 0 AND NOT convonet_admin.teams_are_readable() THEN
            event.outcome := 'refused';
            event.rule := 'teams_unavailable';
        ELSE
            DELETE FROM convonet_admin.policy;
            INSERT INTO convonet_admin.policy VALUES (changed.*);
            event.outcome := 'done';
        END IF;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        event.outcome := 'refused';
        event.rule := 'setting_out_of_range';
    END;
    -- In full, however long: what is cut could be what mattered.
    SELECT string_agg(convonet_admin.setting_change(k, to_jsonb(old) -> k, p_changes -> k), '; ' ORDER BY k)
    INTO event.detail FROM jsonb_object_keys(p_changes) k;
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
-- What people do for themselves. These functions, and no table or view, are what the program behind the web pages may
-- use; its role is its own. Which program may call which function is in grants.sql.

CREATE OR REPLACE FUNCTION convonet_admin.password_fingerprint(p_hash text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(p_hash, 'UTF8'))
$$;

-- The schema's version and the policy: to know by what rules a password is held, and that the way here is open.
CREATE OR REPLACE FUNCTION convonet_admin.self_schema_version() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.schema_version FROM convonet_admin.installation i
$$;

CREATE OR REPLACE FUNCTION convonet_admin.self_policy() RETURNS SETOF convonet_admin.policy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM convonet_admin.policy p
$$;

-- Counts one request in the window of its key; the number of requests in it, and the seconds until it ends.
CREATE OR REPLACE FUNCTION convonet_admin.count_request(p_key text, p_seconds integer, OUT requests integer, OUT rest integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.request_counter AS c (key, began_at, requests)
    VALUES (p_key, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        began_at = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                        THEN excluded.began_at ELSE c.began_at END,
        requests = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                        THEN 1 ELSE least(c.requests, 2000000) + 1 END
    RETURNING c.requests,
        greatest(1, ceil(extract(epoch FROM c.began_at + make_interval(secs => p_seconds) - clock_timestamp())))::integer
$$;

-- The key of a client: its address, or of IPv6 the network of 64 bits that one household has.
CREATE OR REPLACE FUNCTION convonet_admin.client_key(p_client text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address inet;
BEGIN
    -- An IPv4 address as a socket for both kinds gives it is no network of IPv6.
    address := regexp_replace(p_client, '^::ffff:(?=[0-9]+\.)', '', 'i');
    RETURN CASE family(address) WHEN 6 THEN host(network(set_masklen(address, 64))) ELSE host(address) END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN 'unknown';
END
$$;

-- Whether a request may go on: NULL, or the seconds after which it may be tried again. Called before anything else, in
-- a transaction of its own. The address is counted first, so that one that is over its limit uses up nobody else's.
CREATE OR REPLACE FUNCTION convonet_admin.self_admit(p_kind text, p_client text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    policy convonet_admin.policy;
    counted record;
BEGIN
    SELECT * INTO policy FROM convonet_admin.policy;
    -- Looking a password over while somebody types is many requests, and none of them changes anything.
    IF p_kind = 'assess' THEN
        SELECT * INTO counted FROM convonet_admin.count_request('assess ' || convonet_admin.client_key(p_client), 600);
        RETURN CASE WHEN counted.requests > policy.self_service_address_limit::bigint * 10 THEN counted.rest END;
    END IF;
    SELECT * INTO counted FROM convonet_admin.count_request('address ' || convonet_admin.client_key(p_client), 600);
    IF counted.requests > policy.self_service_address_limit THEN
        RETURN counted.rest;
    END IF;
    SELECT * INTO counted FROM convonet_admin.count_request('total', 60);
    RETURN CASE WHEN counted.requests > policy.self_service_total_limit THEN counted.rest END;
END
$$;

-- Notes that somebody asked for a link. It does the same whatever the address is; self_take_mail looks it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_request_link(p_email text, p_request uuid, p_claims jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, request_id, client_address, created_at, give_up_at, next_try_at)
    SELECT 'link_request', left(p_email, 320), p_request, convonet_admin.claim(p_claims, 'client_address', 100),
           clock_timestamp(), clock_timestamp() + make_interval(mins => p.reset_link_minutes), clock_timestamp()
    FROM convonet_admin.policy p
$$;

-- An event of somebody who acts for themselves. The address is what the program says: behind a proxy nobody else knows it.
CREATE OR REPLACE FUNCTION convonet_admin.new_self_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    event.actor_kind := 'self';
    event.client_address := convonet_admin.claim(p_claims, 'client_address', 100);
    event.detail := convonet_admin.claimed_detail(p_claims);
    RETURN event;
END
$$;

-- Locks the account and makes the checks that every change by the person has in common; as begin_attempt for operators.
CREATE OR REPLACE FUNCTION convonet_admin.begin_self_attempt(p_action text, p_account uuid, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
    active  boolean;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    SELECT u.id, u.email, u.username, u.is_active, u.updated_at
    INTO event.account_id, event.account_email, event.account_username, active, attempt.updated_at
    FROM "public"."users_convonet" u WHERE u.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
    ELSIF active IS NOT TRUE THEN
        event.outcome := 'refused';
        event.rule := 'account_inactive';
    ELSE
        attempt.proceeds := true;
    END IF;
    attempt.event := event;
    PERFORM set_config('convonet_admin.acting', CASE WHEN attempt.proceeds THEN 'yes' ELSE '' END, true);
    RETURN attempt;
END
$$;

-- Why a link is no good, or NULL where it is; for the one whose account is locked.
CREATE OR REPLACE FUNCTION convonet_admin.link_fault(
    p_token convonet_admin.reset_token, p_hash text, p_email text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_token.used_at IS NOT NULL THEN 'link_used'
                WHEN p_token.void_at IS NOT NULL THEN 'link_void'
                WHEN p_token.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(p_hash)
                    -- A new address may be the answer to somebody else's reading of the old one's mail.
                    OR p_token.address IS DISTINCT FROM p_email THEN 'link_outdated'
                WHEN p_token.expires_at <= clock_timestamp() THEN 'link_expired' END
$$;

-- Whose link it is, as long as it is good: what a new password is held against. Looking does not use it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_link_holder(p_token_hash bytea)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email::text, u.username::text, u.first_name::text, u.last_name::text, t.expires_at
    FROM convonet_admin.reset_token t JOIN "public"."users_convonet" u ON u.id = t.account_id
    WHERE t.token_hash = p_token_hash AND u.is_active AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL
$$;

-- Sets the password of whoever holds the link. Using the token up and changing the password are one statement. No row
-- where there is no such token; an event where there was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_reset_password(
    p_token_hash bytea, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    stored  text;
    fault   text;
    state   text;
    constrained text;
BEGIN
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    BEGIN
        attempt := convonet_admin.begin_self_attempt('reset_password', token.account_id, p_request, p_claims);
    EXCEPTION WHEN no_data_found THEN
        RETURN;
    END;
    IF NOT attempt.proceeds THEN
        RETURN NEXT convonet_admin.finish_attempt(attempt);
        RETURN;
    END IF;
    event := attempt.event;
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    -- Read again: another may have used it while this one waited for the account.
    SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = token.id FOR UPDATE;
    SELECT u.password_hash INTO stored FROM "public"."users_convonet" u WHERE u.id = token.account_id;
    fault := CASE WHEN token.token_hash IS DISTINCT FROM p_token_hash THEN 'link_void'
                  ELSE convonet_admin.link_fault(token, stored, event.account_email) END;
    IF fault IS NULL AND (p_hash ~ '^\$2b\$1[0-5]\$[./A-Za-z0-9]{53}$') IS NOT TRUE THEN
        fault := 'hash_malformed';
    END IF;
    IF fault IS NOT NULL THEN
        RETURN NEXT convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', fault));
        RETURN;
    END IF;
    BEGIN
        WITH used AS (
            UPDATE convonet_admin.reset_token t SET used_at = clock_timestamp()
            WHERE t.id = token.id AND t.used_at IS NULL AND t.void_at IS NULL AND t.expires_at > clock_timestamp()
            RETURNING t.account_id)
        UPDATE "public"."users_convonet" u
        SET password_hash = p_hash, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        FROM used WHERE u.id = used.account_id;
        SELECT u.password_hash, u.updated_at INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = token.account_id;
        IF stored IS DISTINCT FROM p_hash THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = token.account_id;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
        attempt := convonet_admin.failed_attempt(attempt, state, constrained);
    END;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
END
$$;

-- What is needed to check an old password and hold a new one against the person. Of the stored hash it gives the setting
-- alone (version, cost and salt): the hash is computed outside and compared here, so that none ever leaves the database.
CREATE OR REPLACE FUNCTION convonet_admin.self_signed_in(p_account uuid)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, setting text, wait integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email::text, u.username::text, u.first_name::text, u.last_name::text,
           CASE WHEN u.password_hash ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$' THEN left(u.password_hash, 29) END,
           (SELECT ceil(extract(epoch FROM w.blocked_until - clock_timestamp()))::integer
            FROM convonet_admin.wrong_password w
            WHERE w.account_id = u.id AND w.blocked_until > clock_timestamp())
    FROM "public"."users_convonet" u WHERE u.id = p_account AND u.is_active
$$;

-- The rule that an old password breaks, or NULL. From the fifth wrong one on each makes the next wait, a minute and then
-- twice as long each time, an hour at most; a day without any, and it begins anew. The account is locked by the caller,
-- so that many at once are counted one after the other.
CREATE OR REPLACE FUNCTION convonet_admin.old_password_fault(p_account uuid, p_proof text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored text;
    wrong  convonet_admin.wrong_password;
BEGIN
    SELECT * INTO wrong FROM convonet_admin.wrong_password w WHERE w.account_id = p_account;
    IF wrong.blocked_until > clock_timestamp() THEN
        RETURN 'old_password_blocked';
    END IF;
    SELECT u.password_hash INTO stored FROM "public"."users_convonet" u WHERE u.id = p_account;
    IF stored !~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$' THEN
        RETURN 'external_sign_in';
    END IF;
    -- Hashed once more, so that the time of comparing tells nothing about the stored one.
    IF convonet_admin.password_fingerprint(stored) IS NOT DISTINCT FROM convonet_admin.password_fingerprint(p_proof) THEN
        RETURN NULL;
    END IF;
    wrong.attempts := CASE WHEN wrong.last_at > clock_timestamp() - interval '24 hours' THEN wrong.attempts ELSE 0 END + 1;
    INSERT INTO convonet_admin.wrong_password (account_id, attempts, last_at, blocked_until)
    VALUES (p_account, wrong.attempts, clock_timestamp(),
            clock_timestamp() + CASE WHEN wrong.attempts < 5 THEN interval '0'
                                     ELSE make_interval(mins => least(60, 2 ^ least(wrong.attempts - 5, 6))::integer) END)
    ON CONFLICT (account_id) DO UPDATE
    SET attempts = excluded.attempts, last_at = excluded.last_at, blocked_until = excluded.blocked_until;
    RETURN 'old_password_wrong';
END
$$;

-- Whether the old password is right, before the new one is hashed at some cost; the event where it is not.
CREATE OR REPLACE FUNCTION convonet_admin.self_check_old_password(
    p_account uuid, p_proof text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    fault   text;
BEGIN
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        fault := convonet_admin.old_password_fault(p_account, p_proof);
        IF fault IS NULL THEN
            PERFORM set_config('convonet_admin.acting', '', true);
            RETURN;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'refused', fault);
    END IF;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
END
$$;

-- Sets the password of somebody signed in who knows the old one.
CREATE OR REPLACE FUNCTION convonet_admin.self_change_password(
    p_account uuid, p_proof text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    fault   text;
    stored  text;
    state   text;
    constrained text;
BEGIN
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN NEXT convonet_admin.finish_attempt(attempt);
        RETURN;
    END IF;
    fault := convonet_admin.old_password_fault(p_account, p_proof);
    IF fault IS NULL AND (p_hash ~ '^\$2b\$1[0-5]\$[./A-Za-z0-9]{53}$') IS NOT TRUE THEN
        fault := 'hash_malformed';
    END IF;
    IF fault IS NOT NULL THEN
        RETURN NEXT convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', fault));
        RETURN;
    END IF;
    BEGIN
        UPDATE "public"."users_convonet" u
        SET password_hash = p_hash, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')
        WHERE u.id = p_account;
        SELECT u.password_hash, u.updated_at INTO stored, attempt.updated_at FROM "public"."users_convonet" u WHERE u.id = p_account;
        IF stored IS DISTINCT FROM p_hash THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = p_account;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constrained = CONSTRAINT_NAME;
        attempt := convonet_admin.failed_attempt(attempt, state, constrained);
    END;
    RETURN NEXT convonet_admin.finish_attempt(attempt);
END
$$;

-- Records what the program refused before it would set a password: the rule is one of a fixed list.
CREATE OR REPLACE FUNCTION convonet_admin.self_record_refusal(
    p_action text, p_account uuid, p_rule text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
BEGIN
    IF (p_action IN ('reset_password', 'change_password') AND p_rule IN ('password_empty', 'password_not_utf8', 'password_nul', 'password_too_long', 'password_spaces_only', 'password_common', 'password_organisation_list', 'password_contains_name', 'password_contains_organisation_word', 'password_needs_uppercase', 'password_needs_lowercase', 'password_needs_digit', 'password_needs_symbol', 'password_too_short', 'password_too_weak', 'pin_all_same', 'pin_steps', 'pin_keypad', 'pin_year', 'pin_periodic', 'pin_doubled', 'pin_palindrome', 'pin_all_but_one_same', 'pin_date', 'pin_common', 'entries_differ', 'pin_empty', 'pin_not_digits', 'pin_not_ascii_digits', 'pin_wrong_length')) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT u.id, u.email, u.username INTO event.account_id, event.account_email, event.account_username
    FROM "public"."users_convonet" u WHERE u.id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
    END IF;
    event.outcome := 'refused';
    event.rule := p_rule;
    attempt.event := event;
    attempt.replayed := false;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
-- Mail: links and notices. It is queued in the transaction of what it tells of, and sent after it by whichever instance
-- of the self-service program takes it first.

-- Makes a link for an account that the caller has locked, voids the older ones, and queues its mail.
CREATE OR REPLACE FUNCTION convonet_admin.new_link(
    p_event convonet_admin.audit_event, p_hash text, p_token_hash bytea) RETURNS convonet_admin.reset_token
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token convonet_admin.reset_token;
BEGIN
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'newer'
    WHERE t.account_id = p_event.account_id AND t.used_at IS NULL AND t.void_at IS NULL;
    INSERT INTO convonet_admin.reset_token
        (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at)
    SELECT p_event.account_id, p_event.account_email, p_event.actor_kind, p_event.db_user,
           convonet_admin.password_fingerprint(p_hash), clock_timestamp(), p_token_hash,
           CASE WHEN p_token_hash IS NOT NULL
                THEN clock_timestamp() + make_interval(mins => p.reset_link_minutes) END
    FROM convonet_admin.policy p
    RETURNING * INTO token;
    RETURN token;
END
$$;

-- Sends somebody a link by which they set their password themselves: nobody else ever knows it.
CREATE OR REPLACE FUNCTION convonet_admin.send_reset_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    stored  text;
    active  boolean;
    rule    text;
BEGIN
    attempt := convonet_admin.begin_attempt('send_reset_link', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT u.password_hash, u.is_active INTO stored, active FROM "public"."users_convonet" u WHERE u.id = p_account;
    rule := CASE WHEN active IS NOT TRUE THEN 'link_to_inactive'
                 WHEN stored !~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$'
                     AND (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN 'external_sign_in' END;
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', rule));
    END IF;
    event := attempt.event;
    token := convonet_admin.new_link(event, stored, NULL);
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, token_id, request_id, created_at, give_up_at, next_try_at)
    SELECT 'reset_link', token.address, token.account_id, token.id, p_request, token.created_at,
           token.created_at + make_interval(mins => p.reset_link_minutes), token.created_at
    FROM convonet_admin.policy p;
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'done'));
END
$$;

-- Makes every link of an account that is still open void.
CREATE OR REPLACE FUNCTION convonet_admin.revoke_reset_links(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    stored  text;
    email   text;
    revoked integer;
BEGIN
    attempt := convonet_admin.begin_attempt('revoke_reset_links', p_account, p_version, p_request, p_claims);
    IF NOT attempt.proceeds THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT u.password_hash, u.email INTO stored, email FROM "public"."users_convonet" u WHERE u.id = p_account;
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
    WHERE t.account_id = p_account AND convonet_admin.link_fault(t, stored, email) IS NULL;
    GET DIAGNOSTICS revoked = ROW_COUNT;
    IF revoked = 0 THEN
        RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'refused', 'no_reset_link'));
    END IF;
    event := attempt.event;
    event.detail := concat_ws(' ', event.detail, 'links=' || revoked);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_outcome(attempt, 'done'));
END
$$;

-- The links of one account, newest first: to whom, until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.reset_links(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.address, t.requested_by, t.db_user, t.created_at, t.expires_at,
           CASE WHEN fault IS NOT NULL AND fault <> 'link_void' THEN substr(fault, 6)
                WHEN fault IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN m.state = 'failed' THEN 'undelivered'
                WHEN m.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(t.used_at, t.void_at, m.ended_at)
    FROM convonet_admin.reset_token t
    JOIN "public"."users_convonet" u ON u.id = t.account_id
    LEFT JOIN LATERAL (SELECT q.state, q.ended_at FROM convonet_admin.mail_queue q WHERE q.token_id = t.id
                       ORDER BY q.id DESC LIMIT 1) m ON true
    CROSS JOIN LATERAL convonet_admin.link_fault(t, u.password_hash, u.email) AS fault
    WHERE t.account_id = p_account
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- Tells the person of a change of their password or PIN, at the address as it was before, where the policy wants it.
CREATE OR REPLACE FUNCTION convonet_admin.queue_notice(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, action, actor_kind, request_id, created_at, give_up_at, next_try_at)
    SELECT 'notice', p_event.account_email, p_event.account_id, p_event.action, p_event.actor_kind, p_event.request_id,
           p_event.occurred_at, p_event.occurred_at + interval '3 days', p_event.occurred_at
    FROM convonet_admin.policy p
    WHERE p.notify_changes AND p_event.outcome = 'done'
      AND p_event.action IN ('reset_password', 'change_password', 'issue_voice_pin', 'set_voice_pin', 'clear_voice_pin')
$$;

-- Turns what somebody asked for by an address into a link of the account that has it, with an event; an address that
-- nobody has is forgotten. The token's hash is kept only where there is a link.
CREATE OR REPLACE FUNCTION convonet_admin.resolve_link_request(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail    convonet_admin.mail_queue := p_mail;
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    found_ids uuid[];
    stored  text;
    policy  convonet_admin.policy;
BEGIN
    SELECT array_agg(u.id) INTO found_ids FROM "public"."users_convonet" u WHERE u.email IN (mail.address, lower(mail.address));
    IF cardinality(found_ids) > 1 THEN
        SELECT array_agg(u.id) INTO found_ids FROM "public"."users_convonet" u WHERE u.email = mail.address;
    ELSIF found_ids IS NULL THEN
        -- Only now, since it may take a walk through the table.
        SELECT array_agg(u.id) INTO found_ids FROM "public"."users_convonet" u WHERE lower(u.email) = lower(mail.address);
    END IF;
    IF cardinality(found_ids) IS DISTINCT FROM 1 THEN
        mail.state := 'void';
        RETURN mail;
    END IF;
    attempt := convonet_admin.begin_self_attempt('send_reset_link', found_ids[1], mail.request_id,
        p_claims || jsonb_build_object('client_address', mail.client_address));
    SELECT u.password_hash INTO stored FROM "public"."users_convonet" u WHERE u.id = found_ids[1];
    SELECT * INTO policy FROM convonet_admin.policy;
    IF attempt.proceeds THEN
        IF stored !~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$' THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        ELSIF (SELECT count(*) FROM convonet_admin.reset_token t
               WHERE t.account_id = found_ids[1] AND t.requested_by = 'self'
                 AND t.created_at > clock_timestamp() - interval '1 hour') >= policy.self_service_account_limit THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'account_limit');
        ELSE
            event := attempt.event;
            token := convonet_admin.new_link(event, stored, p_token_hash);
            event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
            attempt.event := event;
            attempt := convonet_admin.with_outcome(attempt, 'done');
        END IF;
    END IF;
    PERFORM convonet_admin.finish_attempt(attempt);
    IF token.id IS NULL THEN
        mail.state := 'void';
    ELSE
        mail.kind := 'reset_link';
        mail.address := token.address;
        mail.account_id := token.account_id;
        mail.token_id := token.id;
    END IF;
    RETURN mail;
END
$$;

-- Takes the mail that is due longest, for five minutes: whoever has not ended it by then is taken to be gone. The caller
-- brings the hash of a new token, which becomes the link's if the mail carries one; of a token that was sent before, or
-- lost with the program that held it, nothing is left. No row where nothing is due.
CREATE OR REPLACE FUNCTION convonet_admin.self_take_mail(p_token_hash bytea, p_claims jsonb)
RETURNS TABLE (id bigint, attempt integer, kind text, address text, first_name text, action text, actor_kind text,
               occurred_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
#variable_conflict use_column
DECLARE
    mail   convonet_admin.mail_queue;
    token  convonet_admin.reset_token;
    stored text;
    person text;
    active boolean;
    address_now text;
BEGIN
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a token has a SHA-256' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR turn IN 1..50 LOOP
        -- Looking for an address that nobody has may walk through the table: what was done so far must be kept, and not
        -- be lost to a time limit.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
        SELECT q.* INTO mail FROM convonet_admin.mail_queue q
        WHERE q.state IN ('waiting', 'sending') AND q.next_try_at <= clock_timestamp()
        ORDER BY q.kind = 'link_request', q.next_try_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF mail.give_up_at <= clock_timestamp() THEN
            mail.state := 'failed';
            mail.last_error := coalesce(mail.last_error, 'too late');
        ELSIF mail.kind = 'link_request' THEN
            BEGIN
                mail := convonet_admin.resolve_link_request(mail, p_token_hash, p_claims);
            EXCEPTION WHEN lock_not_available OR deadlock_detected OR no_data_found THEN
                UPDATE convonet_admin.mail_queue q SET next_try_at = clock_timestamp() + interval '5 seconds'
                WHERE q.id = mail.id;
                CONTINUE;
            END;
        ELSIF mail.kind = 'reset_link' THEN
            SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = mail.token_id FOR UPDATE;
            SELECT u.password_hash, u.is_active, u.email INTO stored, active, address_now FROM "public"."users_convonet" u
            WHERE u.id = mail.account_id;
            IF stored IS NULL OR NOT active OR token.used_at IS NOT NULL OR token.void_at IS NOT NULL
                    OR token.address IS DISTINCT FROM address_now OR token.password_fingerprint <> convonet_admin.password_fingerprint(stored) THEN
                mail.state := 'void';
            ELSE
                UPDATE convonet_admin.reset_token t
                SET token_hash = p_token_hash,
                    expires_at = clock_timestamp() + make_interval(mins => (SELECT p.reset_link_minutes FROM convonet_admin.policy p))
                WHERE t.id = token.id;
            END IF;
        END IF;
        IF mail.state IN ('failed', 'void') THEN
            IF mail.kind = 'link_request' THEN
                DELETE FROM convonet_admin.mail_queue q WHERE q.id = mail.id;
            ELSE
                UPDATE convonet_admin.mail_queue q
                SET state = mail.state, last_error = mail.last_error, ended_at = clock_timestamp() WHERE q.id = mail.id;
            END IF;
            CONTINUE;
        END IF;
        UPDATE convonet_admin.mail_queue q
        SET kind = mail.kind, address = mail.address, account_id = mail.account_id, token_id = mail.token_id,
            state = 'sending', attempts = q.attempts + 1, next_try_at = clock_timestamp() + interval '5 minutes'
        WHERE q.id = mail.id;
        SELECT u.first_name INTO person FROM "public"."users_convonet" u WHERE u.id = mail.account_id;
        RETURN QUERY
        SELECT mail.id, mail.attempts + 1, mail.kind, mail.address, person, mail.action, mail.actor_kind, mail.created_at,
               (SELECT t.expires_at FROM convonet_admin.reset_token t WHERE t.id = mail.token_id);
        RETURN;
    END LOOP;
END
$$;

-- Says what became of mail that was taken: sent, failed for good, or to be tried again after a pause that grows from
-- fifteen seconds to an hour. Only the one who took it last may.
CREATE OR REPLACE FUNCTION convonet_admin.self_end_mail(p_id bigint, p_attempt integer, p_outcome text, p_error text)
RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    UPDATE convonet_admin.mail_queue q
    SET state = CASE WHEN p_outcome IN ('sent', 'failed') THEN p_outcome
                     WHEN next.at >= q.give_up_at THEN 'failed' ELSE 'waiting' END,
        ended_at = CASE WHEN p_outcome IN ('sent', 'failed') OR next.at >= q.give_up_at THEN clock_timestamp() END,
        next_try_at = next.at,
        last_error = left(p_error, 200)
    FROM (SELECT clock_timestamp() + make_interval(secs => least(3600, 15 * 4 ^ least(p_attempt - 1, 5))) AS at) AS next
    WHERE q.id = p_id AND q.attempts = p_attempt AND q.state = 'sending'
    RETURNING q.state
$$;

-- Forgets what nobody needs any more: mail after a month, links after three, counters after a day.
CREATE OR REPLACE FUNCTION convonet_admin.self_tidy() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    DELETE FROM convonet_admin.mail_queue q WHERE q.ended_at < clock_timestamp() - interval '30 days';
    DELETE FROM convonet_admin.reset_token t WHERE t.created_at < clock_timestamp() - interval '90 days';
    DELETE FROM convonet_admin.request_counter c WHERE c.began_at < clock_timestamp() - interval '24 hours';
    DELETE FROM convonet_admin.wrong_password w WHERE w.last_at < clock_timestamp() - interval '2 days';
$$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA convonet_admin FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA convonet_admin FROM PUBLIC;
REVOKE ALL ON SCHEMA convonet_admin FROM PUBLIC;
DO $$
DECLARE
    called regprocedure;
BEGIN
    FOR called IN SELECT p.oid FROM pg_proc p
                  WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef LOOP
        EXECUTE format('ALTER FUNCTION %s SET client_min_messages = warning', called);
        EXECUTE format('ALTER FUNCTION %s SET debug_print_parse = off', called);
        EXECUTE format('ALTER FUNCTION %s SET debug_print_rewritten = off', called);
        EXECUTE format('ALTER FUNCTION %s SET debug_print_plan = off', called);
        EXECUTE format('ALTER FUNCTION %s SET TimeZone = ''UTC''', called);
    END LOOP;
END
$$;
-- Who may do what. Nobody has a right on the users' table or to write the log.
GRANT USAGE ON SCHEMA convonet_admin TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor", "desk_selfservice";
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy
    TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION
    convonet_admin.reset_password(uuid, text, text, uuid, jsonb),
    convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.set_voice_pin(uuid, text, text, uuid, jsonb),
    convonet_admin.clear_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.set_account_active(uuid, text, boolean, uuid, jsonb),
    convonet_admin.set_account_verified(uuid, text, boolean, uuid, jsonb),
    convonet_admin.record_refusal(uuid, text, text, uuid, jsonb),
    convonet_admin.account_history(uuid, integer),
    convonet_admin.accounts_changed_within(integer),
    convonet_admin.own_recent_events(integer, jsonb)
    TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.accounts_changed_within(integer) TO "desk_auditor";
GRANT SELECT ON convonet_admin.audit_event, convonet_admin.audit_head TO "desk_auditor";
GRANT EXECUTE ON FUNCTION
    convonet_admin.set_policy(jsonb, uuid, jsonb),
    convonet_admin.decide_approval(bigint, text, uuid, jsonb)
    TO "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.approvals(bigint, boolean, boolean, integer)
    TO "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.account_is_protected(uuid)
    TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION
    convonet_admin.send_reset_link(uuid, text, uuid, jsonb),
    convonet_admin.revoke_reset_links(uuid, text, uuid, jsonb),
    convonet_admin.reset_links(uuid, integer)
    TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.reset_links(uuid, integer) TO "desk_auditor";
GRANT EXECUTE ON FUNCTION
    convonet_admin.self_schema_version(),
    convonet_admin.self_policy(),
    convonet_admin.self_admit(text, text),
    convonet_admin.self_request_link(text, uuid, jsonb),
    convonet_admin.self_link_holder(bytea),
    convonet_admin.self_reset_password(bytea, text, uuid, jsonb),
    convonet_admin.self_signed_in(uuid),
    convonet_admin.self_check_old_password(uuid, text, uuid, jsonb),
    convonet_admin.self_change_password(uuid, text, text, uuid, jsonb),
    convonet_admin.self_record_refusal(text, uuid, text, uuid, jsonb),
    convonet_admin.self_take_mail(bytea, jsonb),
    convonet_admin.self_end_mail(bigint, integer, text, text),
    convonet_admin.self_tidy()
    TO "desk_selfservice";
DELETE FROM convonet_admin.refused_pin;
ANALYZE convonet_admin.refused_pin;
INSERT INTO convonet_admin.installation (schema_version, users_table, role_prefix)
VALUES (2, '"public"."users_convonet"', 'desk_');
SET LOCAL ROLE NONE;
GRANT SELECT ON "public"."teams_convonet", "public"."team_memberships_convonet" TO "desk_owner";
SET LOCAL ROLE "desk_owner";
-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide. That a bcrypt hash ends after 53 letters its length says: a pattern that counts them takes five times longer.
CREATE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       CASE WHEN length(u.password_hash) = 60 AND u.password_hash ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$'
           THEN 'password' ELSE 'external' END AS sign_in,
       CASE WHEN u.password_hash ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       u.xmin::text AS version
FROM "public"."users_convonet" u;
-- What search compares with the words, and what its index is made of, beside each account. Views of their own, since to
-- take such long expressions into a plan takes time, used or not.
CREATE VIEW convonet_admin.account_search AS
SELECT a.*, ' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN ((a.email)::text || ' ' || (a.username)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN ((a.first_name)::text || ' ' || (a.last_name)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END AS search_key
FROM convonet_admin.accounts a;

CREATE VIEW convonet_admin.account_pieces AS
SELECT a.*, (string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN ((a.email)::text || ' ' || (a.username)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN ((a.first_name)::text || ' ' || (a.last_name)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END, ' ', '  '), 1), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN ((a.email)::text || ' ' || (a.username)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN ((a.first_name)::text || ' ' || (a.last_name)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END, ' ', '  '), 2), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN ((a.email)::text || ' ' || (a.username)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN ((a.first_name)::text || ' ' || (a.last_name)::text) ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), '‘’ʼ', ''''''''), NFC) END, ' ', '  '), 3), '(...)', E'\\1\x1F', 'g'), E'\x1F')) COLLATE "C" AS search_pieces
FROM convonet_admin.accounts a;
-- Who is in which of the application's teams, and as what.
CREATE VIEW convonet_admin.account_teams AS
SELECT m.user_id AS account_id, t.name::text AS team, m.role::text AS role, t.is_active
FROM "public"."team_memberships_convonet" m JOIN "public"."teams_convonet" t ON t.id = m.team_id;
GRANT SELECT ON convonet_admin.accounts, convonet_admin.account_search, convonet_admin.account_pieces, convonet_admin.account_teams TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
SET LOCAL ROLE NONE;
SET LOCAL ROLE "desk_owner";
UPDATE convonet_admin.installation SET watches_direct_changes = true;
SET LOCAL ROLE NONE;
SET LOCAL lock_timeout = '5s';
DROP TRIGGER IF EXISTS convonet_admin_direct_change ON "public"."users_convonet";
CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE ON "public"."users_convonet" FOR EACH ROW
WHEN ((OLD.password_hash IS DISTINCT FROM NEW.password_hash OR OLD.voice_pin IS DISTINCT FROM NEW.voice_pin
       OR OLD.is_active IS DISTINCT FROM NEW.is_active) AND NOT (current_user = 'desk_owner'))
EXECUTE FUNCTION convonet_admin.note_direct_change();
