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
GRANT EXECUTE ON FUNCTION convonet_admin.untold_refusals() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
