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
