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
