-- What people do for themselves. These functions, and no table or view, are what the program behind the web pages may
-- use; its role is its own.

-- The schema's version and the policy: to know by what rules a password is held, and that the way here is open.
CREATE OR REPLACE FUNCTION convonet_admin.self_schema_version() RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.require_visible_people();
    RETURN (SELECT i.schema_version FROM convonet_admin.installation i);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_schema_version() TO {{selfservice}};

-- The oldest program, by the version of the schema that it needs, that works on this one.
CREATE OR REPLACE FUNCTION convonet_admin.self_serves_from() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.serves_from FROM convonet_admin.installation i
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_serves_from() TO {{selfservice}};

CREATE OR REPLACE FUNCTION convonet_admin.self_policy() RETURNS SETOF convonet_admin.policy
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM convonet_admin.policy p
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_policy() TO {{selfservice}};

-- Counts one request in the window of its key; the number of requests in it, and the seconds until it ends. A window that
-- begins in the future was begun by a clock that was wrong, and is over.
CREATE OR REPLACE FUNCTION convonet_admin.count_request(p_key text, p_seconds integer, OUT requests integer, OUT rest integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.request_counter AS c (key, began_at, requests)
    VALUES (p_key, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        began_at = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN excluded.began_at ELSE c.began_at END,
        requests = CASE WHEN c.began_at + make_interval(secs => p_seconds) <= excluded.began_at
                             OR c.began_at > excluded.began_at + interval '1 minute'
                        THEN 1 ELSE least(c.requests, 2000000) + 1 END
    RETURNING c.requests,
        greatest(1, ceil(extract(epoch FROM c.began_at + make_interval(secs => p_seconds) - clock_timestamp())))::integer
$$;

-- What a client counts as, narrowest first, and how many times an address's limit each may have: its address; of IPv6 the
-- 64 bits that one household has, and the 56 and 48 that a provider gives to one customer.
CREATE OR REPLACE FUNCTION convonet_admin.client_networks(p_client text) RETURNS TABLE (key text, factor integer)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address inet;
BEGIN
    -- An IPv4 address as a socket for both kinds gives it is no network of IPv6.
    address := regexp_replace(p_client, '^::ffff:(?=[0-9]+\.)', '', 'i');
    IF family(address) = 6 THEN
        RETURN QUERY SELECT host(network(set_masklen(address, v.bits))) || '/' || v.bits, v.times
        FROM (VALUES (64, 1), (56, 2), (48, 4)) AS v (bits, times);
    ELSE
        RETURN QUERY SELECT host(address), 1 WHERE address IS NOT NULL;
    END IF;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN QUERY SELECT 'unknown'::text, 1;
END
$$;

-- Whether a request may go on: NULL, or the seconds after which it may be tried again. Called before anything else, in
-- a transaction of its own. The address is counted first, so that one that is over its limit uses up nobody else's; and
-- whoever has a good token, of a link, a mail or the application, is held to no total that strangers can use up.
CREATE OR REPLACE FUNCTION convonet_admin.self_admit(
    p_kind text, p_client text, p_token_hash bytea, p_is_signed_in boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    policy  convonet_admin.policy;
    counted record;
    network record;
    is_look boolean := p_kind = 'assess';
BEGIN
    PERFORM convonet_admin.forbid_preparing();
    -- The counters are on this server alone: nobody waits for a standby because of them.
    PERFORM set_config('synchronous_commit', 'local', true);
    SELECT * INTO policy FROM convonet_admin.policy;
    FOR network IN SELECT n.key, n.factor FROM convonet_admin.client_networks(p_client) n ORDER BY n.factor LOOP
        SELECT * INTO counted FROM convonet_admin.count_request(
            CASE WHEN is_look THEN 'assess ' ELSE 'address ' END || network.key, 600);
        -- Looking a password over while somebody types is many requests, and none of them changes anything.
        IF counted.requests > policy.self_service_address_limit::bigint * network.factor
                * (CASE WHEN is_look THEN 10 ELSE 1 END) THEN
            RETURN counted.rest;
        END IF;
    END LOOP;
    IF is_look OR p_is_signed_in OR EXISTS (
            SELECT FROM convonet_admin.reset_token t
            WHERE t.token_hash = p_token_hash AND t.used_at IS NULL AND t.void_at IS NULL
              AND t.expires_at > clock_timestamp()
            UNION ALL SELECT FROM convonet_admin.mail_queue q
            WHERE q.report_hash = p_token_hash AND q.created_at > clock_timestamp() - interval '7 days') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO counted FROM convonet_admin.count_request('total', 60);
    RETURN CASE WHEN counted.requests > policy.self_service_total_limit THEN counted.rest END;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_admit(text, text, bytea, boolean) TO {{selfservice}};

-- Notes that somebody asked for a link. It does the same whatever the address is; self_take_mail looks it up.
CREATE OR REPLACE FUNCTION convonet_admin.self_request_link(p_email text, p_other text, p_request uuid, p_claims jsonb)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.forbid_preparing();
    INSERT INTO convonet_admin.mail_queue
        (kind, address, other_address, request_id, client_address, created_at, give_up_at, next_try_at)
    SELECT 'link_request', left(p_email, 400), left(p_other, 400), p_request,
           convonet_admin.claimed(p_claims) ->> 'client_address',
           clock_timestamp(), clock_timestamp() + make_interval(mins => p.reset_link_minutes), clock_timestamp()
    FROM convonet_admin.policy p;
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_request_link(text, text, uuid, jsonb) TO {{selfservice}};
