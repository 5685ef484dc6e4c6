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
