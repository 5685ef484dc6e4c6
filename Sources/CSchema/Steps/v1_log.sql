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

