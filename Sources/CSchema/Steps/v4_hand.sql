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
