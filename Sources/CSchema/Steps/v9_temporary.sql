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
