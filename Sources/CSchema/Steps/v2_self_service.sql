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
