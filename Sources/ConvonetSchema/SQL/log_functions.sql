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
    SELECT {{event_hash}}
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
    {{log_end}}
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.log_end() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
