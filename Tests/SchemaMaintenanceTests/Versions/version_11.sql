-- Version 11 of the schema as it was installed, watching direct changes, but for the table of refused PINs.
SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL quote_all_identifiers = off;
SELECT set_config(s.name, '', true) FROM pg_settings s WHERE s.name = 'createrole_self_grant' AND s.setting <> '';
GRANT "desk_owner", "desk_hand", "desk_reader" TO CURRENT_USER;
SET LOCAL lock_timeout = '5s';
GRANT "desk_viewer" TO "desk_operator";
CREATE SCHEMA convonet_admin AUTHORIZATION "desk_owner";
REVOKE ALL ON "public"."users_convonet" FROM "desk_owner", "desk_hand", "desk_reader";
GRANT USAGE ON SCHEMA "public" TO "desk_hand", "desk_reader";
GRANT SELECT, UPDATE (password_hash, voice_pin, is_active, is_verified, updated_at) ON "public"."users_convonet" TO "desk_hand";
REVOKE ALL ON "public"."teams_convonet", "public"."team_memberships_convonet" FROM "desk_owner", "desk_hand", "desk_reader";
GRANT SELECT ON "public"."teams_convonet", "public"."team_memberships_convonet" TO "desk_reader";
DO $numbers$ BEGIN
    -- Somebody else's, which may be anything, is not even touched.
    IF EXISTS (SELECT FROM pg_class c JOIN pg_class u ON u.oid = '"public"."users_convonet"'::regclass
               WHERE c.oid = to_regclass('"public"."convonet_admin_phone_numbers"')
                 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relowner = u.relowner) THEN
        REVOKE ALL ON "public"."convonet_admin_phone_numbers" FROM "desk_hand";
        GRANT SELECT ON "public"."convonet_admin_phone_numbers" TO "desk_reader";
    END IF;
END $numbers$;
SET LOCAL ROLE "desk_owner";
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('GRANT ALL ON %s %s TO CURRENT_USER', o.kind, o.name)
        FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                     CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relacl
              FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
              UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, 'f', p.proacl
              FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
              UNION ALL SELECT 'TYPE', t.oid::regtype::text, t.typowner, 'T', t.typacl
              FROM pg_type t WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c'
             ) AS o (kind, name, owner, code, acl)
        WHERE o.owner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AND EXISTS (
            SELECT FROM aclexplode(acldefault(o.code::"char", o.owner)) a
            WHERE o.acl IS NOT NULL AND a.grantee = o.owner AND NOT EXISTS (
                SELECT FROM aclexplode(o.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type)))
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
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
-- An account as our functions read it, whatever types the application's columns have.
CREATE TYPE convonet_admin.person AS (
    id            uuid,
    version       text,
    email         text,
    username      text,
    first_name    text,
    last_name     text,
    password_hash text,
    has_voice_pin boolean,
    is_active     boolean,
    is_verified   boolean,
    updated_at    timestamptz
);

-- What an attempt found, and what is written only after its locks are given back.
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE version text;
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE person convonet_admin.person;
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE voice_pin text;

-- Every answer that depends on other people's PINs is counted where a rollback does not reach, for each database user.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.pin_answers_%s', slot);
    END LOOP;
END
$$;

ALTER TABLE convonet_admin.policy
    ADD COLUMN pin_answers_per_hour      integer NOT NULL DEFAULT 60 CHECK (pin_answers_per_hour BETWEEN 1 AND 1000000),
    ADD COLUMN states_per_operator_hour  integer NOT NULL DEFAULT 0 CHECK (states_per_operator_hour BETWEEN 0 AND 10000),
    ADD COLUMN refusals_per_operator_hour integer NOT NULL DEFAULT 200
        CHECK (refusals_per_operator_hour BETWEEN 1 AND 10000);

-- Each password is compared with each of them. More than this was a mistake, or meant to hold others up.
UPDATE convonet_admin.policy SET context_words = context_words[1:1000] WHERE cardinality(context_words) > 1000;
ALTER TABLE convonet_admin.policy ADD CHECK (cardinality(context_words) <= 1000);

-- What the catalogue says of this installation as it was made: owners, rights, settings and states, a line for each. What
-- differs from it later was changed by somebody else.
CREATE TABLE convonet_admin.as_installed (
    line text NOT NULL
);

-- Somebody with the owner's rights may have dropped them, or put another in the place of the first.
DROP INDEX IF EXISTS convonet_admin.audit_event_done_once;
CREATE UNIQUE INDEX audit_event_done_once ON convonet_admin.audit_event (request_id) WHERE outcome = 'done';
CREATE UNIQUE INDEX IF NOT EXISTS audit_event_pkey ON convonet_admin.audit_event (sequence);
CREATE UNIQUE INDEX IF NOT EXISTS audit_head_pkey ON convonet_admin.audit_head (only_row);
-- What was asked for, in the other spelling of its domain; NULL where there is one spelling.
ALTER TABLE convonet_admin.mail_queue ADD COLUMN other_address text;

-- When a program that sends mail last asked for some. Not in the write-ahead log: after a crash of the server it is asked
-- again within seconds.
CREATE UNLOGGED TABLE convonet_admin.mail_program (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    asked_at timestamptz NOT NULL
);
-- What an operator makes the log grow by is counted where a rollback does not reach, as PINs are.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.done_events_%s', slot);
        EXECUTE format('CREATE SEQUENCE convonet_admin.refused_events_%s', slot);
        -- Whose slot it is: the number of a role.
        EXECUTE format('CREATE SEQUENCE convonet_admin.slot_role_%s', slot);
    END LOOP;
END
$$;

ALTER TABLE convonet_admin.policy
    ADD COLUMN events_per_operator_hour integer NOT NULL DEFAULT 10000
        CHECK (events_per_operator_hour BETWEEN 100 AND 1000000);

-- What is published to replicas can only be deleted by a key.
ALTER TABLE convonet_admin.as_installed ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;

-- The oldest program, by the version of the schema that it needs, that works on this one.
ALTER TABLE convonet_admin.installation ADD COLUMN serves_from integer NOT NULL DEFAULT 5;
-- Refusals of self-service are counted where a rollback does not reach: those within the hour, and those that were no more than
-- counted.
CREATE SEQUENCE convonet_admin.self_refusals_0;
CREATE SEQUENCE convonet_admin.unwritten_refusals;

-- How many of the latter the log has told of.
ALTER TABLE convonet_admin.installation ADD COLUMN told_refusals bigint NOT NULL DEFAULT '0';
-- Codes by which callers prove that they read the account's mail. Each serves the operator who asked for it, and nobody else;
-- of the code itself there is only what can be made of it with the operator's or the sender's key, of which neither is here.
CREATE TABLE convonet_admin.caller_code (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    address    text NOT NULL,
    db_user    text NOT NULL,            -- session_user
    uid        bigint,                   -- claimed: tells people apart where there are no roles
    slot       integer NOT NULL,         -- whose counter counts the tries
    created_at timestamptz NOT NULL,
    asker_key  bytea NOT NULL CHECK (octet_length(asker_key) = 32),
    sender_key bytea CHECK (octet_length(sender_key) = 32),
    proof_hash bytea CHECK (octet_length(proof_hash) = 32),
    expires_at timestamptz,
    proven_at  timestamptz,
    points     integer,
    CHECK ((sender_key IS NULL) = (proof_hash IS NULL) AND (sender_key IS NULL) = (expires_at IS NULL)),
    CHECK ((proven_at IS NULL) = (points IS NULL))
);
CREATE INDEX caller_code_account ON convonet_admin.caller_code (account_id, id DESC);
CREATE INDEX caller_code_slot ON convonet_admin.caller_code (slot, id DESC);
COMMENT ON COLUMN convonet_admin.caller_code.proof_hash IS 'SHA-256; NULL until the mail is about to be sent';

-- Tries are counted where a rollback does not reach: the value is the code's number times 2^20, plus its tries.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.caller_tries_%s', slot);
    END LOOP;
END
$$;

ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (kind IN ('link_request', 'reset_link', 'notice', 'caller_code')),
    ADD COLUMN code_id bigint REFERENCES convonet_admin.caller_code ON DELETE SET NULL;
CREATE INDEX mail_queue_code ON convonet_admin.mail_queue (code_id);

-- What the caller had proven when an approval was asked for: by the time that it is used they may have hung up.
ALTER TABLE convonet_admin.approval ADD COLUMN points integer;
-- What a reset replaced, for as long as it can be taken back. Only our functions read it.
CREATE TABLE convonet_admin.replaced_credential (
    sequence    bigint PRIMARY KEY,      -- of the event: the receipt's number
    account_id  uuid NOT NULL,
    column_name text NOT NULL,
    value       text,                    -- NULL where there was none
    version     text NOT NULL,           -- of the account as the reset left it
    db_user     text NOT NULL,           -- session_user
    uid         bigint,                  -- claimed: tells people apart where there are no roles
    expires_at  timestamptz NOT NULL
);
CREATE INDEX replaced_credential_account ON convonet_admin.replaced_credential (account_id);

-- By the request that it tells of.
CREATE INDEX mail_queue_request ON convonet_admin.mail_queue (request_id) WHERE kind = 'notice';

-- What was written, and what stood there before.
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE written text;
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE replaced text;

CREATE INDEX mail_queue_account ON convonet_admin.mail_queue (account_id, id DESC);

-- Accounts that nobody changes until a supervisor lifts it.
CREATE TABLE convonet_admin.account_freeze (
    account_id uuid PRIMARY KEY,
    frozen_at  timestamptz NOT NULL,
    db_user    text NOT NULL,
    note       text NOT NULL
);

-- Since when the application's tokens count: of people whose password was changed, or who were signed out everywhere.
CREATE TABLE convonet_admin.token_cutoff (
    account_id uuid PRIMARY KEY,
    not_before timestamptz NOT NULL
);
INSERT INTO convonet_admin.token_cutoff (account_id, not_before)
SELECT e.account_id, max(e.occurred_at) FROM convonet_admin.audit_event e
WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'change_password', 'deactivate')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
GROUP BY e.account_id;
-- A code that was read out: the person gets a link's token for it, by which they set their password.
ALTER TABLE convonet_admin.reset_token
    ADD COLUMN username    text,         -- of the account as it was: entered with the code, or its address is
    ADD COLUMN code_hash   text,         -- bcrypt; NULL for a link
    ADD COLUMN code_number bigint,
    ADD COLUMN slot        integer,      -- whose counter counts the tries
    ADD COLUMN entered_at  timestamptz,
    ADD CONSTRAINT reset_token_code_check CHECK (
        (code_hash IS NULL) = (code_number IS NULL) AND (code_hash IS NULL) = (slot IS NULL)
        AND (code_hash IS NOT NULL OR entered_at IS NULL));
CREATE INDEX reset_token_slot ON convonet_admin.reset_token (slot, code_number DESC) WHERE code_hash IS NOT NULL;

CREATE SEQUENCE convonet_admin.reset_code_number;

-- Tries are counted in sequences, which no rollback undoes. A value is the code's number times 2^20, plus its tries.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.reset_code_tries_%s', slot);
    END LOOP;
END
$$;
-- The reset of the same column that came after: what this one replaced comes back only once that is taken back.
ALTER TABLE convonet_admin.replaced_credential ADD COLUMN covered_by bigint;

-- It is made anew, and goes by no function any more: one whose columns change could not be dropped under it.
DROP VIEW IF EXISTS convonet_admin.token_end;
-- Passwords that staff gave somebody for a time. Which of them an account has is told by the hash that is stored: whatever takes
-- its place ends it, and what comes back is as it was.
CREATE TABLE convonet_admin.temporary_password (
    account_id           uuid NOT NULL,
    password_fingerprint bytea NOT NULL,
    issued_at            timestamptz NOT NULL,
    expires_at           timestamptz NOT NULL,
    next_try_at          timestamptz,    -- where its time had come and it could not be ended
    taken_until          timestamptz,    -- whoever took it may end it until then, once
    expired_at           timestamptz,    -- since then the hash is one that fits nothing
    PRIMARY KEY (account_id, password_fingerprint)
);
CREATE INDEX temporary_password_due ON convonet_admin.temporary_password (expires_at) WHERE expired_at IS NULL;
COMMENT ON COLUMN convonet_admin.temporary_password.password_fingerprint IS 'SHA-256 of the stored hash';

-- What is done because its time has come is nobody's doing.
ALTER TABLE convonet_admin.audit_event
    DROP CONSTRAINT audit_event_actor_kind_check,
    ADD CONSTRAINT audit_event_actor_kind_check CHECK (actor_kind IN ('operator', 'self', 'outside', 'schedule'));
ALTER TABLE convonet_admin.reset_token
    DROP CONSTRAINT reset_token_requested_by_check,
    ADD CONSTRAINT reset_token_requested_by_check CHECK (requested_by IN ('self', 'operator', 'schedule'));

-- Until when the new password works, unless the person changes it.
ALTER TYPE convonet_admin.receipt ADD ATTRIBUTE temporary_until timestamptz;
-- The hash of what a mail carries, by which whoever gets it can say that this was not them.
ALTER TABLE convonet_admin.mail_queue
    ADD COLUMN report_hash bytea CHECK (octet_length(report_hash) = 32),
    ADD COLUMN reported_at timestamptz;
CREATE UNIQUE INDEX mail_queue_report ON convonet_admin.mail_queue (report_hash);
-- A link by which the person gets a voice PIN that nobody else sees; what is for one purpose never serves the other.
ALTER TABLE convonet_admin.reset_token
    ADD COLUMN purpose text NOT NULL DEFAULT 'password' CHECK (purpose IN ('password', 'voice_pin')),
    ADD CONSTRAINT reset_token_code_purpose_check CHECK (code_hash IS NULL OR purpose = 'password');
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code'));

-- PINs that were drawn by links, counted beside those of operators, and where a rollback does not reach.
CREATE SEQUENCE convonet_admin.link_pin_answers_0;
-- To whom a request for approval is mailed; nobody until it is set.
ALTER TABLE convonet_admin.policy
    ADD COLUMN approver_addresses text[] NOT NULL DEFAULT '{}' CHECK (cardinality(approver_addresses) <= 20);
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (
        kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code', 'approval_request')),
    ADD COLUMN approval_id bigint;       -- the request that it tells of, to somebody who is no account
-- What is open is looked for every second.
CREATE INDEX approval_open ON convonet_admin.approval (expires_at) WHERE state IN ('requested', 'approved');
CREATE INDEX mail_queue_approval ON convonet_admin.mail_queue (approval_id) WHERE approval_id IS NOT NULL;
-- Callers' codes that go to a telephone: what is proven by each way is told apart.
ALTER TABLE convonet_admin.caller_code
    ADD COLUMN way    text NOT NULL DEFAULT 'mail_code' CHECK (way IN ('mail_code', 'text_code')),
    ADD COLUMN number text,              -- to which it goes; as for the address, another one ends it
    ADD CONSTRAINT caller_code_number_check CHECK ((way = 'text_code') = (number IS NOT NULL));
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (
        kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code', 'approval_request', 'text_code'));
-- When nobody was found by the address of a request for a link as it is written.
ALTER TABLE convonet_admin.mail_queue ADD COLUMN looked_up_at timestamptz;
-- When a program that sends to telephones last asked for some.
ALTER TABLE convonet_admin.mail_program ADD COLUMN texts_asked_at timestamptz;
-- The number that counted when the attempt began.
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE number text;
-- By which ways the points were proven.
ALTER TABLE convonet_admin.approval ADD COLUMN ways text;
-- By its fingerprint the list of leaked passwords that typed ones must not be on; empty: none.
ALTER TABLE convonet_admin.policy
    ADD COLUMN breached_passwords text NOT NULL DEFAULT '' CHECK (breached_passwords ~ '^([0-9a-f]{32})?$');
-- What was given up lately is counted every few seconds.
CREATE INDEX mail_queue_failed ON convonet_admin.mail_queue (ended_at) WHERE state = 'failed';
ALTER TABLE convonet_admin.policy ADD COLUMN IF NOT EXISTS verification_points integer NOT NULL DEFAULT 0 CHECK (verification_points BETWEEN 0 AND 100), ADD COLUMN IF NOT EXISTS verification_points_protected integer NOT NULL DEFAULT 0 CHECK (verification_points_protected BETWEEN 0 AND 100), ADD COLUMN IF NOT EXISTS mail_code_points integer NOT NULL DEFAULT 3 CHECK (mail_code_points BETWEEN 1 AND 100), ADD COLUMN IF NOT EXISTS text_code_points integer NOT NULL DEFAULT 2 CHECK (text_code_points BETWEEN 1 AND 100), ADD COLUMN IF NOT EXISTS verification_minutes integer NOT NULL DEFAULT 10 CHECK (verification_minutes BETWEEN 1 AND 60), ADD COLUMN IF NOT EXISTS undo_minutes integer NOT NULL DEFAULT 15 CHECK (undo_minutes BETWEEN 0 AND 60), ADD COLUMN IF NOT EXISTS temporary_password_hours integer NOT NULL DEFAULT 0 CHECK (temporary_password_hours BETWEEN 0 AND 720), ADD COLUMN IF NOT EXISTS pins_by_link_only boolean NOT NULL DEFAULT false, ADD COLUMN IF NOT EXISTS reset_code_minutes integer NOT NULL DEFAULT 15 CHECK (reset_code_minutes BETWEEN 5 AND 60), ADD COLUMN IF NOT EXISTS self_service_refusals_per_hour integer NOT NULL DEFAULT 2000 CHECK (self_service_refusals_per_hour BETWEEN 1 AND 1000000);
DO $$
DECLARE
    dropped regprocedure;
BEGIN
    FOR dropped IN SELECT p.oid FROM pg_proc p
                   WHERE p.pronamespace = 'convonet_admin'::regnamespace AND NOT EXISTS (
    SELECT FROM (VALUES ('actions', '{"t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"name","entry","applies","column_name","value","budget","replaces_credential","is_notified","typing","only_by_link","needs_proof","ends_sessions","stands_alone"}'::text[], '{"text","text","text","text","text","text","boolean","boolean","text","text","boolean","boolean","boolean"}'::text[], 0, NULL, true),
('people_are_hidden', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'boolean', false),
('require_visible_people', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('claimed', '{"i"}'::text[], '{"p_claims"}'::text[], '{"jsonb"}'::text[], 0, 'jsonb', false),
('numeric_claim', '{"i","i"}'::text[], '{"p_claims","p_name"}'::text[], '{"jsonb","text"}'::text[], 0, 'bigint', false),
('new_event', '{"i","i","i"}'::text[], '{"p_action","p_request","p_claims"}'::text[], '{"text","uuid","jsonb"}'::text[], 0, 'convonet_admin.audit_event', false),
('about_person', '{"i","i","i","i"}'::text[], '{"p_event","p_id","p_email","p_username"}'::text[], '{"convonet_admin.audit_event","uuid","text","text"}'::text[], 0, 'convonet_admin.audit_event', false),
('claimed_detail', '{"i"}'::text[], '{"p_claims"}'::text[], '{"jsonb"}'::text[], 0, 'text', false),
('refuse_change', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'trigger', false),
('check_head', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'trigger', false),
('event_hash', '{"i"}'::text[], '{"e"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'bytea', false),
('append_to_head', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'convonet_admin.audit_event', false),
('raise_busy', '{"i","i"}'::text[], '{"p_what","p_transaction"}'::text[], '{"text","text"}'::text[], 0, 'void', false),
('forbid_preparing', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('hold_head', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('lock_head', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('append_event', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'convonet_admin.audit_event', false),
('record_event', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'convonet_admin.audit_event', false),
('log_end', '{"t","t","t","t"}'::text[], '{"head","newest","is_whole","is_behind"}'::text[], '{"bigint","bigint","boolean","boolean"}'::text[], 0, NULL, true),
('has_plain_types', '{"i"}'::text[], '{"p_table"}'::text[], '{"oid"}'::text[], 0, 'boolean', false),
('is_users_table', '{"i"}'::text[], '{"p_table"}'::text[], '{"oid"}'::text[], 0, 'boolean', false),
('announce_change', '{"i","i"}'::text[], '{"p_account","p_column"}'::text[], '{"uuid","text"}'::text[], 0, 'bigint', false),
('is_announced', '{"i","i"}'::text[], '{"p_account","p_columns"}'::text[], '{"uuid","text"}'::text[], 0, 'boolean', false),
('note_direct_change', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'trigger', false),
('direct_change_event', '{"i"}'::text[], '{"p_noted"}'::text[], '{"convonet_admin.direct_change"}'::text[], 0, 'convonet_admin.audit_event', false),
('session_belongs_to', '{"i"}'::text[], '{"p_role"}'::text[], '{"oid"}'::text[], 0, 'boolean', false),
('session_may_call', '{"i"}'::text[], '{"p_name"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('require_plain_session', '{"i"}'::text[], '{"p_entry"}'::text[], '{"text"}'::text[], 0, 'void', false),
('run_deferred', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('domain_of', '{"i"}'::text[], '{"p_email"}'::text[], '{"text"}'::text[], 0, 'text', false),
('is_protected', '{"i","i","i","i"}'::text[], '{"p_account","p_email","p_username","p_policy"}'::text[], '{"uuid","text","text","convonet_admin.policy"}'::text[], 0, 'boolean', false),
('account_is_protected', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'boolean', false),
('exceeded_limit', '{"i","i","i","i"}'::text[], '{"p_event","p_policy","p_budget","p_claims"}'::text[], '{"convonet_admin.audit_event","convonet_admin.policy","text","jsonb"}'::text[], 0, 'text', false),
('operator_events', '{"i","i","i"}'::text[], '{"p_event","p_claims","p_actions"}'::text[], '{"convonet_admin.audit_event","jsonb","text[]"}'::text[], 0, 'bigint', false),
('changed_since', '{"i","i","i"}'::text[], '{"p_account","p_seen","p_now"}'::text[], '{"uuid","text","text"}'::text[], 0, 'text', false),
('phone_number', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'text', false),
('texts_are_sent', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'boolean', false),
('needed_number', '{"i","i"}'::text[], '{"p_account","p_for_state"}'::text[], '{"uuid","boolean"}'::text[], 0, 'text', false),
('masked_number', '{"i"}'::text[], '{"p_number"}'::text[], '{"text"}'::text[], 0, 'text', false),
('caller_proof', '{"i","i","i","i","o","o","o"}'::text[], '{"p_account","p_email","p_number","p_uid","points","until","ways"}'::text[], '{"uuid","text","text","bigint","integer","timestamptz","text"}'::text[], 0, NULL, false),
('points_needed', '{"i","i","i","i"}'::text[], '{"p_account","p_email","p_username","p_policy"}'::text[], '{"uuid","text","text","convonet_admin.policy"}'::text[], 0, 'integer', false),
('counting_proof', '{"i","i","i","i","o","o"}'::text[], '{"p_event","p_policy","p_person","p_number","points","ways"}'::text[], '{"convonet_admin.audit_event","convonet_admin.policy","convonet_admin.person","text","integer","text"}'::text[], 0, NULL, false),
('caller_detail', '{"i","i","i"}'::text[], '{"p_points","p_ways","p_verified_by"}'::text[], '{"integer","text","text"}'::text[], 0, 'text', false),
('own_code', '{"i","i"}'::text[], '{"p_account","p_uid"}'::text[], '{"uuid","bigint"}'::text[], 0, 'convonet_admin.caller_code', false),
('tries_of', '{"i"}'::text[], '{"p_code"}'::text[], '{"convonet_admin.caller_code"}'::text[], 0, 'integer', false),
('number_of', '{"i"}'::text[], '{"p_code"}'::text[], '{"convonet_admin.caller_code"}'::text[], 0, 'text', false),
('code_fault', '{"i","i","i"}'::text[], '{"p_code","p_email","p_number"}'::text[], '{"convonet_admin.caller_code","text","text"}'::text[], 0, 'text', false),
('end_outdated_code', '{"i"}'::text[], '{"p_code"}'::text[], '{"convonet_admin.caller_code"}'::text[], 0, 'void', false),
('begin_caller_attempt', '{"i","i","i","i","o","o"}'::text[], '{"p_entry","p_account","p_request","p_claims","attempt","number"}'::text[], '{"text","uuid","uuid","jsonb","convonet_admin.attempt","text"}'::text[], 0, NULL, false),
('queue_caller_code', '{"i","i","i","i","i","i"}'::text[], '{"p_entry","p_way","p_account","p_key","p_request","p_claims"}'::text[], '{"text","text","uuid","bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('send_caller_code', '{"i","i","i","i"}'::text[], '{"p_account","p_key","p_request","p_claims"}'::text[], '{"uuid","bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('send_caller_text', '{"i","i","i","i"}'::text[], '{"p_account","p_key","p_request","p_claims"}'::text[], '{"uuid","bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('verify_caller', '{"i","i","i","i"}'::text[], '{"p_account","p_proof","p_request","p_claims"}'::text[], '{"uuid","bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('state_of_caller', '{"i","i","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_claims","needed","points","proven_until","codes_left","address","state","state_until","tries_left","asker_key","sender_key","ways","way","phone","mail_error","mail_tries"}'::text[], '{"uuid","jsonb","integer","integer","timestamptz","integer","text","text","timestamptz","integer","bytea","bytea","text","text","text","text","integer"}'::text[], 0, NULL, true),
('caller_state', '{"i","i","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_claims","needed","points","proven_until","codes_left","address","state","state_until","tries_left","asker_key","sender_key","ways","way","phone","mail_error","mail_tries"}'::text[], '{"uuid","jsonb","integer","integer","timestamptz","integer","text","text","timestamptz","integer","bytea","bytea","text","text","text","text","integer"}'::text[], 0, NULL, true),
('self_store_caller_code', '{"i","i","i","i"}'::text[], '{"p_mail","p_attempt","p_key","p_proof_hash"}'::text[], '{"bigint","integer","bytea","bytea"}'::text[], 0, 'timestamptz', false),
('with_approval', '{"i","i"}'::text[], '{"p_attempt","p_policy"}'::text[], '{"convonet_admin.attempt","convonet_admin.policy"}'::text[], 0, 'convonet_admin.attempt', false),
('open_request', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'convonet_admin.approval', false),
('ask_approval', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'convonet_admin.attempt', false),
('end_approvals', '{"i","i"}'::text[], '{"p_account","p_has_head"}'::text[], '{"uuid","boolean"}'::text[], 0, 'void', false),
('approval_event', '{"i","i","i","i","i","i"}'::text[], '{"p_event","p_approval","p_request","p_action","p_outcome","p_rule"}'::text[], '{"convonet_admin.audit_event","convonet_admin.approval","uuid","text","text","text"}'::text[], 1, 'convonet_admin.audit_event', false),
('use_approval', '{"i"}'::text[], '{"p_approval"}'::text[], '{"bigint"}'::text[], 0, 'void', false),
('decide_approval', '{"i","i","i","i"}'::text[], '{"p_approval","p_decision","p_request","p_claims"}'::text[], '{"bigint","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('sees_all_requests', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'boolean', false),
('approvals', '{"i","i","i","i","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_from","p_oldest_first","p_all","p_limit","id","action","account_id","account_email","account_username","requested_at","requested_by","operator","reason","ticket","verified_by","expires_at","state","decided_at","decided_by","decision_reason","is_own","points","ways"}'::text[], '{"bigint","boolean","boolean","integer","bigint","text","uuid","text","text","timestamptz","text","text","text","text","text","timestamptz","text","timestamptz","text","text","boolean","integer","text"}'::text[], 0, NULL, true),
('account_approvals', '{"i","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","id","action","account_id","account_email","account_username","requested_at","requested_by","operator","reason","ticket","verified_by","expires_at","state","decided_at","decided_by","decision_reason","is_own","points","ways"}'::text[], '{"uuid","bigint","text","uuid","text","text","timestamptz","text","text","text","text","text","timestamptz","text","timestamptz","text","text","boolean","integer","text"}'::text[], 0, NULL, true),
('pending_approvals', '{"t","t","t","t"}'::text[], '{"of_others","own","granted","reports"}'::text[], '{"bigint","bigint","bigint","bigint"}'::text[], 0, NULL, true),
('slot_of_role', '{"i"}'::text[], '{"p_role"}'::text[], '{"oid"}'::text[], 0, 'integer', false),
('take_slot', '{"i"}'::text[], '{"p_role"}'::text[], '{"oid"}'::text[], 0, 'integer', false),
('operator_slot_of', '{"i"}'::text[], '{"p_claims"}'::text[], '{"jsonb"}'::text[], 0, 'integer', false),
('counted', '{"i","i"}'::text[], '{"p_kind","p_slot"}'::text[], '{"text","integer"}'::text[], 0, 'integer', false),
('count_one', '{"i","i"}'::text[], '{"p_kind","p_slot"}'::text[], '{"text","integer"}'::text[], 0, 'void', false),
('count_event', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'void', false),
('count_self_event', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'boolean', false),
('tell_refusals', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'void', false),
('untold_refusals', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'bigint', false),
('request_words', '{"i"}'::text[], '{"p_detail"}'::text[], '{"text"}'::text[], 0, 'text[]', false),
('with_earlier_request', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'convonet_admin.attempt', false),
('policy_has_changed', '{"i","i"}'::text[], '{"p","p_claims"}'::text[], '{"convonet_admin.policy","jsonb"}'::text[], 0, 'boolean', false),
('attempt_fault', '{"i","i","i","i","i","i"}'::text[], '{"p_event","p_policy","p_person","p_version","p_points","p_claims"}'::text[], '{"convonet_admin.audit_event","convonet_admin.policy","convonet_admin.person","text","integer","jsonb"}'::text[], 0, 'text', false),
('raise_unknown_account', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('read_person', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'convonet_admin.person', false),
('lock_person', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'convonet_admin.person', false),
('begin_attempt', '{"i","i","i","i","i","i"}'::text[], '{"p_action","p_account","p_version","p_request","p_claims","p_detail"}'::text[], '{"text","uuid","text","uuid","jsonb","text"}'::text[], 1, 'convonet_admin.attempt', false),
('with_outcome', '{"i","i","i"}'::text[], '{"p_attempt","p_outcome","p_rule"}'::text[], '{"convonet_admin.attempt","text","text"}'::text[], 1, 'convonet_admin.attempt', false),
('require_whole_transaction', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'void', false),
('carry_out', '{"i","i","i","i","i","i","i"}'::text[], '{"p_action","p_account","p_version","p_value","p_request","p_claims","p_detail"}'::text[], '{"text","uuid","text","text","uuid","jsonb","text"}'::text[], 1, 'convonet_admin.receipt', false),
('rehearse_change', '{"i","i","i","i","i"}'::text[], '{"p_action","p_account","p_version","p_request","p_claims"}'::text[], '{"text","uuid","text","uuid","jsonb"}'::text[], 0, 'text', false),
('finish_attempt', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'convonet_admin.receipt', false),
('constraint_on_people', '{"i"}'::text[], '{"p_name"}'::text[], '{"text"}'::text[], 0, 'text', false),
('with_written', '{"i","i","i"}'::text[], '{"p_attempt","p_column","p_value"}'::text[], '{"convonet_admin.attempt","text","text"}'::text[], 0, 'convonet_admin.attempt', false),
('with_written_or_failed', '{"i","i","i"}'::text[], '{"p_attempt","p_column","p_value"}'::text[], '{"convonet_admin.attempt","text","text"}'::text[], 0, 'convonet_admin.attempt', false),
('is_bcrypt', '{"i"}'::text[], '{"p_hash"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('is_storable_hash', '{"i"}'::text[], '{"p_hash"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('apply_password', '{"i","i","i"}'::text[], '{"p_attempt","p_hash","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('reset_password', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_hash","p_request","p_claims"}'::text[], '{"uuid","text","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('draw_pin', '{"i"}'::text[], '{"p_length"}'::text[], '{"integer"}'::text[], 0, 'text', false),
('is_decoy', '{"i"}'::text[], '{"p_pin"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('is_kept_pin', '{"i"}'::text[], '{"p_pin"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('count_pin_answer', '{"i","i"}'::text[], '{"p_policy","p_actor_kind"}'::text[], '{"convonet_admin.policy","text"}'::text[], 0, 'boolean', false),
('apply_issued_pin', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_typed_pin', '{"i","i","i"}'::text[], '{"p_attempt","p_pin","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_cleared_pin', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('issue_voice_pin', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('set_voice_pin', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_pin","p_request","p_claims"}'::text[], '{"uuid","text","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('clear_voice_pin', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('apply_state', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('set_account_active', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_active","p_request","p_claims"}'::text[], '{"uuid","text","boolean","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('set_account_verified', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_verified","p_request","p_claims"}'::text[], '{"uuid","text","boolean","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('end_tokens', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'void', false),
('told_rows', '{"t","t"}'::text[], '{"cutoffs","freezes"}'::text[], '{"bigint","bigint"}'::text[], 0, NULL, true),
('apply_sign_out', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('sign_out', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('undone_receipt', '{"i"}'::text[], '{"p_detail"}'::text[], '{"text"}'::text[], 0, 'bigint', false),
('keep_replaced', '{"i","i"}'::text[], '{"p_attempt","p_event"}'::text[], '{"convonet_admin.attempt","convonet_admin.audit_event"}'::text[], 0, 'void', false),
('forget_replaced', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('keep_no_longer_than', '{"i"}'::text[], '{"p_minutes"}'::text[], '{"integer"}'::text[], 0, 'void', false),
('may_undo', '{"i","i"}'::text[], '{"p_replaced","p_uid"}'::text[], '{"convonet_admin.replaced_credential","bigint"}'::text[], 0, 'boolean', false),
('undo_until', '{"i"}'::text[], '{"p_replaced"}'::text[], '{"convonet_admin.replaced_credential"}'::text[], 0, 'timestamptz', false),
('undo_fault', '{"i","i","i","i"}'::text[], '{"p_account","p_receipt","p_version","p_uid"}'::text[], '{"uuid","bigint","text","bigint"}'::text[], 0, 'text', false),
('apply_undo', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('undo_change', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_receipt","p_request","p_claims"}'::text[], '{"uuid","text","bigint","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('rehearse_undo', '{"i","i","i"}'::text[], '{"p_account","p_receipt","p_claims"}'::text[], '{"uuid","bigint","jsonb"}'::text[], 0, 'text', false),
('undoable_of', '{"i","i","t","t","t","t","t","t"}'::text[], '{"p_account","p_claims","sequence","action","occurred_at","db_user","operator","expires_at"}'::text[], '{"uuid","jsonb","bigint","text","timestamptz","text","text","timestamptz"}'::text[], 0, NULL, true),
('undoable_changes', '{"i","i","t","t","t","t","t","t"}'::text[], '{"p_account","p_claims","sequence","action","occurred_at","db_user","operator","expires_at"}'::text[], '{"uuid","jsonb","bigint","text","timestamptz","text","text","timestamptz"}'::text[], 0, NULL, true),
('account_of_receipt', '{"i"}'::text[], '{"p_receipt"}'::text[], '{"bigint"}'::text[], 0, 'uuid', true),
('record_refusal', '{"i","i","i","i","i"}'::text[], '{"p_account","p_action","p_rule","p_request","p_claims"}'::text[], '{"uuid","text","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('with_refusal', '{"i","i"}'::text[], '{"p_attempt","p_rule"}'::text[], '{"convonet_admin.attempt","text"}'::text[], 0, 'convonet_admin.attempt', false),
('account_history', '{"i","i","t","t","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_limit","sequence","event_id","occurred_at","actor_kind","action","outcome","rule","operator","db_user","reason","ticket","verified_by","detail"}'::text[], '{"uuid","integer","bigint","uuid","timestamptz","text","text","text","text","text","text","text","text","text","text"}'::text[], 1, NULL, true),
('own_recent_events', '{"i","i","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_minutes","p_claims","sequence","occurred_at","action","outcome","rule","operator","db_user","reason","ticket","account_id","account_email"}'::text[], '{"integer","jsonb","bigint","timestamptz","text","text","text","text","text","text","text","uuid","text"}'::text[], 0, NULL, true),
('accounts_changed_within', '{"i"}'::text[], '{"p_days"}'::text[], '{"integer"}'::text[], 0, 'uuid', true),
('setting_change', '{"i","i","i"}'::text[], '{"p_name","p_old","p_new"}'::text[], '{"text","jsonb","jsonb"}'::text[], 0, 'text', false),
('policy_with', '{"i","i"}'::text[], '{"p_old","p_changes"}'::text[], '{"convonet_admin.policy","jsonb"}'::text[], 0, 'convonet_admin.policy', false),
('set_policy', '{"i","i","i"}'::text[], '{"p_changes","p_request","p_claims"}'::text[], '{"jsonb","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('self_schema_version', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'integer', false),
('self_serves_from', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'integer', false),
('self_policy', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'convonet_admin.policy', true),
('count_request', '{"i","i","o","o"}'::text[], '{"p_key","p_seconds","requests","rest"}'::text[], '{"text","integer","integer","integer"}'::text[], 0, NULL, false),
('client_networks', '{"i","t","t"}'::text[], '{"p_client","key","factor"}'::text[], '{"text","text","integer"}'::text[], 0, NULL, true),
('self_admit', '{"i","i","i","i"}'::text[], '{"p_kind","p_client","p_token_hash","p_is_signed_in"}'::text[], '{"text","text","bytea","boolean"}'::text[], 0, 'integer', false),
('self_request_link', '{"i","i","i","i"}'::text[], '{"p_email","p_other","p_request","p_claims"}'::text[], '{"text","text","uuid","jsonb"}'::text[], 0, 'void', false),
('new_self_event', '{"i","i","i"}'::text[], '{"p_action","p_request","p_claims"}'::text[], '{"text","uuid","jsonb"}'::text[], 0, 'convonet_admin.audit_event', false),
('begin_self_attempt', '{"i","i","i","i","i"}'::text[], '{"p_action","p_account","p_request","p_claims","p_detail"}'::text[], '{"text","uuid","uuid","jsonb","text"}'::text[], 1, 'convonet_admin.attempt', false),
('begin_holders_attempt', '{"i","i","i","i","i"}'::text[], '{"p_action","p_account","p_request","p_claims","p_detail"}'::text[], '{"text","uuid","uuid","jsonb","text"}'::text[], 0, 'convonet_admin.attempt', false),
('finish_self_attempt', '{"i"}'::text[], '{"p_attempt"}'::text[], '{"convonet_admin.attempt"}'::text[], 0, 'convonet_admin.receipt', false),
('finish_without_receipt', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('with_own_password', '{"i","i","i"}'::text[], '{"p_attempt","p_fault","p_hash"}'::text[], '{"convonet_admin.attempt","text","text"}'::text[], 0, 'convonet_admin.attempt', false),
('self_record_refusal', '{"i","i","i","i","i"}'::text[], '{"p_action","p_account","p_rule","p_request","p_claims"}'::text[], '{"text","uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('password_fingerprint', '{"i"}'::text[], '{"p_hash"}'::text[], '{"text"}'::text[], 0, 'bytea', false),
('pin_changed_since', '{"i","i"}'::text[], '{"p_account","p_moment"}'::text[], '{"uuid","timestamptz"}'::text[], 0, 'boolean', false),
('link_fault', '{"i","i","i"}'::text[], '{"p_token","p_hash","p_email"}'::text[], '{"convonet_admin.reset_token","text","text"}'::text[], 0, 'text', false),
('self_link_holder', '{"i","t","t","t","t","t","t"}'::text[], '{"p_token_hash","account_id","email","username","first_name","last_name","expires_at"}'::text[], '{"bytea","uuid","text","text","text","text","timestamptz"}'::text[], 0, NULL, true),
('held_link_fault', '{"i","i","i"}'::text[], '{"p_attempt","p_token","p_token_hash"}'::text[], '{"convonet_admin.attempt","uuid","bytea"}'::text[], 0, 'text', false),
('with_link_used', '{"i","i"}'::text[], '{"p_attempt","p_token"}'::text[], '{"convonet_admin.attempt","uuid"}'::text[], 0, 'convonet_admin.attempt', false),
('self_reset_password', '{"i","i","i","i"}'::text[], '{"p_token_hash","p_hash","p_request","p_claims"}'::text[], '{"bytea","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('is_blocked', '{"i"}'::text[], '{"p_wrong"}'::text[], '{"convonet_admin.wrong_password"}'::text[], 0, 'boolean', false),
('self_signed_in', '{"i","t","t","t","t","t","t","t"}'::text[], '{"p_account","account_id","email","username","first_name","last_name","setting","wait"}'::text[], '{"uuid","uuid","text","text","text","text","text","integer"}'::text[], 0, NULL, true),
('self_token_holder', '{"i","i","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_issued_at","account_id","email","username","first_name","last_name","setting","wait"}'::text[], '{"uuid","bigint","uuid","text","text","text","text","text","integer"}'::text[], 0, NULL, true),
('old_password_fault', '{"i","i"}'::text[], '{"p_account","p_proof"}'::text[], '{"uuid","text"}'::text[], 0, 'text', false),
('self_check_old_password', '{"i","i","i","i"}'::text[], '{"p_account","p_proof","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('self_change_password', '{"i","i","i","i","i"}'::text[], '{"p_account","p_proof","p_hash","p_request","p_claims"}'::text[], '{"uuid","text","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('reset_code_tries', '{"i"}'::text[], '{"p_code"}'::text[], '{"convonet_admin.reset_token"}'::text[], 0, 'integer', false),
('reset_code_fault', '{"i","i","i","i"}'::text[], '{"p_code","p_hash","p_email","p_username"}'::text[], '{"convonet_admin.reset_token","text","text","text"}'::text[], 0, 'text', false),
('open_reset_codes', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'convonet_admin.reset_token', true),
('apply_reset_code', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('issue_reset_code', '{"i","i","i","i","i"}'::text[], '{"p_account","p_version","p_code_hash","p_request","p_claims"}'::text[], '{"uuid","text","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('codes_of', '{"i","i","t","t","t","t","t","t"}'::text[], '{"p_account","p_limit","id","db_user","created_at","expires_at","state","state_at"}'::text[], '{"uuid","integer","uuid","text","timestamptz","timestamptz","text","timestamptz"}'::text[], 0, NULL, true),
('reset_codes', '{"i","i","t","t","t","t","t","t"}'::text[], '{"p_account","p_limit","id","db_user","created_at","expires_at","state","state_at"}'::text[], '{"uuid","integer","uuid","text","timestamptz","timestamptz","text","timestamptz"}'::text[], 1, NULL, true),
('code_of_login', '{"i"}'::text[], '{"p_logins"}'::text[], '{"text[]"}'::text[], 0, 'convonet_admin.reset_token', false),
('self_code_setting', '{"i"}'::text[], '{"p_logins"}'::text[], '{"text[]"}'::text[], 0, 'text', false),
('count_code_try', '{"i","i"}'::text[], '{"p_code","p_client"}'::text[], '{"convonet_admin.reset_token","text"}'::text[], 0, 'text', false),
('self_enter_code', '{"i","i","i","i","i"}'::text[], '{"p_logins","p_proof","p_token_hash","p_request","p_claims"}'::text[], '{"text[]","text","bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('temporary_until', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'timestamptz', false),
('told_end', '{"i"}'::text[], '{"p_mail"}'::text[], '{"convonet_admin.mail_queue"}'::text[], 0, 'timestamptz', false),
('may_come_back', '{"i"}'::text[], '{"p_password"}'::text[], '{"convonet_admin.temporary_password"}'::text[], 0, 'boolean', false),
('with_temporary_password', '{"i","i"}'::text[], '{"p_attempt","p_hash"}'::text[], '{"convonet_admin.attempt","text"}'::text[], 0, 'convonet_admin.attempt', false),
('temporary_password_state', '{"i","o","o"}'::text[], '{"p_account","until","expired_at"}'::text[], '{"uuid","timestamptz","timestamptz"}'::text[], 0, NULL, false),
('account_temporary_password', '{"i","t","t"}'::text[], '{"p_account","until","expired_at"}'::text[], '{"uuid","timestamptz","timestamptz"}'::text[], 0, NULL, true),
('hash_that_fits_nothing', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'text', false),
('with_link_instead', '{"i","i"}'::text[], '{"p_attempt","p_hash"}'::text[], '{"convonet_admin.attempt","text"}'::text[], 0, 'convonet_admin.attempt', false),
('expire_password', '{"i"}'::text[], '{"p_due"}'::text[], '{"convonet_admin.temporary_password"}'::text[], 0, 'void', false),
('forget_temporary', '{"i"}'::text[], '{"p_due"}'::text[], '{"convonet_admin.temporary_password"}'::text[], 0, 'void', false),
('put_off_expiry', '{"i","i"}'::text[], '{"p_due","p_pause"}'::text[], '{"convonet_admin.temporary_password","interval"}'::text[], 0, 'void', false),
('take_due_password', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'uuid', false),
('end_due_passwords', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'void', false),
('overdue_passwords', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'bigint', false),
('apply_freeze', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_unfreeze', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_unblock', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('freeze_account', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('unfreeze_account', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('unblock_account', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('account_obstacles', '{"i","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","frozen_at","frozen_by","note","wrong_passwords","blocked_until","links_asked","links_most","mail_state","mail_at","mail_error","mail_tries"}'::text[], '{"uuid","timestamptz","text","text","integer","timestamptz","integer","integer","text","timestamptz","text","integer"}'::text[], 0, NULL, true),
('new_link', '{"i","i","i","i"}'::text[], '{"p_attempt","p_hash","p_token_hash","p_purpose"}'::text[], '{"convonet_admin.attempt","text","bytea","text"}'::text[], 1, 'convonet_admin.reset_token', false),
('mail_overflow', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'text', false),
('queue_link', '{"i","i","i"}'::text[], '{"p_token","p_event","p_give_up_at"}'::text[], '{"convonet_admin.reset_token","convonet_admin.audit_event","timestamptz"}'::text[], 0, 'void', false),
('link_refusal', '{"i","i"}'::text[], '{"p_person","p_claims"}'::text[], '{"convonet_admin.person","jsonb"}'::text[], 0, 'text', false),
('with_link', '{"i","i","i"}'::text[], '{"p_attempt","p_purpose","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_link', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('send_reset_link', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('revoked_links', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'integer', false),
('apply_revoked_links', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('revoke_reset_links', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('links_of', '{"i","i","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_limit","id","address","requested_by","db_user","created_at","expires_at","state","state_at","purpose","mail_error","mail_tries"}'::text[], '{"uuid","integer","uuid","text","text","text","timestamptz","timestamptz","text","timestamptz","text","text","integer"}'::text[], 0, NULL, true),
('reset_links', '{"i","i","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_account","p_limit","id","address","requested_by","db_user","created_at","expires_at","state","state_at","purpose","mail_error","mail_tries"}'::text[], '{"uuid","integer","uuid","text","text","text","timestamptz","timestamptz","text","timestamptz","text","text","integer"}'::text[], 1, NULL, true),
('queue_notice', '{"i"}'::text[], '{"p_event"}'::text[], '{"convonet_admin.audit_event"}'::text[], 0, 'void', false),
('was_a_moment', '{"i"}'::text[], '{"p_notice"}'::text[], '{"convonet_admin.mail_queue"}'::text[], 0, 'boolean', false),
('is_needless', '{"i"}'::text[], '{"p_notice"}'::text[], '{"convonet_admin.mail_queue"}'::text[], 0, 'boolean', false),
('put_off_requests', '{"i","i","i"}'::text[], '{"p_ids","p_pause","p_state"}'::text[], '{"bigint[]","interval","text"}'::text[], 0, 'void', false),
('look_up_exactly', '{"i","i","i"}'::text[], '{"p_ids","p_addresses","p_others"}'::text[], '{"bigint[]","text[]","text[]"}'::text[], 0, 'text', false),
('look_up_addresses', '{"i"}'::text[], '{"p_walks"}'::text[], '{"boolean"}'::text[], 0, 'text', false),
('has_enough_links', '{"i","i","i"}'::text[], '{"p_account","p_hash","p_email"}'::text[], '{"uuid","text","text"}'::text[], 0, 'boolean', false),
('resolve_link_request', '{"i","i","i"}'::text[], '{"p_mail","p_token_hash","p_claims"}'::text[], '{"convonet_admin.mail_queue","bytea","jsonb"}'::text[], 0, 'convonet_admin.mail_queue', false),
('queue_approver_mail', '{"i"}'::text[], '{"p_asked"}'::text[], '{"convonet_admin.approval"}'::text[], 0, 'void', false),
('is_undecided', '{"i"}'::text[], '{"p_asked"}'::text[], '{"convonet_admin.approval"}'::text[], 0, 'boolean', false),
('self_approver_mail', '{"i","i","t","t","t","t","t","t","t"}'::text[], '{"p_mail","p_attempt","action","account_id","account_email","requested_by","operator","expires_at","waiting"}'::text[], '{"bigint","integer","text","uuid","text","text","text","timestamptz","bigint"}'::text[], 0, NULL, true),
('apply_pin_link', '{"i","i","i"}'::text[], '{"p_attempt","p_value","p_claims"}'::text[], '{"convonet_admin.attempt","text","jsonb"}'::text[], 0, 'convonet_admin.attempt', false),
('send_pin_link', '{"i","i","i","i"}'::text[], '{"p_account","p_version","p_request","p_claims"}'::text[], '{"uuid","text","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', false),
('self_pin_link_is_good', '{"i"}'::text[], '{"p_token_hash"}'::text[], '{"bytea"}'::text[], 0, 'boolean', false),
('with_own_pin', '{"i","i"}'::text[], '{"p_attempt","p_fault"}'::text[], '{"convonet_admin.attempt","text"}'::text[], 0, 'convonet_admin.attempt', false),
('self_issue_pin', '{"i","i","i"}'::text[], '{"p_token_hash","p_request","p_claims"}'::text[], '{"bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('mail_lease', '{"i"}'::text[], '{"p_give_up_at"}'::text[], '{"timestamptz"}'::text[], 0, 'interval', false),
('can_send', '{"i","i"}'::text[], '{"p_kind","p_claims"}'::text[], '{"text","jsonb"}'::text[], 0, 'boolean', false),
('note_mail_program', '{"i"}'::text[], '{"p_claims"}'::text[], '{"jsonb"}'::text[], 0, 'void', false),
('mail_state', '{"t","t","t","t","t","t","t"}'::text[], '{"asked_at","is_asking","waiting","failing","last_error","is_full","sends_texts"}'::text[], '{"timestamptz","boolean","bigint","bigint","text","boolean","boolean"}'::text[], 0, NULL, true),
('self_mail_state', '{"t","t","t","t","t","t","t","t"}'::text[], '{"is_sending","sends_texts","is_full","waiting","sending","failed","untried_seconds","tried_seconds"}'::text[], '{"boolean","boolean","boolean","bigint","bigint","bigint","bigint","bigint"}'::text[], 0, NULL, true),
('prepared_mail', '{"i","i","i"}'::text[], '{"p_mail","p_token_hash","p_claims"}'::text[], '{"convonet_admin.mail_queue","bytea","jsonb"}'::text[], 0, 'convonet_admin.mail_queue', false),
('name_for_mail', '{"i"}'::text[], '{"p_mail"}'::text[], '{"convonet_admin.mail_queue"}'::text[], 0, 'text', false),
('prepared_or_put_off', '{"i","i","i","o","o"}'::text[], '{"p_mail","p_token_hash","p_claims","mail","first_name"}'::text[], '{"convonet_admin.mail_queue","bytea","jsonb","convonet_admin.mail_queue","text"}'::text[], 0, NULL, false),
('discard_mail', '{"i"}'::text[], '{"p_mail"}'::text[], '{"convonet_admin.mail_queue"}'::text[], 0, 'void', false),
('due_mail', '{"i"}'::text[], '{"p_claims"}'::text[], '{"jsonb"}'::text[], 0, 'convonet_admin.mail_queue', false),
('self_take_mail', '{"i","i","t","t","t","t","t","t","t","t","t","t","t"}'::text[], '{"p_token_hash","p_claims","id","attempt","kind","address","first_name","action","actor_kind","occurred_at","expires_at","patience","asker_key"}'::text[], '{"bytea","jsonb","bigint","integer","text","text","text","text","text","timestamptz","timestamptz","integer","bytea"}'::text[], 0, NULL, true),
('self_end_mail', '{"i","i","i","i"}'::text[], '{"p_id","p_attempt","p_outcome","p_error"}'::text[], '{"bigint","integer","text","text"}'::text[], 0, 'text', false),
('forget_what_is_over', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('tidy', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('self_tidy', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('standing_event', '{"i","i"}'::text[], '{"p_account","p_column"}'::text[], '{"uuid","text"}'::text[], 0, 'convonet_admin.audit_event', false),
('with_told_value_ended', '{"i","i"}'::text[], '{"p_attempt","p_request"}'::text[], '{"convonet_admin.attempt","uuid"}'::text[], 0, 'convonet_admin.attempt', false),
('apply_report', '{"i","i"}'::text[], '{"p_attempt","p_request"}'::text[], '{"convonet_admin.attempt","uuid"}'::text[], 0, 'convonet_admin.attempt', false),
('self_report', '{"i","i","i"}'::text[], '{"p_token_hash","p_request","p_claims"}'::text[], '{"bytea","uuid","jsonb"}'::text[], 0, 'convonet_admin.receipt', true),
('hand_lock', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'convonet_admin.person', true),
('hand_read', '{"i","o","o","o","o","o","o","o","o","o","o","o"}'::text[], '{"p_account","id","version","email","username","first_name","last_name","password_hash","has_voice_pin","is_active","is_verified","updated_at"}'::text[], '{"uuid","uuid","text","text","text","text","text","text","boolean","boolean","boolean","timestamptz"}'::text[], 0, NULL, false),
('hand_locker', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'text', false),
('hand_versions', '{"i","t","t"}'::text[], '{"p_accounts","account_id","version"}'::text[], '{"uuid[]","uuid","text"}'::text[], 0, NULL, true),
('hand_write', '{"i","i","i","o","o","o","o","o"}'::text[], '{"p_account","p_column","p_value","updated_at","version","replaced","state","constraint_name"}'::text[], '{"uuid","text","text","timestamptz","text","text","text","text"}'::text[], 0, NULL, false),
('hand_run_deferred', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'void', false),
('hand_has_pin', '{"i"}'::text[], '{"p_pin"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('hand_has_pin_anywhere', '{"i"}'::text[], '{"p_pin"}'::text[], '{"text"}'::text[], 0, 'boolean', false),
('hand_addressees', '{"i","i","i","t","t"}'::text[], '{"p_addresses","p_others","p_walks","place","account_id"}'::text[], '{"text[]","text[]","boolean","integer","uuid"}'::text[], 0, NULL, true),
('reader_sees_teams', '{}'::text[], '{}'::text[], '{}'::text[], 0, 'boolean', false),
('reader_has_team_role', '{"i","i"}'::text[], '{"p_account","p_roles"}'::text[], '{"uuid","text[]"}'::text[], 0, 'boolean', false),
('reader_phone_number', '{"i"}'::text[], '{"p_account"}'::text[], '{"uuid"}'::text[], 0, 'text', false)) AS made (name, modes, names, types, defaults, result, is_set)
    WHERE made.name = p.proname AND p.prokind = 'f' AND p.proretset = made.is_set AND p.pronargdefaults <= made.defaults
      AND coalesce(p.proallargtypes, string_to_array(nullif(p.proargtypes::text, ''), ' ')::oid[], '{}') =
          ARRAY(SELECT CASE WHEN t.type LIKE 'convonet_admin.%'
     THEN (SELECT y.oid FROM pg_type y WHERE y.typnamespace = p.pronamespace AND y.typname = split_part(t.type, '.', 2))
     ELSE to_regtype(t.type)::oid END FROM unnest(made.types) WITH ORDINALITY AS t (type, place) ORDER BY t.place)
      AND coalesce(p.proargmodes::text[], array_fill('i'::text, ARRAY[p.pronargs::integer]), '{}') = made.modes
      AND coalesce(p.proargnames, '{}') = made.names
      AND (made.result IS NULL OR p.prorettype = CASE WHEN made.result LIKE 'convonet_admin.%'
     THEN (SELECT y.oid FROM pg_type y WHERE y.typnamespace = p.pronamespace AND y.typname = split_part(made.result, '.', 2))
     ELSE to_regtype(made.result)::oid END)) LOOP
        EXECUTE format('DROP ROUTINE %s', dropped);
    END LOOP;
END
$$;
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
GRANT USAGE, CREATE ON SCHEMA convonet_admin TO "desk_hand";
GRANT USAGE ON TYPE convonet_admin.person TO "desk_hand";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_hand";
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('GRANT ALL ON %s %s TO CURRENT_USER', o.kind, o.name)
        FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                     CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relacl
              FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
              UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, 'f', p.proacl
              FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
              UNION ALL SELECT 'TYPE', t.oid::regtype::text, t.typowner, 'T', t.typacl
              FROM pg_type t WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c'
             ) AS o (kind, name, owner, code, acl)
        WHERE o.owner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AND EXISTS (
            SELECT FROM aclexplode(acldefault(o.code::"char", o.owner)) a
            WHERE o.acl IS NOT NULL AND a.grantee = o.owner AND NOT EXISTS (
                SELECT FROM aclexplode(o.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type)))
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
-- The hand: the one role with rights on the application's table, and these functions are all that it has. A trigger, rule,
-- policy or expression of the application runs within them with the hand's rights, which are a right on that table and on
-- nothing of ours: it may not even name what is in this schema. So whoever owns that table never reaches the log.
--
-- Each begins with a guard that compares by an operator of pg_catalog: were a function made to run as its caller, nothing
-- would be looked up along a path of the application's making, and finds the session without temporary objects, which the
-- application's code could take for its own tables. Those that only read undo whatever the application's code did
-- meanwhile, by a subtransaction that never commits: settings, cursors and what was put off go with it. Those that lock or
-- write look at the settings as soon as such code has run, since our own code goes on under what is left behind: the next name
-- that it looks up, an operator's too, would be found along a path of the application's. No error of the application's code leaves
-- them under a code that we take for our own word, such as that there is no such account. To each, and to the reader's, the program
-- adds a last branch by which it forgets what such code prepared, whatever happens (`SchemaSource.leaving`).

-- Locks an account, so that it stays as it is read; no row where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.hand_lock(p_account uuid) RETURNS SETOF convonet_admin.person
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings pg_catalog.text := pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true));
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    BEGIN
        RETURN QUERY
        SELECT u.id::uuid, concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text), u.email::text, u.username::text, u.first_name::text, u.last_name::text,
               u.password_hash::text, u.voice_pin IS NOT NULL, u.is_active::boolean, u.is_verified::boolean,
               u.updated_at::timestamptz
        FROM "public"."users_convonet" u WHERE u.id = p_account FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
        IF settings OPERATOR(pg_catalog.<>) pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true)) OR EXISTS (SELECT FROM (VALUES ('search_path', 'pg_catalog, pg_temp'), ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('transform_null_equals', 'off'), ('TimeZone', 'UTC'), ('row_security', 'on'), ('plan_cache_mode', 'force_custom_plan')) AS s (name, value)
                   WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value) THEN
        RAISE EXCEPTION 'a setting was changed' USING ERRCODE = 'CA004';
    END IF;
    EXCEPTION
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- An account as it is, without a lock; all NULL where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.hand_read(
    p_account uuid, OUT id uuid, OUT version text, OUT email text, OUT username text, OUT first_name text,
    OUT last_name text, OUT password_hash text, OUT has_voice_pin boolean, OUT is_active boolean, OUT is_verified boolean,
    OUT updated_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        SELECT u.id::uuid, concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text), u.email::text, u.username::text, u.first_name::text, u.last_name::text,
               u.password_hash::text, u.voice_pin IS NOT NULL, u.is_active::boolean, u.is_verified::boolean,
               u.updated_at::timestamptz
        INTO hand_read.id, hand_read.version, hand_read.email, hand_read.username, hand_read.first_name,
             hand_read.last_name, hand_read.password_hash, hand_read.has_voice_pin, hand_read.is_active,
             hand_read.is_verified, hand_read.updated_at
        FROM "public"."users_convonet" u WHERE u.id = p_account;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- The transaction that locked an account last, for one that could not be locked.
CREATE OR REPLACE FUNCTION convonet_admin.hand_locker(p_account uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.text;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        SELECT u.xmax::text INTO answer FROM "public"."users_convonet" u WHERE u.id = p_account;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN answer;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- The version that each of these accounts has now.
CREATE OR REPLACE FUNCTION convonet_admin.hand_versions(p_accounts uuid[]) RETURNS TABLE (account_id uuid, version text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    ids      pg_catalog._uuid;
    versions pg_catalog._text;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        SELECT array_agg(u.id::uuid), array_agg(concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text)) INTO ids, versions
        FROM "public"."users_convonet" u WHERE u.id = ANY (p_accounts);
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN QUERY SELECT * FROM unnest(ids, versions);
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- Writes a column that changes may write, and reads it back, with the version that the account has then; and what stood there
-- before. NULL in `state`, or the SQLSTATE of what went wrong, with everything undone. Of an error nothing else is kept but the
-- constraint's name: its text can hold a hash or a PIN.
CREATE OR REPLACE FUNCTION convonet_admin.hand_write(
    p_account uuid, p_column text, p_value text, OUT updated_at timestamptz, OUT version text, OUT replaced text,
    OUT state text, OUT constraint_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored  pg_catalog.text;
    written pg_catalog.int8;
    found   pg_catalog.int8;
    settings pg_catalog.text := pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true));
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    BEGIN
        -- The settings are looked at behind each step, before anything else is looked up along a path that the application's
        -- code may have left.
        FOR step IN 1..3 LOOP
            IF step = 1 THEN
                SELECT CASE p_column WHEN 'password_hash' THEN u.password_hash::text WHEN 'voice_pin' THEN u.voice_pin::text WHEN 'is_active' THEN u.is_active::boolean::text WHEN 'is_verified' THEN u.is_verified::boolean::text END INTO hand_write.replaced FROM "public"."users_convonet" u WHERE u.id = p_account;
            ELSIF step = 2 THEN
                CASE p_column
                    WHEN 'password_hash' THEN
                UPDATE "public"."users_convonet" u SET password_hash = p_value, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond') WHERE u.id = p_account;
            WHEN 'voice_pin' THEN
                UPDATE "public"."users_convonet" u SET voice_pin = p_value, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond') WHERE u.id = p_account;
            WHEN 'is_active' THEN
                UPDATE "public"."users_convonet" u SET is_active = p_value::boolean, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond') WHERE u.id = p_account;
            WHEN 'is_verified' THEN
                UPDATE "public"."users_convonet" u SET is_verified = p_value::boolean, updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond') WHERE u.id = p_account;
                END CASE;
                GET DIAGNOSTICS written = ROW_COUNT;
            ELSE
                -- What the application put off until the end of the transaction would run there with the caller's rights.
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
        IF settings OPERATOR(pg_catalog.<>) pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true)) OR EXISTS (SELECT FROM (VALUES ('search_path', 'pg_catalog, pg_temp'), ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('transform_null_equals', 'off'), ('TimeZone', 'UTC'), ('row_security', 'on'), ('plan_cache_mode', 'force_custom_plan')) AS s (name, value)
                   WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value) THEN
        RAISE EXCEPTION 'a setting was changed' USING ERRCODE = 'CA004';
    END IF;
        END LOOP;
        -- Read again and not RETURNING, which does not see what an AFTER trigger of the application did. What its code writes
        -- while we read is undone.
        DECLARE
        has_looked pg_catalog.bool;
    BEGIN
            SELECT CASE p_column WHEN 'password_hash' THEN u.password_hash::text WHEN 'voice_pin' THEN u.voice_pin::text WHEN 'is_active' THEN u.is_active::boolean::text WHEN 'is_verified' THEN u.is_verified::boolean::text END, u.updated_at::timestamptz, concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text), count(*) OVER ()
            INTO stored, hand_write.updated_at, hand_write.version, found FROM "public"."users_convonet" u WHERE u.id = p_account;
            has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
        -- Also where the row is gone or has another id by now, or there are two of that id.
        IF (written = 1 AND found = 1) IS NOT TRUE OR stored IS DISTINCT FROM p_value THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
    EXCEPTION
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        -- An ASSERT is none of OTHERS.
        WHEN OTHERS OR assert_failure THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME;
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
    END;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- Runs what the application has put off, for the last time: nothing is written here, so nothing is put off again until the
-- commit, where it would run with the caller's rights. Whatever writes, of whichever kind, needs a number of its own for the
-- transaction or the part of it that it writes in, and holds a lock on it; so the locks are counted. That nothing may be
-- written is said besides, for code of the application's that tries: before PostgreSQL 16 it can take that back.
CREATE OR REPLACE FUNCTION convonet_admin.hand_run_deferred() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before  pg_catalog.int8;
    numbers pg_catalog.int8;
    settings pg_catalog.text := pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true));
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    -- A subtransaction, which has no number before it writes, and keeps the one that it gets until its end.
    BEGIN
        -- Until the end of this block, which ends what is set here, too.
        PERFORM pg_catalog.set_config('transaction_read_only', 'on', true);
        -- Counted before and after by one statement, which is read once.
        LOOP
            numbers := (SELECT pg_catalog.count(*) FROM pg_catalog.pg_lock_status() l
                   WHERE l.locktype OPERATOR(pg_catalog.=) 'transactionid'
                     AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid());
            EXIT WHEN before IS NOT NULL;
            before := numbers;
            SET CONSTRAINTS ALL IMMEDIATE;
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
        IF settings OPERATOR(pg_catalog.<>) pg_catalog.concat_ws('/', pg_catalog.current_setting('lock_timeout', true), pg_catalog.current_setting('statement_timeout', true), pg_catalog.current_setting('transaction_timeout', true), pg_catalog.current_setting('idle_session_timeout', true), pg_catalog.current_setting('idle_in_transaction_session_timeout', true), pg_catalog.current_setting('application_name', true)) OR EXISTS (SELECT FROM (VALUES ('search_path', 'pg_catalog, pg_temp'), ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('transform_null_equals', 'off'), ('TimeZone', 'UTC'), ('row_security', 'on'), ('plan_cache_mode', 'force_custom_plan')) AS s (name, value)
                   WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value) THEN
        RAISE EXCEPTION 'a setting was changed' USING ERRCODE = 'CA004';
    END IF;
        END LOOP;
        IF numbers OPERATOR(pg_catalog.<>) before THEN
            RAISE EXCEPTION 'something was written at the end' USING ERRCODE = 'CA009';
        END IF;
        IF EXISTS (SELECT FROM pg_shdepend d
                   WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
                     AND d.refobjid = to_regrole(quote_ident(current_user))
                     AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
                     AND CASE d.classid
                         WHEN 'pg_proc'::regclass THEN (SELECT p.pronamespace FROM pg_proc p WHERE p.oid = d.objid)
                         WHEN 'pg_class'::regclass THEN (SELECT c.relnamespace FROM pg_class c WHERE c.oid = d.objid)
                         END IS DISTINCT FROM 'convonet_admin'::regnamespace) THEN
            RAISE EXCEPTION 'something else belongs to the hand' USING ERRCODE = 'CA011';
        END IF;
    EXCEPTION
        WHEN read_only_sql_transaction THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'something was written at the end' USING ERRCODE = 'CA009';
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- Whether somebody has this PIN, by the index: for one that was drawn.
CREATE OR REPLACE FUNCTION convonet_admin.hand_has_pin(p_pin text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        SELECT EXISTS (SELECT FROM "public"."users_convonet" u WHERE u.voice_pin = p_pin) INTO answer;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN answer;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- The same by a look at every row, whatever the PIN: the server's statistics, which everybody may read, tell a look-up in
-- an index that finds from one that does not.
CREATE OR REPLACE FUNCTION convonet_admin.hand_has_pin_anywhere(p_pin text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        SELECT coalesce(bool_or(u.voice_pin = p_pin), false) INTO answer FROM "public"."users_convonet" u;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN answer;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- Who has these addresses, each in two spellings, by its place among them: as they are written first, by the index that the
-- application has; and where that is asked for, all that are left by one walk through the table, in any case. Places that nobody
-- has, or several, are absent.
CREATE OR REPLACE FUNCTION convonet_admin.hand_addressees(p_addresses text[], p_others text[], p_walks boolean)
RETURNS TABLE (place integer, account_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    places pg_catalog._int4 := '{}';
    ids    pg_catalog._uuid := '{}';
    more   record;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_hand' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        WITH spelt AS (
            SELECT w.place::integer AS place, s.spelling, s.is_exact
            FROM unnest(p_addresses, p_others) WITH ORDINALITY AS w (address, other, place)
            CROSS JOIN LATERAL (VALUES (w.address, true), (w.other, true), (lower(lower((w.address)::text COLLATE "C") COLLATE "default"), false),
                                       (lower(lower((w.other)::text COLLATE "C") COLLATE "default"), false)) AS s (spelling, is_exact)
            WHERE s.spelling IS NOT NULL),
        found AS (
            -- The column's own collation may take different letters for the same.
            SELECT s.place, u.id::uuid AS id, bool_or(s.is_exact AND u.email::text COLLATE "C" = s.spelling) AS is_exact
            FROM spelt s JOIN "public"."users_convonet" u ON u.email = s.spelling AND lower(lower((u.email)::text COLLATE "C") COLLATE "default") = lower(lower((s.spelling)::text COLLATE "C") COLLATE "default")
            GROUP BY s.place, u.id),
        counted AS (
            SELECT f.place, count(*) AS people, count(*) FILTER (WHERE f.is_exact) AS exact,
                   (array_agg(f.id ORDER BY f.is_exact DESC))[1] AS id
            FROM found f GROUP BY f.place)
        SELECT coalesce(array_agg(c.place), '{}'),
               coalesce(array_agg(CASE WHEN c.people = 1 OR c.exact = 1 THEN c.id END), '{}')
        INTO places, ids FROM counted c;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    IF p_walks AND cardinality(places) < cardinality(p_addresses) THEN
        DECLARE
        has_looked pg_catalog.bool;
    BEGIN
            -- Once for all of them, however many: it may be a walk through the table.
            WITH spelt AS (
                SELECT DISTINCT w.place::integer AS place, lower(lower((s.spelling)::text COLLATE "C") COLLATE "default") AS spelling
                FROM unnest(p_addresses, p_others) WITH ORDINALITY AS w (address, other, place)
                CROSS JOIN LATERAL (VALUES (w.address), (w.other)) AS s (spelling)
                WHERE s.spelling IS NOT NULL AND w.place::integer <> ALL (places)),
            found AS (
                SELECT s.place, array_agg(DISTINCT u.id::uuid) AS ids
                FROM spelt s JOIN "public"."users_convonet" u ON lower(lower((u.email)::text COLLATE "C") COLLATE "default") = s.spelling GROUP BY s.place)
            SELECT array_agg(f.place) AS places, array_agg(f.ids[1]) AS ids
            INTO more FROM found f WHERE cardinality(f.ids) = 1;
            has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
        places := places || more.places;
        ids := ids || more.ids;
    END IF;
    RETURN QUERY SELECT f.place, f.id FROM unnest(places, ids) AS f (place, id) WHERE f.id IS NOT NULL;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;
DO $$ BEGIN
-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide. That a bcrypt hash ends after 53 letters its length says: a pattern that counts them takes five times longer.
CREATE OR REPLACE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END AS sign_in,
       CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text) AS version
FROM "public"."users_convonet" u;

-- What search compares with the words, and what its index is made of, beside each account. Views of their own, since to
-- take such long expressions into a plan takes time, used or not.
CREATE OR REPLACE VIEW convonet_admin.account_search AS
SELECT a.*, ' ' || CASE octet_length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) WHEN length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) THEN lower((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')) COLLATE "C") WHEN 3 * length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) THEN translate((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') COLLATE "C" ELSE normalize(translate(regexp_replace(lower(normalize((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')) COLLATE "default", NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) COLLATE "C" END || ' ' || CASE octet_length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) WHEN length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) THEN lower((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')) COLLATE "C") WHEN 3 * length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) THEN translate((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') COLLATE "C" ELSE normalize(translate(regexp_replace(lower(normalize((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')) COLLATE "default", NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) COLLATE "C" END AS search_key
FROM convonet_admin.accounts a;

CREATE OR REPLACE VIEW convonet_admin.account_pieces AS
SELECT a.*, (string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 1), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 2), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 3), '(...)', E'\\1\x1F', 'g'), E'\x1F')) COLLATE "C" AS search_pieces
FROM convonet_admin.accounts a;

EXCEPTION WHEN invalid_table_definition THEN
DROP VIEW IF EXISTS convonet_admin.account_pieces, convonet_admin.account_search, convonet_admin.accounts;
-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide. That a bcrypt hash ends after 53 letters its length says: a pattern that counts them takes five times longer.
CREATE OR REPLACE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END AS sign_in,
       CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       concat_ws('-', left(encode(sha256(convert_to(coalesce((u.email)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((u.username)::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(u.first_name, chr(31), u.last_name))::text, ''), 'UTF8')), 'hex'), 24), left(encode(sha256(convert_to(coalesce((concat(CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' THEN 'password' ELSE 'external' END, ' ', CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END))::text, ''), 'UTF8')), 'hex'), 24), CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text) AS version
FROM "public"."users_convonet" u;

-- What search compares with the words, and what its index is made of, beside each account. Views of their own, since to
-- take such long expressions into a plan takes time, used or not.
CREATE OR REPLACE VIEW convonet_admin.account_search AS
SELECT a.*, ' ' || CASE octet_length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) WHEN length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) THEN lower((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')) COLLATE "C") WHEN 3 * length(coalesce((a.email)::text, '') || coalesce((a.username)::text, '')) THEN translate((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') COLLATE "C" ELSE normalize(translate(regexp_replace(lower(normalize((coalesce((a.email)::text, '') || ' ' || coalesce((a.username)::text, '')) COLLATE "default", NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) COLLATE "C" END || ' ' || CASE octet_length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) WHEN length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) THEN lower((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')) COLLATE "C") WHEN 3 * length(coalesce((a.first_name)::text, '') || coalesce((a.last_name)::text, '')) THEN translate((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') COLLATE "C" ELSE normalize(translate(regexp_replace(lower(normalize((coalesce((a.first_name)::text, '') || ' ' || coalesce((a.last_name)::text, '')) COLLATE "default", NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) COLLATE "C" END AS search_key
FROM convonet_admin.accounts a;

CREATE OR REPLACE VIEW convonet_admin.account_pieces AS
SELECT a.*, (string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 1), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 2), '(...)', E'\\1\x1F', 'g'), E'\x1F') || string_to_array(regexp_replace(substr(replace(' ' || CASE octet_length((a.email)::text || (a.username)::text) WHEN length((a.email)::text || (a.username)::text) THEN lower(((a.email)::text || ' ' || (a.username)::text) COLLATE "C") WHEN 3 * length((a.email)::text || (a.username)::text) THEN translate(((a.email)::text || ' ' || (a.username)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.email)::text || ' ' || (a.username)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END || ' ' || CASE octet_length((a.first_name)::text || (a.last_name)::text) WHEN length((a.first_name)::text || (a.last_name)::text) THEN lower(((a.first_name)::text || ' ' || (a.last_name)::text) COLLATE "C") WHEN 3 * length((a.first_name)::text || (a.last_name)::text) THEN translate(((a.first_name)::text || ' ' || (a.last_name)::text), E'\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', '') ELSE normalize(translate(regexp_replace(lower(normalize(((a.first_name)::text || ' ' || (a.last_name)::text), NFD)), '[\u0300-\u036f]', '', 'g'), E'\u2018\u2019\u02bc\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff', ''''''''), NFC) END, ' ', '  '), 3), '(...)', E'\\1\x1F', 'g'), E'\x1F')) COLLATE "C" AS search_pieces
FROM convonet_admin.accounts a;

END $$;
DO $$
DECLARE
    pins   text;
    called regprocedure;
BEGIN
    SELECT string_agg(format('SET %I TO %L', s.name, v.value), ' ' ORDER BY s.name) INTO pins
    FROM (VALUES ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('log_parameter_max_length_on_error', '0'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('trace_notify', 'off'), ('trace_sort', 'off'), ('escape_string_warning', 'on'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('array_nulls', 'on'), ('transform_null_equals', 'off'), ('quote_all_identifiers', 'off'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('xmlbinary', 'base64'), ('xmloption', 'content'), ('row_security', 'on'), ('stats_fetch_consistency', 'cache'), ('constraint_exclusion', 'partition'), ('plan_cache_mode', 'force_custom_plan'), ('cursor_tuple_fraction', '0.1'), ('from_collapse_limit', '8'), ('join_collapse_limit', '8'), ('geqo', 'on'), ('geqo_threshold', '12'), ('gin_fuzzy_search_limit', '0'), ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('seq_page_cost', '1'), ('random_page_cost', '4'), ('cpu_tuple_cost', '0.01'), ('cpu_index_tuple_cost', '0.005'), ('cpu_operator_cost', '0.0025'), ('effective_cache_size', '4GB'), ('enable_async_append', 'on'), ('enable_bitmapscan', 'on'), ('enable_distinct_reordering', 'on'), ('enable_gathermerge', 'on'), ('enable_group_by_reordering', 'on'), ('enable_hashagg', 'on'), ('enable_hashjoin', 'on'), ('enable_incremental_sort', 'on'), ('enable_indexonlyscan', 'on'), ('enable_indexscan', 'on'), ('enable_material', 'on'), ('enable_memoize', 'on'), ('enable_mergejoin', 'on'), ('enable_nestloop', 'on'), ('enable_partition_pruning', 'on'), ('enable_partitionwise_aggregate', 'off'), ('enable_partitionwise_join', 'off'), ('enable_presorted_aggregate', 'on'), ('enable_self_join_elimination', 'on'), ('enable_seqscan', 'on'), ('enable_sort', 'on'), ('enable_tidscan', 'on')) AS v (name, value)
    JOIN pg_settings s ON s.name = v.name AND s.context = 'user';
    FOR called IN SELECT p.oid FROM pg_proc p
                  WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef
                    AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) LOOP
        EXECUTE format('ALTER FUNCTION %s %s', called, pins);
    END LOOP;
END
$$;
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH own AS (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user),
        granted (kind, name, owner, grantee) AS (
            SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, a.grantee
            FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'convonet_admin'
            UNION SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                   a.grantee
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
            UNION SELECT 'TABLE', c.oid::regclass::text, c.relowner, a.grantee
            FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v')
            UNION SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, a.grantee
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE p.pronamespace = 'convonet_admin'::regnamespace
            -- Whoever has a column of a type of ours keeps us from changing it.
            UNION SELECT 'TYPE', t.oid::regtype::text, t.typowner, a.grantee
            FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
            WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c')
        SELECT format('REVOKE ALL ON %s %s FROM %s CASCADE', g.kind, g.name,
                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
        FROM granted g WHERE g.owner = (SELECT oid FROM own) AND g.grantee <> g.owner
        UNION ALL
        SELECT format('ALTER TABLE %s RESET (%s%s)', c.oid::regclass, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END,
                      quote_ident(split_part(option, '=', 1)))
        FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relowner = (SELECT oid FROM own)
        UNION ALL
        SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
            AND c.relowner = (SELECT oid FROM own) AND (c.relrowsecurity OR c.relforcerowsecurity)
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
GRANT SELECT ON convonet_admin.accounts, convonet_admin.account_search, convonet_admin.account_pieces TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.hand_lock, convonet_admin.hand_read, convonet_admin.hand_locker, convonet_admin.hand_versions, convonet_admin.hand_write, convonet_admin.hand_run_deferred, convonet_admin.hand_has_pin, convonet_admin.hand_has_pin_anywhere, convonet_admin.hand_addressees TO "desk_owner";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
REVOKE ALL ON SCHEMA convonet_admin FROM "desk_hand";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
GRANT USAGE, CREATE ON SCHEMA convonet_admin TO "desk_reader";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_reader";
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('GRANT ALL ON %s %s TO CURRENT_USER', o.kind, o.name)
        FROM (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                     CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relacl
              FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
              UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, 'f', p.proacl
              FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
              UNION ALL SELECT 'TYPE', t.oid::regtype::text, t.typowner, 'T', t.typacl
              FROM pg_type t WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c'
             ) AS o (kind, name, owner, code, acl)
        WHERE o.owner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AND EXISTS (
            SELECT FROM aclexplode(acldefault(o.code::"char", o.owner)) a
            WHERE o.acl IS NOT NULL AND a.grantee = o.owner AND NOT EXISTS (
                SELECT FROM aclexplode(o.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type)))
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
-- The reader: the one role with a right on what the application keeps beside its people, and with none on the people. What is
-- there may be a view, and so run code of whoever owns a part of it: within these functions, with the right to read teams and
-- telephone numbers, and no other. What that code does is undone, and no error of it leaves them under a code that we take for
-- our own word. What is found by its name alone is read only where it belongs to whom the users' table belongs to, or to a
-- superuser: anybody else may have put it there.

-- Whether the application's teams can be read here.
CREATE OR REPLACE FUNCTION convonet_admin.reader_sees_teams() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_reader' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                   WHERE c.oid = to_regclass('"public"."team_memberships_convonet"') AND (o.rolsuper OR c.relowner = (
                       SELECT u.relowner FROM pg_class u WHERE u.oid = to_regclass('"public"."users_convonet"')))) THEN
            RAISE EXCEPTION 'somebody else''s' USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM FROM "public"."team_memberships_convonet" m WHERE m.user_id IS NULL AND m.role IS NULL LIMIT 1;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
            RETURN true;
        WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RETURN false;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- Whether somebody holds one of these roles in a team of the application; NULL where its teams cannot be read.
CREATE OR REPLACE FUNCTION convonet_admin.reader_has_team_role(p_account uuid, p_roles text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_reader' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                   WHERE c.oid = to_regclass('"public"."team_memberships_convonet"') AND (o.rolsuper OR c.relowner = (
                       SELECT u.relowner FROM pg_class u WHERE u.oid = to_regclass('"public"."users_convonet"')))) THEN
            RAISE EXCEPTION 'somebody else''s' USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT EXISTS (SELECT FROM "public"."team_memberships_convonet" m, unnest(p_roles) r
                       WHERE m.user_id = p_account AND lower(lower((m.role)::text COLLATE "C") COLLATE "default") = lower(lower((btrim(r))::text COLLATE "C") COLLATE "default")) INTO answer;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            answer := NULL;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN answer;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;

-- The telephone number that a view of the site has of somebody; NULL where it has none or several, and “?” where it cannot be read
-- now. To be called before anything is locked: it is the site's code that decides how long it takes.
CREATE OR REPLACE FUNCTION convonet_admin.reader_phone_number(p_account uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
DECLARE
    answer pg_catalog.text := '?';
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'desk_reader' THEN
        RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                   WHERE c.oid = to_regclass('"public"."convonet_admin_phone_numbers"') AND (o.rolsuper OR c.relowner = (
                       SELECT u.relowner FROM pg_class u WHERE u.oid = to_regclass('"public"."users_convonet"')))) THEN
            RAISE EXCEPTION 'somebody else''s' USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT CASE WHEN count(*) = 1 AND max(length(n.number::text)) <= 40 THEN max(n.number::text) END INTO answer
        FROM "public"."convonet_admin_phone_numbers" n WHERE n.account_id = p_account;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        -- Where the view raised that, there is no answer either.
        WHEN SQLSTATE 'CA099' THEN NULL;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        -- Whatever is wrong with it: whoever has a code by mail is not kept from using it.
        WHEN OTHERS OR assert_failure THEN answer := '?';
    END;
    IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
    RETURN answer;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
    IF SQLERRM NOT IN ('another role', 'canceled', 'temporary objects', 'a setting was changed', 'something was written at the end', 'something else belongs to the hand', 'the application''s table could not be read or written') THEN
        DEALLOCATE ALL;
    END IF;
    RAISE;
END
$$;
DO $$ BEGIN
-- Who is in which of the application's teams, and as what.
CREATE OR REPLACE VIEW convonet_admin.account_teams AS
SELECT m.user_id AS account_id, t.name::text AS team, m.role::text AS role, t.is_active
FROM "public"."team_memberships_convonet" m JOIN "public"."teams_convonet" t ON t.id = m.team_id;

EXCEPTION WHEN invalid_table_definition THEN
DROP VIEW IF EXISTS convonet_admin.account_teams;
-- Who is in which of the application's teams, and as what.
CREATE OR REPLACE VIEW convonet_admin.account_teams AS
SELECT m.user_id AS account_id, t.name::text AS team, m.role::text AS role, t.is_active
FROM "public"."team_memberships_convonet" m JOIN "public"."teams_convonet" t ON t.id = m.team_id;

END $$;
DO $$
DECLARE
    pins   text;
    called regprocedure;
BEGIN
    SELECT string_agg(format('SET %I TO %L', s.name, v.value), ' ' ORDER BY s.name) INTO pins
    FROM (VALUES ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('log_parameter_max_length_on_error', '0'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('trace_notify', 'off'), ('trace_sort', 'off'), ('escape_string_warning', 'on'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('array_nulls', 'on'), ('transform_null_equals', 'off'), ('quote_all_identifiers', 'off'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('xmlbinary', 'base64'), ('xmloption', 'content'), ('row_security', 'on'), ('stats_fetch_consistency', 'cache'), ('constraint_exclusion', 'partition'), ('plan_cache_mode', 'force_custom_plan'), ('cursor_tuple_fraction', '0.1'), ('from_collapse_limit', '8'), ('join_collapse_limit', '8'), ('geqo', 'on'), ('geqo_threshold', '12'), ('gin_fuzzy_search_limit', '0'), ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('seq_page_cost', '1'), ('random_page_cost', '4'), ('cpu_tuple_cost', '0.01'), ('cpu_index_tuple_cost', '0.005'), ('cpu_operator_cost', '0.0025'), ('effective_cache_size', '4GB'), ('enable_async_append', 'on'), ('enable_bitmapscan', 'on'), ('enable_distinct_reordering', 'on'), ('enable_gathermerge', 'on'), ('enable_group_by_reordering', 'on'), ('enable_hashagg', 'on'), ('enable_hashjoin', 'on'), ('enable_incremental_sort', 'on'), ('enable_indexonlyscan', 'on'), ('enable_indexscan', 'on'), ('enable_material', 'on'), ('enable_memoize', 'on'), ('enable_mergejoin', 'on'), ('enable_nestloop', 'on'), ('enable_partition_pruning', 'on'), ('enable_partitionwise_aggregate', 'off'), ('enable_partitionwise_join', 'off'), ('enable_presorted_aggregate', 'on'), ('enable_self_join_elimination', 'on'), ('enable_seqscan', 'on'), ('enable_sort', 'on'), ('enable_tidscan', 'on')) AS v (name, value)
    JOIN pg_settings s ON s.name = v.name AND s.context = 'user';
    FOR called IN SELECT p.oid FROM pg_proc p
                  WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef
                    AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) LOOP
        EXECUTE format('ALTER FUNCTION %s %s', called, pins);
    END LOOP;
END
$$;
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH own AS (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user),
        granted (kind, name, owner, grantee) AS (
            SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, a.grantee
            FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'convonet_admin'
            UNION SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                   a.grantee
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
            UNION SELECT 'TABLE', c.oid::regclass::text, c.relowner, a.grantee
            FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v')
            UNION SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, a.grantee
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE p.pronamespace = 'convonet_admin'::regnamespace
            -- Whoever has a column of a type of ours keeps us from changing it.
            UNION SELECT 'TYPE', t.oid::regtype::text, t.typowner, a.grantee
            FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
            WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c')
        SELECT format('REVOKE ALL ON %s %s FROM %s CASCADE', g.kind, g.name,
                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
        FROM granted g WHERE g.owner = (SELECT oid FROM own) AND g.grantee <> g.owner
        UNION ALL
        SELECT format('ALTER TABLE %s RESET (%s%s)', c.oid::regclass, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END,
                      quote_ident(split_part(option, '=', 1)))
        FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relowner = (SELECT oid FROM own)
        UNION ALL
        SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
            AND c.relowner = (SELECT oid FROM own) AND (c.relrowsecurity OR c.relforcerowsecurity)
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
GRANT SELECT ON convonet_admin.account_teams TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.reader_sees_teams, convonet_admin.reader_has_team_role, convonet_admin.reader_phone_number TO "desk_owner";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
REVOKE ALL ON SCHEMA convonet_admin FROM "desk_reader";
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
-- The actions that change an account, a row for each: the function that is called for it, and the one that then does it; the
-- column that it gives a fixed value; which limit counts it; whether it replaces a password or PIN, and whether the person is
-- told; when it is refused because nothing may be typed; the setting by which links alone are allowed in its place; whether the
-- caller has to prove who they are, where the policy wants that; whether the application's tokens from before end with it; and
-- whether it is a matter of staff alone, for which neither a caller's word nor a second person is asked.
CREATE OR REPLACE FUNCTION convonet_admin.actions()
RETURNS TABLE (name text, entry text, applies text, column_name text, value text, budget text,
               replaces_credential boolean, is_notified boolean, typing text, only_by_link text, needs_proof boolean,
               ends_sessions boolean, stands_alone boolean)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    VALUES
        ('reset_password', 'reset_password', 'apply_password', 'password_hash', NULL, 'credential', true, true, 'unless_generated', 'links_only', true, true, false),
        ('issue_reset_code', 'issue_reset_code', 'apply_reset_code', NULL, NULL, 'credential', false, true, NULL, NULL, true, false, false),
        ('issue_voice_pin', 'issue_voice_pin', 'apply_issued_pin', 'voice_pin', NULL, 'credential', true, true, NULL, 'pins_by_link_only', true, false, false),
        ('set_voice_pin', 'set_voice_pin', 'apply_typed_pin', 'voice_pin', NULL, 'credential', true, true, 'always', 'pins_by_link_only', true, false, false),
        ('clear_voice_pin', 'clear_voice_pin', 'apply_cleared_pin', 'voice_pin', NULL, 'credential', true, true, NULL, NULL, true, false, false),
        ('activate', 'set_account_active', 'apply_state', 'is_active', 'true', 'state', false, false, NULL, NULL, true, false, false),
        ('deactivate', 'set_account_active', 'apply_state', 'is_active', 'false', 'state', false, false, NULL, NULL, false, true, false),
        ('verify', 'set_account_verified', 'apply_state', 'is_verified', 'true', 'state', false, false, NULL, NULL, true, false, false),
        ('unverify', 'set_account_verified', 'apply_state', 'is_verified', 'false', 'state', false, false, NULL, NULL, false, false, false),
        ('send_reset_link', 'send_reset_link', 'apply_link', NULL, NULL, 'credential', false, false, NULL, NULL, false, false, false),
        ('send_pin_link', 'send_pin_link', 'apply_pin_link', NULL, NULL, 'credential', false, false, NULL, NULL, true, false, false),
        ('revoke_reset_links', 'revoke_reset_links', 'apply_revoked_links', NULL, NULL, 'state', false, false, NULL, NULL, false, false, false),
        ('sign_out', 'sign_out', 'apply_sign_out', NULL, NULL, 'state', false, false, NULL, NULL, false, true, false),
        ('unblock', 'unblock_account', 'apply_unblock', NULL, NULL, 'state', false, false, NULL, NULL, false, false, false),
        ('undo', 'undo_change', 'apply_undo', NULL, NULL, NULL, true, true, NULL, NULL, false, false, true),
        ('freeze', 'freeze_account', 'apply_freeze', NULL, NULL, 'state', false, false, NULL, NULL, false, false, true),
        ('unfreeze', 'unfreeze_account', 'apply_unfreeze', NULL, NULL, 'state', false, false, NULL, NULL, false, false, true),
        ('change_password', 'self_change_password', 'apply_password', 'password_hash', NULL, NULL, true, true, NULL, NULL, false, true, false),
        ('report_not_me', 'self_report', 'apply_report', NULL, NULL, NULL, false, false, NULL, NULL, false, true, false),
        ('expire_password', 'self_tidy', 'expire_password', 'password_hash', NULL, NULL, true, false, NULL, NULL, false, true, false)
$$;
-- Whether row-level security of the application's table keeps people from the hand, so that what is not found may be there.
-- Whoever owns the table, or bypasses it, sees everybody; so does the hand by a policy that shows all rows.
CREATE OR REPLACE FUNCTION convonet_admin.people_are_hidden() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(NOT EXISTS (
        SELECT FROM pg_policy p
        -- Of all commands: what the hand locks or writes has to pass those for UPDATE, too.
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
          AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'
          AND EXISTS (SELECT FROM unnest(p.polroles) m WHERE m = 0 OR pg_has_role(hand.oid, m, 'USAGE'))
          AND NOT EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = c.oid AND NOT o.polpermissive))), false)
    FROM convonet_admin.installation i
    JOIN pg_class c ON c.relrowsecurity
    JOIN pg_namespace n ON n.oid = c.relnamespace
        AND i.users_table = concat('"', replace(n.nspname, '"', '""'), '"."', replace(c.relname, '"', '""'), '"')
    JOIN pg_proc f ON f.oid = to_regprocedure('convonet_admin.hand_lock(uuid)')
    JOIN pg_roles hand ON hand.oid = f.proowner AND NOT hand.rolsuper AND NOT hand.rolbypassrls
    WHERE c.relforcerowsecurity OR NOT pg_has_role(hand.oid, c.relowner, 'USAGE')
$$;

-- Ends what found nobody where that says nothing.
CREATE OR REPLACE FUNCTION convonet_admin.require_visible_people() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convonet_admin.people_are_hidden() THEN
        RAISE EXCEPTION 'row-level security hides people' USING ERRCODE = 'CA007';
    END IF;
END
$$;
-- What a program claims, by the names that are known: cut to a length first, for anybody can send as much as they like, and
-- without control characters. All in one query: to plan one for each took longer than everything else that a change does.
CREATE OR REPLACE FUNCTION convonet_admin.claimed(p_claims jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_object_agg(k.name,
        nullif(btrim(regexp_replace(left(p_claims ->> k.name, k.length), '[\u0001-\u001F\u007F-\u009F]', ' ', 'g')), ''))
    FROM (VALUES ('reason', 1000), ('host', 255), ('ssh_origin', 255), ('operator', 100), ('tty', 100), ('ticket', 100),
                 ('verified_by', 100), ('application', 100), ('client_address', 100)) AS k (name, length)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

-- An event of the caller's, with what their program claims.
CREATE OR REPLACE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event;
    claimed jsonb := convonet_admin.claimed(p_claims);
BEGIN
    event.request_id := p_request;
    event.actor_kind := 'operator';
    event.action := p_action;
    event.db_user := session_user;
    event.client_address := host(inet_client_addr());
    event.operator := claimed ->> 'operator';
    event.uid := convonet_admin.numeric_claim(p_claims, 'uid');
    event.login_uid := convonet_admin.numeric_claim(p_claims, 'login_uid');
    event.host := claimed ->> 'host';
    event.tty := claimed ->> 'tty';
    event.ssh_origin := claimed ->> 'ssh_origin';
    event.reason := claimed ->> 'reason';
    event.ticket := claimed ->> 'ticket';
    event.verified_by := claimed ->> 'verified_by';
    event.application := claimed ->> 'application';
    RETURN event;
END
$$;

-- An event as one about somebody. What the application lets people be called can be of any length; the log keeps so much of it,
-- and whatever is decided goes by the person, not by this.
CREATE OR REPLACE FUNCTION convonet_admin.about_person(
    p_event convonet_admin.audit_event, p_id uuid, p_email text, p_username text) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    p_event.account_id := p_id;
    p_event.account_email := left(p_email, 400);
    p_event.account_username := left(p_username, 400);
    RETURN p_event;
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
-- The guards of the log, for triggers.
CREATE OR REPLACE FUNCTION convonet_admin.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.check_head() RETURNS trigger
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

-- Each field as it is hashed: the length of its UTF-8 in four bytes, most significant first, then the bytes; a NULL is
-- the length -1 alone. In one expression, for a function called for each of the fields takes longer than the hash.
CREATE OR REPLACE FUNCTION convonet_admin.event_hash(e convonet_admin.audit_event) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT sha256(string_agg(
        int4send(coalesce(octet_length(convert_to(field, 'UTF8')), -1)) || coalesce(convert_to(field, 'UTF8'), ''::bytea),
        ''::bytea ORDER BY position))
    FROM unnest(ARRAY[
        e.format::text, e.sequence::text, e.event_id::text, e.request_id::text,
        round(extract(epoch FROM e.occurred_at) * 1000000)::bigint::text,
        e.actor_kind, e.action, e.outcome, e.rule,
        e.account_id::text, e.account_email, e.account_username,
        e.operator, e.db_user, e.uid::text, e.login_uid::text, e.host, e.tty, e.ssh_origin, e.client_address,
        e.reason, e.ticket, e.verified_by, e.application, e.detail,
        encode(e.previous_hash, 'hex')]) WITH ORDINALITY AS fields (field, position))
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

-- Says what is held, and by whom, as far as the server tells: the user and the process of the transaction that locked a
-- row last. Both are in fields of the error that carry no text of anybody else's.
CREATE OR REPLACE FUNCTION convonet_admin.raise_busy(p_what text, p_transaction text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder text;
BEGIN
    SELECT format('%s/%s', a.pid, a.usename) INTO holder
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'transactionid' AND l.granted AND l.transactionid::text = p_transaction;
    IF holder IS NULL THEN
        SELECT 'prepared/' || x.owner INTO holder FROM pg_prepared_xacts x WHERE x.transaction::text = p_transaction;
    END IF;
    RAISE EXCEPTION 'busy' USING ERRCODE = 'lock_not_available', TABLE = p_what, COLUMN = coalesce(holder, '');
END
$$;

-- Keeps this transaction from being prepared (PREPARE TRANSACTION), which would hold its locks after everybody is gone. A transaction
-- that has listened cannot be prepared; but at its commit it reads the whole queue of notifications. Where that is long, the need for
-- a temporary schema does the same, even if the schema is not made after all; then every statement is planned anew. A session that
-- has such a schema does not need one, and listens. (To notify needs a place in the queue, which everybody can fill.) Called by
-- whatever locks or writes.
CREATE OR REPLACE FUNCTION convonet_admin.forbid_preparing() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('max_prepared_transactions') = '0' THEN
        RETURN;
    ELSIF pg_my_temp_schema() <> 0 OR pg_notification_queue_usage() < 0.005 THEN
        LISTEN "convonet_admin: not to be prepared";
        UNLISTEN "convonet_admin: not to be prepared";
        RETURN;
    END IF;
    BEGIN
        -- What is created here would be temporary, so current_schema has to make that schema.
        PERFORM set_config('search_path', 'pg_temp', true);
        PERFORM pg_catalog.current_schema();
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION WHEN SQLSTATE 'CA099' OR insufficient_privilege THEN
        NULL;
    END;
END
$$;

-- Locks the log's head, which whoever writes an event holds until their transaction ends.
CREATE OR REPLACE FUNCTION convonet_admin.hold_head() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM convonet_admin.audit_head h FOR UPDATE;
EXCEPTION WHEN lock_not_available THEN
    PERFORM convonet_admin.raise_busy('log', (SELECT h.xmax::text FROM convonet_admin.audit_head h));
END
$$;

-- The same before the last act. What the application's code put off runs first, and takes its time without the lock.
CREATE OR REPLACE FUNCTION convonet_admin.lock_head() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.run_deferred();
    PERFORM convonet_admin.hold_head();
END
$$;

-- Appends one event, after some of those that the trigger on the users' table noted meanwhile. The head's lock makes
-- all appends stand in one line; the time is taken after it, so that the order of sequence numbers is the order of times.
CREATE OR REPLACE FUNCTION convonet_admin.append_event(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    noted convonet_admin.direct_change;
    event convonet_admin.audit_event;
BEGIN
    PERFORM convonet_admin.hold_head();
    PERFORM convonet_admin.forbid_preparing();
    FOR noted IN
        WITH taken AS (
            DELETE FROM convonet_admin.direct_change d
            WHERE d.id IN (SELECT o.id FROM convonet_admin.direct_change o ORDER BY o.id LIMIT 50) RETURNING d.*)
        SELECT * FROM taken ORDER BY id
    LOOP
        PERFORM convonet_admin.end_tokens(convonet_admin.append_to_head(convonet_admin.direct_change_event(noted)));
    END LOOP;
    event := convonet_admin.append_to_head(p_event);
    PERFORM convonet_admin.end_tokens(event);
    RETURN event;
END
$$;

-- Appends one event and says so in the server's own log, where the line stays even if the caller rolls back: hence the
-- number of the transaction, by which its commit can be sought. What is only counted has a line there as well, and the number 0.
CREATE OR REPLACE FUNCTION convonet_admin.record_event(p_event convonet_admin.audit_event) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
BEGIN
    IF p_event.actor_kind = 'operator' THEN
        PERFORM convonet_admin.count_event(p_event);
    ELSIF p_event.actor_kind = 'self' AND NOT convonet_admin.count_self_event(p_event) THEN
        event := p_event;
        event.event_id := '00000000-0000-0000-0000-000000000000';
        event.sequence := 0;
        event.hash := ''::bytea;
        event.occurred_at := clock_timestamp();
        RAISE LOG 'convonet_admin: only counted: % of account %: %, by %, request %', event.action, event.account_id,
            concat_ws(' ', event.outcome, event.rule), event.db_user, event.request_id;
        RETURN event;
    END IF;
    event := convonet_admin.append_event(p_event);
    RAISE LOG 'convonet_admin: event % (once transaction % commits): % of account %: %, by %, request %', event.sequence,
        pg_current_xact_id(), event.action, event.account_id, concat_ws(' ', event.outcome, event.rule), event.db_user,
        event.request_id;
    RETURN event;
END
$$;

-- Where the log ends, by its head and by its newest event: for doctor, of whoever may not read the log.
CREATE OR REPLACE FUNCTION convonet_admin.log_end()
RETURNS TABLE (head bigint, newest bigint, is_whole boolean, is_behind boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.sequence AS head, n.sequence AS newest,
       h.sequence = n.sequence AND (
           h.sequence = 0 AND h.hash = decode(repeat('00', 32), 'hex')
           OR EXISTS (SELECT FROM convonet_admin.audit_event e WHERE (e.sequence, e.hash) = (h.sequence, h.hash))) AS is_whole,
       h.sequence < n.sequence AND EXISTS (
           SELECT FROM convonet_admin.audit_event e
           WHERE (e.sequence, e.previous_hash) = (h.sequence + 1, h.hash)) AS is_behind
FROM convonet_admin.audit_head h
CROSS JOIN (SELECT coalesce(max(e.sequence), 0) AS sequence FROM convonet_admin.audit_event e) n
$$;
-- Whether what a row of the users' table holds can be read without running a cast of the application's: the trigger reads it
-- with our own rights.
CREATE OR REPLACE FUNCTION convonet_admin.has_plain_types(p_table oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT format('%s of the type %s', a.attname, format_type(a.atttypid, NULL))
    FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
    WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attname IN ('id', 'email', 'username', 'password_hash', 'voice_pin', 'is_active')
      AND NOT (t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('uuid', 'text', 'varchar', 'bpchar', 'bool'))
      AND NOT (t.typname = 'citext' AND t.typtype = 'b'))
$$;

-- Whether a table is the users' table or a part of it: the one that our view reads, whatever it is called by now. Whoever owns it
-- may call the trigger below, to make partitions, and could put it on another table of theirs, and give that its name.
CREATE OR REPLACE FUNCTION convonet_admin.is_users_table(p_table oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (SELECT p_table UNION SELECT a.relid FROM pg_partition_ancestors(p_table) a) AS t (oid)
        WHERE t.oid IN (
            SELECT d.refobjid FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
            WHERE v.relnamespace = 'convonet_admin'::regnamespace AND v.relname = 'accounts' AND d.refobjid <> v.oid))
$$;

-- Announces a change of ours to the trigger below, by a row that only we can write, and that nobody else sees before it is
-- gone again; its number. NULL where nobody watches, or what is changed is not watched.
CREATE OR REPLACE FUNCTION convonet_admin.announce_change(p_account uuid, p_column text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    announced bigint;
BEGIN
    IF (SELECT i.watches_direct_changes FROM convonet_admin.installation i) AND p_column <> 'is_verified' THEN
        INSERT INTO convonet_admin.direct_change (noted_at, account_id, columns, db_user)
        VALUES (clock_timestamp(), p_account, 'ours:' || p_column, session_user) RETURNING id INTO announced;
        PERFORM set_config('convonet_admin.announced', announced::text, true);
    END IF;
    RETURN announced;
END
$$;

-- Whether a change is the one that was announced, which it uses up. Which row that is a setting says, as anybody could: the
-- row has to be there.
CREATE OR REPLACE FUNCTION convonet_admin.is_announced(p_account uuid, p_columns text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    announced text := current_setting('convonet_admin.announced', true);
BEGIN
    IF announced ~ '^[0-9]{1,19}$' THEN
        DELETE FROM convonet_admin.direct_change d
        WHERE d.id = announced::bigint AND d.account_id = p_account AND d.columns = 'ours:' || p_columns;
        RETURN FOUND;
    END IF;
    RETURN false;
END
$$;

-- For the triggers on the users' table that `migrate --watch-direct-changes` makes: notes which columns were changed past
-- us, or that rows are gone, which could come again with other credentials, and by whom. What we change is known by its
-- announcement and not by its role: code of the application's runs within our changes as the hand, too. The application's
-- statement must neither wait for it nor fail for what somebody else did: so it takes only what is free at once, and what goes
-- wrong here is said in the server's log alone. But not what whoever changes the row can bring about, such as a stack that is
-- full, a transaction that only reads or cannot be serialized, a row without an id: that fails, or it would go unseen.
CREATE OR REPLACE FUNCTION convonet_admin.note_direct_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    state    text;
    changed  text;
    -- Of all rows at once nobody is named. No row of a table's type: to know it would wait for the table.
    account  uuid := '00000000-0000-0000-0000-000000000000';
    email    text;
    username text;
BEGIN
    IF TG_OP = 'INSERT' OR NOT convonet_admin.is_users_table(TG_RELID) THEN
        RAISE EXCEPTION 'not the users'' table' USING ERRCODE = 'wrong_object_type';
    ELSIF NOT convonet_admin.has_plain_types(TG_RELID) THEN
        RAISE EXCEPTION 'a column has a type of the application' USING ERRCODE = 'wrong_object_type';
    END IF;
    LOCK TABLE convonet_admin.direct_change IN ROW EXCLUSIVE MODE NOWAIT;
    IF TG_OP <> 'UPDATE' THEN
        IF TG_OP = 'DELETE' THEN
            account := OLD.id;
            email := left(OLD.email::text, 400);
            username := left(OLD.username::text, 400);
        END IF;
        INSERT INTO convonet_admin.direct_change (
            noted_at, account_id, account_email, account_username, columns, db_user, application, client_address)
        VALUES (
            clock_timestamp(), account, email, username, 'gone:' || lower(TG_OP),
            session_user, current_setting('application_name', true), host(inet_client_addr()));
        RETURN NULL;
    END IF;
    changed := concat_ws(',', CASE WHEN NEW.password_hash::text COLLATE "C" IS DISTINCT FROM OLD.password_hash::text THEN 'password_hash' END,
                              CASE WHEN NEW.voice_pin::text COLLATE "C" IS DISTINCT FROM OLD.voice_pin::text THEN 'voice_pin' END,
                              CASE WHEN NEW.is_active IS DISTINCT FROM OLD.is_active THEN 'is_active' END,
                              -- Or two people could change places.
                              CASE WHEN NEW.id IS DISTINCT FROM OLD.id THEN 'id' END);
    IF changed <> '' AND NOT convonet_admin.is_announced(OLD.id, changed) THEN
        INSERT INTO convonet_admin.direct_change (
            noted_at, account_id, account_email, account_username, columns, db_user, application, client_address)
        VALUES (
            clock_timestamp(), OLD.id, left(OLD.email::text, 400), left(OLD.username::text, 400), changed, session_user,
            current_setting('application_name', true), host(inet_client_addr()));
    END IF;
    RETURN NEW;
EXCEPTION
    WHEN program_limit_exceeded OR out_of_memory OR configuration_limit_exceeded OR read_only_sql_transaction
        OR not_null_violation OR serialization_failure OR deadlock_detected OR numeric_value_out_of_range
        -- That its numbers are used up is nobody's doing who may not do more, and would go unseen for ever.
        OR sequence_generator_limit_exceeded THEN
        RAISE;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
        RAISE LOG 'convonet_admin: a direct change could not be noted (SQLSTATE %)', state;
        RETURN NEW;
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
    event.action := CASE WHEN p_noted.columns LIKE 'gone:%' THEN 'direct_delete' ELSE 'direct_change' END;
    event.outcome := 'done';
    IF p_noted.columns <> 'gone:truncate' AND p_noted.columns NOT LIKE 'dropped:%' THEN
        event := convonet_admin.about_person(event, p_noted.account_id, p_noted.account_email, p_noted.account_username);
    END IF;
    event.db_user := p_noted.db_user;
    event.client_address := p_noted.client_address;
    event.application := convonet_admin.claimed(jsonb_build_object('application', p_noted.application)) ->> 'application';
    event.detail := concat_ws(' ',
        CASE WHEN p_noted.columns = 'gone:truncate' THEN 'rows=all'
             WHEN p_noted.columns LIKE 'dropped:%' THEN replace(p_noted.columns, ':', '=')
             WHEN p_noted.columns <> 'gone:delete' THEN 'columns=' || p_noted.columns END,
        'at=' || to_char(p_noted.noted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    RETURN event;
END
$$;
-- Whether the user of the session is in a role. Before PostgreSQL 15 whoever signs in can make others members of themselves, so what
-- comes by way of a role that signs in does not count there.
CREATE OR REPLACE FUNCTION convonet_admin.session_belongs_to(p_role oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(session_user, p_role, 'MEMBER') THEN
        RETURN false;
    ELSIF current_setting('server_version_num')::integer >= 150000 THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        WITH RECURSIVE members (oid) AS (
            SELECT p_role
            UNION SELECT b.member FROM members m JOIN pg_roles g ON g.oid = m.oid AND NOT g.rolcanlogin
            JOIN pg_auth_members b ON b.roleid = g.oid)
        SELECT FROM pg_roles r WHERE r.rolname = session_user AND (r.rolsuper OR r.oid IN (SELECT m.oid FROM members m)));
END
$$;

-- Whether the user of the session has a right of their own to call one of our functions.
CREATE OR REPLACE FUNCTION convonet_admin.session_may_call(p_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
                   WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.proname = p_name AND a.privilege_type = 'EXECUTE'
                     AND (a.grantee = 0 OR convonet_admin.session_belongs_to(a.grantee)))
$$;

-- What a session must be like for a change to go on, and who may have begun it: the user of the session, whom limits, the
-- log and the word of a second person go by, has to be one who may call the function that was entered. Else somebody with
-- that right could lend it out, in a function of theirs, and be another person for each user who calls that.
CREATE OR REPLACE FUNCTION convonet_admin.require_plain_session(p_entry text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT convonet_admin.session_may_call(p_entry) THEN
        IF EXISTS (SELECT FROM convonet_admin.installation i WHERE i.role_prefix IS NOT NULL) THEN
            RAISE EXCEPTION 'the user of this session may not call it' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    -- An older snapshot would not see what was set, counted or decided since.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'only READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    -- One change is one transaction. What the caller wrote before could have put triggers of their own off, which would
    -- run within ours; and a loop that undoes each of its turns could ask for PINs without end.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'not first in its transaction' USING ERRCODE = 'CA005';
    END IF;
    -- A trigger of the application may name a table that the caller's temporary one would take the place of.
    IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
        IF EXISTS (SELECT FROM pg_catalog.pg_class c
                   WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                OR EXISTS (SELECT FROM pg_catalog.pg_type t
                           WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
            RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
        END IF;
    END IF;
END
$$;

-- Lets nothing of the application's code run later than now: put off to the commit it would run with the caller's rights,
-- as a trigger or as the query of a cursor that outlives its transaction.
CREATE OR REPLACE FUNCTION convonet_admin.run_deferred() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.hand_run_deferred();
    IF EXISTS (SELECT FROM pg_cursor() c WHERE c.is_holdable) THEN
        RAISE EXCEPTION 'a cursor that outlives the transaction' USING ERRCODE = 'CA002';
    END IF;
END
$$;

-- An e-mail address's domain in lower case, without the dots and blanks that say nothing.
CREATE OR REPLACE FUNCTION convonet_admin.domain_of(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(lower(lower((substring(p_email FROM '@([^@]*)$'))::text COLLATE "C") COLLATE "default"),
        '^[\s.\u00A0\u00AD\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF]+|[\s.\u00A0\u00AD\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF]+$',
        '', 'g')
$$;

-- Whether a change of this account needs a second person. A domain protects its subdomains too. Where the policy names
-- roles in teams, and these cannot be read any more, everybody is protected: to guess otherwise would open a door.
CREATE OR REPLACE FUNCTION convonet_admin.is_protected(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    domain text := convonet_admin.domain_of(p_email);
BEGIN
    IF EXISTS (SELECT FROM unnest(p_policy.protected_domains) p, convonet_admin.domain_of('@' || ltrim(btrim(p), '@')) AS d
               WHERE domain = d OR right(domain, length(d) + 1) = '.' || d)
        OR EXISTS (SELECT FROM unnest(p_policy.protected_accounts) p
                   WHERE lower(lower((btrim(p))::text COLLATE "C") COLLATE "default") IN (lower(lower((btrim(p_email))::text COLLATE "C") COLLATE "default"), lower(lower((btrim(p_username))::text COLLATE "C") COLLATE "default"), p_account::text)) THEN
        RETURN true;
    END IF;
    IF cardinality(p_policy.protected_team_roles) = 0 THEN
        RETURN false;
    END IF;
    RETURN coalesce(convonet_admin.reader_has_team_role(p_account, p_policy.protected_team_roles), true);
END
$$;

-- Whether a change of this account needs a second person, for whoever is about to ask; NULL where there is no such account.
CREATE OR REPLACE FUNCTION convonet_admin.account_is_protected(p_account uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.is_protected(a.id, a.email, a.username, p)
    FROM convonet_admin.hand_read(p_account) a, convonet_admin.policy p WHERE a.id IS NOT NULL
$$;

-- The budget that a change would overdraw, or NULL; called under the account's lock, which makes the account's count
-- exact; the operator's own lock does that for theirs. Only what is done counts, so whoever rolls back gains nothing.
CREATE OR REPLACE FUNCTION convonet_admin.exceeded_limit(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_budget text, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_credential boolean := p_budget = 'credential';
    budget  integer := CASE WHEN is_credential THEN p_policy.resets_per_operator_hour
                            ELSE p_policy.states_per_operator_hour END;
    counted text[];
    used    bigint;
BEGIN
    IF budget = 0 AND NOT (is_credential AND p_policy.resets_per_account_day > 0) THEN
        RETURN NULL;
    END IF;
    counted := ARRAY(SELECT a.name FROM convonet_admin.actions() a WHERE a.budget = p_budget);
    IF budget > 0 AND convonet_admin.operator_events(p_event, p_claims, counted) >= budget THEN
        RETURN CASE WHEN is_credential THEN 'operator_budget' ELSE 'state_budget' END;
    END IF;
    IF is_credential AND p_policy.resets_per_account_day > 0 THEN
        SELECT count(*) INTO used FROM convonet_admin.audit_event e
        WHERE e.account_id = p_event.account_id AND e.occurred_at BETWEEN clock_timestamp() - interval '24 hours' AND clock_timestamp()
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (counted);
        IF used >= p_policy.resets_per_account_day THEN
            RETURN 'account_budget';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- How many of these actions the operator of an event did within the hour; locks their slot, so that what they do at once is
-- counted one after the other.
CREATE OR REPLACE FUNCTION convonet_admin.operator_events(
    p_event convonet_admin.audit_event, p_claims jsonb, p_actions text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used bigint;
BEGIN
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = (SELECT convonet_admin.operator_slot_of(p_claims)) FOR UPDATE;
    SELECT count(*) INTO used
    FROM convonet_admin.audit_event e, convonet_admin.installation i
    WHERE e.occurred_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() AND e.db_user = p_event.db_user
      AND (i.role_prefix IS NOT NULL OR e.uid IS NOT DISTINCT FROM p_event.uid)
      AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (p_actions);
    RETURN used;
END
$$;
-- What is no longer as somebody saw it, by the version that they saw and the one that is: names with commas between them,
-- NULL where nothing is. What the view does not show counts where staff or self-service changed it, which the log knows; what
-- the application touches with each sign-in does not. So nothing of a hash or a PIN is in a version, which viewers read.
CREATE OR REPLACE FUNCTION convonet_admin.changed_since(p_account uuid, p_seen text, p_now text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    names   text[] := '{email,username,name,sign_in,voice_pin,is_active,is_verified}'::text[];
    seen    text[] := string_to_array(p_seen, '-');
    now     text[] := string_to_array(p_now, '-');
    parts   integer := cardinality(names);
    wrote   text := seen[parts + 1];
    changed text;
BEGIN
    IF p_seen = p_now THEN
        RETURN NULL;
    ELSIF (cardinality(seen) = parts + 1 AND cardinality(now) = parts + 1
           AND wrote ~ '^[0-9]{1,9}$|^[1-4][0-9]{9}$') IS NOT TRUE THEN
        RETURN 'account';
    END IF;
    SELECT string_agg(names[i], ',' ORDER BY i) INTO changed
    FROM generate_series(1, parts) i WHERE seen[i] IS DISTINCT FROM now[i];
    -- Of an event the transaction is older than the one within it that wrote the account's row. Those of one day are
    -- compared: transaction numbers come round again.
    IF EXISTS (SELECT FROM convonet_admin.audit_event e
               WHERE e.account_id = p_account AND e.outcome = 'done'
                 AND (e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
                      OR e.action = 'report_not_me' AND e.detail ~ '(^| )ended=')
                 AND e.occurred_at > clock_timestamp() - interval '1 day'
                 AND (age(e.xmin) < age(wrote::xid) OR age(wrote::xid) < 0)) THEN
        changed := concat_ws(',', changed, 'credentials');
    END IF;
    RETURN changed;
END
$$;
-- What callers have proven, by which ways, and what counts of it.

-- The number to which codes for somebody go, without what people put between digits; NULL where there is none that looks like one,
-- and “?” where it cannot be read now.
CREATE OR REPLACE FUNCTION convonet_admin.phone_number(p_account uuid) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN n.number = '?' THEN n.number
                -- The 0 of “+49 (0) 151” is not dialled, and nobody knows which is meant.
                WHEN n.number ~ '^[[:space:]]*[+(0123456789]' AND n.number NOT LIKE '+%(0)%'
                THEN substring(regexp_replace(n.number, '[[:space:]()./-]', '', 'g') FROM '^[+]?[0123456789]{5,15}$') END
    FROM convonet_admin.reader_phone_number(p_account) AS n (number)
$$;

-- Whether a program that sends to telephones asks for something to send now.
CREATE OR REPLACE FUNCTION convonet_admin.texts_are_sent() RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM convonet_admin.mail_program m
                   WHERE m.texts_asked_at BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp())
$$;

-- The number of somebody where it is needed, so that the site's view is read for nothing else: for what their caller proved to the
-- user of this session; or for a look at the caller, also where a code was only sent there, or could be. NULL where it is not needed.
CREATE OR REPLACE FUNCTION convonet_admin.needed_number(p_account uuid, p_for_state boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_for_state AND convonet_admin.texts_are_sent() OR EXISTS (
            SELECT FROM convonet_admin.caller_code c
            WHERE c.account_id = p_account AND c.db_user = session_user AND c.number IS NOT NULL
              AND (p_for_state OR c.proven_at IS NOT NULL)) THEN
        RETURN convonet_admin.phone_number(p_account);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.masked_number(p_number text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '…' || right(nullif(p_number, '?'), 2)
$$;

-- What a caller has proven to the operator of this session, as far as it still counts: of each way the best, taken together; for
-- the address and the number that the account has now, and where there are no roles, to the claimed system user.
CREATE OR REPLACE FUNCTION convonet_admin.caller_proof(
    p_account uuid, p_email text, p_number text, p_uid bigint, OUT points integer, OUT until timestamptz, OUT ways text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.account_id = p_account AND c.proven_at IS NOT NULL) THEN
        RETURN;
    END IF;
    SELECT sum(b.points), min(b.until), string_agg(b.way, '+' ORDER BY b.way)
    INTO caller_proof.points, caller_proof.until, caller_proof.ways
    FROM (SELECT DISTINCT ON (c.way) c.way, c.points, c.proven_at + make_interval(mins => p.verification_minutes) AS until
          FROM convonet_admin.caller_code c, convonet_admin.policy p, convonet_admin.installation i
          WHERE c.account_id = p_account AND c.db_user = session_user AND c.address = p_email
            AND (i.role_prefix IS NOT NULL OR c.uid IS NOT DISTINCT FROM p_uid)
            AND c.proven_at BETWEEN clock_timestamp() - make_interval(mins => p.verification_minutes) AND clock_timestamp()
            AND (c.number IS NULL OR c.number = p_number)
          ORDER BY c.way, c.points DESC, c.proven_at DESC) b;
END
$$;

-- The points without which a change of an account is refused, where it needs any.
CREATE OR REPLACE FUNCTION convonet_admin.points_needed(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_policy.verification_points_protected > p_policy.verification_points
                     AND convonet_admin.is_protected(p_account, p_email, p_username, p_policy)
                THEN p_policy.verification_points_protected ELSE p_policy.verification_points END
$$;

-- What counts for a change: what the caller has proven, or had when the approval was asked for by which it may be done, if that is
-- more.
CREATE OR REPLACE FUNCTION convonet_admin.counting_proof(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_person convonet_admin.person, p_number text,
    OUT points integer, OUT ways text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    approved record;
BEGIN
    SELECT coalesce(c.points, 0), c.ways INTO counting_proof.points, counting_proof.ways
    FROM convonet_admin.caller_proof(p_event.account_id, p_person.email, p_number, p_event.uid) c;
    -- Spares everybody the look at approvals where nobody is protected.
    IF cardinality(p_policy.protected_domains || p_policy.protected_accounts || p_policy.protected_team_roles) = 0 THEN
        RETURN;
    END IF;
    SELECT a.points, a.ways INTO approved FROM convonet_admin.approval a
    WHERE a.account_id = p_event.account_id AND a.requested_by = p_event.db_user AND a.action = p_event.action
      AND a.state = 'approved' AND a.expires_at > clock_timestamp()
      -- Of an account that changed since, it is no approval any more.
      AND convonet_admin.changed_since(a.account_id, a.version, p_person.version) IS NULL
      -- Of an account that is no longer protected a change does not use it up.
      AND convonet_admin.is_protected(a.account_id, p_person.email, p_person.username, p_policy)
    ORDER BY a.id DESC LIMIT 1;
    IF approved.points > counting_proof.points THEN
        counting_proof.points := approved.points;
        counting_proof.ways := approved.ways;
    END IF;
END
$$;

-- What the log says of a caller: proven, by what and with how many points, or said. Before version 9 there was one way.
CREATE OR REPLACE FUNCTION convonet_admin.caller_detail(p_points integer, p_ways text, p_verified_by text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_points > 0 THEN format('caller=proven way=%s points=%s', coalesce(p_ways, 'mail_code'), p_points)
                WHEN p_verified_by IS NOT NULL THEN 'caller=said' END;
END
$$;
-- Who is speaking. A code of six digits goes to the account's address or telephone, made when it is sent, and the operator who
-- asked for it enters what the caller reads back. What they entered is not sent here: only what their program makes of it with
-- the key that it made for this code, and that the sender's program made of it too. So whoever reads the tables cannot try the
-- million codes without that key; and whoever has the key cannot read the tables, and has five tries.

-- The code that this operator asked for last for an account, whatever became of it; NULL where there is none of today.
CREATE OR REPLACE FUNCTION convonet_admin.own_code(p_account uuid, p_uid bigint) RETURNS convonet_admin.caller_code
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.* FROM convonet_admin.caller_code c, convonet_admin.installation i
    WHERE c.account_id = p_account AND c.db_user = session_user
      AND (i.role_prefix IS NOT NULL OR c.uid IS NOT DISTINCT FROM p_uid)
      -- Older ones tidying may have locked.
      AND c.created_at > clock_timestamp() - interval '23 hours'
    ORDER BY c.id DESC LIMIT 1
$$;

-- How often a code was tried; NULL where it cannot be: its mail was not sent, or the operator asked for another since.
CREATE OR REPLACE FUNCTION convonet_admin.tries_of(p_code convonet_admin.caller_code) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1048576 = p_code.id THEN (value % 1048576)::integer END
    FROM coalesce(CASE WHEN p_code.slot IS NOT NULL
                       THEN pg_sequence_last_value(format('convonet_admin.caller_tries_%s', p_code.slot)::regclass) END, 0) AS value
$$;

-- The number that somebody has now, where a code goes by it. The site's view is read for it: before the log's head is locked.
CREATE OR REPLACE FUNCTION convonet_admin.number_of(p_code convonet_admin.caller_code) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_code.number IS NOT NULL THEN convonet_admin.phone_number(p_code.account_id) END;
END
$$;

-- Why nothing that a caller reads back can be this code, of an account with this address and number; NULL where it can.
CREATE OR REPLACE FUNCTION convonet_admin.code_fault(
    p_code convonet_admin.caller_code, p_email text, p_number text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_code.id IS NULL THEN 'code_missing'
                WHEN p_code.proven_at IS NOT NULL THEN 'code_used'
                WHEN p_code.address IS DISTINCT FROM p_email OR p_code.expires_at = '-infinity' THEN 'code_outdated'
                -- Only where another number was read, or none: what cannot be read now ends no code.
                WHEN p_code.number IS NOT NULL AND p_number IS DISTINCT FROM '?' AND p_number IS DISTINCT FROM p_code.number
                    THEN 'code_outdated'
                WHEN EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.slot = p_code.slot AND c.id > p_code.id)
                    THEN 'code_replaced'
                WHEN p_code.sender_key IS NULL THEN 'code_not_sent'
                WHEN p_code.expires_at <= clock_timestamp() THEN 'code_expired'
                WHEN convonet_admin.tries_of(p_code) IS NULL THEN 'code_replaced'
                WHEN convonet_admin.tries_of(p_code) >= 5 THEN 'code_tries'
                WHEN p_code.number IS NOT NULL AND p_number = '?' THEN 'code_unchecked' END
$$;

-- Ends a code that was found to be outdated, so that it stays so where the address comes back. One without its sender's half
-- gets one that nobody has.
CREATE OR REPLACE FUNCTION convonet_admin.end_outdated_code(p_code convonet_admin.caller_code) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.caller_code c
    SET sender_key = coalesce(c.sender_key, sha256(c.asker_key)), expires_at = '-infinity',
        proof_hash = coalesce(c.proof_hash, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')))
    WHERE c.id = p_code.id
$$;

-- Begins a call about a caller; with the number that a code goes to, or went. The account is read and not locked, for nothing of it
-- changes; such calls stand in line at the log's head, where they all end. What is entered is entered for one code, and the request
-- is about that one.
CREATE OR REPLACE FUNCTION convonet_admin.begin_caller_attempt(
    p_entry text, p_account uuid, p_request uuid, p_claims jsonb, OUT attempt convonet_admin.attempt, OUT number text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event;
    person  convonet_admin.person;
    seen    convonet_admin.caller_code;
    code    convonet_admin.caller_code;
BEGIN
    PERFORM convonet_admin.require_plain_session(p_entry);
    PERFORM convonet_admin.forbid_preparing();
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(
        convonet_admin.new_event(CASE p_entry WHEN 'verify_caller' THEN p_entry ELSE 'send_caller_code' END, p_request, p_claims),
        person.id, person.email, person.username);
    seen := convonet_admin.own_code(p_account, event.uid);
    number := CASE p_entry
        WHEN 'verify_caller' THEN convonet_admin.number_of(seen)
        WHEN 'send_caller_text' THEN CASE WHEN convonet_admin.texts_are_sent() THEN nullif(convonet_admin.phone_number(p_account), '?') END END;
    attempt.event := event;
    attempt.person := person;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    PERFORM convonet_admin.lock_head();
    IF p_entry = 'verify_caller' THEN
        code := convonet_admin.own_code(p_account, event.uid);
        -- Another was asked for since, whose number was not read.
        number := CASE WHEN code.id = seen.id THEN number ELSE '?' END;
        event.detail := 'code=' || code.id;
        attempt.event := event;
    END IF;
    attempt := convonet_admin.with_earlier_request(attempt);
    attempt.proceeds := (attempt.event).outcome IS NULL;
END
$$;

-- Queues a code, for the operator of this session, whose program keeps the other half of the key. At most three an account and
-- hour, whichever way they go; and of one operator the last alone can be used.
CREATE OR REPLACE FUNCTION convonet_admin.queue_caller_code(
    p_entry text, p_way text, p_account uuid, p_key bytea, p_request uuid, p_claims jsonb) RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    code    convonet_admin.caller_code;
    receipt convonet_admin.receipt;
    begun   record;
BEGIN
    IF octet_length(p_key) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a key has 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    begun := convonet_admin.begin_caller_attempt(p_entry, p_account, p_request, p_claims);
    attempt := begun.attempt;
    IF attempt.proceeds AND (SELECT count(*) FROM convonet_admin.caller_code c
            WHERE c.account_id = p_account
              AND c.created_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp()) >= 3 THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'code_limit');
    ELSIF attempt.proceeds AND convonet_admin.mail_overflow() IS NOT NULL THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'mail_queue_full');
    ELSIF attempt.proceeds AND p_way = 'text_code' AND begun.number IS NULL THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'no_phone_number');
    ELSIF attempt.proceeds THEN
        event := attempt.event;
        INSERT INTO convonet_admin.caller_code (account_id, address, db_user, uid, slot, created_at, asker_key, way, number)
        VALUES (p_account, (attempt.person).email, event.db_user, event.uid, convonet_admin.operator_slot_of(p_claims),
                clock_timestamp(), p_key, p_way, begun.number)
        RETURNING * INTO code;
        INSERT INTO convonet_admin.mail_queue
            (kind, address, account_id, code_id, request_id, created_at, give_up_at, next_try_at)
        VALUES (CASE p_way WHEN 'mail_code' THEN 'caller_code' ELSE p_way END, coalesce(code.number, code.address), p_account,
                code.id, p_request, code.created_at, code.created_at + interval '10 minutes', code.created_at);
        event.detail := concat_ws(' ', 'code=' || code.id, CASE p_way WHEN 'text_code' THEN 'way=text_code' END);
        attempt.event := event;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    END IF;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    RESET ALL;
    RETURN receipt;
END
$$;

-- Sends a code to the account's address.
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_code(p_account uuid, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.queue_caller_code('send_caller_code', 'mail_code', p_account, p_key, p_request, p_claims)
$$;

-- The same to the telephone whose number the site has of them.
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_text(p_account uuid, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.queue_caller_code('send_caller_text', 'text_code', p_account, p_key, p_request, p_claims)
$$;

-- Takes what the operator's program made of the code that the caller read back. It is counted before it is looked at, by the
-- counter itself, so that neither calls at once nor a rollback give another try.
CREATE OR REPLACE FUNCTION convonet_admin.verify_caller(p_account uuid, p_proof bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    code    convonet_admin.caller_code;
    receipt convonet_admin.receipt;
    counted bigint;
    fault   text;
    begun   record;
BEGIN
    begun := convonet_admin.begin_caller_attempt('verify_caller', p_account, p_request, p_claims);
    attempt := begun.attempt;
    IF attempt.proceeds THEN
        event := attempt.event;
        code := convonet_admin.own_code(p_account, event.uid);
        fault := convonet_admin.code_fault(code, (attempt.person).email, begun.number);
        IF fault IS NULL THEN
            counted := nextval(format('convonet_admin.caller_tries_%s', code.slot)::regclass);
            fault := CASE WHEN counted / 1048576 <> code.id THEN 'code_replaced'
                          WHEN counted % 1048576 > 5 THEN 'code_tries'
                          WHEN sha256(p_proof) IS DISTINCT FROM code.proof_hash THEN 'code_wrong' END;
        END IF;
        IF fault IS NULL THEN
            UPDATE convonet_admin.caller_code c
            SET proven_at = clock_timestamp(),
                points = CASE code.way WHEN 'text_code' THEN p.text_code_points ELSE p.mail_code_points END
            FROM convonet_admin.policy p WHERE c.id = code.id RETURNING c.* INTO code;
        END IF;
        IF fault IS NULL THEN
            event.detail := concat_ws(' ', event.detail, convonet_admin.caller_detail(code.points, code.way, NULL));
        ELSIF fault = 'code_outdated' THEN
            PERFORM convonet_admin.end_outdated_code(code);
        END IF;
        attempt.event := event;
        attempt := convonet_admin.with_outcome(attempt, CASE WHEN fault IS NULL THEN 'done' ELSE 'refused' END, fault);
    END IF;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    RESET ALL;
    RETURN receipt;
END
$$;

-- What this operator has to know of a caller: how many points a change needs, what is proven until when, what became of the last
-- code, and how the number ends to which one can go, too. Of a code `sender_key` is half of what it takes to check one; the
-- other is in the operator's program.
CREATE OR REPLACE FUNCTION convonet_admin.state_of_caller(p_account uuid, p_claims jsonb)
RETURNS TABLE (needed integer, points integer, proven_until timestamptz, codes_left integer, address text, state text,
               state_until timestamptz, tries_left integer, asker_key bytea, sender_key bytea, ways text, way text, phone text,
               mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.points_needed(u.id, u.email, u.username, p), proof.points, proof.until,
           greatest(0, 3 - (SELECT count(*) FROM convonet_admin.caller_code c
                            WHERE c.account_id = u.id
                              AND c.created_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp()))::integer,
           coalesce(convonet_admin.masked_number(code.number), code.address),
           CASE WHEN code.id IS NULL THEN NULL
                WHEN fault = 'code_not_sent' AND (q.state IN ('failed', 'void') OR q.give_up_at <= clock_timestamp())
                    THEN 'undelivered'
                WHEN fault = 'code_not_sent' THEN 'queued'
                WHEN fault <> 'code_unchecked' THEN substr(fault, 6)
                WHEN q.state = 'failed' THEN 'undelivered'
                WHEN q.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(nullif(code.expires_at, '-infinity'), q.give_up_at), 5 - convonet_admin.tries_of(code), code.asker_key,
           code.sender_key, proof.ways, code.way,
           CASE WHEN convonet_admin.texts_are_sent() THEN convonet_admin.masked_number(n.number) END, q.last_error, q.attempts
    FROM convonet_admin.hand_read(p_account) u
    CROSS JOIN convonet_admin.policy p
    CROSS JOIN (SELECT convonet_admin.numeric_claim(p_claims, 'uid') AS uid) me
    CROSS JOIN LATERAL (SELECT convonet_admin.needed_number(u.id, true) AS number) n
    CROSS JOIN LATERAL convonet_admin.caller_proof(u.id, u.email, n.number, me.uid) proof
    CROSS JOIN LATERAL convonet_admin.own_code(u.id, me.uid) code
    CROSS JOIN LATERAL convonet_admin.code_fault(code, u.email, n.number) AS fault
    LEFT JOIN LATERAL (SELECT m.state, m.give_up_at, m.last_error, m.attempts FROM convonet_admin.mail_queue m
                       WHERE m.code_id = code.id ORDER BY m.id DESC LIMIT 1) q ON true
    WHERE u.id IS NOT NULL
$$;

-- The same for the operator. Mostly no caller has proven anything, and then none of it has to be looked up: not even whether there is
-- such an account. What texts_are_sent says is written out, as in mail_state.
CREATE OR REPLACE FUNCTION convonet_admin.caller_state(p_account uuid, p_claims jsonb)
RETURNS TABLE (needed integer, points integer, proven_until timestamptz, codes_left integer, address text, state text,
               state_until timestamptz, tries_left integer, asker_key bytea, sender_key bytea, ways text, way text, phone text,
               mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH unproven AS MATERIALIZED (
        SELECT p.verification_points AS needed FROM convonet_admin.policy p
        WHERE p.verification_points_protected <= p.verification_points
          AND NOT EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.account_id = p_account)
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_program m WHERE m.texts_asked_at
                          BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp()))
    SELECT u.needed, NULL, NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unproven u
    UNION ALL
    SELECT s.* FROM convonet_admin.state_of_caller(p_account, p_claims) s WHERE NOT EXISTS (SELECT FROM unproven)
$$;

-- Keeps what the sender made of a code, just before the mail with it goes out, and gives the end of its time; NULL where the
-- mail is no longer theirs to send. A code that was made for an earlier try to send is none any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_store_caller_code(
    p_mail bigint, p_attempt integer, p_key bytea, p_proof_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    code convonet_admin.caller_code;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_store_caller_code');
    PERFORM convonet_admin.forbid_preparing();
    IF octet_length(p_key) IS DISTINCT FROM 32 OR octet_length(p_proof_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a key and a SHA-256 have 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE convonet_admin.caller_code c
    SET sender_key = p_key, proof_hash = p_proof_hash, expires_at = clock_timestamp() + interval '10 minutes'
    FROM convonet_admin.mail_queue q
    WHERE q.id = p_mail AND q.attempts = p_attempt AND q.state = 'sending' AND c.id = q.code_id AND c.proven_at IS NULL
      AND c.expires_at IS DISTINCT FROM '-infinity'
      -- Of one operator the last alone counts, and the counter belongs to it.
      AND NOT EXISTS (SELECT FROM convonet_admin.caller_code n WHERE n.slot = c.slot AND n.id > c.id)
    RETURNING c.* INTO code;
    IF FOUND AND convonet_admin.tries_of(code) IS NULL THEN
        PERFORM setval(format('convonet_admin.caller_tries_%s', code.slot)::regclass, code.id * 1048576);
    END IF;
    RETURN code.expires_at;
END
$$;
-- Lets an attempt on a protected account go on where somebody else approved it: for this database user, account, action
-- and row as it was seen. Otherwise it is refused. Called under the account's lock.
CREATE OR REPLACE FUNCTION convonet_admin.with_approval(
    p_attempt convonet_admin.attempt, p_policy convonet_admin.policy) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    asked   convonet_admin.approval;
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.actions() a WHERE a.name = event.action AND a.stands_alone)
            OR NOT convonet_admin.is_protected(
                event.account_id, (attempt.person).email, (attempt.person).username, p_policy) THEN
        RETURN attempt;
    END IF;
    attempt.proceeds := false;
    IF EXISTS (SELECT FROM convonet_admin.installation i WHERE i.role_prefix IS NULL) THEN
        -- One database user for all: nobody could tell a second person from the first.
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'account_protected');
    END IF;
    SELECT * INTO asked FROM convonet_admin.open_request(attempt) r;
    IF asked.id IS NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'approval_required');
    END IF;
    event.detail := concat_ws(' ', event.detail, 'approval=' || asked.id);
    attempt.event := event;
    attempt.approval := asked.id;
    IF asked.state = 'approved' THEN
        attempt.proceeds := true;
        RETURN attempt;
    END IF;
    RETURN convonet_admin.with_outcome(attempt, 'refused',
        CASE asked.state WHEN 'denied' THEN 'approval_denied' ELSE 'approval_required' END);
END
$$;

-- The newest request for what is attempted, locked, unless it is used or over; what was asked before it counts no more.
CREATE OR REPLACE FUNCTION convonet_admin.open_request(p_attempt convonet_admin.attempt) RETURNS convonet_admin.approval
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
    asked convonet_admin.approval;
BEGIN
    SELECT * INTO asked FROM convonet_admin.approval a
    WHERE a.account_id = event.account_id AND a.requested_by = event.db_user AND a.action = event.action
      AND a.expires_at > clock_timestamp()
      AND convonet_admin.changed_since(a.account_id, a.version, p_attempt.version) IS NULL
    ORDER BY a.id DESC LIMIT 1 FOR UPDATE;
    IF asked.state = 'used' THEN
        RETURN NULL;
    END IF;
    RETURN asked;
END
$$;

-- Asks for the approval that an attempt lacks, with an event; or finds what the same operator asked for at the same time,
-- whose calls stand in line at their slot.
CREATE OR REPLACE FUNCTION convonet_admin.ask_approval(p_attempt convonet_admin.attempt) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    asked   convonet_admin.approval;
    proof   record;
    now     timestamptz := clock_timestamp();
BEGIN
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = (SELECT convonet_admin.operator_slot_of('{}')) FOR UPDATE;
    SELECT * INTO asked FROM convonet_admin.open_request(attempt) r;
    IF asked.id IS NULL AND (
            SELECT count(*) FROM convonet_admin.approval a
            WHERE a.requested_by = event.db_user AND a.state = 'requested' AND a.expires_at > now) >= 50 THEN
        -- More hide those of others, and whoever decides looks at all of them.
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'approvals_waiting');
    ELSIF asked.id IS NULL THEN
        SELECT * INTO proof
        FROM convonet_admin.caller_proof(event.account_id, (attempt.person).email, attempt.number, event.uid) c;
        -- The account was let go since it was looked at. Whoever reports has the head, too, and ends what was asked for before.
        PERFORM convonet_admin.lock_head();
        IF EXISTS (SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = event.account_id) THEN
            RETURN convonet_admin.with_outcome(attempt, 'refused', 'frozen');
        END IF;
        INSERT INTO convonet_admin.approval (
            action, account_id, account_email, account_username, version, requested_at, requested_by, operator, login_uid,
            host, reason, ticket, verified_by, points, ways, expires_at)
        SELECT event.action, event.account_id, coalesce(event.account_email, ''), coalesce(event.account_username, ''),
               attempt.version, now, event.db_user, event.operator, event.login_uid, event.host, event.reason, event.ticket,
               event.verified_by, proof.points, proof.ways, now + make_interval(mins => p.approval_minutes)
        FROM convonet_admin.policy p
        RETURNING * INTO asked;
        PERFORM convonet_admin.record_event(convonet_admin.approval_event(event, asked, NULL, 'request_approval', 'done'));
        PERFORM convonet_admin.queue_approver_mail(asked);
    END IF;
    event.detail := concat_ws(' ', event.detail, 'approval=' || asked.id);
    attempt.event := event;
    attempt.approval := asked.id;
    RETURN attempt;
END
$$;

-- Ends what was asked for or approved of an account; under the log's head but for what somebody decides now, who sees the freeze once
-- they have the head.
CREATE OR REPLACE FUNCTION convonet_admin.end_approvals(p_account uuid, p_has_head boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open bigint[];
BEGIN
    IF p_has_head THEN
        open := ARRAY(SELECT a.id FROM convonet_admin.approval a
                      WHERE a.account_id = p_account AND a.state IN ('requested', 'approved') FOR UPDATE SKIP LOCKED);
    END IF;
    UPDATE convonet_admin.approval a SET expires_at = clock_timestamp()
    WHERE a.account_id = p_account AND a.state IN ('requested', 'approved') AND a.expires_at > clock_timestamp()
      AND (open IS NULL OR a.id = ANY (open));
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
    PERFORM convonet_admin.require_plain_session('decide_approval');
    IF p_decision IS NULL OR p_decision NOT IN ('approve', 'deny') THEN
        RAISE EXCEPTION 'unknown decision' USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_request IS NULL THEN
        RAISE EXCEPTION 'no request id' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Before anything is locked, also for a call that was carried out earlier.
    PERFORM convonet_admin.forbid_preparing();
    SELECT * INTO asked FROM convonet_admin.approval a WHERE a.id = p_approval FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'no_data_found';
    END IF;
    attempt.replayed := false;
    attempt.approval := asked.id;
    attempt.event := convonet_admin.approval_event(event, asked, p_request, p_decision, NULL);
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT a.version INTO version FROM convonet_admin.hand_read(asked.account_id) a;
    -- Whoever reports has the head by then, and passed this request over.
    PERFORM convonet_admin.lock_head();
    -- The database user is checked; who logged in to which machine is claimed, and must not be the same all the same.
    rule := CASE
        WHEN asked.requested_by = event.db_user OR (asked.login_uid = event.login_uid AND asked.host = event.host)
            THEN 'own_request'
        WHEN asked.state <> 'requested' THEN 'already_decided'
        WHEN asked.expires_at <= clock_timestamp() THEN 'approval_expired'
        WHEN p_decision = 'approve' AND EXISTS (
            SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = asked.account_id) THEN 'frozen'
        WHEN p_decision = 'approve' AND convonet_admin.changed_since(asked.account_id, asked.version, version) IS NOT NULL
            THEN 'approval_outdated' END;
    IF rule IS NULL THEN
        UPDATE convonet_admin.approval a
        SET state = CASE p_decision WHEN 'approve' THEN 'approved' ELSE 'denied' END,
            decided_at = clock_timestamp(), decided_by = event.db_user, decided_operator = event.operator,
            decision_reason = event.reason,
            expires_at = clock_timestamp() + make_interval(mins => p.approval_minutes)
        FROM convonet_admin.policy p
        WHERE a.id = p_approval;
    END IF;
    RETURN convonet_admin.finish_attempt(
        convonet_admin.with_outcome(attempt, CASE WHEN rule IS NULL THEN 'done' ELSE 'refused' END, rule));
END
$$;

-- Whether the user of this session sees what others asked for: who may decide it, or read the log.
CREATE OR REPLACE FUNCTION convonet_admin.sees_all_requests() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT has_function_privilege(session_user, 'convonet_admin.decide_approval(bigint, text, uuid, jsonb)', 'EXECUTE')
        OR has_table_privilege(session_user, 'convonet_admin.audit_event', 'SELECT')
$$;

-- Requests on one side of a number, or from an end: newest first before it, oldest first after it. Their own for whoever
-- asks; all of them for who may decide or read the log.
CREATE OR REPLACE FUNCTION convonet_admin.approvals(p_from bigint, p_oldest_first boolean, p_all boolean, p_limit integer)
RETURNS TABLE (id bigint, action text, account_id uuid, account_email text, account_username text,
               requested_at timestamptz, requested_by text, operator text, reason text, ticket text, verified_by text,
               expires_at timestamptz, state text, decided_at timestamptz, decided_by text, decision_reason text,
               is_own boolean, points integer, ways text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.action, a.account_id, a.account_email, a.account_username, a.requested_at, a.requested_by, a.operator,
           a.reason, a.ticket, a.verified_by, a.expires_at, s.state, a.decided_at, a.decided_by, a.decision_reason,
           a.requested_by = session_user, a.points, CASE WHEN a.points > 0 THEN coalesce(a.ways, 'mail_code') END
    FROM convonet_admin.approval a
    LEFT JOIN convonet_admin.hand_versions(ARRAY(
        SELECT o.account_id FROM convonet_admin.approval o
        WHERE o.state IN ('requested', 'approved') AND o.expires_at > clock_timestamp())) u ON u.account_id = a.account_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN a.state IN ('used', 'denied') THEN a.state
        WHEN a.expires_at <= clock_timestamp() THEN 'expired'
        WHEN convonet_admin.changed_since(a.account_id, a.version, u.version) IS NOT NULL THEN 'outdated'
        ELSE a.state END) AS s (state)
    WHERE (p_from IS NULL OR CASE WHEN p_oldest_first THEN a.id > p_from ELSE a.id < p_from END)
      AND (p_all OR s.state IN ('requested', 'approved'))
      AND (a.requested_by = session_user OR (SELECT convonet_admin.sees_all_requests()))
    ORDER BY CASE WHEN p_oldest_first THEN a.id END, a.id DESC
    LIMIT least(greatest(p_limit, 1), 1001)
$$;

-- Those for one account that can still be decided or used; mostly there is none, and then nobody else's are looked at.
CREATE OR REPLACE FUNCTION convonet_admin.account_approvals(p_account uuid)
RETURNS TABLE (id bigint, action text, account_id uuid, account_email text, account_username text,
               requested_at timestamptz, requested_by text, operator text, reason text, ticket text, verified_by text,
               expires_at timestamptz, state text, decided_at timestamptz, decided_by text, decision_reason text,
               is_own boolean, points integer, ways text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.* FROM convonet_admin.approvals(NULL, false, false, 1001) a
    WHERE a.account_id = p_account AND EXISTS (
        SELECT FROM convonet_admin.approval o
        WHERE o.account_id = p_account AND o.state IN ('requested', 'approved') AND o.expires_at > clock_timestamp())
$$;

-- How much waits for a second person, as far as it concerns the user of this session: requests, and people's reports. Every console
-- asks for it once a second, so it looks at what is open and nothing else.
CREATE OR REPLACE FUNCTION convonet_admin.pending_approvals()
RETURNS TABLE (of_others bigint, own bigint, granted bigint, reports bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH open AS MATERIALIZED (
        SELECT a.account_id, a.version, a.state, a.requested_by = session_user AS is_own FROM convonet_admin.approval a
        WHERE a.state IN ('requested', 'approved') AND a.expires_at > statement_timestamp())
    SELECT count(*) FILTER (WHERE NOT o.is_own AND o.state = 'requested'),
           count(*) FILTER (WHERE o.is_own AND o.state = 'requested'), count(*) FILTER (WHERE o.is_own AND o.state = 'approved'),
           (SELECT count(*) FROM convonet_admin.frozen_accounts f WHERE f.is_reported)
    FROM open o
    JOIN convonet_admin.hand_versions(ARRAY(SELECT p.account_id FROM open p)) u ON u.account_id = o.account_id
    WHERE (o.is_own OR (SELECT convonet_admin.sees_all_requests()))
      AND convonet_admin.changed_since(o.account_id, o.version, u.version) IS NULL;
END
$$;
-- The slots of operators and supervisors. A role keeps the one that it took first, whoever comes or goes: whose it is says the
-- slot's sequence, which holds the role's number. That is no row of a table, since a rollback would undo it, and whoever rolls
-- back would get a new slot each time, or share one with the next.

-- The slot that a role has; NULL where it has none yet. Each begins at a place of its own, and looks no further than to a slot
-- that nobody ever had.
CREATE OR REPLACE FUNCTION convonet_admin.slot_of_role(p_role oid) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slot   integer;
    holder bigint;
BEGIN
    FOR i IN 0..63 LOOP
        slot := (p_role::bigint + i) & 63;
        holder := pg_sequence_last_value(format('convonet_admin.slot_role_%s', slot)::regclass);
        IF holder = p_role::bigint THEN
            RETURN slot;
        END IF;
        EXIT WHEN holder IS NULL;
    END LOOP;
    RETURN NULL;
END
$$;

-- Gives a role a slot for good: the first that nobody ever had, else one of a role that is gone; NULL where there is neither.
-- One at a time, by a lock that nobody else can take, and that ends here and not with the caller's transaction.
CREATE OR REPLACE FUNCTION convonet_admin.take_slot(p_role oid) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    taken integer;
BEGIN
    DECLARE
        has_looked pg_catalog.bool;
    BEGIN
        LOCK TABLE convonet_admin.operator_slot IN SHARE ROW EXCLUSIVE MODE;
        taken := convonet_admin.slot_of_role(p_role);
        IF taken IS NULL THEN
            SELECT s.slot INTO taken
            FROM generate_series(0, 63) AS i (place) CROSS JOIN LATERAL (SELECT ((p_role::bigint + i.place) & 63)::integer AS slot) s
            CROSS JOIN LATERAL pg_sequence_last_value(format('convonet_admin.slot_role_%s', s.slot)::regclass) AS h (holder)
            WHERE h.holder IS NULL OR NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid::bigint = h.holder)
            ORDER BY h.holder IS NOT NULL, i.place LIMIT 1;
            IF taken IS NOT NULL THEN
                PERFORM setval(format('convonet_admin.slot_role_%s', taken)::regclass, p_role::bigint);
            END IF;
        END IF;
        has_looked := true;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        WHEN SQLSTATE 'CA099' THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            IF has_looked IS NULL THEN
                RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
            END IF;
        WHEN query_canceled THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        WHEN OTHERS OR assert_failure THEN
            IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp())
                    OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()) THEN
                DECLARE forgetting pg_catalog.text; BEGIN
                    FOR forgetting IN
                        SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql AND s.prepare_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
                        UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true AND c.creation_time OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp() LOOP
                        BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                    END LOOP;
                END;
            END IF;
            RAISE EXCEPTION USING ERRCODE = CASE
                WHEN SQLSTATE IN ('CA002', 'CA004', 'CA009', 'CA011') THEN SQLSTATE
                WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                    OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                WHEN 'CA002' THEN 'temporary objects' WHEN 'CA004' THEN 'a setting was changed' WHEN 'CA009' THEN 'something was written at the end' WHEN 'CA011' THEN 'something else belongs to the hand'
                ELSE 'the application''s table could not be read or written' END;
    END;
    RETURN taken;
END
$$;

-- One of 64 rows that stands for an operator. With roles it is their own, as long as there are no more of them: else one could
-- use up what another may do. Without, staff share one database user, and the claimed system user tells them apart.
CREATE OR REPLACE FUNCTION convonet_admin.operator_slot_of(p_claims jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own oid := to_regrole(quote_ident(session_user));
BEGIN
    IF (SELECT i.role_prefix IS NULL FROM convonet_admin.installation i) THEN
        RETURN hashtext(session_user || ':' || coalesce(p_claims ->> 'uid', '')) & 63;
    END IF;
    RETURN coalesce(convonet_admin.slot_of_role(own), convonet_admin.take_slot(own), hashtext(session_user) & 63);
END
$$;

-- Counters that a rollback does not reach: sequences, of each kind one for every slot. The value holds the second in which
-- the hour began times 2^20, plus how much was counted since. Exact where the
-- slot's lock is held.
CREATE OR REPLACE FUNCTION convonet_admin.counted(p_kind text, p_slot integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    value bigint := coalesce(pg_sequence_last_value(format('convonet_admin.%s_%s', p_kind, p_slot)::regclass), 0);
BEGIN
    RETURN CASE WHEN to_timestamp(value / 1048576) BETWEEN clock_timestamp() - interval '1 hour'
                                                       AND clock_timestamp() + interval '1 second'
                THEN (value % 1048576)::integer ELSE 0 END;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.count_one(p_kind text, p_slot integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counter regclass := format('convonet_admin.%s_%s', p_kind, p_slot)::regclass;
BEGIN
    IF convonet_admin.counted(p_kind, p_slot) = 0 THEN
        PERFORM setval(counter, floor(extract(epoch FROM clock_timestamp()))::bigint * 1048576 + 1);
    ELSE
        -- Of what nextval alone counts, a server that takes over has up to 32 more. With setval, calls at one moment can get lost.
        PERFORM CASE WHEN p_kind IN ('pin_answers', 'typed_pin_refusals') THEN setval(counter, nextval(counter)) ELSE nextval(counter) END;
    END IF;
END
$$;

-- Counts an operator's event before it is written, done ones and others apart; raises CA006 beyond the policy's number, so that
-- nobody fills the log. It takes no lock: so many calls at the same moment can pass the number by as many.
CREATE OR REPLACE FUNCTION convonet_admin.count_event(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind     text := CASE p_event.outcome WHEN 'done' THEN 'done_events' ELSE 'refused_events' END;
    most     integer;
    own_slot integer := convonet_admin.operator_slot_of(jsonb_build_object('uid', p_event.uid));
BEGIN
    SELECT CASE kind WHEN 'done_events' THEN p.events_per_operator_hour ELSE p.refusals_per_operator_hour END
    INTO most FROM convonet_admin.policy p;
    IF convonet_admin.counted(kind, own_slot) >= most THEN
        RAISE EXCEPTION 'too many events' USING ERRCODE = 'CA006', CONSTRAINT = kind;
    END IF;
    PERFORM convonet_admin.count_one(kind, own_slot);
END
$$;
-- What self-service refuses is written so many times an hour, and beyond that counted: all people come by one database user, so
-- to fail for all of them is no way out, and a wrong old password has to count wherever it is written. The numbers come into the
-- log with the next event of self-service once the hour is over; doctor says them before.

-- Whether an event of somebody who acts for themselves is to be written; else it is counted here.
CREATE OR REPLACE FUNCTION convonet_admin.count_self_event(p_event convonet_admin.audit_event) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convonet_admin.counted('self_refusals', 0) >= (SELECT p.self_service_refusals_per_hour FROM convonet_admin.policy p) THEN
        IF p_event.outcome = 'done' THEN
            RETURN true;
        END IF;
        PERFORM nextval('convonet_admin.unwritten_refusals');
        RETURN false;
    END IF;
    IF p_event.outcome <> 'done' THEN
        PERFORM convonet_admin.count_one('self_refusals', 0);
    END IF;
    PERFORM convonet_admin.tell_refusals(p_event);
    RETURN true;
END
$$;

-- Writes how many refusals were only counted since that was written last. Whoever rolls that back leaves it to the next.
CREATE OR REPLACE FUNCTION convonet_admin.tell_refusals(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
    total bigint := coalesce(pg_sequence_last_value('convonet_admin.unwritten_refusals'), 0);
    told  bigint := (SELECT i.told_refusals FROM convonet_admin.installation i);
BEGIN
    IF total = told THEN
        RETURN;
    END IF;
    -- The log's head before this row, as everywhere; and then what stands there.
    PERFORM convonet_admin.lock_head();
    told := (SELECT i.told_refusals FROM convonet_admin.installation i);
    IF total = told THEN
        RETURN;
    END IF;
    UPDATE convonet_admin.installation SET told_refusals = total;
    -- Of a restore the sequence may be older.
    IF total > told THEN
        event.actor_kind := 'self';
        event.action := 'count_refusals';
        event.outcome := 'refused';
        event.rule := 'refusal_limit';
        event.db_user := session_user;
        event.host := p_event.host;
        event.application := p_event.application;
        event.detail := 'refusals=' || total - told;
        PERFORM convonet_admin.append_event(event);
    END IF;
END
$$;

-- How many refusals of self-service were only counted, of which the log does not tell yet.
CREATE OR REPLACE FUNCTION convonet_admin.untold_refusals() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(coalesce(pg_sequence_last_value('convonet_admin.unwritten_refusals'), 0) - i.told_refusals, 0)
    FROM convonet_admin.installation i
$$;
-- What a request was about, by the words with which an event's detail begins: how the value came about, which request for
-- approval, link or settings. Whoever writes a detail puts these in front of whatever comes from a value or a name: further on,
-- such a word could be anybody's. Which rules a password broke is passed over, as another try may break others.
CREATE OR REPLACE FUNCTION convonet_admin.request_words(p_detail text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(
        SELECT w[1] FROM regexp_matches(
            substring(p_detail FROM '^(?:(?:method|weak|link|approval|settings|code|undoes|mail)=[^ ;]*(?:;? |$))*'), '[^ ;]+', 'g') AS w
        WHERE w[1] NOT LIKE 'weak=%')
$$;

-- What an earlier call with the same request makes of an attempt: its receipt, where it was this one; a refusal, where it
-- was another. It was this one if the same user did the same to the same account, and it was about the same. The value itself is
-- compared with nothing, since nothing of it is kept. Called by every function that takes a request, once `detail` has its words;
-- under the account's lock, so that two of one request stand in line.
CREATE OR REPLACE FUNCTION convonet_admin.with_earlier_request(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    earlier convonet_admin.audit_event;
BEGIN
    IF event.request_id IS NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'request_id_missing');
    ELSIF NOT EXISTS (SELECT FROM convonet_admin.audit_event e WHERE e.request_id = event.request_id) THEN
        RETURN attempt;
    END IF;
    SELECT * INTO earlier FROM convonet_admin.audit_event e
    WHERE e.request_id = event.request_id ORDER BY (e.outcome = 'done') DESC, e.sequence DESC LIMIT 1;
    IF (earlier.db_user, earlier.action, earlier.account_id)
            IS DISTINCT FROM (event.db_user, event.action, event.account_id) THEN
        event.outcome := 'refused';
        event.rule := 'request_id_reused';
    ELSIF earlier.outcome = 'done'
            AND NOT convonet_admin.request_words(earlier.detail) @> convonet_admin.request_words(event.detail) THEN
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

-- Whether a password was judged by other rules than are in force now. The program judges it, for the database sees only a
-- hash: by the policy that is, or not at all.
CREATE OR REPLACE FUNCTION convonet_admin.policy_has_changed(p convonet_admin.policy, p_claims jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_claims ->> 'policy' <> left(encode(sha256(convert_to(p.breached_passwords || ROW(p.minimum_length, p.minimum_score, p.require_uppercase, p.require_lowercase, p.require_digit, p.require_symbol, p.allow_weak, p.context_words, p.bcrypt_cost, p.blocked_passwords)::text, 'UTF8')), 'hex'), 32)
$$;

-- Why an attempt may not go on, as far as it does not depend on the new value; NULL where nothing is in the way. Whatever
-- comes first is what is said.
CREATE OR REPLACE FUNCTION convonet_admin.attempt_fault(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_person convonet_admin.person, p_version text,
    p_points integer, p_claims jsonb) RETURNS text
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_event.action <> 'unfreeze' AND EXISTS (
            SELECT FROM convonet_admin.account_freeze f WHERE f.account_id = p_person.id) THEN 'frozen'
        WHEN p_version IS DISTINCT FROM p_person.version
            AND convonet_admin.changed_since(p_person.id, p_version, p_person.version) IS NOT NULL THEN 'account_changed'
        WHEN convonet_admin.policy_has_changed(p_policy, p_claims) THEN 'policy_changed'
        WHEN p_policy.require_reason AND p_event.reason IS NULL THEN 'reason_required'
        WHEN p_policy.require_ticket AND p_event.ticket IS NULL THEN 'ticket_required'
        WHEN p_policy.ticket_pattern <> '' AND (p_event.ticket ~ ('^(?:' || p_policy.ticket_pattern || ')$')) IS FALSE
            THEN 'ticket_malformed'
        -- Proven is more than said.
        WHEN cardinality(p_policy.verification_methods) > 0 AND p_points = 0 AND NOT a.stands_alone
            AND NOT EXISTS (SELECT FROM unnest(p_policy.verification_methods) m
                            WHERE btrim(split_part(m, ':', 1)) = p_event.verified_by) THEN 'verification_required'
        WHEN a.needs_proof AND p_points < greatest(p_policy.verification_points, p_policy.verification_points_protected)
            AND p_points < convonet_admin.points_needed(p_person.id, p_person.email, p_person.username, p_policy)
            THEN 'caller_unproven'
        WHEN a.value IS NOT NULL AND to_jsonb(p_person) ->> a.column_name = a.value THEN 'already_so'
        WHEN to_jsonb(p_policy) ->> a.only_by_link = 'true' THEN a.only_by_link
        -- Of a password only its hash is seen here: how it came about is the program's word, and in the log.
        WHEN NOT p_policy.allow_typed AND (a.typing = 'always'
            OR a.typing = 'unless_generated' AND (p_claims ->> 'method') IS DISTINCT FROM 'generated')
            THEN 'typed_not_allowed'
        ELSE convonet_admin.exceeded_limit(p_event, p_policy, a.budget, p_claims) END
    FROM convonet_admin.actions() a WHERE a.name = p_event.action
$$;

-- Says that there is no such account, unless people are hidden: then nobody knows.
CREATE OR REPLACE FUNCTION convonet_admin.raise_unknown_account() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.require_visible_people();
    RAISE EXCEPTION 'no such account' USING ERRCODE = 'no_data_found';
END
$$;

-- An account as it is, without a lock. Raises no_data_found where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.read_person(p_account uuid) RETURNS convonet_admin.person
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person convonet_admin.person;
BEGIN
    SELECT * INTO person FROM convonet_admin.hand_read(p_account);
    -- Of another account than was asked for only code of the application's could tell.
    IF person.id IS DISTINCT FROM p_account OR p_account IS NULL THEN
        PERFORM convonet_admin.raise_unknown_account();
    END IF;
    RETURN person;
END
$$;

-- An account under its lock. Raises no_data_found where there is none, and says whose it is where it cannot be had in time.
CREATE OR REPLACE FUNCTION convonet_admin.lock_person(p_account uuid) RETURNS convonet_admin.person
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person convonet_admin.person;
BEGIN
    PERFORM convonet_admin.forbid_preparing();
    SELECT * INTO person FROM convonet_admin.hand_lock(p_account);
    IF person.id IS DISTINCT FROM p_account OR p_account IS NULL THEN
        PERFORM convonet_admin.raise_unknown_account();
    END IF;
    RETURN person;
EXCEPTION WHEN lock_not_available THEN
    PERFORM convonet_admin.raise_busy('account', convonet_admin.hand_locker(p_account));
END
$$;

-- Locks the account and makes every check that does not depend on the new value. Raises no_data_found where there is
-- no such account, so that nothing is logged about somebody who does not exist. What it is about besides, such as a receipt, goes
-- into the event's detail.
CREATE OR REPLACE FUNCTION convonet_admin.begin_attempt(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
    policy  convonet_admin.policy;
    person  convonet_admin.person;
    -- What is proven of the caller; the site's view of telephones is read before anything is locked.
    proof   record;
    number  text := convonet_admin.needed_number(p_account, false);
    -- Whether there is anybody whose changes need a second person.
    protects boolean;
    fault   text;
BEGIN
    person := convonet_admin.lock_person(p_account);
    SELECT * INTO policy FROM convonet_admin.policy;
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    -- Spares everybody the queries about approvals where nobody is protected: to read them takes two milliseconds.
    protects := cardinality(policy.protected_domains || policy.protected_accounts || policy.protected_team_roles) > 0;
    SELECT * INTO proof FROM convonet_admin.counting_proof(event, policy, person, number) c;
    event.detail := nullif(concat_ws(' ', p_detail, convonet_admin.claimed_detail(p_claims),
        convonet_admin.caller_detail(proof.points, proof.ways, event.verified_by)), '');
    attempt.event := event;
    attempt.person := person;
    attempt.number := number;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN attempt;
    END IF;
    fault := convonet_admin.attempt_fault(event, policy, person, p_version, proof.points, p_claims);
    IF fault IS NOT NULL THEN
        IF fault = 'account_changed' THEN
            event.detail := concat_ws(' ', event.detail,
                'changed=' || convonet_admin.changed_since(person.id, p_version, person.version));
            attempt.event := event;
        END IF;
        RETURN convonet_admin.with_outcome(
            attempt, CASE WHEN fault IN ('account_changed', 'policy_changed') THEN 'conflict' ELSE 'refused' END, fault);
    END IF;
    attempt.proceeds := true;
    RETURN CASE WHEN protects THEN convonet_admin.with_approval(attempt, policy) ELSE attempt END;
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
-- What is written within a subtransaction of the caller's could be undone alone; called once the event is written.
CREATE OR REPLACE FUNCTION convonet_admin.require_whole_transaction(p_attempt convonet_admin.attempt) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT p_attempt.replayed AND EXISTS (
            SELECT FROM convonet_admin.audit_head h WHERE h.xmin <> pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'within a subtransaction' USING ERRCODE = 'CA005';
    END IF;
END
$$;

-- Carries a change out: the one way of all changes by staff. The account's lock is kept only by what is done. Whatever else
-- comes of it, all that was locked and written on the way is undone, and only the event is left: else whoever asks, and
-- leaves the transaction open, would keep the person from signing in.
CREATE OR REPLACE FUNCTION convonet_admin.carry_out(
    p_action text, p_account uuid, p_version text, p_value text, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    action  record;
    attempt convonet_admin.attempt;
    receipt convonet_admin.receipt;
BEGIN
    SELECT * INTO action FROM convonet_admin.actions() a WHERE a.name = p_action;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such action' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session(action.entry);
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims, p_detail);
        IF attempt.proceeds THEN
            EXECUTE format('SELECT * FROM convonet_admin.%I($1, $2, $3)', action.applies)
            INTO attempt USING attempt, p_value, p_claims;
        END IF;
        IF (attempt.event).outcome <> 'done' OR attempt.replayed THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'CA003';
        END IF;
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        -- What a variable was given inside the block it keeps.
        NULL;
    END;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    -- The application's code may have set these for the session and hidden it behind a value for the transaction. The last
    -- act here, for nothing of ours may be looked up after it.
    RESET ALL;
    RETURN receipt;
END
$$;

-- The rule that would stand in the way of a change now, as far as it does not depend on the new value; NULL where none
-- would. An action of budget `state` that writes no column is carried out, too. All that was written and locked is undone,
-- and nobody is waited for for long.
CREATE OR REPLACE FUNCTION convonet_admin.rehearse_change(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
DECLARE
    action  record;
    attempt convonet_admin.attempt;
BEGIN
    SELECT * INTO action FROM convonet_admin.actions() a WHERE a.name = p_action AND NOT starts_with(a.entry, 'self_');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such action' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Who may not do it may not try it either.
    PERFORM convonet_admin.require_plain_session(action.entry);
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
        IF attempt.proceeds AND action.budget = 'state' AND action.column_name IS NULL THEN
            EXECUTE format('SELECT * FROM convonet_admin.%I($1, NULL, $2)', action.applies) INTO attempt USING attempt, p_claims;
        END IF;
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'CA003';
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        IF attempt.version IS NULL THEN
            RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA012';
        END IF;
        RETURN (attempt.event).rule;
    END;
END
$$;

-- Writes the event and makes the receipt; what is done uses its approval up, and what needs one is asked for.
CREATE OR REPLACE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt) RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event;
    receipt convonet_admin.receipt;
BEGIN
    -- The application's code can raise whatever error it likes, and so end an attempt before there is anything to log.
    IF (attempt.event).outcome IS NULL THEN
        RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA012';
    END IF;
    PERFORM convonet_admin.run_deferred();
    IF NOT attempt.replayed THEN
        IF (attempt.event).rule = 'approval_required' AND attempt.approval IS NULL THEN
            attempt := convonet_admin.ask_approval(attempt);
        END IF;
        event := attempt.event;
        IF event.outcome = 'done' AND attempt.approval IS NOT NULL AND event.action NOT IN ('approve', 'deny') THEN
            PERFORM convonet_admin.use_approval(attempt.approval);
        END IF;
        event := convonet_admin.record_event(event);
        PERFORM convonet_admin.keep_replaced(attempt, event);
        IF event.outcome = 'done' AND (SELECT p.notify_changes FROM convonet_admin.policy p) THEN
            PERFORM convonet_admin.queue_notice(event);
        END IF;
    ELSE
        event := attempt.event;
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := attempt.replayed;
    receipt.updated_at := attempt.updated_at;
    receipt.approval := attempt.approval;
    IF event.action = 'reset_password' THEN
        receipt.temporary_until := convonet_admin.temporary_until(event);
    END IF;
    IF event.outcome = 'done' AND NOT attempt.replayed THEN
        receipt.voice_pin := attempt.voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- The name as it may be logged of a constraint or unique index of the users' table or a part of it; NULL where there is none
-- of that name: whoever raises an error in a trigger gives it what name they like.
CREATE OR REPLACE FUNCTION convonet_admin.constraint_on_people(p_name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH people AS (
        SELECT t.oid FROM (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = 'users_convonet') AS t (oid)
        UNION SELECT p.relid FROM (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = 'users_convonet') AS t (oid), pg_partition_tree(t.oid) p)
    SELECT quote_ident(p_name) WHERE EXISTS (
        SELECT FROM people JOIN pg_constraint c ON c.conrelid = people.oid WHERE c.conname = p_name
        UNION ALL SELECT FROM people JOIN pg_index x ON x.indrelid = people.oid JOIN pg_class c ON c.oid = x.indexrelid
        WHERE c.relname = p_name)
$$;

-- Has the hand write one column, and makes of an error what the log may say: its code and constraint. What another try
-- may mend is raised again, and undoes everything.
CREATE OR REPLACE FUNCTION convonet_admin.with_written(
    p_attempt convonet_admin.attempt, p_column text, p_value text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    written record;
    announced bigint := convonet_admin.announce_change(event.account_id, p_column);
BEGIN
    SELECT * INTO written FROM convonet_admin.hand_write(event.account_id, p_column, p_value);
    -- Whatever became of it, nothing more is ours.
    IF announced IS NOT NULL THEN
        DELETE FROM convonet_admin.direct_change d WHERE d.id = announced;
    END IF;
    IF written.state IS NULL THEN
        attempt.updated_at := written.updated_at;
        attempt.version := written.version;
        attempt.written := p_column;
        attempt.replaced := written.replaced;
        RETURN convonet_admin.with_outcome(attempt, 'done');
    ELSIF written.state IN ('55P03', '40001', '40P01') THEN
        RAISE EXCEPTION 'busy' USING ERRCODE = written.state;
    END IF;
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || written.state,
        'constraint=' || convonet_admin.constraint_on_people(written.constraint_name));
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'failed', CASE written.state
        WHEN 'CA001' THEN 'overridden_by_trigger' WHEN 'CA004' THEN 'settings_changed_by_trigger'
        WHEN '23505' THEN CASE p_column WHEN 'voice_pin' THEN 'pin_taken' ELSE 'database_error' END
        ELSE 'database_error' END);
END
$$;

-- The same where the account is locked, and there is more to do whatever comes of it: nothing of the application's ends it, nor
-- what it has put off.
CREATE OR REPLACE FUNCTION convonet_admin.with_written_or_failed(
    p_attempt convonet_admin.attempt, p_column text, p_value text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
BEGIN
    attempt := convonet_admin.with_written(p_attempt, p_column, p_value);
    PERFORM convonet_admin.run_deferred();
    RETURN attempt;
EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || SQLSTATE);
    attempt := p_attempt;
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'failed', 'database_error');
END
$$;
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

CREATE OR REPLACE FUNCTION convonet_admin.set_voice_pin(
    p_account uuid, p_version text, p_pin text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('set_voice_pin', p_account, p_version, p_pin, p_request, p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.clear_voice_pin(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('clear_voice_pin', p_account, p_version, NULL, p_request, p_claims)
$$;
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

CREATE OR REPLACE FUNCTION convonet_admin.set_account_verified(
    p_account uuid, p_version text, p_verified boolean, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        CASE p_verified WHEN true THEN 'verify' WHEN false THEN 'unverify' END, p_account, p_version, NULL, p_request,
        p_claims)
$$;
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
        SELECT e.account_id, e.occurred_at + CASE WHEN e.actor_kind IN ('operator', 'schedule') THEN interval '2 seconds' ELSE interval '0' END FROM (SELECT (p_event).*) e WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'deactivate', 'sign_out', 'change_password', 'report_not_me', 'expire_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
        ON CONFLICT (account_id) DO UPDATE SET not_before = greatest(c.not_before, excluded.not_before);
    END IF;
END
$$;

-- Of how many accounts the log tells otherwise than the tables beside it: for doctor, of whoever may not read the log.
CREATE OR REPLACE FUNCTION convonet_admin.told_rows() RETURNS TABLE (cutoffs bigint, freezes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT count(*) FROM (SELECT t.account_id, max(t.not_before) AS not_before FROM (SELECT l.account_id, max(l.not_before) AS not_before, l.sequence
FROM (
    SELECT e.account_id, e.occurred_at + CASE WHEN e.actor_kind IN ('operator', 'schedule') THEN interval '2 seconds' ELSE interval '0' END AS not_before, e.sequence, false AS is_undone
    FROM convonet_admin.audit_event e
    WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'deactivate', 'sign_out', 'change_password', 'report_not_me', 'expire_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
    UNION ALL
    SELECT u.account_id, NULL, substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint, true
    FROM convonet_admin.audit_event u
    WHERE u.action = 'undo' AND u.outcome = 'done' AND u.account_id IS NOT NULL
      AND substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint < u.sequence) l
GROUP BY l.account_id, l.sequence
HAVING NOT bool_or(l.is_undone)) t GROUP BY t.account_id) l
        FULL JOIN convonet_admin.token_cutoff c ON c.account_id = l.account_id
        WHERE c.not_before IS DISTINCT FROM l.not_before) AS cutoffs,
       (SELECT count(*) FROM (SELECT l.account_id, l.occurred_at AS frozen_at, l.db_user, l.reason AS note
FROM (SELECT DISTINCT ON (e.account_id) e.* FROM convonet_admin.audit_event e
      LEFT JOIN (SELECT u.account_id, max(u.sequence) AS sequence FROM convonet_admin.audit_event u
                 WHERE u.action = 'unfreeze' AND u.outcome = 'done' GROUP BY 1) u ON u.account_id = e.account_id
      WHERE e.action IN ('freeze', 'report_not_me') AND e.outcome = 'done' AND e.account_id IS NOT NULL
        AND e.sequence > coalesce(u.sequence, 0) AND e.reason IS NOT NULL
      -- The first of them: the next does not take its place.
      ORDER BY e.account_id, e.sequence) l) l
        FULL JOIN convonet_admin.account_freeze f ON f.account_id = l.account_id
        WHERE (f.db_user, f.note) IS DISTINCT FROM (l.db_user, l.note)) AS freezes
$$;

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
-- A reset that was a slip is taken back: what stood there before comes again, as long as nothing else has happened to the account
-- since, not even a sign-in.

-- The receipt that an undo took back, by the detail of its event; NULL for another.
CREATE OR REPLACE FUNCTION convonet_admin.undone_receipt(p_detail text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(p_detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint
$$;

-- Keeps what a change replaced, once it has its receipt. What was kept of the account before stays good through other changes of
-- ours; another of the same column covers it until that is taken back. What the person does themselves ends it.
CREATE OR REPLACE FUNCTION convonet_admin.keep_replaced(
    p_attempt convonet_admin.attempt, p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    undone bigint := CASE WHEN p_event.action = 'undo' THEN convonet_admin.undone_receipt(p_event.detail) END;
BEGIN
    -- What is only counted has no number in the log, and changes nothing.
    IF p_event.sequence = 0 THEN
        RETURN;
    END IF;
    -- The question spares most changes the planning of the two statements.
    IF EXISTS (SELECT FROM convonet_admin.replaced_credential r
               WHERE r.expires_at <= clock_timestamp() OR r.account_id = p_event.account_id OR r.sequence >= p_event.sequence)
            THEN
        DELETE FROM convonet_admin.replaced_credential d WHERE d.sequence IN (
            SELECT r.sequence FROM convonet_admin.replaced_credential r
            WHERE r.expires_at <= clock_timestamp()
               -- Where the log lost its end, its numbers come again.
               OR r.sequence >= p_event.sequence
               OR r.account_id = p_event.account_id AND p_attempt.written IS NOT NULL
                  AND (p_event.actor_kind <> 'operator' OR r.sequence = undone
                       -- Ten of a column are more than anybody notices too late; each reset goes through all that are kept.
                       OR undone IS NULL AND r.column_name = p_attempt.written AND r.sequence <= (
                                         SELECT t.sequence FROM convonet_admin.replaced_credential t
                                         WHERE t.account_id = r.account_id AND t.column_name = r.column_name
                                         ORDER BY t.sequence DESC OFFSET 9 LIMIT 1)
                       -- Where something else came after the last one, none of that column comes back.
                       OR r.column_name IN (
                           SELECT t.column_name FROM convonet_admin.replaced_credential t
                           WHERE t.account_id = r.account_id AND t.covered_by IS NULL AND t.expires_at > clock_timestamp()
                             AND t.version IS DISTINCT FROM (p_attempt.person).version))
            -- All stand in line at the log's head here, so only tidying can hold one, which deletes it itself.
            FOR UPDATE SKIP LOCKED);
        UPDATE convonet_admin.replaced_credential r
        SET version = p_attempt.version,
            covered_by = CASE WHEN undone IS NOT NULL THEN nullif(r.covered_by, undone)
                              WHEN r.column_name = p_attempt.written THEN coalesce(r.covered_by, p_event.sequence)
                              ELSE r.covered_by END
        WHERE r.account_id = p_event.account_id AND p_event.actor_kind = 'operator' AND p_attempt.written IS NOT NULL
          AND r.expires_at > clock_timestamp() AND (r.covered_by IS NULL OR r.covered_by = undone);
    END IF;
    IF p_event.actor_kind <> 'operator' OR p_attempt.written IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO convonet_admin.replaced_credential
        (sequence, account_id, column_name, value, version, db_user, uid, expires_at)
    SELECT p_event.sequence, p_event.account_id, p_attempt.written, p_attempt.replaced, p_attempt.version, p_event.db_user,
           p_event.uid, p_event.occurred_at + make_interval(mins => p.undo_minutes)
    FROM convonet_admin.policy p, convonet_admin.actions() a
    WHERE a.name = p_event.action AND a.replaces_credential AND NOT a.stands_alone AND p.undo_minutes > 0;
END
$$;

-- Forgets what can no longer be taken back. What somebody holds is left for the next time.
CREATE OR REPLACE FUNCTION convonet_admin.forget_replaced() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM convonet_admin.replaced_credential d WHERE d.sequence IN (
        SELECT r.sequence FROM convonet_admin.replaced_credential r
        WHERE r.expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED);
$$;

-- Shortens the time of what can be taken back once less is allowed, so that more time later brings nothing back. Under the log's
-- head, so that no reset under way keeps something by the policy of before.
CREATE OR REPLACE FUNCTION convonet_admin.keep_no_longer_than(p_minutes integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.lock_head();
    UPDATE convonet_admin.replaced_credential r
    SET expires_at = e.occurred_at + make_interval(mins => p_minutes)
    FROM convonet_admin.audit_event e
    WHERE e.sequence = r.sequence AND r.expires_at > e.occurred_at + make_interval(mins => p_minutes)
      -- What is over somebody may hold who tidies.
      AND r.expires_at > clock_timestamp();
    SELECT convonet_admin.forget_replaced();
$$;

-- Whether the user of this session may take something back: it is their own, or they may decide on what others ask.
CREATE OR REPLACE FUNCTION convonet_admin.may_undo(p_replaced convonet_admin.replaced_credential, p_uid bigint) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_replaced.db_user = session_user AND (i.role_prefix IS NOT NULL OR p_replaced.uid IS NOT DISTINCT FROM p_uid)
        OR i.role_prefix IS NOT NULL AND convonet_admin.session_may_call('decide_approval')
    FROM convonet_admin.installation i
$$;

-- Until when a change can be taken back: as long as was allowed when it was made, and is allowed now. NULL where the log does not
-- have it, as where it lost its end.
CREATE OR REPLACE FUNCTION convonet_admin.undo_until(p_replaced convonet_admin.replaced_credential) RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(p_replaced.expires_at, e.occurred_at + make_interval(mins => p.undo_minutes))
    FROM convonet_admin.audit_event e, convonet_admin.policy p
    WHERE e.sequence = p_replaced.sequence AND e.account_id = p_replaced.account_id AND e.outcome = 'done'
$$;

-- Why the change with this receipt cannot be taken back now by the user of this session; NULL where it can.
CREATE OR REPLACE FUNCTION convonet_admin.undo_fault(
    p_account uuid, p_receipt bigint, p_version text, p_uid bigint) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN e.sequence IS NULL THEN 'undo_missing'
                WHEN e.action = 'undo' THEN 'undo_of_undo'
                WHEN EXISTS (SELECT FROM convonet_admin.audit_event u
                             WHERE u.account_id = p_account AND u.action = 'undo' AND u.outcome = 'done'
                               -- Where the log lost its end, an older one can name a number that came again.
                               AND u.sequence > p_receipt AND convonet_admin.undone_receipt(u.detail) = p_receipt) THEN 'undo_done'
                WHEN r.sequence IS NULL OR convonet_admin.undo_until(r) <= clock_timestamp() THEN 'undo_expired'
                WHEN NOT convonet_admin.may_undo(r, p_uid) THEN 'undo_foreign'
                WHEN r.covered_by IS NOT NULL THEN 'undo_covered'
                WHEN r.version IS DISTINCT FROM p_version THEN 'undo_outdated' END
    FROM (SELECT) AS one
    LEFT JOIN convonet_admin.audit_event e ON e.sequence = p_receipt AND e.account_id = p_account AND e.outcome = 'done'
        AND e.actor_kind = 'operator'
        AND e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
    LEFT JOIN convonet_admin.replaced_credential r ON r.sequence = p_receipt AND r.account_id = p_account
$$;

-- Puts back what the change with this receipt replaced.
CREATE OR REPLACE FUNCTION convonet_admin.apply_undo(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt  convonet_admin.attempt;
    event    convonet_admin.audit_event := p_attempt.event;
    replaced convonet_admin.replaced_credential;
    rule     text;
BEGIN
    rule := convonet_admin.undo_fault(event.account_id, p_value::bigint, (p_attempt.person).version, event.uid);
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', rule);
    END IF;
    SELECT * INTO replaced FROM convonet_admin.replaced_credential r WHERE r.sequence = p_value::bigint;
    IF NOT FOUND THEN
        -- Its time was over meanwhile, and somebody tidied.
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'undo_expired');
    END IF;
    -- Not by the application's index alone, which it may not have.
    IF replaced.column_name <> 'voice_pin' OR replaced.value IS NULL OR NOT convonet_admin.hand_has_pin(replaced.value) THEN
        attempt := convonet_admin.with_written(p_attempt, replaced.column_name, replaced.value);
        IF (attempt.event).rule IS DISTINCT FROM 'pin_taken' THEN
            -- What was not ended because it was gone is due again.
            UPDATE convonet_admin.temporary_password t SET next_try_at = NULL
            WHERE t.account_id = event.account_id AND t.expired_at IS NULL
              AND t.password_fingerprint = convonet_admin.password_fingerprint(replaced.value);
            RETURN attempt;
        END IF;
    END IF;
    RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'undo_pin_taken');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.undo_change(
    p_account uuid, p_version text, p_receipt bigint, p_request uuid, p_claims jsonb) RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out(
        'undo', p_account, p_version, p_receipt::text, p_request, p_claims, 'undoes=' || p_receipt)
$$;

-- The same fault beforehand.
CREATE OR REPLACE FUNCTION convonet_admin.rehearse_undo(p_account uuid, p_receipt bigint, p_claims jsonb) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.undo_fault(u.id, p_receipt, u.version, convonet_admin.numeric_claim(p_claims, 'uid'))
    FROM convonet_admin.hand_read(p_account) u WHERE u.id IS NOT NULL
$$;

-- What the user of this session could take back of an account now, newest first.
CREATE OR REPLACE FUNCTION convonet_admin.undoable_of(p_account uuid, p_claims jsonb)
RETURNS TABLE (sequence bigint, action text, occurred_at timestamptz, db_user text, operator text, expires_at timestamptz)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.action, e.occurred_at, e.db_user, e.operator, convonet_admin.undo_until(r)
    FROM convonet_admin.replaced_credential r
    JOIN convonet_admin.audit_event e ON e.sequence = r.sequence
    CROSS JOIN LATERAL convonet_admin.hand_read(r.account_id) u
    WHERE r.account_id = p_account AND convonet_admin.undo_until(r) > clock_timestamp() AND u.version = r.version AND r.covered_by IS NULL
      AND convonet_admin.may_undo(r, convonet_admin.numeric_claim(p_claims, 'uid'))
    ORDER BY e.sequence DESC
$$;

-- The same for staff; as with links, of most people there is nothing to take back.
CREATE OR REPLACE FUNCTION convonet_admin.undoable_changes(p_account uuid, p_claims jsonb)
RETURNS TABLE (sequence bigint, action text, occurred_at timestamptz, db_user text, operator text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.* FROM convonet_admin.undoable_of(p_account, p_claims) u
    WHERE EXISTS (SELECT FROM convonet_admin.replaced_credential r WHERE r.account_id = p_account)
$$;

-- Whose account the reset with a receipt was of; no row where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.account_of_receipt(p_receipt bigint) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.account_id FROM convonet_admin.audit_event e
    WHERE e.sequence = p_receipt AND e.account_id IS NOT NULL AND e.actor_kind = 'operator' AND e.outcome = 'done'
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
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
    person  convonet_admin.person;
BEGIN
    IF (EXISTS (SELECT FROM convonet_admin.actions() a WHERE a.name = p_action AND a.value IS NULL AND NOT starts_with(a.entry, 'self_'))
            AND p_rule IN ('password_empty', 'password_not_utf8', 'password_nul', 'password_control_character', 'password_invisible_end', 'password_too_long', 'password_spaces_only', 'password_common', 'password_breached', 'password_unchecked', 'password_organisation_list', 'password_contains_name', 'password_contains_organisation_word', 'password_needs_uppercase', 'password_needs_lowercase', 'password_needs_digit', 'password_needs_symbol', 'password_too_short', 'password_too_weak', 'address_unusable', 'pin_empty', 'pin_not_digits', 'pin_not_ascii_digits', 'pin_wrong_length', 'pin_all_same', 'pin_steps', 'pin_keypad', 'pin_year', 'pin_periodic', 'pin_doubled', 'pin_palindrome', 'pin_all_but_one_same', 'pin_date', 'pin_common')) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session('record_refusal');
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    event.detail := convonet_admin.claimed_detail(p_claims);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_refusal(attempt, p_rule));
END
$$;

-- An attempt that the program refused by a rule, unless its request was already another.
CREATE OR REPLACE FUNCTION convonet_admin.with_refusal(p_attempt convonet_admin.attempt, p_rule text)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
BEGIN
    attempt.replayed := false;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF attempt.replayed OR (attempt.event).outcome IS NULL THEN
        attempt := convonet_admin.with_outcome(p_attempt, 'refused', p_rule);
        attempt.replayed := false;
    END IF;
    RETURN attempt;
END
$$;

-- What was done to one account, newest first, without host, uid and tty. Its events are said as a range, and so are in the order of
-- (account_id, sequence), which one index has: where most events are of few accounts, PostgreSQL would go through the whole log
-- backwards instead, in the hope of a page of them.
CREATE OR REPLACE FUNCTION convonet_admin.account_history(p_account uuid, p_limit integer DEFAULT 50)
RETURNS TABLE (sequence bigint, event_id uuid, occurred_at timestamptz, actor_kind text, action text, outcome text,
               rule text, operator text, db_user text, reason text, ticket text, verified_by text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.event_id, e.occurred_at, e.actor_kind, e.action, e.outcome,
           e.rule, e.operator, e.db_user, e.reason, e.ticket, e.verified_by, e.detail
    FROM convonet_admin.audit_event e
    WHERE e.account_id BETWEEN p_account AND p_account
    ORDER BY e.account_id, e.sequence DESC
    LIMIT least(greatest(p_limit, 1), 1000)
$$;

-- What this operator tried lately, newest first: after a line that dropped it says what became of the last change. What
-- is claimed is worked out once, in a subquery: for each event of a busy hour it would take most of a second.
CREATE OR REPLACE FUNCTION convonet_admin.own_recent_events(p_minutes integer, p_claims jsonb)
RETURNS TABLE (sequence bigint, occurred_at timestamptz, action text, outcome text, rule text, operator text,
               db_user text, reason text, ticket text, account_id uuid, account_email text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.sequence, e.occurred_at, e.action, e.outcome, e.rule, e.operator, e.db_user, e.reason, e.ticket,
           e.account_id, e.account_email
    FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(mins => p_minutes) AND e.db_user = session_user
      AND e.uid IS NOT DISTINCT FROM (SELECT convonet_admin.numeric_claim(p_claims, 'uid'))
      AND e.host IS NOT DISTINCT FROM (SELECT convonet_admin.claimed(p_claims) ->> 'host')
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a)
    ORDER BY e.sequence DESC
    LIMIT 20
$$;

-- Whose accounts were changed through us within so many days.
CREATE OR REPLACE FUNCTION convonet_admin.accounts_changed_within(p_days integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT e.account_id FROM convonet_admin.audit_event e
    WHERE e.occurred_at >= now() - make_interval(days => p_days) AND e.outcome = 'done' AND e.account_id IS NOT NULL
      AND e.action IN (SELECT a.name FROM convonet_admin.actions() a)
$$;
-- A setting before and after. Of a long list only what came and what went is said, so that nothing hides behind its
-- length; of refused passwords only how many there are.
CREATE OR REPLACE FUNCTION convonet_admin.setting_change(p_name text, p_old jsonb, p_new jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    came text;
    went text;
BEGIN
    IF jsonb_typeof(p_old) IS DISTINCT FROM 'array' OR jsonb_typeof(p_new) IS DISTINCT FROM 'array' THEN
        RETURN format('%s: %s -> %s', p_name, CASE WHEN p_name = 'blocked_passwords' THEN '(a list)' ELSE p_old::text END,
                      CASE WHEN p_name = 'blocked_passwords' THEN '(no list)' ELSE p_new::text END);
    ELSIF p_name <> 'blocked_passwords' AND jsonb_array_length(p_old) + jsonb_array_length(p_new) <= 20 THEN
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

-- The policy with settings changed: an object of column names and new values. Raises data_exception for values that are out of
-- range.
CREATE OR REPLACE FUNCTION convonet_admin.policy_with(p_old convonet_admin.policy, p_changes jsonb) RETURNS convonet_admin.policy
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed convonet_admin.policy;
BEGIN
    IF EXISTS (SELECT FROM jsonb_each(p_changes) c WHERE octet_length(c.value::text)
                   > CASE c.key WHEN 'blocked_passwords' THEN 4000000 ELSE 400000 END) THEN
        RAISE EXCEPTION 'too long' USING ERRCODE = 'data_exception';
    ELSIF EXISTS (SELECT FROM jsonb_each(p_changes) c,
                      jsonb_array_elements(CASE jsonb_typeof(c.value) WHEN 'array' THEN c.value ELSE '[]' END) e
                  WHERE jsonb_typeof(e) IN ('array', 'object')) THEN
        RAISE EXCEPTION 'a list in a list' USING ERRCODE = 'data_exception';
    END IF;
    changed := jsonb_populate_record(p_old, p_changes);
    -- A pattern that is none is an error here rather than in the next reset.
    PERFORM '' ~ ('^(?:' || changed.ticket_pattern || ')$');
    IF array_position(changed.context_words || changed.blocked_passwords || changed.verification_methods || changed.protected_domains
                      || changed.protected_accounts || changed.protected_team_roles || changed.approver_addresses, NULL) IS NOT NULL
            OR EXISTS (SELECT FROM unnest(changed.context_words || changed.blocked_passwords || changed.verification_methods
                                  || changed.protected_domains || changed.protected_accounts
                                  || changed.protected_team_roles || changed.approver_addresses) e WHERE length(e) > 320)
            OR EXISTS (SELECT FROM unnest(changed.approver_addresses) a
                       WHERE a ~ '[][<>(),;:"\\[:cntrl:]]' OR a !~ '^[^@[:space:]]+@[^@.*[:space:]]+(\.[^@.*[:space:]]+)+$')
            -- A domain that could never be anybody's would protect nobody, and nobody would notice.
            OR EXISTS (SELECT FROM unnest(changed.protected_domains) d
                       WHERE btrim(d) !~ '^@?[^@.*[:space:]]+(\.[^@.*[:space:]]+)*$') THEN
        RAISE EXCEPTION 'out of range' USING ERRCODE = 'data_exception';
    END IF;
    RETURN changed;
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
    reads_teams boolean;
BEGIN
    PERFORM convonet_admin.require_plain_session('set_policy');
    IF p_request IS NULL THEN
        RAISE EXCEPTION 'no request id' USING ERRCODE = 'invalid_parameter_value';
    ELSIF jsonb_typeof(p_changes) IS DISTINCT FROM 'object' OR p_changes = '{}' THEN
        RAISE EXCEPTION 'no setting given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Before anything is locked, also for a call that was carried out earlier.
    PERFORM convonet_admin.forbid_preparing();
    -- The application's tables, too, where they matter.
    reads_teams := CASE WHEN p_changes ? 'protected_team_roles' THEN convonet_admin.reader_sees_teams() END;
    -- The row is replaced as a whole, so two at once must stand in line; readers need not wait.
    LOCK TABLE convonet_admin.policy IN SHARE ROW EXCLUSIVE MODE;
    attempt.replayed := false;
    -- By these words the same request is known: what it changed from is not so any more.
    event.detail := 'settings=' || left(encode(sha256(convert_to(p_changes::text, 'UTF8')), 'hex'), 20);
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT * INTO STRICT old FROM convonet_admin.policy;
    IF EXISTS (SELECT FROM jsonb_object_keys(p_changes) k WHERE NOT to_jsonb(old) ? k OR k = 'only_row') THEN
        RAISE EXCEPTION 'unknown setting' USING ERRCODE = 'undefined_column';
    END IF;
    event.outcome := 'refused';
    BEGIN
        changed := convonet_admin.policy_with(old, p_changes);
        IF cardinality(changed.protected_team_roles) > 0 AND NOT reads_teams THEN
            event.rule := 'teams_unavailable';
        ELSE
            DELETE FROM convonet_admin.policy;
            INSERT INTO convonet_admin.policy VALUES (changed.*);
            PERFORM convonet_admin.keep_no_longer_than(changed.undo_minutes);
            event.outcome := 'done';
        END IF;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        event.rule := 'setting_out_of_range';
    END;
    -- Of what was done in full: what is cut could be what mattered.
    SELECT event.detail || '; '
        || string_agg(CASE WHEN event.outcome = 'done' OR k = 'blocked_passwords'
                           THEN convonet_admin.setting_change(k, to_jsonb(old) -> k, p_changes -> k)
                           ELSE format('%s: %s -> %s', k, left((to_jsonb(old) -> k)::text, 200), left((p_changes -> k)::text, 200))
                      END, '; ' ORDER BY k)
    INTO event.detail FROM jsonb_object_keys(p_changes) k;
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
-- What people do for themselves. These functions, and no table or view, are what the program behind the web pages may
-- use; its role is its own.

-- The schema's version and the policy: to know by what rules a password is held, and that the way here is open.
CREATE OR REPLACE FUNCTION convonet_admin.self_schema_version() RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.require_visible_people();
    RETURN (SELECT i.schema_version FROM convonet_admin.installation i);
END
$$;

-- The oldest program, by the version of the schema that it needs, that works on this one.
CREATE OR REPLACE FUNCTION convonet_admin.self_serves_from() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.serves_from FROM convonet_admin.installation i
$$;

CREATE OR REPLACE FUNCTION convonet_admin.self_policy() RETURNS SETOF convonet_admin.policy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM convonet_admin.policy p
$$;

-- Counts one request in the window of its key; the number of requests in it, and the seconds until it ends. A window that
-- begins in the future was begun by a clock that was wrong, and is over.
CREATE OR REPLACE FUNCTION convonet_admin.count_request(p_key text, p_seconds integer, OUT requests integer, OUT rest integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.request_counter AS c (key, began_at, requests)
    VALUES (p_key, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        began_at = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN excluded.began_at ELSE c.began_at END,
        requests = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN 1 ELSE least(c.requests, 2000000) + 1 END
    RETURNING c.requests,
        greatest(1, ceil(extract(epoch FROM c.began_at + make_interval(secs => p_seconds) - clock_timestamp())))::integer
$$;

-- What a client counts as, narrowest first, and how many times an address's limit each may have: its address; of IPv6 the
-- 64 bits that one household has, and the 56 and 48 that a provider gives to one customer.
CREATE OR REPLACE FUNCTION convonet_admin.client_networks(p_client text) RETURNS TABLE (key text, factor integer)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address inet;
BEGIN
    -- An IPv4 address as a socket for both kinds gives it is no network of IPv6.
    address := regexp_replace(p_client, '^::ffff:(?=[0-9]+\.)', '', 'i');
    IF family(address) = 6 THEN
        RETURN QUERY SELECT host(network(set_masklen(address, v.bits))) || '/' || v.bits, v.times
        FROM (VALUES (64, 1), (56, 2), (48, 4)) AS v (bits, times);
    ELSE
        RETURN QUERY SELECT host(address), 1 WHERE address IS NOT NULL;
    END IF;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN QUERY SELECT 'unknown'::text, 1;
END
$$;

-- Whether a request may go on: NULL, or the seconds after which it may be tried again. Called before anything else, in
-- a transaction of its own. The address is counted first, so that one that is over its limit uses up nobody else's; and
-- whoever has a good token, of a link, a mail or the application, is held to no total that strangers can use up.
CREATE OR REPLACE FUNCTION convonet_admin.self_admit(
    p_kind text, p_client text, p_token_hash bytea, p_is_signed_in boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    policy  convonet_admin.policy;
    counted record;
    network record;
    is_look boolean := p_kind = 'assess';
BEGIN
    PERFORM convonet_admin.forbid_preparing();
    -- The counters are on this server alone: nobody waits for a standby because of them.
    PERFORM set_config('synchronous_commit', 'local', true);
    SELECT * INTO policy FROM convonet_admin.policy;
    FOR network IN SELECT n.key, n.factor FROM convonet_admin.client_networks(p_client) n ORDER BY n.factor LOOP
        SELECT * INTO counted FROM convonet_admin.count_request(
            CASE WHEN is_look THEN 'assess ' ELSE 'address ' END || network.key, 600);
        -- Looking a password over while somebody types is many requests, and none of them changes anything.
        IF counted.requests > policy.self_service_address_limit::bigint * network.factor
                * (CASE WHEN is_look THEN 10 ELSE 1 END) THEN
            RETURN counted.rest;
        END IF;
    END LOOP;
    IF is_look OR p_is_signed_in OR EXISTS (
            SELECT FROM convonet_admin.reset_token t
            WHERE t.token_hash = p_token_hash AND t.used_at IS NULL AND t.void_at IS NULL
              AND t.expires_at > clock_timestamp()
            UNION ALL SELECT FROM convonet_admin.mail_queue q
            WHERE q.report_hash = p_token_hash AND q.reported_at IS NULL AND q.created_at > clock_timestamp() - interval '7 days') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO counted FROM convonet_admin.count_request('total', 60);
    RETURN CASE WHEN counted.requests > policy.self_service_total_limit THEN counted.rest END;
END
$$;

-- Notes that somebody asked for a link. It does the same whatever the address is; self_take_mail looks it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_request_link(p_email text, p_other text, p_request uuid, p_claims jsonb)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.forbid_preparing();
    INSERT INTO convonet_admin.mail_queue
        (kind, address, other_address, request_id, client_address, created_at, give_up_at, next_try_at)
    SELECT 'link_request', left(p_email, 400), left(p_other, 400), p_request,
           convonet_admin.claimed(p_claims) ->> 'client_address',
           clock_timestamp(), clock_timestamp() + make_interval(mins => p.reset_link_minutes), clock_timestamp()
    FROM convonet_admin.policy p;
$$;
-- An event of somebody who acts for themselves. The address is what the program says: behind a proxy nobody else knows it.
CREATE OR REPLACE FUNCTION convonet_admin.new_self_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := convonet_admin.new_event(p_action, p_request, p_claims);
BEGIN
    event.actor_kind := 'self';
    event.client_address := convonet_admin.claimed(p_claims) ->> 'client_address';
    event.detail := convonet_admin.claimed_detail(p_claims);
    RETURN event;
END
$$;

-- Locks the account and makes the checks that every change by the person has in common; as begin_attempt for operators. What
-- it is about besides, such as a link, goes into the event's detail.
CREATE OR REPLACE FUNCTION convonet_admin.begin_self_attempt(
    p_action text, p_account uuid, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_self_event(p_action, p_request, p_claims);
    person  convonet_admin.person;
BEGIN
    person := convonet_admin.lock_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    event.detail := nullif(concat_ws(' ', event.detail, p_detail), '');
    attempt.person := person;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    attempt.proceeds := false;
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    event := attempt.event;
    IF event.outcome IS NOT NULL THEN
        NULL;
    -- Whoever cannot sign in can still say that something was not them.
    ELSIF person.is_active IS NOT TRUE AND p_action <> 'report_not_me' THEN
        event.outcome := 'refused';
        event.rule := 'account_inactive';
    ELSIF (SELECT convonet_admin.policy_has_changed(p, p_claims) FROM convonet_admin.policy p) THEN
        event.outcome := 'conflict';
        event.rule := 'policy_changed';
    ELSE
        attempt.proceeds := true;
    END IF;
    attempt.event := event;
    RETURN attempt;
END
$$;

-- The same for whoever came with something secret; without a person where that is nobody's, or the account was deleted.
CREATE OR REPLACE FUNCTION convonet_admin.begin_holders_attempt(
    p_action text, p_account uuid, p_request uuid, p_claims jsonb, p_detail text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_account IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN convonet_admin.begin_self_attempt(p_action, p_account, p_request, p_claims, p_detail);
EXCEPTION WHEN no_data_found THEN
    RETURN NULL;
END
$$;

-- Ends an attempt of the person's: its receipt, after which nothing of ours may be looked up any more.
CREATE OR REPLACE FUNCTION convonet_admin.finish_self_attempt(p_attempt convonet_admin.attempt)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    receipt convonet_admin.receipt := convonet_admin.finish_attempt(p_attempt);
BEGIN
    RESET ALL;
    RETURN receipt;
END
$$;

-- Ends a call of self-service that leaves no receipt; the last thing in it, as above.
CREATE OR REPLACE FUNCTION convonet_admin.finish_without_receipt() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.run_deferred();
    RESET ALL;
END
$$;

-- Gives somebody the password that they chose, unless a fault was found, or the hash is none.
CREATE OR REPLACE FUNCTION convonet_admin.with_own_password(
    p_attempt convonet_admin.attempt, p_fault text, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
BEGIN
    IF p_fault IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', p_fault);
    ELSIF NOT convonet_admin.is_storable_hash(p_hash) THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'hash_malformed');
    END IF;
    attempt := convonet_admin.with_written(attempt, 'password_hash', p_hash);
    IF (attempt.event).outcome = 'done' THEN
        DELETE FROM convonet_admin.wrong_password w WHERE w.account_id = (attempt.event).account_id;
    END IF;
    RETURN attempt;
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
    person  convonet_admin.person;
BEGIN
    IF (p_action IN ('reset_password', 'change_password') AND p_rule IN ('password_empty', 'password_not_utf8', 'password_nul', 'password_control_character', 'password_invisible_end', 'password_too_long', 'password_spaces_only', 'password_common', 'password_breached', 'password_unchecked', 'password_organisation_list', 'password_contains_name', 'password_contains_organisation_word', 'password_needs_uppercase', 'password_needs_lowercase', 'password_needs_digit', 'password_needs_symbol', 'password_too_short', 'password_too_weak', 'address_unusable', 'pin_empty', 'pin_not_digits', 'pin_not_ascii_digits', 'pin_wrong_length', 'pin_all_same', 'pin_steps', 'pin_keypad', 'pin_year', 'pin_periodic', 'pin_doubled', 'pin_palindrome', 'pin_all_but_one_same', 'pin_date', 'pin_common')) IS NOT TRUE THEN
        RAISE EXCEPTION 'unknown action or rule' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session('self_record_refusal');
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(convonet_admin.with_refusal(attempt, p_rule));
END
$$;
-- Passwords that people set by a link that they were sent.

CREATE OR REPLACE FUNCTION convonet_admin.password_fingerprint(p_hash text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(coalesce(p_hash, ''), 'UTF8'))
$$;

-- Whether somebody's voice PIN changed since; a reset that was taken back is two changes. The log has what the application changed by
-- the time at which it was noted, or will have it.
CREATE OR REPLACE FUNCTION convonet_admin.pin_changed_since(p_account uuid, p_moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.audit_event e
        WHERE e.account_id = p_account AND e.occurred_at > p_moment AND e.outcome = 'done'
          AND CASE e.action
              WHEN 'direct_change' THEN e.detail ~ '^columns=[a-z_,]*voice_pin'
                  AND substring(e.detail FROM ' at=([0-9TZ:.-]{27})')::timestamptz > p_moment
              WHEN 'undo' THEN EXISTS (
                  SELECT FROM convonet_admin.audit_event r JOIN convonet_admin.actions() a ON a.name = r.action
                  WHERE r.sequence = convonet_admin.undone_receipt(e.detail) AND a.column_name = 'voice_pin')
              ELSE e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.column_name = 'voice_pin') END
        UNION ALL SELECT FROM convonet_admin.direct_change d
        WHERE d.account_id = p_account AND d.noted_at > p_moment AND d.columns ~ '^[a-z_,]*voice_pin')
$$;

-- Why a link is no good, or NULL where it is; for the one whose account is locked.
CREATE OR REPLACE FUNCTION convonet_admin.link_fault(
    p_token convonet_admin.reset_token, p_hash text, p_email text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_token.used_at IS NOT NULL THEN 'link_used'
                WHEN p_token.void_at IS NOT NULL THEN 'link_void'
                -- A new address may be the answer to somebody else's reading of the old one's mail.
                WHEN p_token.address IS DISTINCT FROM p_email OR CASE p_token.purpose
                    WHEN 'password' THEN
                        p_token.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(p_hash)
                    -- Of a PIN there is no fingerprint, for it would give the PIN away: the log tells whether it changed.
                    ELSE convonet_admin.pin_changed_since(p_token.account_id, p_token.created_at) END THEN 'link_outdated'
                WHEN p_token.expires_at <= clock_timestamp() THEN 'link_expired' END
$$;

-- Whose link it is, as long as it is good: what a new password is held against. Looking does not use it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_link_holder(p_token_hash bytea)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, expires_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email, u.username, u.first_name, u.last_name, t.expires_at
    FROM convonet_admin.reset_token t CROSS JOIN LATERAL convonet_admin.hand_read(t.account_id) u
    WHERE t.token_hash = p_token_hash AND t.purpose = 'password' AND u.is_active AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL
$$;

-- Why a link is no good to whoever came with it, whose account is locked; NULL where it is. It is read again, and locked: another may
-- have used it while this one waited for the account.
CREATE OR REPLACE FUNCTION convonet_admin.held_link_fault(
    p_attempt convonet_admin.attempt, p_token uuid, p_token_hash bytea) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token  convonet_admin.reset_token;
    person convonet_admin.person := p_attempt.person;
BEGIN
    SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = p_token FOR UPDATE;
    RETURN CASE WHEN token.token_hash IS DISTINCT FROM p_token_hash THEN 'link_void'
                ELSE convonet_admin.link_fault(token, person.password_hash, person.email) END;
END
$$;

-- Uses a link up by which something was done.
CREATE OR REPLACE FUNCTION convonet_admin.with_link_used(
    p_attempt convonet_admin.attempt, p_token uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE convonet_admin.reset_token t SET used_at = clock_timestamp()
    WHERE t.id = p_token AND (p_attempt.event).outcome = 'done';
    RETURN p_attempt;
END
$$;

-- Sets the password of whoever holds the link, whose row is locked from the look at it to its use. No row
-- where there is no such token; an event where there was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_reset_password(
    p_token_hash bytea, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    token   convonet_admin.reset_token;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_reset_password');
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash AND t.purpose = 'password';
    attempt := convonet_admin.begin_holders_attempt(
        'reset_password', token.account_id, p_request, p_claims, 'link=' || token.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_link_used(
            convonet_admin.with_own_password(
                attempt, convonet_admin.held_link_fault(attempt, token.id, p_token_hash), p_hash), token.id);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
-- Passwords that people change with the old one, signed in to the application.

-- Whether no old password is looked at for now. What a clock that was ahead wrote down blocks nobody.
CREATE OR REPLACE FUNCTION convonet_admin.is_blocked(p_wrong convonet_admin.wrong_password) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_wrong.blocked_until > clock_timestamp() AND p_wrong.last_at <= clock_timestamp() + interval '1 minute'
$$;

-- What is needed to check an old password and hold a new one against the person, whatever token they came with: for programs of
-- version 8, which do not say. Of the stored hash it gives the setting
-- alone (version, cost and salt): the hash is computed outside and compared here, so that none ever leaves the database.
CREATE OR REPLACE FUNCTION convonet_admin.self_signed_in(p_account uuid)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, setting text, wait integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.id, u.email, u.username, u.first_name, u.last_name,
           CASE WHEN convonet_admin.is_bcrypt(u.password_hash) THEN left(u.password_hash, 29) END,
           (SELECT ceil(extract(epoch FROM w.blocked_until - clock_timestamp()))::integer
            FROM convonet_admin.wrong_password w WHERE w.account_id = u.id AND convonet_admin.is_blocked(w))
    FROM convonet_admin.hand_read(p_account) u WHERE u.is_active
$$;

-- The same of whoever comes with a token of the application that was issued then, in seconds since 1970; no row where it was ended
-- since, or does not say when it was issued and could have been. Tokens tell whole seconds, so that one of the same second may be
-- from before.
CREATE OR REPLACE FUNCTION convonet_admin.self_token_holder(p_account uuid, p_issued_at bigint)
RETURNS TABLE (account_id uuid, email text, username text, first_name text, last_name text, setting text, wait integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.* FROM convonet_admin.self_signed_in(p_account) s
    WHERE NOT EXISTS (SELECT FROM convonet_admin.token_cutoff c
                      WHERE c.account_id = p_account AND (p_issued_at > extract(epoch FROM c.not_before)) IS NOT TRUE)
      -- What was taken back ends no tokens; those that its password may have given are no good all the same.
      AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u JOIN convonet_admin.audit_event e
                      ON e.sequence = convonet_admin.undone_receipt(u.detail) AND e.account_id = u.account_id
                      WHERE u.account_id = p_account AND u.action = 'undo' AND u.outcome = 'done' AND e.action = 'reset_password'
                        AND (p_issued_at NOT BETWEEN floor(extract(epoch FROM e.occurred_at))
                                                 AND ceil(extract(epoch FROM u.occurred_at)) + 2) IS NOT TRUE)
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
    IF convonet_admin.is_blocked(wrong) THEN
        RETURN 'old_password_blocked';
    END IF;
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(p_account) a;
    IF NOT convonet_admin.is_bcrypt(stored) THEN
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
    PERFORM convonet_admin.require_plain_session('self_check_old_password');
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        fault := convonet_admin.old_password_fault(p_account, p_proof);
        IF fault IS NULL THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, 'refused', fault);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;

-- Sets the password of somebody signed in who knows the old one.
CREATE OR REPLACE FUNCTION convonet_admin.self_change_password(
    p_account uuid, p_proof text, p_hash text, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_change_password');
    attempt := convonet_admin.begin_self_attempt('change_password', p_account, p_request, p_claims);
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_own_password(
            attempt, convonet_admin.old_password_fault(p_account, p_proof), p_hash);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
-- Codes that are read out, for people whose mail does not work. Whoever enters one at self-service gets a link's token for it, and
-- sets the password by that: all that ends a link ends a code, too. Of a code there is its bcrypt hash alone.

-- How often a code was entered wrong; NULL where its counter is another's by now.
CREATE OR REPLACE FUNCTION convonet_admin.reset_code_tries(p_code convonet_admin.reset_token) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1048576 = p_code.code_number THEN (value % 1048576)::integer END
    FROM coalesce(pg_sequence_last_value(format('convonet_admin.reset_code_tries_%s', p_code.slot)::regclass), 0) AS value
$$;

-- Why a code is no good, or NULL where it is; the account is the caller's to look at.
CREATE OR REPLACE FUNCTION convonet_admin.reset_code_fault(
    p_code convonet_admin.reset_token, p_hash text, p_email text, p_username text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN fault IS NOT NULL THEN fault
                WHEN p_code.username IS DISTINCT FROM p_username
                    OR substr(p_code.code_hash, 5, 2)::integer <> (SELECT p.bcrypt_cost FROM convonet_admin.policy p)
                    THEN 'link_outdated'
                WHEN convonet_admin.reset_code_tries(p_code) IS NULL THEN 'link_void'
                WHEN convonet_admin.reset_code_tries(p_code) >= 50 THEN 'reset_code_tries' END
    FROM convonet_admin.link_fault(p_code, p_hash, p_email) AS fault
$$;

-- The codes that nobody has set a password by, and whose time is not over.
CREATE OR REPLACE FUNCTION convonet_admin.open_reset_codes() RETURNS SETOF convonet_admin.reset_token
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.* FROM convonet_admin.reset_token t
    WHERE t.code_hash IS NOT NULL AND t.used_at IS NULL AND t.void_at IS NULL AND t.expires_at > clock_timestamp()
$$;

-- Makes a code for an account that the caller has locked, in place of an earlier one. The value is the hash of all of it. The token
-- of its link is nobody's until somebody enters the code.
CREATE OR REPLACE FUNCTION convonet_admin.apply_reset_code(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt   convonet_admin.attempt := p_attempt;
    event     convonet_admin.audit_event := p_attempt.event;
    person    convonet_admin.person := p_attempt.person;
    code      convonet_admin.reset_token;
    free_slot integer;
    rule      text;
BEGIN
    -- At another cost the time that entering it takes would tell that there is one.
    rule := CASE WHEN NOT convonet_admin.is_storable_hash(p_value) THEN 'hash_malformed'
                 WHEN substr(p_value, 5, 2)::integer <> (SELECT p.bcrypt_cost FROM convonet_admin.policy p)
                     THEN 'hash_malformed'
                 ELSE convonet_admin.link_refusal(person, p_claims) END;
    IF rule IS NULL THEN
        -- Two that begin at once take two slots. The one of this account's earlier code is not free: its counter is set where a
        -- rollback does not reach, and would no longer be that code's, which a rollback brings back.
        PERFORM convonet_admin.lock_head();
        SELECT s INTO free_slot FROM generate_series(0, 63) AS s
        WHERE s NOT IN (SELECT c.slot FROM convonet_admin.open_reset_codes() c) ORDER BY s LIMIT 1;
        rule := CASE WHEN free_slot IS NULL
                          OR (SELECT count(*) FROM convonet_admin.open_reset_codes() c WHERE c.db_user = event.db_user
                                AND c.account_id <> event.account_id) >= 32
                     THEN 'reset_codes_open' END;
    END IF;
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', rule);
    END IF;
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'newer'
    WHERE t.id IN (SELECT c.id FROM convonet_admin.open_reset_codes() c WHERE c.account_id = event.account_id);
    INSERT INTO convonet_admin.reset_token
        (account_id, address, username, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at,
         code_hash, code_number, slot)
    SELECT event.account_id, person.email, person.username, 'operator', event.db_user,
           convonet_admin.password_fingerprint(person.password_hash), clock_timestamp(),
           sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
           clock_timestamp() + make_interval(mins => p.reset_code_minutes), p_value,
           nextval('convonet_admin.reset_code_number'), free_slot
    FROM convonet_admin.policy p
    RETURNING * INTO code;
    PERFORM setval(format('convonet_admin.reset_code_tries_%s', code.slot)::regclass, code.code_number * 1048576);
    event.detail := concat_ws(' ', event.detail, 'link=' || code.id);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Gives somebody a code, to be read out, by which they set their password themselves: whoever reads it out does not learn that.
CREATE OR REPLACE FUNCTION convonet_admin.issue_reset_code(
    p_account uuid, p_version text, p_code_hash text, p_request uuid, p_claims jsonb) RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('issue_reset_code', p_account, p_version, p_code_hash, p_request, p_claims)
$$;

-- The codes of one account, newest first: until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.codes_of(p_account uuid, p_limit integer)
RETURNS TABLE (id uuid, db_user text, created_at timestamptz, expires_at timestamptz, state text, state_at timestamptz)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.db_user, t.created_at, t.expires_at,
           CASE WHEN t.void_at IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN fault = 'reset_code_tries' THEN 'exhausted'
                WHEN fault = 'link_void' THEN 'replaced'
                WHEN fault IS NOT NULL THEN substr(fault, 6)
                WHEN t.entered_at IS NOT NULL THEN 'entered'
                ELSE 'issued' END,
           coalesce(t.used_at, t.void_at, t.entered_at)
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    CROSS JOIN LATERAL convonet_admin.reset_code_fault(t, u.password_hash, u.email, u.username) AS fault
    WHERE t.account_id = p_account AND t.code_hash IS NOT NULL AND u.id IS NOT NULL
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- The same for staff; as with links, most people have none.
CREATE OR REPLACE FUNCTION convonet_admin.reset_codes(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, db_user text, created_at timestamptz, expires_at timestamptz, state text, state_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.* FROM convonet_admin.codes_of(p_account, p_limit) c
    WHERE EXISTS (SELECT FROM convonet_admin.reset_token t WHERE t.account_id = p_account AND t.code_hash IS NOT NULL)
$$;

-- The code of the day of whoever is called so, by an address in any of its spellings, or by username: one that is open before those
-- that are over, and whose address it is before whoever took it for a username.
CREATE OR REPLACE FUNCTION convonet_admin.code_of_login(p_logins text[]) RETURNS convonet_admin.reset_token
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.* FROM convonet_admin.reset_token t CROSS JOIN unnest(p_logins) AS l (login)
    WHERE t.code_hash IS NOT NULL AND t.created_at > clock_timestamp() - interval '1 day'
      AND (lower(lower((t.address)::text COLLATE "C") COLLATE "default") = lower(lower((l.login)::text COLLATE "C") COLLATE "default") OR lower(lower((t.username)::text COLLATE "C") COLLATE "default") = lower(lower((l.login)::text COLLATE "C") COLLATE "default"))
    ORDER BY t.used_at IS NULL AND t.void_at IS NULL AND t.expires_at > clock_timestamp() DESC,
             lower(lower((t.address)::text COLLATE "C") COLLATE "default") = lower(lower((l.login)::text COLLATE "C") COLLATE "default") DESC, l.login IN (t.address, t.username) DESC, t.created_at DESC
    LIMIT 1
$$;

-- How the code of somebody is hashed, without the result; NULL where there is none, or the policy has another cost by now.
CREATE OR REPLACE FUNCTION convonet_admin.self_code_setting(p_logins text[]) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT left(c.code_hash, 29) FROM convonet_admin.code_of_login(p_logins) c, convonet_admin.policy p
    WHERE substr(c.code_hash, 5, 2)::integer = p.bcrypt_cost
$$;

-- Counts a try to enter a code, and whether it may be looked at: five from where this client is, so that a stranger uses up nobody
-- else's, and fifty in all.
CREATE OR REPLACE FUNCTION convonet_admin.count_code_try(p_code convonet_admin.reset_token, p_client text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    network record;
    counted bigint;
BEGIN
    FOR network IN SELECT n.key, n.factor FROM convonet_admin.client_networks(coalesce(p_client, '')) n ORDER BY n.factor LOOP
        IF (convonet_admin.count_request('code ' || p_code.code_number || ' ' || network.key, 3600)).requests > 5 * network.factor
                THEN
            RETURN 'reset_code_tries';
        END IF;
    END LOOP;
    counted := nextval(format('convonet_admin.reset_code_tries_%s', p_code.slot)::regclass);
    RETURN CASE WHEN counted / 1048576 <> p_code.code_number THEN 'link_void'
                WHEN counted % 1048576 > 50 THEN 'reset_code_tries' END;
END
$$;

-- Takes a code by what its hash comes to, and gives its link the token with this hash. It can be entered again until the password is
-- set, as whoever entered it may lose the page; the token from before is good no more. No row where nobody of that name has one.
CREATE OR REPLACE FUNCTION convonet_admin.self_enter_code(
    p_logins text[], p_proof text, p_token_hash bytea, p_request uuid, p_claims jsonb) RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    code    convonet_admin.reset_token;
    attempt convonet_admin.attempt;
    person  convonet_admin.person;
    fault   text;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_enter_code');
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a SHA-256 has 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    code := convonet_admin.code_of_login(p_logins);
    attempt := convonet_admin.begin_holders_attempt(
        'enter_reset_code', code.account_id, p_request, p_claims, 'link=' || code.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        -- Whoever takes its slot once its time is over stands in line here, too.
        PERFORM convonet_admin.lock_head();
        person := attempt.person;
        -- Read again: it may have been used while this one waited for the account.
        SELECT t.* INTO code FROM convonet_admin.reset_token t WHERE t.id = code.id FOR UPDATE;
        fault := coalesce(
            convonet_admin.reset_code_fault(code, person.password_hash, person.email, person.username),
            convonet_admin.count_code_try(code, (attempt.event).client_address),
            CASE WHEN convonet_admin.password_fingerprint(p_proof)
                      IS DISTINCT FROM convonet_admin.password_fingerprint(code.code_hash) THEN 'reset_code_wrong' END);
        IF fault IS NULL THEN
            -- The right one is no try, nor is what was tried before it.
            DELETE FROM convonet_admin.request_counter c WHERE starts_with(c.key, 'code ' || code.code_number || ' ');
            PERFORM setval(format('convonet_admin.reset_code_tries_%s', code.slot)::regclass, code.code_number * 1048576);
            UPDATE convonet_admin.reset_token t SET token_hash = p_token_hash, entered_at = clock_timestamp()
            WHERE t.id = code.id;
        END IF;
        attempt := convonet_admin.with_outcome(attempt, CASE WHEN fault IS NULL THEN 'done' ELSE 'refused' END, fault);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
-- Temporary passwords: what staff type or have generated, where the policy says so. If the person has not set another when their
-- time is over, the hash is replaced by one that fits nothing.

-- Until when the password that an event tells of works, unless the person changes it; NULL where it is not temporary.
CREATE OR REPLACE FUNCTION convonet_admin.temporary_until(p_event convonet_admin.audit_event) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(p_event.detail FROM '(?:^| )temporary_until=([0-9TZ:-]{20})(?: |$)')::timestamptz
    WHERE p_event.action = 'reset_password' AND p_event.actor_kind = 'operator' AND p_event.outcome = 'done'
$$;

-- Until when what a mail tells of is good: its link, or the password that staff gave somebody; NULL where neither ends.
CREATE OR REPLACE FUNCTION convonet_admin.told_end(p_mail convonet_admin.mail_queue) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.expires_at FROM convonet_admin.reset_token t WHERE t.id = p_mail.token_id
    UNION ALL
    SELECT convonet_admin.temporary_until(e) FROM convonet_admin.audit_event e
    WHERE p_mail.kind = 'notice' AND e.request_id = p_mail.request_id AND e.outcome = 'done' AND e.account_id = p_mail.account_id
    LIMIT 1
$$;

-- Whether an undo could still bring a password back.
CREATE OR REPLACE FUNCTION convonet_admin.may_come_back(p_password convonet_admin.temporary_password) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.replaced_credential r
        WHERE r.account_id = p_password.account_id AND r.column_name = 'password_hash' AND r.expires_at > clock_timestamp()
          AND convonet_admin.password_fingerprint(r.value) = p_password.password_fingerprint)
$$;

-- Makes a password temporary that staff gave somebody: what is promised now stays, whatever the policy says later.
CREATE OR REPLACE FUNCTION convonet_admin.with_temporary_password(
    p_attempt convonet_admin.attempt, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    hours   integer := (SELECT p.temporary_password_hours FROM convonet_admin.policy p);
    made    convonet_admin.temporary_password;
BEGIN
    IF event.outcome <> 'done' OR hours = 0 THEN
        RETURN attempt;
    END IF;
    made.issued_at := clock_timestamp();
    -- What the account had before and does not get back is over, or some thousand of one account would keep those of others valid.
    -- What somebody holds is left for the next time.
    DELETE FROM convonet_admin.temporary_password d WHERE (d.account_id, d.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.account_id = event.account_id
          AND t.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(attempt.replaced)
          AND NOT convonet_admin.may_come_back(t) FOR UPDATE SKIP LOCKED);
    -- To the second, as it is told. Whoever gives the same hash again gives it no more time.
    INSERT INTO convonet_admin.temporary_password AS t (account_id, password_fingerprint, issued_at, expires_at)
    VALUES (event.account_id, convonet_admin.password_fingerprint(p_hash), made.issued_at,
            date_trunc('second', made.issued_at) + make_interval(hours => hours))
    ON CONFLICT (account_id, password_fingerprint) DO UPDATE SET next_try_at = NULL
    RETURNING t.* INTO made;
    event.detail := concat_ws(' ', event.detail,
        'temporary_until=' || to_char(made.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Until when the password that an account has now works, and since when it does not any more; both NULL where it is not temporary.
-- By the index first, which spares most the reading of the account.
CREATE OR REPLACE FUNCTION convonet_admin.temporary_password_state(
    p_account uuid, OUT until timestamptz, OUT expired_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.temporary_password t WHERE t.account_id = p_account) THEN
        SELECT t.expires_at, t.expired_at INTO temporary_password_state.until, temporary_password_state.expired_at
        FROM convonet_admin.hand_read(p_account) u
        JOIN convonet_admin.temporary_password t ON t.account_id = u.id
            AND t.password_fingerprint = convonet_admin.password_fingerprint(u.password_hash);
    END IF;
END
$$;

-- The same for staff, who look at one account in a session that often ends then: where there is none, nothing in PL/pgSQL is called,
-- whose library the session would have to load first.
CREATE OR REPLACE FUNCTION convonet_admin.account_temporary_password(p_account uuid)
RETURNS TABLE (until timestamptz, expired_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.until, s.expired_at FROM convonet_admin.temporary_password_state(p_account) s
    WHERE EXISTS (SELECT FROM convonet_admin.temporary_password t WHERE t.account_id = p_account)
$$;

-- A well-formed bcrypt hash of nothing that anybody knows, so that the application's check says no, and does not fail. Of the last
-- letters of salt and hash only some bits count, and libraries look at the others.
CREATE OR REPLACE FUNCTION convonet_admin.hash_that_fits_nothing() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('$2b$%s$', p.bcrypt_cost) || (
        SELECT string_agg(
            substr('./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
                   (get_byte(r.bytes, i) & CASE i WHEN 21 THEN 48 WHEN 52 THEN 60 ELSE 63 END) + 1, 1), '' ORDER BY i)
        FROM (SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
                  || sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')) AS bytes) r,
             generate_series(0, 52) AS i)
    FROM convonet_admin.policy p
$$;

-- Sends a link to whoever's temporary password has run out, so that they get in by themselves; or says in the event why none goes.
CREATE OR REPLACE FUNCTION convonet_admin.with_link_instead(
    p_attempt convonet_admin.attempt, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    token   convonet_admin.reset_token;
    fault   text := coalesce(
        CASE convonet_admin.link_refusal(attempt.person, '{}') WHEN 'address_unusable' THEN 'no_address'
                                                               WHEN 'link_to_inactive' THEN 'inactive' END,
        CASE WHEN NOT EXISTS (SELECT FROM convonet_admin.mail_program) THEN 'no_mail' END);
BEGIN
    IF fault IS NULL THEN
        token := convonet_admin.new_link(attempt, p_hash, NULL);
        -- Nobody waits for it at their screen: as long as a notice.
        PERFORM convonet_admin.queue_link(token, event, token.created_at + interval '3 days');
    END IF;
    event.detail := concat_ws(' ', event.detail, coalesce('no_link=' || fault, 'link=' || token.id));
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Ends a temporary password whose time is over, if the account still has it. That a supervisor froze the account, or the policy is
-- another by now, keeps nothing that staff know valid.
CREATE OR REPLACE FUNCTION convonet_admin.expire_password(p_due convonet_admin.temporary_password) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt  convonet_admin.attempt;
    event    convonet_admin.audit_event;
    person   convonet_admin.person := convonet_admin.lock_person(p_due.account_id);
    new_hash text := convonet_admin.hash_that_fits_nothing();
BEGIN
    IF convonet_admin.password_fingerprint(person.password_hash) IS DISTINCT FROM p_due.password_fingerprint THEN
        PERFORM convonet_admin.forget_temporary(p_due);
        RETURN;
    END IF;
    event.request_id := gen_random_uuid();
    event.actor_kind := 'schedule';
    event.action := 'expire_password';
    event.db_user := session_user;
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    attempt.event := event;
    attempt.person := person;
    attempt.replayed := false;
    attempt := convonet_admin.with_written_or_failed(attempt, 'password_hash', new_hash);
    IF (attempt.event).outcome = 'done' THEN
        UPDATE convonet_admin.temporary_password t
        SET password_fingerprint = convonet_admin.password_fingerprint(new_hash), expired_at = clock_timestamp()
        WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint);
        -- Nobody set another password: links and codes that the person has stay good.
        UPDATE convonet_admin.reset_token t SET password_fingerprint = convonet_admin.password_fingerprint(new_hash)
        WHERE t.account_id = p_due.account_id AND t.password_fingerprint = p_due.password_fingerprint
          -- Older ones are over for good, and tidying may have locked them.
          AND t.used_at IS NULL AND t.void_at IS NULL AND t.created_at > clock_timestamp() - interval '89 days';
        attempt := convonet_admin.with_link_instead(attempt, new_hash);
    ELSE
        -- What the application only held for a moment is free soon.
        PERFORM convonet_admin.put_off_expiry(p_due, CASE WHEN (attempt.event).detail ~ 'sqlstate=(55P03|40001|40P01)'
                                                          THEN interval '5 minutes' ELSE interval '1 hour' END);
    END IF;
    PERFORM convonet_admin.finish_attempt(attempt);
END
$$;

-- Forgets one that the account has no longer, unless a reset that took its place can still be taken back.
CREATE OR REPLACE FUNCTION convonet_admin.forget_temporary(p_due convonet_admin.temporary_password) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convonet_admin.may_come_back(p_due) THEN
        PERFORM convonet_admin.put_off_expiry(p_due, interval '1 minute');
    ELSE
        DELETE FROM convonet_admin.temporary_password t
        WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.put_off_expiry(p_due convonet_admin.temporary_password, p_pause interval) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.temporary_password t SET next_try_at = clock_timestamp() + p_pause, taken_until = NULL
    WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint)
$$;

-- The account of one whose time is over, which is left to the caller for five minutes; NULL where there is none that nobody else has.
-- To be committed before it is ended: then code of the application's that hangs keeps nobody else's password valid. What is put off
-- further than an hour was put off by a clock that was wrong.
CREATE OR REPLACE FUNCTION convonet_admin.take_due_password() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    due convonet_admin.temporary_password;
BEGIN
    PERFORM convonet_admin.require_plain_session('take_due_password');
    PERFORM convonet_admin.forbid_preparing();
    -- What a clock that was ahead issued lasts as long as it was to last, from now on.
    UPDATE convonet_admin.temporary_password w
    SET issued_at = clock_timestamp(), expires_at = clock_timestamp() + (w.expires_at - w.issued_at)
    WHERE (w.account_id, w.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.expired_at IS NULL AND t.issued_at > clock_timestamp() + interval '1 minute' FOR UPDATE SKIP LOCKED);
    -- By itself: within an UPDATE it may be run once for each row, and take another each time.
    SELECT t.* INTO due FROM convonet_admin.temporary_password t
    WHERE t.expired_at IS NULL AND t.expires_at <= clock_timestamp()
      AND (t.next_try_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '61 minutes') IS NOT TRUE
    ORDER BY coalesce(t.next_try_at, t.expires_at) LIMIT 1 FOR UPDATE SKIP LOCKED;
    UPDATE convonet_admin.temporary_password t
    SET next_try_at = clock_timestamp() + interval '5 minutes', taken_until = clock_timestamp() + interval '5 minutes'
    WHERE (t.account_id, t.password_fingerprint) = (due.account_id, due.password_fingerprint);
    RETURN due.account_id;
END
$$;

-- Ends the temporary passwords of an account whose time is over and that were taken for it, each time once: so nobody fills the log
-- with what cannot be ended. What cannot be ended now is put off: by a minute while somebody holds
-- the account, by an hour where the application's code is in the way.
CREATE OR REPLACE FUNCTION convonet_admin.end_due_passwords(p_account uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    due   convonet_admin.temporary_password;
    state text;
BEGIN
    PERFORM convonet_admin.require_plain_session('end_due_passwords');
    PERFORM convonet_admin.forbid_preparing();
    FOR due IN SELECT t.* FROM convonet_admin.temporary_password t
               WHERE t.account_id = p_account AND t.expired_at IS NULL AND t.expires_at <= clock_timestamp()
                 AND t.taken_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '6 minutes' LOOP
        BEGIN
            PERFORM convonet_admin.expire_password(due);
        EXCEPTION
            WHEN no_data_found THEN
                -- The account was deleted.
                PERFORM convonet_admin.forget_temporary(due);
            WHEN OTHERS OR assert_failure OR query_canceled THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
                RAISE LOG 'convonet_admin: the temporary password of account % could not be ended (SQLSTATE %)', p_account, state;
                PERFORM convonet_admin.put_off_expiry(due, CASE WHEN state IN ('55P03', '40001', '40P01') THEN interval '1 minute'
                                                                ELSE interval '1 hour' END);
                -- A statement's time is over only once.
                EXIT WHEN state = '57014';
        END;
    END LOOP;
    PERFORM convonet_admin.finish_without_receipt();
END
$$;

-- How many temporary passwords should have been ended a quarter of an hour ago: for doctor.
CREATE OR REPLACE FUNCTION convonet_admin.overdue_passwords() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM convonet_admin.temporary_password t
    WHERE t.expired_at IS NULL AND t.expires_at < clock_timestamp() - interval '15 minutes'
      AND (NOT convonet_admin.may_come_back(t) OR t.expires_at = (convonet_admin.temporary_password_state(t.account_id)).until)
$$;
-- A note that stops: nobody changes the account until a supervisor lifts it.
CREATE OR REPLACE FUNCTION convonet_admin.apply_freeze(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
BEGIN
    -- Whoever comes upon it has to know why.
    IF event.reason IS NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'reason_required');
    END IF;
    INSERT INTO convonet_admin.account_freeze (account_id, frozen_at, db_user, note)
    VALUES (event.account_id, clock_timestamp(), event.db_user, event.reason);
    -- A code was told to staff, and could be the reason; a link for a PIN is staff's doing, too.
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
    WHERE t.id IN (SELECT c.id FROM convonet_admin.open_reset_codes() c WHERE c.account_id = event.account_id)
       OR t.account_id = event.account_id AND t.purpose = 'voice_pin' AND t.used_at IS NULL AND t.void_at IS NULL
          AND t.created_at > clock_timestamp() - interval '89 days';
    RETURN convonet_admin.with_outcome(p_attempt, 'done');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_unfreeze(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.frozen_accounts f
               WHERE f.account_id = (p_attempt.event).account_id AND f.is_reported) THEN
        -- What the person reported may be newer than what the supervisor saw: who lifts it says what came of it.
        IF (p_attempt.event).reason IS NULL THEN
            RETURN convonet_admin.with_outcome(p_attempt, 'refused', 'report_unanswered');
        END IF;
        -- The report passed over what somebody held just then.
        PERFORM convonet_admin.end_approvals((p_attempt.event).account_id, false);
    END IF;
    DELETE FROM convonet_admin.account_freeze f WHERE f.account_id = (p_attempt.event).account_id;
    RETURN CASE WHEN FOUND THEN convonet_admin.with_outcome(p_attempt, 'done')
                ELSE convonet_admin.with_outcome(p_attempt, 'refused', 'not_frozen') END;
END
$$;

-- Forgets the wrong old passwords by which somebody signed in cannot set another for now.
CREATE OR REPLACE FUNCTION convonet_admin.apply_unblock(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM convonet_admin.wrong_password w
    WHERE w.account_id = (p_attempt.event).account_id AND convonet_admin.is_blocked(w);
    RETURN CASE WHEN FOUND THEN convonet_admin.with_outcome(p_attempt, 'done')
                ELSE convonet_admin.with_outcome(p_attempt, 'refused', 'not_blocked') END;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.freeze_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('freeze', p_account, p_version, NULL, p_request, p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.unfreeze_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('unfreeze', p_account, p_version, NULL, p_request, p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.unblock_account(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('unblock', p_account, p_version, NULL, p_request, p_claims)
$$;

-- What holds up a caller, or whoever wants to help them: a note that stops, wrong old passwords, how many links the person asked
-- for within the hour, and what became of the last mail.
CREATE OR REPLACE FUNCTION convonet_admin.account_obstacles(p_account uuid)
RETURNS TABLE (frozen_at timestamptz, frozen_by text, note text, wrong_passwords integer, blocked_until timestamptz,
               links_asked integer, links_most integer, mail_state text, mail_at timestamptz, mail_error text,
               mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.frozen_at, f.db_user, f.note, w.attempts, w.blocked_until,
           (SELECT count(*) FROM convonet_admin.reset_token t
            WHERE t.account_id = p_account AND t.requested_by = 'self'
              AND t.created_at > clock_timestamp() - interval '1 hour')::integer, p.self_service_account_limit,
           m.state, coalesce(m.ended_at, m.created_at), m.last_error, m.attempts
    FROM convonet_admin.policy p
    LEFT JOIN convonet_admin.account_freeze f ON f.account_id = p_account
    LEFT JOIN convonet_admin.wrong_password w ON w.account_id = p_account AND convonet_admin.is_blocked(w)
    LEFT JOIN LATERAL (
        SELECT q.state, q.ended_at, q.created_at, q.last_error, q.attempts FROM convonet_admin.mail_queue q
        WHERE q.account_id = p_account AND q.kind NOT IN ('link_request', 'text_code') ORDER BY q.id DESC LIMIT 1) m ON true
$$;
-- Mail: links and notices. It is queued in the transaction of what it tells of, and sent after it by whichever instance
-- of the self-service program takes it first.

-- Makes a link for an account that the caller has locked. It stands beside those that are there until one of them is used
-- or the password changes: nobody takes a link from somebody by asking for another.
CREATE OR REPLACE FUNCTION convonet_admin.new_link(
    p_attempt convonet_admin.attempt, p_hash text, p_token_hash bytea, p_purpose text DEFAULT 'password')
RETURNS convonet_admin.reset_token
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
    token convonet_admin.reset_token;
BEGIN
    INSERT INTO convonet_admin.reset_token
        (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, purpose, expires_at)
    SELECT event.account_id, (p_attempt.person).email, event.actor_kind, event.db_user,
           convonet_admin.password_fingerprint(p_hash), clock_timestamp(), p_token_hash, p_purpose,
           CASE WHEN p_token_hash IS NOT NULL
                THEN clock_timestamp() + make_interval(mins => p.reset_link_minutes) END
    FROM convonet_admin.policy p
    RETURNING * INTO token;
    RETURN token;
END
$$;

-- Why no more mail is queued; NULL where there is room. What strangers ask for is bounded by how often they may, and takes no place
-- here; nor does what is given up, where nobody clears it away.
CREATE OR REPLACE FUNCTION convonet_admin.mail_overflow() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN count(*) = 10000 THEN 'the mail queue was full' END
    FROM (SELECT FROM convonet_admin.mail_queue q
          WHERE q.state IN ('waiting', 'sending') AND q.kind <> 'link_request' AND (q.kind <> 'reset_link' OR q.action IS NOT NULL)
            AND q.give_up_at > clock_timestamp()
          LIMIT 10000) waiting
$$;

-- Queues the mail of a link, which tells of an event and is given up then.
CREATE OR REPLACE FUNCTION convonet_admin.queue_link(
    p_token convonet_admin.reset_token, p_event convonet_admin.audit_event, p_give_up_at timestamptz) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, token_id, action, request_id, created_at, give_up_at, next_try_at, state, last_error, ended_at)
    SELECT CASE p_token.purpose WHEN 'voice_pin' THEN 'pin_link' ELSE 'reset_link' END, p_token.address, p_token.account_id,
           p_token.id, p_event.action, p_event.request_id, p_token.created_at, p_give_up_at, p_token.created_at,
           CASE WHEN o IS NULL THEN 'waiting' ELSE 'failed' END, o, CASE WHEN o IS NOT NULL THEN p_token.created_at END
    FROM convonet_admin.mail_overflow() o
$$;

-- Why a link or a code would be of no use to somebody; NULL where it is.
CREATE OR REPLACE FUNCTION convonet_admin.link_refusal(p_person convonet_admin.person, p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_person.is_active IS NOT TRUE THEN 'link_to_inactive'
                WHEN p_person.email IS NULL THEN 'address_unusable'
                WHEN NOT convonet_admin.is_bcrypt(p_person.password_hash)
                    AND (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN 'external_sign_in' END
$$;

-- Makes and queues a link for this purpose, by which whoever gets it sets a password, or is given a voice PIN.
CREATE OR REPLACE FUNCTION convonet_admin.with_link(
    p_attempt convonet_admin.attempt, p_purpose text, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    token   convonet_admin.reset_token;
    person  convonet_admin.person := p_attempt.person;
    rule    text := coalesce(
        -- A PIN is of use however somebody signs in.
        nullif(convonet_admin.link_refusal(p_attempt.person, p_claims),
               CASE p_purpose WHEN 'voice_pin' THEN 'external_sign_in' END),
        -- Or one account's mail keeps all others waiting, and fills its owner's box.
        CASE WHEN (SELECT count(*) FROM convonet_admin.reset_token t
                   WHERE t.account_id = (p_attempt.event).account_id AND t.db_user = (p_attempt.event).db_user
                     AND t.requested_by = 'operator' AND t.code_hash IS NULL
                     AND t.created_at > clock_timestamp() - interval '1 hour') >= 10 THEN 'links_sent' END,
        CASE WHEN convonet_admin.mail_overflow() IS NOT NULL THEN 'mail_queue_full' END);
BEGIN
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', rule);
    END IF;
    token := convonet_admin.new_link(attempt, person.password_hash, NULL, p_purpose);
    PERFORM convonet_admin.queue_link(token, event, (
        SELECT token.created_at + make_interval(mins => p.reset_link_minutes) FROM convonet_admin.policy p));
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_link(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.with_link(p_attempt, 'password', p_claims)
$$;

-- Sends somebody a link by which they set their password themselves: nobody else ever knows it.
CREATE OR REPLACE FUNCTION convonet_admin.send_reset_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('send_reset_link', p_account, p_version, NULL, p_request, p_claims)
$$;

-- Makes the links and codes of an account void, and says how many. Among them are outdated ones, which work again if the password or
-- the address comes back, and expired ones whose mail waits, which get a new time when it is sent. Those that are over for good are
-- not: tidying may have locked them.
CREATE OR REPLACE FUNCTION convonet_admin.revoked_links(p_account uuid) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    WITH revoked AS (
        UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
        WHERE t.account_id = p_account AND t.used_at IS NULL AND t.void_at IS NULL
          AND t.created_at > clock_timestamp() - interval '89 days'
          AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp()
               OR EXISTS (SELECT FROM convonet_admin.mail_queue q
                          WHERE q.token_id = t.id AND q.state IN ('waiting', 'sending') AND q.give_up_at > clock_timestamp()))
        RETURNING 1)
    SELECT count(*)::integer FROM revoked
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_revoked_links(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    revoked integer := convonet_admin.revoked_links(event.account_id);
BEGIN
    IF revoked = 0 THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'no_reset_link');
    END IF;
    event.detail := concat_ws(' ', event.detail, 'links=' || revoked);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Makes every link and code of an account void that is good, or could be again.
CREATE OR REPLACE FUNCTION convonet_admin.revoke_reset_links(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('revoke_reset_links', p_account, p_version, NULL, p_request, p_claims)
$$;

-- The links of one account, newest first: to whom, what for, until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.links_of(p_account uuid, p_limit integer)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz, purpose text, mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.address, t.requested_by, t.db_user, t.created_at, t.expires_at,
           CASE WHEN m.state IN ('waiting', 'sending', 'failed')
                     AND (fault = 'link_expired' OR fault IS NULL AND m.give_up_at <= clock_timestamp()) THEN 'undelivered'
                WHEN fault IS NOT NULL AND fault <> 'link_void' THEN substr(fault, 6)
                WHEN fault IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN m.state = 'failed' THEN 'undelivered'
                WHEN m.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(t.used_at, t.void_at, m.ended_at), t.purpose, m.last_error, m.attempts
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    LEFT JOIN LATERAL (SELECT q.state, q.ended_at, q.give_up_at, q.last_error, q.attempts
                       FROM convonet_admin.mail_queue q WHERE q.token_id = t.id ORDER BY q.id DESC LIMIT 1) m ON true
    CROSS JOIN LATERAL convonet_admin.link_fault(t, u.password_hash, u.email) AS fault
    WHERE t.account_id = p_account AND t.code_hash IS NULL AND u.id IS NOT NULL
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- The same for staff. Most people have none, and then a new session need not plan how to find out what became of them.
CREATE OR REPLACE FUNCTION convonet_admin.reset_links(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz, purpose text, mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.* FROM convonet_admin.links_of(p_account, p_limit) l
    WHERE EXISTS (SELECT FROM convonet_admin.reset_token t WHERE t.account_id = p_account AND t.code_hash IS NULL)
$$;

-- Tells the person of a change of their password or PIN, at the address as it was before. Where the queue is full that keeps nobody
-- from the change: it is noted as not sent.
CREATE OR REPLACE FUNCTION convonet_admin.queue_notice(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, action, actor_kind, request_id, created_at, give_up_at, next_try_at, state, last_error, ended_at)
    SELECT 'notice', p_event.account_email, p_event.account_id, p_event.action, p_event.actor_kind, p_event.request_id,
           p_event.occurred_at, p_event.occurred_at + interval '3 days', p_event.occurred_at,
           CASE WHEN o IS NULL THEN 'waiting' ELSE 'failed' END, o, CASE WHEN o IS NOT NULL THEN p_event.occurred_at END
    FROM convonet_admin.mail_overflow() o, convonet_admin.actions() a WHERE a.name = p_event.action AND a.is_notified
      -- One that the log had to cut could be somebody else's.
      AND length(p_event.account_email) < 400
      -- Of the end of a change nobody needs to hear who does not hear of the change.
      AND (p_event.action <> 'undo' OR EXISTS (
          SELECT FROM convonet_admin.audit_event e JOIN convonet_admin.mail_queue q ON q.request_id = e.request_id
          WHERE e.sequence = convonet_admin.undone_receipt(p_event.detail) AND q.kind = 'notice'))
$$;

-- Whether nobody has to hear of a change: it was taken back, and less than a minute has passed since it was made. That counts until
-- now, and not until the undo's own time: what is taken back in a transaction that stays open lasts until its commit.
CREATE OR REPLACE FUNCTION convonet_admin.was_a_moment(p_notice convonet_admin.mail_queue) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT clock_timestamp() BETWEEN p_notice.created_at AND p_notice.created_at + interval '1 minute'
       AND EXISTS (
           SELECT FROM convonet_admin.audit_event e
           JOIN convonet_admin.audit_event u ON u.account_id = e.account_id AND u.sequence > e.sequence
           WHERE e.request_id = p_notice.request_id AND e.account_id = p_notice.account_id AND e.outcome = 'done'
             AND u.action = 'undo' AND u.outcome = 'done' AND convonet_admin.undone_receipt(u.detail) = e.sequence)
$$;

-- Whether a notice is not to be sent. That of a change is not, where the change was a moment and no mail program has had it. That
-- of an undo goes by what became of the change's, and so waits for nobody who takes that now.
CREATE OR REPLACE FUNCTION convonet_admin.is_needless(p_notice convonet_admin.mail_queue) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text;
BEGIN
    IF p_notice.action <> 'undo' THEN
        RETURN p_notice.attempts = 0 AND convonet_admin.was_a_moment(p_notice);
    END IF;
    SELECT q.state INTO told
    FROM convonet_admin.audit_event u
    JOIN convonet_admin.audit_event e
        ON e.account_id = u.account_id AND e.sequence = convonet_admin.undone_receipt(u.detail)
    JOIN convonet_admin.mail_queue q ON q.request_id = e.request_id AND q.kind = 'notice'
    WHERE u.request_id = p_notice.request_id AND u.action = 'undo' AND u.outcome = 'done'
    FOR UPDATE OF q NOWAIT;
    RETURN coalesce(told IN ('void', 'failed'), true);
END
$$;

-- Puts requests for links off that cannot be answered now.
CREATE OR REPLACE FUNCTION convonet_admin.put_off_requests(p_ids bigint[], p_pause interval, p_state text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.mail_queue q
    SET next_try_at = clock_timestamp() + p_pause, last_error = coalesce('SQLSTATE ' || p_state, q.last_error) WHERE q.id = ANY (p_ids)
$$;

-- Finds out whose these addresses are, as far as the index tells. Where somebody cannot be read, by halves, until it is known who
-- that is: their requests wait for a minute. For about a second: then one half waits for some seconds, and the other is looked up by
-- the next call, so that each gets further however long it takes. Returns the SQLSTATE of what ended it.
CREATE OR REPLACE FUNCTION convonet_admin.look_up_exactly(p_ids bigint[], p_addresses text[], p_others text[]) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state  text;
    middle text;
    half   record;
    is_over boolean;
BEGIN
    BEGIN
        UPDATE convonet_admin.mail_queue q SET account_id = f.account_id
        FROM convonet_admin.hand_addressees(p_addresses, p_others, false) f WHERE q.id = p_ids[f.place];
        UPDATE convonet_admin.mail_queue q SET looked_up_at = clock_timestamp() WHERE q.id = ANY (p_ids);
        RETURN NULL;
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        state := SQLSTATE;
    END;
    -- A statement's time is over only once: what comes now would have none.
    is_over := state = '57014' OR clock_timestamp() > statement_timestamp() + interval '1 second';
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a) INTO middle FROM unnest(p_addresses) a
    WHERE a < (SELECT max(b) FROM unnest(p_addresses) b);
    IF middle IS NULL THEN
        PERFORM convonet_admin.put_off_requests(p_ids, interval '1 minute', state);
        RETURN CASE WHEN state = '57014' THEN state END;
    END IF;
    FOR half IN SELECT r.address > middle AS is_second, array_agg(r.id) AS ids, array_agg(r.address) AS addresses,
                       array_agg(r.other) AS others
                FROM unnest(p_ids, p_addresses, p_others) AS r (id, address, other) GROUP BY 1 ORDER BY 1 LOOP
        IF half.is_second AND is_over THEN
            PERFORM convonet_admin.put_off_requests(half.ids, interval '5 seconds', NULL);
        ELSIF half.is_second THEN
            RETURN convonet_admin.look_up_exactly(half.ids, half.addresses, half.others);
        ELSIF NOT is_over THEN
            is_over := convonet_admin.look_up_exactly(half.ids, half.addresses, half.others) IS NOT NULL;
        END IF;
    END LOOP;
    RETURN state;
END
$$;

-- Finds out whose the addresses are by which links were asked for, all at once: by the index first, and where nobody was found so,
-- by a walk through the table; each call does one of the two. An address that nobody has is forgotten. Returns the SQLSTATE of what
-- went wrong.
CREATE OR REPLACE FUNCTION convonet_admin.look_up_addresses(p_walks boolean) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids       bigint[];
    addresses text[];
    others    text[];
    state     text;
BEGIN
    SELECT array_agg(w.id), array_agg(w.address), array_agg(w.other_address) INTO ids, addresses, others
    FROM (SELECT q.id, q.address, q.other_address FROM convonet_admin.mail_queue q
          WHERE q.kind = 'link_request' AND q.state IN ('waiting', 'sending') AND q.account_id IS NULL
            AND (q.looked_up_at IS NOT NULL) = p_walks
            AND (q.next_try_at <= clock_timestamp() OR q.next_try_at > clock_timestamp() + interval '61 minutes')
          ORDER BY q.next_try_at, q.id LIMIT 5000 FOR UPDATE SKIP LOCKED) w;
    IF NOT p_walks THEN
        RETURN convonet_admin.look_up_exactly(ids, addresses, others);
    END IF;
    BEGIN
        UPDATE convonet_admin.mail_queue q SET account_id = f.account_id
        FROM convonet_admin.hand_addressees(addresses, others, true) f WHERE q.id = ids[f.place];
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        PERFORM convonet_admin.put_off_requests(ids, interval '1 minute', SQLSTATE);
        RETURN SQLSTATE;
    END;
    ids := ARRAY(SELECT q.id FROM convonet_admin.mail_queue q WHERE q.id = ANY (ids) AND q.account_id IS NULL);
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    -- Apart from what was found, which stays found.
    BEGIN
        PERFORM convonet_admin.require_visible_people();
        DELETE FROM convonet_admin.mail_queue q WHERE q.id = ANY (ids);
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        state := SQLSTATE;
        PERFORM convonet_admin.put_off_requests(ids, interval '1 minute', state);
    END;
    RETURN state;
END
$$;

-- Whether the person has asked for as many links as they may within the hour, and has one that they can use or that is on its way:
-- then they are sent no other. Without such a link nobody is turned away, whoever made the requests.
CREATE OR REPLACE FUNCTION convonet_admin.has_enough_links(p_account uuid, p_hash text, p_email text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT count(*) FROM convonet_admin.reset_token t
            WHERE t.account_id = p_account AND t.requested_by = 'self'
              AND t.created_at > clock_timestamp() - interval '1 hour') >= p.self_service_account_limit
       AND EXISTS (SELECT FROM convonet_admin.reset_token t JOIN convonet_admin.mail_queue q ON q.token_id = t.id
                   WHERE t.account_id = p_account AND t.requested_by = 'self'
                     AND convonet_admin.link_fault(t, p_hash, p_email) IS NULL
                     AND (q.state = 'sent' OR q.state IN ('waiting', 'sending') AND q.give_up_at > clock_timestamp()))
    FROM convonet_admin.policy p
$$;

-- Turns what somebody asked for by an address into a link of the account that has it, with an event. The token's hash is
-- kept only where there is a link.
CREATE OR REPLACE FUNCTION convonet_admin.resolve_link_request(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail    convonet_admin.mail_queue := p_mail;
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    stored  text;
BEGIN
    -- The account's row is the application's, which may hold many; the log's head is soon free.
    PERFORM set_config('lock_timeout', '50ms', true);
    attempt := convonet_admin.begin_self_attempt('send_reset_link', mail.account_id, mail.request_id,
        p_claims || jsonb_build_object('client_address', mail.client_address));
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(mail.account_id) a;
    IF attempt.proceeds THEN
        event := attempt.event;
        IF NOT convonet_admin.is_bcrypt(stored) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        ELSIF convonet_admin.has_enough_links(mail.account_id, stored, (attempt.person).email) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'account_limit');
        ELSE
            token := convonet_admin.new_link(attempt, stored, p_token_hash);
            event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
            attempt.event := event;
            attempt := convonet_admin.with_outcome(attempt, 'done');
        END IF;
    END IF;
    PERFORM set_config('lock_timeout', '1s', true);
    PERFORM convonet_admin.finish_attempt(attempt);
    IF token.id IS NULL THEN
        mail.state := 'void';
    ELSE
        mail.kind := 'reset_link';
        mail.address := token.address;
        mail.token_id := token.id;
    END IF;
    RETURN mail;
END
$$;
-- Mail to whoever may decide: that somebody asks for approval. It says how to decide, and decides nothing.

-- Queues a mail to each address of the policy about a request that was just made. Of one operator's requests each address hears
-- three times an hour, so that whoever asks again and again fills nobody's box. It is given up when the request is over,
-- and left out where the queue is full.
CREATE OR REPLACE FUNCTION convonet_admin.queue_approver_mail(p_asked convonet_admin.approval) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, approval_id, action, request_id, created_at, give_up_at, next_try_at)
    SELECT 'approval_request', a.address, p_asked.id, p_asked.action, gen_random_uuid(), p_asked.requested_at, p_asked.expires_at,
           p_asked.requested_at
    FROM (SELECT DISTINCT unnest(p.approver_addresses) AS address FROM convonet_admin.policy p) a
    WHERE (SELECT count(*) FROM convonet_admin.approval o JOIN convonet_admin.mail_queue q ON q.approval_id = o.id
           WHERE o.requested_by = p_asked.requested_by AND o.requested_at > p_asked.requested_at - interval '1 hour'
             AND q.address = a.address) < 3
      AND convonet_admin.mail_overflow() IS NULL
$$;

-- Whether a request still waits for a second person.
CREATE OR REPLACE FUNCTION convonet_admin.is_undecided(p_asked convonet_admin.approval) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(p_asked.state = 'requested' AND p_asked.expires_at > clock_timestamp(), false)
$$;

-- What such a mail says, for whoever has taken it: of the requester also how many of their requests wait. No row where that mail
-- is no longer theirs to send.
CREATE OR REPLACE FUNCTION convonet_admin.self_approver_mail(p_mail bigint, p_attempt integer)
RETURNS TABLE (action text, account_id uuid, account_email text, requested_by text, operator text, expires_at timestamptz,
               waiting bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.action, a.account_id, a.account_email, a.requested_by, a.operator, a.expires_at,
           (SELECT count(*) FROM convonet_admin.approval o
            WHERE o.requested_by = a.requested_by AND convonet_admin.is_undecided(o))
    FROM convonet_admin.mail_queue q JOIN convonet_admin.approval a ON a.id = q.approval_id
    WHERE q.id = p_mail AND q.attempts = p_attempt AND q.state = 'sending'
$$;
-- Voice PINs that people get by a link that they were sent: nobody else ever sees one.

CREATE OR REPLACE FUNCTION convonet_admin.apply_pin_link(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.with_link(p_attempt, 'voice_pin', p_claims)
$$;

-- Sends somebody a link by which they get a voice PIN.
CREATE OR REPLACE FUNCTION convonet_admin.send_pin_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('send_pin_link', p_account, p_version, NULL, p_request, p_claims)
$$;

-- Whether a PIN link is good now. Looking does not use it up, for programs that look through mail open every link.
CREATE OR REPLACE FUNCTION convonet_admin.self_pin_link_is_good(p_token_hash bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.reset_token t CROSS JOIN LATERAL convonet_admin.hand_read(t.account_id) u
        WHERE t.token_hash = p_token_hash AND t.purpose = 'voice_pin' AND u.is_active
          AND convonet_admin.link_fault(t, u.password_hash, u.email) IS NULL)
$$;

-- Draws a PIN by a link whose account is locked, unless a fault was found.
CREATE OR REPLACE FUNCTION convonet_admin.with_own_pin(
    p_attempt convonet_admin.attempt, p_fault text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_fault IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(p_attempt, 'refused', p_fault);
    END IF;
    RETURN convonet_admin.apply_issued_pin(p_attempt, NULL, '{}');
END
$$;

-- Gives whoever holds the link a voice PIN, which is in the receipt once. No row where there is no such token; an event where there
-- was one and it is no good any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_issue_pin(p_token_hash bytea, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    token   convonet_admin.reset_token;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_issue_pin');
    SELECT * INTO token FROM convonet_admin.reset_token t WHERE t.token_hash = p_token_hash AND t.purpose = 'voice_pin';
    attempt := convonet_admin.begin_holders_attempt(
        'issue_voice_pin', token.account_id, p_request, p_claims, 'link=' || token.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        attempt := convonet_admin.with_link_used(
            convonet_admin.with_own_pin(attempt, convonet_admin.held_link_fault(attempt, token.id, p_token_hash)), token.id);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
-- The queue of mail: whoever sends takes from it and says what became of each; who does so, and how much waits.

-- For how long whoever takes a mail has it: five minutes, and less than the time that it has left, so that another can
-- still send it in time.
CREATE OR REPLACE FUNCTION convonet_admin.mail_lease(p_give_up_at timestamptz) RETURNS interval
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(interval '5 minutes', greatest(interval '20 seconds', (p_give_up_at - clock_timestamp()) / 2))
$$;

-- Whether a program can send mail of a kind, by what it says of itself: those of before say nothing of what came after them.
CREATE OR REPLACE FUNCTION convonet_admin.can_send(p_kind text, p_claims jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim text := CASE p_kind WHEN 'caller_code' THEN 'sends_codes' WHEN 'pin_link' THEN 'sends_pin_links'
                              WHEN 'approval_request' THEN 'sends_approvals' WHEN 'text_code' THEN 'sends_texts' END;
BEGIN
    RETURN claim IS NULL OR coalesce(p_claims ->> claim = 'true', false);
END
$$;

-- Notes that a program asks for mail, and whether it sends to telephones, a few times a minute and without waiting for another that
-- notes the same.
CREATE OR REPLACE FUNCTION convonet_admin.note_mail_program(p_claims jsonb) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.mail_program p
    SET asked_at = clock_timestamp(),
        texts_asked_at = CASE WHEN convonet_admin.can_send('text_code', p_claims) THEN clock_timestamp() ELSE p.texts_asked_at END
    WHERE p.only_one IN (
        SELECT s.only_one FROM convonet_admin.mail_program s
        WHERE s.asked_at NOT BETWEEN clock_timestamp() - interval '20 seconds' AND clock_timestamp()
           OR convonet_admin.can_send('text_code', p_claims)
              AND (s.texts_asked_at BETWEEN clock_timestamp() - interval '20 seconds' AND clock_timestamp()) IS NOT TRUE
        FOR UPDATE SKIP LOCKED);
    INSERT INTO convonet_admin.mail_program (asked_at, texts_asked_at)
    SELECT clock_timestamp(), CASE WHEN convonet_admin.can_send('text_code', p_claims) THEN clock_timestamp() END
    WHERE NOT EXISTS (SELECT FROM convonet_admin.mail_program) ON CONFLICT DO NOTHING;
$$;

-- When a program that sends mail last asked for some, whether one does so now, and how much waits; how much of that could not be
-- sent yet, and why the newest of it could not; whether there is no room for more, and whether codes go to telephones. What
-- texts_are_sent says is written out, and mail_overflow is called only where as many wait as its limit: either is planned anew for each
-- session that looks at one account.
CREATE OR REPLACE FUNCTION convonet_admin.mail_state()
RETURNS TABLE (asked_at timestamptz, is_asking boolean, waiting bigint, failing bigint, last_error text, is_full boolean,
               sends_texts boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.asked_at, coalesce(p.asked_at > clock_timestamp() - interval '2 minutes', false), w.waiting, w.failing, w.last_error,
           -- Of what waits, some may not count.
           w.waiting >= 10000 AND convonet_admin.mail_overflow() IS NOT NULL, p.sends_texts
    FROM (SELECT max(m.asked_at) AS asked_at,
                 coalesce(bool_or(m.texts_asked_at BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp()), false)
                     AS sends_texts
          FROM convonet_admin.mail_program m) p
    CROSS JOIN (SELECT count(*) AS waiting, count(q.last_error) AS failing,
                       substr(max(lpad(q.id::text, 20, '0') || q.last_error), 21) AS last_error
                FROM convonet_admin.mail_queue q WHERE q.state IN ('waiting', 'sending')) w
$$;

-- The same for the metrics of self-service, in numbers alone: why a mail could not be sent is for staff. What was given up is that of
-- the last day, and the ages are those of the oldest which are not done: one address that takes no mail must not look like a queue that
-- stands still.
CREATE OR REPLACE FUNCTION convonet_admin.self_mail_state()
RETURNS TABLE (is_sending boolean, sends_texts boolean, is_full boolean, waiting bigint, sending bigint, failed bigint,
               untried_seconds bigint, tried_seconds bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.is_asking, m.sends_texts, m.is_full, w.waiting, w.sending, f.failed,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - w.untried), 0))::bigint,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - w.tried), 0))::bigint
    FROM convonet_admin.mail_state() m
    CROSS JOIN (SELECT count(*) FILTER (WHERE q.state = 'waiting') AS waiting, count(*) FILTER (WHERE q.state = 'sending') AS sending,
                       min(q.created_at) FILTER (WHERE q.attempts = 0) AS untried,
                       min(q.created_at) FILTER (WHERE q.attempts > 0) AS tried
                FROM convonet_admin.mail_queue q WHERE q.state IN ('waiting', 'sending')) w
    CROSS JOIN (SELECT count(*) AS failed FROM convonet_admin.mail_queue q
                WHERE q.state = 'failed' AND q.ended_at > clock_timestamp() - interval '24 hours') f
$$;

-- Makes mail ready that is to be sent now: with state failed or void where it is not to be; without an id where there is to be looked
-- again. Its link's token becomes that of the given hash. What staff may hold by an open transaction is not waited for; and what
-- somebody may need is held only once the application's and the site's code have been run, which may take its time.
CREATE OR REPLACE FUNCTION convonet_admin.prepared_mail(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail   convonet_admin.mail_queue := p_mail;
    token  convonet_admin.reset_token;
    person convonet_admin.person;
    code   convonet_admin.caller_code;
    number text;
    fault  text;
BEGIN
    IF mail.give_up_at <= clock_timestamp() THEN
        mail.state := 'failed';
        mail.last_error := coalesce(mail.last_error, 'too late');
    ELSIF mail.kind = 'link_request' AND mail.account_id IS NULL THEN
        mail.id := NULL;
        mail.last_error := convonet_admin.look_up_addresses(mail.looked_up_at IS NOT NULL);
    ELSIF mail.kind = 'link_request' THEN
        mail := convonet_admin.resolve_link_request(mail, p_token_hash, p_claims);
    ELSIF mail.kind IN ('reset_link', 'pin_link') THEN
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        IF person.id IS NULL THEN
            PERFORM convonet_admin.require_visible_people();
        END IF;
        SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = mail.token_id FOR UPDATE NOWAIT;
        IF person.is_active IS NOT TRUE OR convonet_admin.link_fault(token, person.password_hash, person.email)
                IN ('link_used', 'link_void', 'link_outdated') THEN
            mail.state := 'void';
        ELSE
            UPDATE convonet_admin.reset_token t
            SET token_hash = p_token_hash,
                expires_at = clock_timestamp() + make_interval(mins => (SELECT p.reset_link_minutes FROM convonet_admin.policy p))
            WHERE t.id = token.id;
        END IF;
    ELSIF mail.kind = 'notice' AND convonet_admin.is_needless(mail) THEN
        mail.state := 'void';
    ELSIF mail.kind = 'approval_request' AND NOT EXISTS (
            SELECT FROM convonet_admin.approval a WHERE a.id = mail.approval_id AND convonet_admin.is_undecided(a)) THEN
        mail.state := 'void';
    ELSIF mail.kind IN ('caller_code', 'text_code') THEN
        -- The code itself is stored once the sender has made it.
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        IF person.id IS NULL THEN
            PERFORM convonet_admin.require_visible_people();
        END IF;
        number := (SELECT convonet_admin.number_of(c) FROM convonet_admin.caller_code c WHERE c.id = mail.code_id);
        SELECT c.* INTO code FROM convonet_admin.caller_code c WHERE c.id = mail.code_id FOR UPDATE NOWAIT;
        fault := convonet_admin.code_fault(code, person.email, number);
        IF code.number IS NOT NULL AND number = '?' THEN
            RAISE EXCEPTION 'the telephone number cannot be read now' USING ERRCODE = 'lock_not_available';
        ELSIF fault NOT IN ('code_not_sent', 'code_expired', 'code_tries') THEN
            mail.state := 'void';
        END IF;
        IF fault = 'code_outdated' THEN
            PERFORM convonet_admin.end_outdated_code(code);
        END IF;
    END IF;
    RETURN mail;
END
$$;

-- What a mail calls somebody; NULL where that cannot be read now. Where it took too long, only a mail that needs nothing else of the
-- account goes out all the same: a statement's time is over only once.
CREATE OR REPLACE FUNCTION convonet_admin.name_for_mail(p_mail convonet_admin.mail_queue) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT u.first_name FROM convonet_admin.hand_read(p_mail.account_id) u);
EXCEPTION
    WHEN query_canceled THEN
        IF p_mail.kind IN ('notice', 'approval_request') THEN
            RETURN NULL;
        END IF;
        RAISE;
    WHEN OTHERS OR assert_failure THEN
        RETURN NULL;
END
$$;

-- The same for whoever takes from the queue, with what the mail calls somebody, read before anything is locked. What somebody holds, or cannot be read, is looked at again a little later, and with it
-- all that needs the same: the account, or the log's head. So nobody else's mail waits behind it. Without an id, and the SQLSTATE in
-- `last_error`, where it was put off.
CREATE OR REPLACE FUNCTION convonet_admin.prepared_or_put_off(
    p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb, OUT mail convonet_admin.mail_queue, OUT first_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    error   text;
    held    text;
    is_held boolean;
BEGIN
    -- Of what is too late nothing is read, nor where nobody is known yet.
    IF p_mail.account_id IS NOT NULL AND p_mail.give_up_at > clock_timestamp() THEN
        first_name := convonet_admin.name_for_mail(p_mail);
    END IF;
    mail := convonet_admin.prepared_mail(p_mail, p_token_hash, p_claims);
EXCEPTION
    -- Also where it took too long, or the application's code says so.
    WHEN OTHERS OR assert_failure OR query_canceled THEN
        GET STACKED DIAGNOSTICS error = RETURNED_SQLSTATE, held = TABLE_NAME;
        is_held := error IN ('55P03', '40P01', 'P0002');
        UPDATE convonet_admin.mail_queue q
        SET next_try_at = clock_timestamp() + CASE WHEN is_held THEN interval '5 seconds' ELSE interval '1 minute' END,
            last_error = CASE WHEN is_held THEN q.last_error ELSE 'SQLSTATE ' || error END
        WHERE q.id IN (SELECT o.id FROM convonet_admin.mail_queue o
                       WHERE o.id = p_mail.id OR o.state = 'waiting' AND o.kind = p_mail.kind
                             AND (o.account_id = p_mail.account_id OR is_held AND held = 'log'
                                  -- The site's view of numbers is as slow for everybody.
                                  OR error = '57014' AND o.kind = 'text_code')
                       FOR UPDATE SKIP LOCKED);
        mail := jsonb_populate_record(NULL::convonet_admin.mail_queue, jsonb_build_object('last_error', error));
END
$$;

-- Ends a mail that is not sent. A request for a link leaves nothing: what somebody typed is nobody's.
CREATE OR REPLACE FUNCTION convonet_admin.discard_mail(p_mail convonet_admin.mail_queue) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM convonet_admin.mail_queue q WHERE q.id = p_mail.id AND p_mail.kind = 'link_request';
    UPDATE convonet_admin.mail_queue q
    SET state = p_mail.state, last_error = p_mail.last_error, ended_at = clock_timestamp() WHERE q.id = p_mail.id
$$;

-- The mail that is due longest and that a program with these claims can send; all NULL where there is none that nobody else has.
CREATE OR REPLACE FUNCTION convonet_admin.due_mail(p_claims jsonb) RETURNS convonet_admin.mail_queue
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT q.* FROM convonet_admin.mail_queue q
    WHERE q.state IN ('waiting', 'sending')
      AND convonet_admin.can_send(q.kind, p_claims)
      -- The longest pause is an hour: what is further away was put there by a clock that was wrong.
      AND (q.next_try_at <= clock_timestamp() OR q.next_try_at > clock_timestamp() + interval '61 minutes')
    -- Whom somebody is on the phone with first; then what must be heard of in time before links, and what staff send before
    -- what anybody can ask for: by some minutes, so that none keeps another waiting for good.
    ORDER BY q.next_try_at + CASE q.kind WHEN 'caller_code' THEN interval '-3 minutes' WHEN 'text_code' THEN interval '-3 minutes'
                                         WHEN 'notice' THEN interval '-1 minute' WHEN 'link_request' THEN interval '1 minute' ELSE interval '0' END, q.id
    LIMIT 1 FOR UPDATE SKIP LOCKED
$$;

-- Takes the mail that is due longest, for a while (mail_lease): whoever has not ended it by then is taken to be gone, and
-- `patience` is how many seconds the mail program may take. The caller brings the hash of a new token, which becomes the
-- link's if the mail carries one; of a token that was sent before, or lost with the program that held it, nothing is left.
-- For a code it brings none: it gets the key of who asked for one, and makes and stores the code itself. No row where nothing is
-- due; one without an id where more may be, and there was no time to go on.
CREATE OR REPLACE FUNCTION convonet_admin.self_take_mail(p_token_hash bytea, p_claims jsonb)
RETURNS TABLE (id bigint, attempt integer, kind text, address text, first_name text, action text, actor_kind text,
               occurred_at timestamptz, expires_at timestamptz, patience integer, asker_key bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
#variable_conflict use_column
DECLARE
    mail     convonet_admin.mail_queue;
    prepared record;
    lease    interval;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_take_mail');
    PERFORM convonet_admin.forbid_preparing();
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a token has a SHA-256' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.note_mail_program(p_claims);
    FOR mails IN 1..50 LOOP
        -- Looking for addresses that nobody has may walk through the table: what was done so far must be kept, and not be
        -- lost to a time limit.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
        mail := convonet_admin.due_mail(p_claims);
        IF mail.id IS NULL THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        SELECT * INTO prepared FROM convonet_admin.prepared_or_put_off(mail, p_token_hash, p_claims);
        mail := prepared.mail;
        -- A statement's time is over only once: what comes now would have none.
        EXIT WHEN mail.id IS NULL AND mail.last_error = '57014';
        CONTINUE WHEN mail.id IS NULL;
        IF mail.state IN ('failed', 'void') THEN
            -- The log's head and somebody's row may be locked now: no other mail is prepared under that.
            PERFORM convonet_admin.discard_mail(mail);
            EXIT;
        END IF;
        lease := convonet_admin.mail_lease(mail.give_up_at);
        UPDATE convonet_admin.mail_queue q
        SET kind = mail.kind, address = mail.address, account_id = mail.account_id, token_id = mail.token_id,
            state = 'sending', attempts = q.attempts + 1, next_try_at = clock_timestamp() + lease, report_hash = p_token_hash
        WHERE q.id = mail.id;
        RETURN QUERY
        SELECT mail.id, mail.attempts + 1, mail.kind, mail.address, prepared.first_name, mail.action,
               mail.actor_kind, mail.created_at,
               convonet_admin.told_end(mail),
               least(60, extract(epoch FROM lease)::integer - 10),
               (SELECT c.asker_key FROM convonet_admin.caller_code c WHERE c.id = mail.code_id);
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END LOOP;
    RETURN QUERY SELECT NULL::bigint, NULL::integer, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
                        NULL::timestamptz, NULL::timestamptz, NULL::integer, NULL::bytea;
    PERFORM convonet_admin.finish_without_receipt();
END
$$;

-- Says what became of mail that was taken: sent, failed for good, or to be tried again after a pause that grows from
-- fifteen seconds to an hour. Only the one who took it last may.
CREATE OR REPLACE FUNCTION convonet_admin.self_end_mail(p_id bigint, p_attempt integer, p_outcome text, p_error text)
RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.forbid_preparing();
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

-- Forgets what nobody needs any more: mail and codes after a month, links after three, and what can no longer be taken back. What
-- somebody holds is left for the next time, and so is a link or a code whose mail is still there, which would go with it, or be
-- locked: it can be reported for a week.
CREATE OR REPLACE FUNCTION convonet_admin.forget_what_is_over() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.forbid_preparing();
    DELETE FROM convonet_admin.mail_queue d WHERE d.id IN (
        SELECT q.id FROM convonet_admin.mail_queue q
        WHERE coalesce(q.ended_at, q.give_up_at) < clock_timestamp() - interval '30 days' FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.reset_token d WHERE d.id IN (
        SELECT t.id FROM convonet_admin.reset_token t
        WHERE t.created_at < clock_timestamp() - interval '90 days'
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_queue q WHERE q.token_id = t.id) FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.caller_code d WHERE d.id IN (
        SELECT c.id FROM convonet_admin.caller_code c
        WHERE c.created_at < clock_timestamp() - interval '1 day'
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_queue q WHERE q.code_id = c.id) FOR UPDATE SKIP LOCKED);
    SELECT convonet_admin.forget_replaced();
    DELETE FROM convonet_admin.temporary_password d WHERE (d.account_id, d.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.expired_at < clock_timestamp() - interval '90 days' FOR UPDATE SKIP LOCKED);
$$;

CREATE OR REPLACE FUNCTION convonet_admin.tidy() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    PERFORM convonet_admin.require_plain_session('tidy');
    PERFORM convonet_admin.forget_what_is_over();
    PERFORM convonet_admin.finish_without_receipt();
END
$$;

-- The same, and the counters of self-service: nobody else may hold these, for whoever asks for something waits for them.
CREATE OR REPLACE FUNCTION convonet_admin.self_tidy() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    PERFORM convonet_admin.require_plain_session('self_tidy');
    PERFORM convonet_admin.forget_what_is_over();
    DELETE FROM convonet_admin.request_counter d WHERE d.key IN (
        SELECT c.key FROM convonet_admin.request_counter c
        WHERE c.began_at NOT BETWEEN clock_timestamp() - interval '24 hours' AND clock_timestamp() + interval '1 minute'
        FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.wrong_password d WHERE d.account_id IN (
        SELECT w.account_id FROM convonet_admin.wrong_password w
        WHERE w.last_at < clock_timestamp() - interval '2 days' FOR UPDATE SKIP LOCKED);
    PERFORM convonet_admin.finish_without_receipt();
END
$$;
-- "That was not me": whoever gets a mail of ours about something that they know nothing of ends what could come of it.

-- The event by which an account has what is stored in a column now, as far as is known: what was taken back set nothing. NULL where
-- the application changed it since, and the log does not have that yet.
CREATE OR REPLACE FUNCTION convonet_admin.standing_event(p_account uuid, p_column text) RETURNS convonet_admin.audit_event
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.* FROM convonet_admin.audit_event e LEFT JOIN convonet_admin.actions() a ON a.name = e.action
    -- A range, as in account_history.
    WHERE e.account_id BETWEEN p_account AND p_account AND e.outcome = 'done'
      AND (a.column_name = p_column AND NOT EXISTS (
               SELECT FROM convonet_admin.audit_event u
               WHERE u.account_id = e.account_id AND u.sequence > e.sequence AND u.action = 'undo' AND u.outcome = 'done'
                 AND convonet_admin.undone_receipt(u.detail) = e.sequence)
           OR e.action = 'direct_change' AND e.detail ~ ('^columns=[a-z_,]*' || p_column))
      AND NOT EXISTS (SELECT FROM convonet_admin.direct_change d
                      WHERE d.account_id = p_account AND d.columns ~ ('^[a-z_,]*' || p_column))
    ORDER BY e.account_id, e.sequence DESC LIMIT 1
$$;

-- Ends the password or PIN that a mail told of, or that its link or code was used for, unless something came after it: whoever set
-- it, saw it or got it read out is not the person who has the mail.
CREATE OR REPLACE FUNCTION convonet_admin.with_told_value_ended(
    p_attempt convonet_admin.attempt, p_request uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    told    record;
BEGIN
    SELECT e.sequence, a.column_name INTO told
    FROM convonet_admin.audit_event m
    JOIN convonet_admin.audit_event e ON e.account_id = m.account_id AND (
        e.sequence = m.sequence
        OR e.actor_kind = 'self' AND substring(e.detail FROM 'link=[0-9a-f-]{36}') = substring(m.detail FROM 'link=[0-9a-f-]{36}'))
    JOIN convonet_admin.actions() a ON a.name = e.action
    WHERE m.request_id = p_request AND m.account_id = event.account_id AND m.outcome = 'done'
      AND e.outcome = 'done' AND e.actor_kind IN ('operator', 'self') AND a.column_name IN ('password_hash', 'voice_pin')
    ORDER BY e.sequence DESC LIMIT 1;
    IF told.sequence IS NULL OR told.sequence IS DISTINCT FROM (
            convonet_admin.standing_event(event.account_id, told.column_name)).sequence THEN
        RETURN attempt;
    END IF;
    attempt := convonet_admin.with_written_or_failed(attempt, told.column_name,
        CASE told.column_name WHEN 'password_hash' THEN convonet_admin.hash_that_fits_nothing() END);
    -- The rest of the report holds, whatever the application's code says to this.
    event.detail := concat_ws(' ', (attempt.event).detail,
        CASE WHEN (attempt.event).outcome = 'done' THEN 'ended=' ELSE 'kept=' END || told.sequence);
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Ends links, codes, what callers have proven, and what the mail told of; and freezes the account until a supervisor has looked
-- into it. The event ends the application's tokens. A note that stops already stays.
CREATE OR REPLACE FUNCTION convonet_admin.apply_report(
    p_attempt convonet_admin.attempt, p_request uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
BEGIN
    event.reason := 'the person reported: that was not me';
    attempt.event := event;
    attempt := convonet_admin.with_told_value_ended(attempt, p_request);
    PERFORM convonet_admin.revoked_links(event.account_id);
    -- What was asked for or approved knew the caller as proven.
    PERFORM convonet_admin.end_approvals(event.account_id, false);
    -- Whoever looks at a caller's code has the head first, too.
    PERFORM convonet_admin.lock_head();
    -- Those that were asked for while this one waited.
    PERFORM convonet_admin.end_approvals(event.account_id, true);
    -- Those of the day: older ones prove nothing, and tidying may have locked them.
    PERFORM convonet_admin.end_outdated_code(c) FROM convonet_admin.caller_code c
    WHERE c.account_id = event.account_id AND c.created_at > clock_timestamp() - interval '23 hours';
    UPDATE convonet_admin.caller_code c SET proven_at = NULL, points = NULL
    WHERE c.account_id = event.account_id AND c.created_at > clock_timestamp() - interval '23 hours';
    INSERT INTO convonet_admin.account_freeze (account_id, frozen_at, db_user, note)
    VALUES (event.account_id, clock_timestamp(), event.db_user, event.reason) ON CONFLICT (account_id) DO NOTHING;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Takes the report of whoever has what a mail of the last week carried, once. No row where there is no such mail.
CREATE OR REPLACE FUNCTION convonet_admin.self_report(p_token_hash bytea, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    mail    convonet_admin.mail_queue;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_report');
    SELECT q.* INTO mail FROM convonet_admin.mail_queue q
    WHERE q.report_hash = p_token_hash AND q.created_at > clock_timestamp() - interval '7 days';
    attempt := convonet_admin.begin_holders_attempt('report_not_me', mail.account_id, p_request, p_claims, 'mail=' || mail.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        -- Another that came at the same time has used it up.
        PERFORM FROM convonet_admin.mail_queue q
        WHERE q.id = mail.id AND q.report_hash = p_token_hash AND q.reported_at IS NULL FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        attempt := convonet_admin.apply_report(attempt, mail.request_id);
        -- Where what it told of could not be ended now, it can be reported again.
        UPDATE convonet_admin.mail_queue q SET reported_at = clock_timestamp()
        WHERE q.id = mail.id AND (attempt.event).detail !~ ' kept=';
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
DO $$ BEGIN
-- The events with which the application's tokens from before end, but for those that were taken back later.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
SELECT l.account_id, max(l.not_before) AS not_before, l.sequence
FROM (
    SELECT e.account_id, e.occurred_at + CASE WHEN e.actor_kind IN ('operator', 'schedule') THEN interval '2 seconds' ELSE interval '0' END AS not_before, e.sequence, false AS is_undone
    FROM convonet_admin.audit_event e
    WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'deactivate', 'sign_out', 'change_password', 'report_not_me', 'expire_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
    UNION ALL
    SELECT u.account_id, NULL, substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint, true
    FROM convonet_admin.audit_event u
    WHERE u.action = 'undo' AND u.outcome = 'done' AND u.account_id IS NOT NULL
      AND substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint < u.sequence) l
GROUP BY l.account_id, l.sequence
HAVING NOT bool_or(l.is_undone);

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;

-- For the application: who has a password that staff gave them for a time, and has to set another before then. Whoever has none
-- is not there.
CREATE OR REPLACE VIEW convonet_admin.password_state WITH (security_barrier) AS
SELECT a.account_id, true AS must_change, s.until
FROM (SELECT DISTINCT t.account_id FROM convonet_admin.temporary_password t WHERE t.expired_at IS NULL) a
CROSS JOIN LATERAL convonet_admin.temporary_password_state(a.account_id) s
WHERE s.until IS NOT NULL AND s.expired_at IS NULL;

-- For staff: whose account nobody changes for now. Why, `account_obstacles` says to those who may change or audit it.
CREATE OR REPLACE VIEW convonet_admin.frozen_accounts AS
SELECT f.account_id,
       -- The person said that something was not them, and nobody has lifted it since.
       EXISTS (SELECT FROM convonet_admin.audit_event e
               WHERE e.account_id = f.account_id AND e.action = 'report_not_me' AND e.outcome = 'done'
                 AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u
                                 WHERE u.account_id = e.account_id AND u.action = 'unfreeze' AND u.outcome = 'done'
                                   AND u.sequence > e.sequence)) AS is_reported
FROM convonet_admin.account_freeze f;

EXCEPTION WHEN invalid_table_definition THEN
DROP VIEW IF EXISTS convonet_admin.token_end, convonet_admin.tokens_not_before, convonet_admin.password_changes, convonet_admin.password_state, convonet_admin.frozen_accounts;
-- The events with which the application's tokens from before end, but for those that were taken back later.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
SELECT l.account_id, max(l.not_before) AS not_before, l.sequence
FROM (
    SELECT e.account_id, e.occurred_at + CASE WHEN e.actor_kind IN ('operator', 'schedule') THEN interval '2 seconds' ELSE interval '0' END AS not_before, e.sequence, false AS is_undone
    FROM convonet_admin.audit_event e
    WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'deactivate', 'sign_out', 'change_password', 'report_not_me', 'expire_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
    UNION ALL
    SELECT u.account_id, NULL, substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint, true
    FROM convonet_admin.audit_event u
    WHERE u.action = 'undo' AND u.outcome = 'done' AND u.account_id IS NOT NULL
      AND substring(u.detail FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint < u.sequence) l
GROUP BY l.account_id, l.sequence
HAVING NOT bool_or(l.is_undone);

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;

-- For the application: who has a password that staff gave them for a time, and has to set another before then. Whoever has none
-- is not there.
CREATE OR REPLACE VIEW convonet_admin.password_state WITH (security_barrier) AS
SELECT a.account_id, true AS must_change, s.until
FROM (SELECT DISTINCT t.account_id FROM convonet_admin.temporary_password t WHERE t.expired_at IS NULL) a
CROSS JOIN LATERAL convonet_admin.temporary_password_state(a.account_id) s
WHERE s.until IS NOT NULL AND s.expired_at IS NULL;

-- For staff: whose account nobody changes for now. Why, `account_obstacles` says to those who may change or audit it.
CREATE OR REPLACE VIEW convonet_admin.frozen_accounts AS
SELECT f.account_id,
       -- The person said that something was not them, and nobody has lifted it since.
       EXISTS (SELECT FROM convonet_admin.audit_event e
               WHERE e.account_id = f.account_id AND e.action = 'report_not_me' AND e.outcome = 'done'
                 AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u
                                 WHERE u.account_id = e.account_id AND u.action = 'unfreeze' AND u.outcome = 'done'
                                   AND u.sequence > e.sequence)) AS is_reported
FROM convonet_admin.account_freeze f;

END $$;
DO $$
DECLARE
    pins   text;
    called regprocedure;
BEGIN
    SELECT string_agg(format('SET %I TO %L', s.name, v.value), ' ' ORDER BY s.name) INTO pins
    FROM (VALUES ('exit_on_error', 'off'), ('client_min_messages', 'error'), ('log_parameter_max_length_on_error', '0'), ('debug_print_parse', 'off'), ('debug_print_rewritten', 'off'), ('debug_print_plan', 'off'), ('trace_notify', 'off'), ('trace_sort', 'off'), ('escape_string_warning', 'on'), ('standard_conforming_strings', 'on'), ('backslash_quote', 'safe_encoding'), ('array_nulls', 'on'), ('transform_null_equals', 'off'), ('quote_all_identifiers', 'off'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('xmlbinary', 'base64'), ('xmloption', 'content'), ('row_security', 'on'), ('stats_fetch_consistency', 'cache'), ('constraint_exclusion', 'partition'), ('plan_cache_mode', 'force_custom_plan'), ('cursor_tuple_fraction', '0.1'), ('from_collapse_limit', '8'), ('join_collapse_limit', '8'), ('geqo', 'on'), ('geqo_threshold', '12'), ('gin_fuzzy_search_limit', '0'), ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('seq_page_cost', '1'), ('random_page_cost', '4'), ('cpu_tuple_cost', '0.01'), ('cpu_index_tuple_cost', '0.005'), ('cpu_operator_cost', '0.0025'), ('effective_cache_size', '4GB'), ('enable_async_append', 'on'), ('enable_bitmapscan', 'on'), ('enable_distinct_reordering', 'on'), ('enable_gathermerge', 'on'), ('enable_group_by_reordering', 'on'), ('enable_hashagg', 'on'), ('enable_hashjoin', 'on'), ('enable_incremental_sort', 'on'), ('enable_indexonlyscan', 'on'), ('enable_indexscan', 'on'), ('enable_material', 'on'), ('enable_memoize', 'on'), ('enable_mergejoin', 'on'), ('enable_nestloop', 'on'), ('enable_partition_pruning', 'on'), ('enable_partitionwise_aggregate', 'off'), ('enable_partitionwise_join', 'off'), ('enable_presorted_aggregate', 'on'), ('enable_self_join_elimination', 'on'), ('enable_seqscan', 'on'), ('enable_sort', 'on'), ('enable_tidscan', 'on')) AS v (name, value)
    JOIN pg_settings s ON s.name = v.name AND s.context = 'user';
    FOR called IN SELECT p.oid FROM pg_proc p
                  WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef
                    AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) LOOP
        EXECUTE format('ALTER FUNCTION %s %s', called, pins);
    END LOOP;
END
$$;
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH own AS (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user),
        granted (kind, name, owner, grantee) AS (
            SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, a.grantee
            FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'convonet_admin'
            UNION SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                   a.grantee
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
            UNION SELECT 'TABLE', c.oid::regclass::text, c.relowner, a.grantee
            FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
            WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v')
            UNION SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, a.grantee
            FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
            WHERE p.pronamespace = 'convonet_admin'::regnamespace
            -- Whoever has a column of a type of ours keeps us from changing it.
            UNION SELECT 'TYPE', t.oid::regtype::text, t.typowner, a.grantee
            FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
            WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c')
        SELECT format('REVOKE ALL ON %s %s FROM %s CASCADE', g.kind, g.name,
                      CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
        FROM granted g WHERE g.owner = (SELECT oid FROM own) AND g.grantee <> g.owner
        UNION ALL
        SELECT format('ALTER TABLE %s RESET (%s%s)', c.oid::regclass, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END,
                      quote_ident(split_part(option, '=', 1)))
        FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relowner = (SELECT oid FROM own)
        UNION ALL
        SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
            AND c.relowner = (SELECT oid FROM own) AND (c.relrowsecurity OR c.relforcerowsecurity)
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
DROP TRIGGER IF EXISTS append_only ON convonet_admin.audit_event;
DROP TRIGGER IF EXISTS append_only ON convonet_admin.audit_head;
DROP TRIGGER IF EXISTS moves_on ON convonet_admin.audit_head;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON convonet_admin.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON convonet_admin.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
CREATE TRIGGER moves_on BEFORE UPDATE ON convonet_admin.audit_head
    FOR EACH ROW EXECUTE FUNCTION convonet_admin.check_head();
ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on;
-- Who may see what. Nobody has a right on the users' table or to write the log. What may be called stands with each function.
GRANT USAGE ON SCHEMA convonet_admin TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor", "desk_selfservice",
    "desk_application", "desk_scheduler";
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy, convonet_admin.as_installed, convonet_admin.frozen_accounts
    TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy TO "desk_scheduler";
GRANT SELECT ON convonet_admin.audit_event, convonet_admin.audit_head TO "desk_auditor";
GRANT SELECT ON convonet_admin.tokens_not_before, convonet_admin.password_changes, convonet_admin.password_state
    TO "desk_application";
GRANT EXECUTE ON FUNCTION convonet_admin.people_are_hidden() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.log_end() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.account_is_protected(uuid) TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_code(uuid, bytea, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_text(uuid, bytea, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.verify_caller(uuid, bytea, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.caller_state(uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.self_store_caller_code(bigint, integer, bytea, bytea) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.decide_approval(bigint, text, uuid, jsonb) TO "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.approvals(bigint, boolean, boolean, integer) TO "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.account_approvals(uuid) TO "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.pending_approvals() TO "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.untold_refusals() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.rehearse_change(text, uuid, text, uuid, jsonb) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.reset_password(uuid, text, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.set_voice_pin(uuid, text, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.clear_voice_pin(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.set_account_active(uuid, text, boolean, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.set_account_verified(uuid, text, boolean, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.told_rows() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.sign_out(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.undo_change(uuid, text, bigint, uuid, jsonb) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.rehearse_undo(uuid, bigint, jsonb) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.undoable_changes(uuid, jsonb) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.account_of_receipt(bigint) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.record_refusal(uuid, text, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.account_history(uuid, integer) TO "desk_operator", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.own_recent_events(integer, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.accounts_changed_within(integer) TO "desk_operator", "desk_auditor";
GRANT EXECUTE ON FUNCTION convonet_admin.set_policy(jsonb, uuid, jsonb) TO "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.self_schema_version() TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_serves_from() TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_policy() TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_admit(text, text, bytea, boolean) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_request_link(text, text, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_record_refusal(text, uuid, text, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_link_holder(bytea) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_reset_password(bytea, text, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_signed_in(uuid) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_token_holder(uuid, bigint) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_check_old_password(uuid, text, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_change_password(uuid, text, text, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.issue_reset_code(uuid, text, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.reset_codes(uuid, integer) TO "desk_operator", "desk_auditor";
GRANT EXECUTE ON FUNCTION convonet_admin.self_code_setting(text[]) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_enter_code(text[], text, bytea, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.temporary_password_state(uuid) TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.temporary_password_state(uuid) TO "desk_application";
GRANT EXECUTE ON FUNCTION convonet_admin.account_temporary_password(uuid) TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.take_due_password() TO "desk_selfservice", "desk_scheduler";
GRANT EXECUTE ON FUNCTION convonet_admin.end_due_passwords(uuid) TO "desk_selfservice", "desk_scheduler";
GRANT EXECUTE ON FUNCTION convonet_admin.overdue_passwords() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.freeze_account(uuid, text, uuid, jsonb) TO "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.unfreeze_account(uuid, text, uuid, jsonb) TO "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.unblock_account(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.account_obstacles(uuid) TO "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.send_reset_link(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.revoke_reset_links(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.reset_links(uuid, integer) TO "desk_operator", "desk_auditor";
GRANT EXECUTE ON FUNCTION convonet_admin.self_approver_mail(bigint, integer) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.send_pin_link(uuid, text, uuid, jsonb) TO "desk_operator";
GRANT EXECUTE ON FUNCTION convonet_admin.self_pin_link_is_good(bytea) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_issue_pin(bytea, uuid, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.mail_state() TO "desk_viewer", "desk_operator", "desk_auditor", "desk_supervisor";
GRANT EXECUTE ON FUNCTION convonet_admin.self_mail_state() TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_take_mail(bytea, jsonb) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_end_mail(bigint, integer, text, text) TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.tidy() TO "desk_operator", "desk_supervisor", "desk_scheduler";
GRANT EXECUTE ON FUNCTION convonet_admin.self_tidy() TO "desk_selfservice";
GRANT EXECUTE ON FUNCTION convonet_admin.self_report(bytea, uuid, jsonb) TO "desk_selfservice";
DELETE FROM convonet_admin.refused_pin;
ANALYZE convonet_admin.refused_pin;
INSERT INTO convonet_admin.operator_slot (slot) SELECT generate_series(0, 63) ON CONFLICT DO NOTHING;
INSERT INTO convonet_admin.installation (schema_version, serves_from, users_table, role_prefix)
VALUES (11, 5, '"public"."users_convonet"', 'desk_');
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
UPDATE convonet_admin.installation SET watches_direct_changes = true;
SET LOCAL ROLE "convonet_owner";
DROP TRIGGER IF EXISTS convonet_admin_direct_change ON "public"."users_convonet";
DROP TRIGGER IF EXISTS convonet_admin_direct_change_delete ON "public"."users_convonet";
DROP TRIGGER IF EXISTS convonet_admin_direct_change_truncate ON "public"."users_convonet";
CREATE TRIGGER convonet_admin_direct_change AFTER UPDATE ON "public"."users_convonet" FOR EACH ROW
WHEN ((OLD.password_hash)::text COLLATE "C" IS DISTINCT FROM (NEW.password_hash)::text
      OR (OLD.voice_pin)::text COLLATE "C" IS DISTINCT FROM (NEW.voice_pin)::text
      OR OLD.is_active IS DISTINCT FROM NEW.is_active OR OLD.id IS DISTINCT FROM NEW.id)
EXECUTE FUNCTION convonet_admin.note_direct_change();
CREATE TRIGGER convonet_admin_direct_change_delete AFTER DELETE ON "public"."users_convonet" FOR EACH ROW
EXECUTE FUNCTION convonet_admin.note_direct_change();
CREATE TRIGGER convonet_admin_direct_change_truncate AFTER TRUNCATE ON "public"."users_convonet" FOR EACH STATEMENT
EXECUTE FUNCTION convonet_admin.note_direct_change();
ALTER TABLE "public"."users_convonet" ENABLE ALWAYS TRIGGER convonet_admin_direct_change;
ALTER TABLE "public"."users_convonet" ENABLE ALWAYS TRIGGER convonet_admin_direct_change_delete;
ALTER TABLE "public"."users_convonet" ENABLE ALWAYS TRIGGER convonet_admin_direct_change_truncate;
SET LOCAL ROLE "desk_owner";
DO $$
DECLARE
    note    regprocedure := 'convonet_admin.note_direct_change()'::regprocedure;
    grantee text;
BEGIN
    FOR grantee IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                   FROM pg_proc p, aclexplode(p.proacl) a WHERE p.oid = note AND a.grantee <> p.proowner LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', note, grantee);
    END LOOP;
    SELECT pg_get_userbyid(c.relowner) INTO grantee FROM pg_class c, pg_proc p
    WHERE c.oid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = 'users_convonet') AND p.oid = note AND c.relowner <> p.proowner;
    IF FOUND THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', note, grantee);
    END IF;
END
$$;
SET LOCAL ROLE "convonet_owner";
SET LOCAL ROLE "desk_owner";
DELETE FROM convonet_admin.as_installed;
INSERT INTO convonet_admin.as_installed (line) SELECT l.line FROM (SELECT format('schema convonet_admin: owner %s', pg_get_userbyid(n.nspowner))
FROM pg_namespace n WHERE n.nspname = 'convonet_admin' UNION ALL SELECT format('%s %s: owner %s%s%s%s', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
              WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'relation of kind ' || c.relkind::text END, c.relname,
              pg_get_userbyid(c.relowner), CASE WHEN c.relrowsecurity THEN ', row-level security' END,
              CASE WHEN c.relforcerowsecurity THEN ', row-level security for its owner, too' END,
              CASE WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid)
                   THEN ', rules' END)
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 't')
UNION ALL SELECT format('table %s: option %s%s', c.relname, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END, option)
FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' UNION ALL SELECT format('%s: %s to %s%s', g.name, a.privilege_type,
              CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee)::text END,
              CASE WHEN a.is_grantable THEN ', to pass on' END)
FROM (SELECT 'schema convonet_admin', 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'convonet_admin'
UNION ALL SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname),
                 CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relowner, c.relacl
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 'c', 't')
UNION ALL SELECT format('column %s.%s', c.relname, t.attname), 'c', c.relowner, t.attacl
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND t.attacl IS NOT NULL
UNION ALL SELECT format('function %s', p.oid::regprocedure), 'f', p.proowner, p.proacl
FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
UNION ALL SELECT format('type %s', c.relname), 'T', t.typowner, t.typacl
FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'c') AS g (name, kind, owner, acl)
CROSS JOIN LATERAL aclexplode(coalesce(g.acl, acldefault(g.kind::"char", g.owner))) a WHERE a.grantee <> g.owner
UNION ALL SELECT format('%s: no %s to its owner', g.name, a.privilege_type)
FROM (SELECT 'schema convonet_admin', 'n', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'convonet_admin'
UNION ALL SELECT format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname),
                 CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END, c.relowner, c.relacl
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind NOT IN ('i', 'c', 't')
UNION ALL SELECT format('column %s.%s', c.relname, t.attname), 'c', c.relowner, t.attacl
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND t.attacl IS NOT NULL
UNION ALL SELECT format('function %s', p.oid::regprocedure), 'f', p.proowner, p.proacl
FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
UNION ALL SELECT format('type %s', c.relname), 'T', t.typowner, t.typacl
FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'c') AS g (name, kind, owner, acl) CROSS JOIN LATERAL aclexplode(acldefault(g.kind::"char", g.owner)) a
WHERE g.acl IS NOT NULL AND a.grantee = g.owner AND NOT EXISTS (
    SELECT FROM aclexplode(g.acl) h WHERE (h.grantee, h.privilege_type) = (a.grantee, a.privilege_type)) UNION ALL SELECT 'definitions of PostgreSQL ' || current_setting('server_version_num')::integer / 10000
UNION ALL SELECT format('function %s: owner %s, %s, %s, definition %s', p.oid::regprocedure, pg_get_userbyid(p.proowner),
              CASE WHEN p.prosecdef THEN 'with its owner''s rights' ELSE 'with its caller''s rights' END,
              array_to_string(ARRAY(SELECT s FROM unnest(p.proconfig) s ORDER BY s), ', '),
              left(encode(sha256(convert_to(CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END, 'UTF8')), 'hex'), 20))
FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
UNION ALL SELECT format('view %s: definition %s', c.relname,
              left(encode(sha256(convert_to(pg_get_viewdef(c.oid) || coalesce(array_to_string(c.reloptions, ' '), ''), 'UTF8')), 'hex'), 20))
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'v'
UNION ALL SELECT format('rule %s on %s: definition %s', w.rulename, c.relname, left(encode(sha256(convert_to(pg_get_ruledef(w.oid), 'UTF8')), 'hex'), 20))
FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND w.rulename <> '_RETURN'
UNION ALL SELECT format('trigger on %s: %s, %s', c.relname, pg_get_triggerdef(t.oid),
              CASE t.tgenabled WHEN 'A' THEN 'always' WHEN 'O' THEN 'on' WHEN 'R' THEN 'on a replica alone' ELSE 'off' END)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND NOT t.tgisinternal
UNION ALL SELECT format('trigger on %s.%s: %s', n.nspname, c.relname, pg_get_triggerdef(g.oid))
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname = 'users_convonet'
    AND g.tgname IN ('convonet_admin_direct_change', 'convonet_admin_direct_change_delete', 'convonet_admin_direct_change_truncate') UNION ALL SELECT DISTINCT format('view %s reads %s.%s', v.relname, n.nspname, c.relname)
FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.refobjid AND c.oid <> v.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE v.relnamespace = 'convonet_admin'::regnamespace
UNION ALL SELECT format('%s.%s%s: %s to %s', n.nspname, c.relname, g.attname, a.privilege_type, pg_get_userbyid(a.grantee))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT '' AS attname, c.relacl AS acl
                    UNION ALL SELECT '.' || t.attname, t.attacl FROM pg_attribute t
                    WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND NOT t.attisdropped) g
CROSS JOIN LATERAL aclexplode(g.acl) a
WHERE (n.nspname, c.relname) IN (('public', 'users_convonet'), ('public', 'teams_convonet'), ('public', 'team_memberships_convonet'))
    AND a.grantee IN (SELECT r.oid FROM pg_roles r WHERE r.rolname IN ('desk_owner', 'desk_hand', 'desk_reader'))) AS l (line) UNION ALL SELECT format('in %s: column %s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              (SELECT format(' COLLATE %s', a.attcollation::regcollation) FROM pg_type t
               WHERE t.oid = a.atttypid AND t.typcollation <> a.attcollation),
              CASE WHEN a.attnotnull THEN ' NOT NULL' END,
              CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text END,
              CASE a.attgenerated WHEN '' THEN ' DEFAULT ' ELSE ' GENERATED ' END || pg_get_expr(f.adbin, f.adrelid))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'c')
UNION ALL SELECT format('in %s: constraint %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND k.contype <> 'n'
UNION ALL SELECT format('in %s: %s%s', c.relname, pg_get_indexdef(x.indexrelid), CASE WHEN NOT x.indisvalid THEN ', not valid' END)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
UNION ALL SELECT format('in %s: sequence AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s', c.relname,
              format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
              CASE WHEN s.seqcycle THEN ' CYCLE' END)
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
WHERE c.relnamespace = 'convonet_admin'::regnamespace
UNION ALL SELECT format('in %s: is %s', c.relname, CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'temporary' END)
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'S') AND c.relpersistence <> 'p'
UNION ALL SELECT format('in %s: is replicated by %s', c.relname, CASE c.relreplident WHEN 'n' THEN 'nothing'
                        WHEN 'f' THEN 'whole rows' ELSE 'an index' END)
FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relreplident <> 'd'
UNION ALL SELECT format('in %s: is dropped with %s', c.relname, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid))
FROM pg_depend d JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'S', 'i', 'c') AND d.refobjid >= 16384
    AND d.refclassid NOT IN ('pg_namespace'::regclass, 'pg_extension'::regclass, 'pg_constraint'::regclass)
    AND NOT EXISTS (SELECT FROM pg_class r WHERE d.refclassid = 'pg_class'::regclass AND r.oid = d.refobjid
                    AND r.relnamespace = c.relnamespace)
    AND NOT EXISTS (SELECT FROM pg_type t WHERE d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
                    AND t.typnamespace = c.relnamespace)
UNION ALL SELECT format('in %s: is dropped with the extension %s', pg_describe_object(d.classid, d.objid, 0), e.extname)
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype IN ('e', 'x') AND 'convonet_admin'::regnamespace IN (
    SELECT c.relnamespace FROM pg_class c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid
    UNION ALL SELECT p.pronamespace FROM pg_proc p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    UNION ALL SELECT t.typnamespace FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
    UNION ALL SELECT n.oid FROM pg_namespace n WHERE d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
    UNION ALL SELECT c.relnamespace FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE d.classid = 'pg_trigger'::regclass AND t.oid = d.objid);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace
               AND (c.relrowsecurity OR c.relforcerowsecurity)) THEN
        RAISE EXCEPTION 'row-level security was turned on' USING ERRCODE = 'CA010';
    END IF;
END $$;
SET LOCAL ROLE "convonet_owner";

SET LOCAL lock_timeout TO DEFAULT;
REVOKE "desk_owner", "desk_hand", "desk_reader" FROM CURRENT_USER;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_auth_members b JOIN pg_roles r ON r.oid = b.roleid
               WHERE r.rolname IN ('desk_owner', 'desk_hand', 'desk_reader') AND (current_setting('server_version_num')::integer < 160000 OR coalesce((to_jsonb(b) ->> 'set_option')::boolean, true) OR coalesce((to_jsonb(b) ->> 'inherit_option')::boolean, true) OR b.admin_option AND NOT EXISTS (SELECT FROM pg_roles h WHERE h.oid = b.member AND (h.rolcreaterole OR h.rolsuper OR h.rolname = current_user)))) THEN
        RAISE EXCEPTION 'somebody became a member' USING ERRCODE = 'CA008';
    END IF;
END $$;
