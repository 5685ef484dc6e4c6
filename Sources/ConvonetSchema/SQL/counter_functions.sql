-- The slots of operators and supervisors. A role keeps the one that it took first, whoever comes or goes: whose it is says the
-- slot's sequence, which holds the role's number. That is no row of a table, since a rollback would undo it, and whoever rolls
-- back would get a new slot each time, or share one with the next.

-- The slot that a role has; NULL where it has none yet. Each begins at a place of its own, and looks no further than to a slot
-- that nobody ever had.
CREATE OR REPLACE FUNCTION convonet_admin.slot_of_role(p_role oid) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slot   integer;
    holder bigint;
BEGIN
    FOR i IN 0..63 LOOP
        slot := (p_role::bigint + i) & 63;
        holder := pg_sequence_last_value(format('convonet_admin.slot_role_%s', slot)::regclass);
        IF holder = p_role::bigint THEN
            RETURN slot;
        END IF;
        EXIT WHEN holder IS NULL;
    END LOOP;
    RETURN NULL;
END
$$;

-- Gives a role a slot for good: the first that nobody ever had, else one of a role that is gone; NULL where there is neither.
-- One at a time, by a lock that nobody else can take, and that ends here and not with the caller's transaction.
CREATE OR REPLACE FUNCTION convonet_admin.take_slot(p_role oid) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    taken integer;
BEGIN
    {{look}}
        LOCK TABLE convonet_admin.operator_slot IN SHARE ROW EXCLUSIVE MODE;
        taken := convonet_admin.slot_of_role(p_role);
        IF taken IS NULL THEN
            SELECT s.slot INTO taken
            FROM generate_series(0, 63) AS i (place) CROSS JOIN LATERAL (SELECT ((p_role::bigint + i.place) & 63)::integer AS slot) s
            CROSS JOIN LATERAL pg_sequence_last_value(format('convonet_admin.slot_role_%s', s.slot)::regclass) AS h (holder)
            WHERE h.holder IS NULL OR NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid::bigint = h.holder)
            ORDER BY h.holder IS NOT NULL, i.place LIMIT 1;
            IF taken IS NOT NULL THEN
                PERFORM setval(format('convonet_admin.slot_role_%s', taken)::regclass, p_role::bigint);
            END IF;
        END IF;
        {{undo}}
    RETURN taken;
END
$$;

-- One of 64 rows that stands for an operator. With roles it is their own, as long as there are no more of them: else one could
-- use up what another may do. Without, staff share one database user, and the claimed system user tells them apart.
CREATE OR REPLACE FUNCTION convonet_admin.operator_slot_of(p_claims jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own oid := to_regrole(quote_ident(session_user));
BEGIN
    IF (SELECT i.role_prefix IS NULL FROM convonet_admin.installation i) THEN
        RETURN hashtext(session_user || ':' || coalesce(p_claims ->> 'uid', '')) & 63;
    END IF;
    RETURN coalesce(convonet_admin.slot_of_role(own), convonet_admin.take_slot(own), hashtext(session_user) & 63);
END
$$;

-- Counters that a rollback does not reach: sequences, of each kind one for every slot. The value holds the second in which
-- the hour began times 2^20, plus how much was counted since. Exact where the
-- slot's lock is held.
CREATE OR REPLACE FUNCTION convonet_admin.counted(p_kind text, p_slot integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    value bigint := coalesce(pg_sequence_last_value(format('convonet_admin.%s_%s', p_kind, p_slot)::regclass), 0);
BEGIN
    RETURN CASE WHEN to_timestamp(value / 1048576) BETWEEN clock_timestamp() - interval '1 hour'
                                                       AND clock_timestamp() + interval '1 second'
                THEN (value % 1048576)::integer ELSE 0 END;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.count_one(p_kind text, p_slot integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counter regclass := format('convonet_admin.%s_%s', p_kind, p_slot)::regclass;
BEGIN
    IF convonet_admin.counted(p_kind, p_slot) = 0 THEN
        PERFORM setval(counter, floor(extract(epoch FROM clock_timestamp()))::bigint * 1048576 + 1);
    ELSE
        -- Of what nextval alone counts, a server that takes over has up to 32 more. With setval, calls at one moment can get lost.
        PERFORM CASE WHEN p_kind IN ('pin_answers', 'typed_pin_refusals') THEN setval(counter, nextval(counter)) ELSE nextval(counter) END;
    END IF;
END
$$;

-- Counts an operator's event before it is written, done ones and others apart; raises CA006 beyond the policy's number, so that
-- nobody fills the log. It takes no lock: so many calls at the same moment can pass the number by as many.
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
