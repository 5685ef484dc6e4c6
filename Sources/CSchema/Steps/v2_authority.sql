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
