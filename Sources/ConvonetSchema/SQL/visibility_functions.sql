-- Whether row-level security of the application's table keeps people from the hand, so that what is not found may be there.
-- Whoever owns the table, or bypasses it, sees everybody; so does the hand by a policy that shows all rows.
CREATE OR REPLACE FUNCTION convonet_admin.people_are_hidden() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bool_or(NOT EXISTS (
        SELECT FROM pg_policy p
        -- Of all commands: what the hand locks or writes has to pass those for UPDATE, too.
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
          AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'
          AND EXISTS (SELECT FROM unnest(p.polroles) m WHERE m = 0 OR pg_has_role(hand.oid, m, 'USAGE'))
          AND NOT EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = c.oid AND NOT o.polpermissive))), false)
    FROM convonet_admin.installation i
    JOIN pg_class c ON c.relrowsecurity
    JOIN pg_namespace n ON n.oid = c.relnamespace
        AND i.users_table = concat('"', replace(n.nspname, '"', '""'), '"."', replace(c.relname, '"', '""'), '"')
    JOIN pg_proc f ON f.oid = to_regprocedure('convonet_admin.hand_lock(uuid)')
    JOIN pg_roles hand ON hand.oid = f.proowner AND NOT hand.rolsuper AND NOT hand.rolbypassrls
    WHERE c.relforcerowsecurity OR NOT pg_has_role(hand.oid, c.relowner, 'USAGE')
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.people_are_hidden() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};

-- Ends what found nobody where that says nothing.
CREATE OR REPLACE FUNCTION convonet_admin.require_visible_people() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convonet_admin.people_are_hidden() THEN
        RAISE EXCEPTION 'row-level security hides people' USING ERRCODE = 'CA007';
    END IF;
END
$$;
