-- The reader: the one role with a right on what the application keeps beside its people, and with none on the people. What is
-- there may be a view, and so run code of whoever owns a part of it: within these functions, with the right to read teams and
-- telephone numbers, and no other. What that code does is undone, and no error of it leaves them under a code that we take for
-- our own word. What is found by its name alone is read only where it belongs to whom the users' table belongs to, or to a
-- superuser: anybody else may have put it there.

-- Whether the application's teams can be read here.
CREATE OR REPLACE FUNCTION convonet_admin.reader_sees_teams() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    {{as_reader}}
    {{look}}
        {{require_memberships}}
        PERFORM FROM {{memberships}} m WHERE m.user_id IS NULL AND m.role IS NULL LIMIT 1;
        {{looked}}
            RETURN true;
        WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
            {{forget_prepared}}
            RETURN false;
        {{without_text}}
    END;
END
$$;

-- Whether somebody holds one of these roles in a team of the application; NULL where its teams cannot be read.
CREATE OR REPLACE FUNCTION convonet_admin.reader_has_team_role(p_account uuid, p_roles text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    {{as_reader}}
    {{look}}
        {{require_memberships}}
        SELECT EXISTS (SELECT FROM {{memberships}} m, unnest(p_roles) r
                       WHERE m.user_id = p_account AND {{lower:m.role}} = {{lower:btrim(r)}}) INTO answer;
        {{looked}}
        WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
            {{forget_prepared}}
            answer := NULL;
        {{without_text}}
    END;
    RETURN answer;
END
$$;

-- The telephone number that a view of the site has of somebody; NULL where it has none or several, and “?” where it cannot be read
-- now. To be called before anything is locked: it is the site's code that decides how long it takes.
CREATE OR REPLACE FUNCTION convonet_admin.reader_phone_number(p_account uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
DECLARE
    answer pg_catalog.text := '?';
BEGIN
    {{as_reader}}
    BEGIN
        {{require_phone_numbers}}
        SELECT CASE WHEN count(*) = 1 AND max(length(n.number::text)) <= 40 THEN max(n.number::text) END INTO answer
        FROM {{phone_numbers}} n WHERE n.account_id = p_account;
        RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION
        -- Where the view raised that, there is no answer either.
        WHEN SQLSTATE 'CA099' THEN NULL;
        WHEN query_canceled THEN
            {{forget_prepared}}
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        -- Whatever is wrong with it: whoever has a code by mail is not kept from using it.
        WHEN OTHERS OR assert_failure THEN answer := '?';
    END;
    {{forget_prepared}}
    RETURN answer;
END
$$;
