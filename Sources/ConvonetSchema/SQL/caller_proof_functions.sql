-- What callers have proven, by which ways, and what counts of it.

-- The number to which codes for somebody go, without what people put between digits; NULL where there is none that looks like one,
-- and “?” where it cannot be read now.
CREATE OR REPLACE FUNCTION convonet_admin.phone_number(p_account uuid) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN n.number = '?' THEN n.number
                -- The 0 of “+49 (0) 151” is not dialled, and nobody knows which is meant.
                WHEN n.number ~ '^[[:space:]]*[+(0123456789]' AND n.number NOT LIKE '+%(0)%'
                THEN substring(regexp_replace(n.number, '[[:space:]()./-]', '', 'g') FROM '^[+]?[0123456789]{5,15}$') END
    FROM convonet_admin.reader_phone_number(p_account) AS n (number)
$$;

-- Whether a program that sends to telephones asks for something to send now.
CREATE OR REPLACE FUNCTION convonet_admin.texts_are_sent() RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM convonet_admin.mail_program m
                   WHERE m.texts_asked_at BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp())
$$;

-- The number of somebody where it is needed, so that the site's view is read for nothing else: for what their caller proved to the
-- user of this session; or for a look at the caller, also where a code was only sent there, or could be. NULL where it is not needed.
CREATE OR REPLACE FUNCTION convonet_admin.needed_number(p_account uuid, p_for_state boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_for_state AND convonet_admin.texts_are_sent() OR EXISTS (
            SELECT FROM convonet_admin.caller_code c
            WHERE c.account_id = p_account AND c.db_user = session_user AND c.number IS NOT NULL
              AND (p_for_state OR c.proven_at IS NOT NULL)) THEN
        RETURN convonet_admin.phone_number(p_account);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.masked_number(p_number text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '…' || right(nullif(p_number, '?'), 2)
$$;

-- What a caller has proven to the operator of this session, as far as it still counts: of each way the best, taken together; for
-- the address and the number that the account has now, and where there are no roles, to the claimed system user.
CREATE OR REPLACE FUNCTION convonet_admin.caller_proof(
    p_account uuid, p_email text, p_number text, p_uid bigint, OUT points integer, OUT until timestamptz, OUT ways text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.account_id = p_account AND c.proven_at IS NOT NULL) THEN
        RETURN;
    END IF;
    SELECT sum(b.points), min(b.until), string_agg(b.way, '+' ORDER BY b.way)
    INTO caller_proof.points, caller_proof.until, caller_proof.ways
    FROM (SELECT DISTINCT ON (c.way) c.way, c.points, c.proven_at + make_interval(mins => p.verification_minutes) AS until
          FROM convonet_admin.caller_code c, convonet_admin.policy p, convonet_admin.installation i
          WHERE c.account_id = p_account AND c.db_user = session_user AND c.address = p_email
            AND (i.role_prefix IS NOT NULL OR c.uid IS NOT DISTINCT FROM p_uid)
            AND c.proven_at BETWEEN clock_timestamp() - make_interval(mins => p.verification_minutes) AND clock_timestamp()
            AND (c.number IS NULL OR c.number = p_number)
          ORDER BY c.way, c.points DESC, c.proven_at DESC) b;
END
$$;

-- The points without which a change of an account is refused, where it needs any.
CREATE OR REPLACE FUNCTION convonet_admin.points_needed(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_policy.verification_points_protected > p_policy.verification_points
                     AND convonet_admin.is_protected(p_account, p_email, p_username, p_policy)
                THEN p_policy.verification_points_protected ELSE p_policy.verification_points END
$$;

-- What counts for a change: what the caller has proven, or had when the approval was asked for by which it may be done, if that is
-- more.
CREATE OR REPLACE FUNCTION convonet_admin.counting_proof(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_person convonet_admin.person, p_number text,
    OUT points integer, OUT ways text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    approved record;
BEGIN
    SELECT coalesce(c.points, 0), c.ways INTO counting_proof.points, counting_proof.ways
    FROM convonet_admin.caller_proof(p_event.account_id, p_person.email, p_number, p_event.uid) c;
    -- Spares everybody the look at approvals where nobody is protected.
    IF cardinality(p_policy.protected_domains || p_policy.protected_accounts || p_policy.protected_team_roles) = 0 THEN
        RETURN;
    END IF;
    SELECT a.points, a.ways INTO approved FROM convonet_admin.approval a
    WHERE a.account_id = p_event.account_id AND a.requested_by = p_event.db_user AND a.action = p_event.action
      AND a.state = 'approved' AND a.expires_at > clock_timestamp()
      -- Of an account that changed since, it is no approval any more.
      AND convonet_admin.changed_since(a.account_id, a.version, p_person.version) IS NULL
      -- Of an account that is no longer protected a change does not use it up.
      AND convonet_admin.is_protected(a.account_id, p_person.email, p_person.username, p_policy)
    ORDER BY a.id DESC LIMIT 1;
    IF approved.points > counting_proof.points THEN
        counting_proof.points := approved.points;
        counting_proof.ways := approved.ways;
    END IF;
END
$$;

-- What the log says of a caller: proven, by what and with how many points, or said. Before version 9 there was one way.
CREATE OR REPLACE FUNCTION convonet_admin.caller_detail(p_points integer, p_ways text, p_verified_by text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_points > 0 THEN format('caller=proven way=%s points=%s', coalesce(p_ways, 'mail_code'), p_points)
                WHEN p_verified_by IS NOT NULL THEN 'caller=said' END;
END
$$;
