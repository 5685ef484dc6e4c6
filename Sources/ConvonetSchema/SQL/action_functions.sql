-- The actions that change an account, a row for each: the function that is called for it, and the one that then does it; the
-- column that it gives a fixed value; which limit counts it; whether it replaces a password or PIN, and whether the person is
-- told; when it is refused because nothing may be typed; the setting by which links alone are allowed in its place; whether the
-- caller has to prove who they are, where the policy wants that; whether the application's tokens from before end with it; and
-- whether it is a matter of staff alone, for which neither a caller's word nor a second person is asked.
CREATE OR REPLACE FUNCTION convonet_admin.actions()
RETURNS TABLE (name text, entry text, applies text, column_name text, value text, budget text,
               replaces_credential boolean, is_notified boolean, typing text, only_by_link text, needs_proof boolean,
               ends_sessions boolean, stands_alone boolean)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    VALUES
        {{actions}}
$$;
