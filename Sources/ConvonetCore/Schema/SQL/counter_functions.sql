-- Counters that a rollback does not reach: sequences, of each kind one for every slot. The value holds the second in which
-- the hour began times 2^20, plus how much was counted since. Exact where the
-- slot's lock is held.
CREATE OR REPLACE FUNCTION convonet_admin.counted(p_kind text, p_slot integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1048576 BETWEEN extract(epoch FROM clock_timestamp()) - 3600
                                         AND extract(epoch FROM clock_timestamp()) + 1
                THEN (value % 1048576)::integer ELSE 0 END
    FROM coalesce(pg_sequence_last_value(format('convonet_admin.%I', p_kind || '_' || p_slot)::regclass), 0) AS value
$$;

CREATE OR REPLACE FUNCTION convonet_admin.count_one(p_kind text, p_slot integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counter regclass := format('convonet_admin.%I', p_kind || '_' || p_slot)::regclass;
BEGIN
    IF convonet_admin.counted(p_kind, p_slot) = 0 THEN
        PERFORM setval(counter, floor(extract(epoch FROM clock_timestamp()))::bigint * 1048576 + 1);
    ELSE
        PERFORM nextval(counter);
    END IF;
END
$$;

-- Counts an event of an operator's before it is written, in the one place that all of theirs come through: what was refused, or
-- met a change of another's, and what was done, each by the policy. Else whoever calls on and on fills the log. Not under a
-- lock: calls at the same moment may pass the number by as many as they are.
CREATE OR REPLACE FUNCTION convonet_admin.count_event(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind     text := CASE p_event.outcome WHEN 'done' THEN 'done_events' ELSE 'refused_events' END;
    most     integer;
    own_slot integer := convonet_admin.operator_slot_of(jsonb_build_object('uid', p_event.uid));
BEGIN
    SELECT CASE kind WHEN 'done_events' THEN p.events_per_operator_hour ELSE p.refusals_per_operator_hour END
    INTO most FROM convonet_admin.policy p;
    IF convonet_admin.counted(kind, own_slot) >= most THEN
        RAISE EXCEPTION 'too many events' USING ERRCODE = 'CA006', CONSTRAINT = kind;
    END IF;
    PERFORM convonet_admin.count_one(kind, own_slot);
END
$$;
