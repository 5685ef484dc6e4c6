-- What a program claims, by the names that are known: cut to a length first, for anybody can send as much as they like, and
-- without control characters. All in one query: to plan one for each took longer than everything else that a change does.
CREATE OR REPLACE FUNCTION convonet_admin.claimed(p_claims jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_object_agg(k.name,
        nullif(btrim(regexp_replace(left(p_claims ->> k.name, k.length), '[\u0001-\u001F\u007F-\u009F]', ' ', 'g')), ''))
    FROM (VALUES ('reason', 1000), ('host', 255), ('ssh_origin', 255), ('operator', 100), ('tty', 100), ('ticket', 100),
                 ('verified_by', 100), ('application', 100), ('client_address', 100)) AS k (name, length)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.numeric_claim(p_claims jsonb, p_name text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_claims ->> p_name ~ '^[0-9]{1,10}$' THEN (p_claims ->> p_name)::bigint END
$$;

-- An event of the caller's, with what their program claims.
CREATE OR REPLACE FUNCTION convonet_admin.new_event(p_action text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event;
    claimed jsonb := convonet_admin.claimed(p_claims);
BEGIN
    event.request_id := p_request;
    event.actor_kind := 'operator';
    event.action := p_action;
    event.db_user := session_user;
    event.client_address := host(inet_client_addr());
    event.operator := claimed ->> 'operator';
    event.uid := convonet_admin.numeric_claim(p_claims, 'uid');
    event.login_uid := convonet_admin.numeric_claim(p_claims, 'login_uid');
    event.host := claimed ->> 'host';
    event.tty := claimed ->> 'tty';
    event.ssh_origin := claimed ->> 'ssh_origin';
    event.reason := claimed ->> 'reason';
    event.ticket := claimed ->> 'ticket';
    event.verified_by := claimed ->> 'verified_by';
    event.application := claimed ->> 'application';
    RETURN event;
END
$$;

-- An event as one about somebody. What the application lets people be called can be of any length; the log keeps so much of it,
-- and whatever is decided goes by the person, not by this.
CREATE OR REPLACE FUNCTION convonet_admin.about_person(
    p_event convonet_admin.audit_event, p_id uuid, p_email text, p_username text) RETURNS convonet_admin.audit_event
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    p_event.account_id := p_id;
    p_event.account_email := left(p_email, 400);
    p_event.account_username := left(p_username, 400);
    RETURN p_event;
END
$$;

-- How the new secret came about, as far as the program may say it: fixed words only.
CREATE OR REPLACE FUNCTION convonet_admin.claimed_detail(p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(concat_ws(' ',
        CASE WHEN p_claims ->> 'method' IN ('generated', 'typed', 'issued', 'cleared')
             THEN 'method=' || (p_claims ->> 'method') END,
        CASE WHEN p_claims ->> 'weak' ~ '^[a-z_]{1,40}(,[a-z_]{1,40}){0,9}$'
             THEN 'weak=' || (p_claims ->> 'weak') END), '')
$$;
