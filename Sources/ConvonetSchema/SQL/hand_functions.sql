-- The hand: the one role with rights on the application's table, and these functions are all that it has. A trigger, rule,
-- policy or expression of the application runs within them with the hand's rights, which are a right on that table and on
-- nothing of ours: it may not even name what is in this schema. So whoever owns that table never reaches the log.
--
-- Each begins with a guard that compares by an operator of pg_catalog: were a function made to run as its caller, nothing
-- would be looked up along a path of the application's making, and finds the session without temporary objects, which the
-- application's code could take for its own tables. Those that only read undo whatever the application's code did
-- meanwhile, by a subtransaction that never commits: settings, cursors and what was put off go with it. Those that lock or
-- write look at the settings as soon as such code has run, since our own code goes on under what is left behind: the next name
-- that it looks up, an operator's too, would be found along a path of the application's. No error of the application's code leaves
-- them under a code that we take for our own word, such as that there is no such account.

-- Locks an account, so that it stays as it is read; no row where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.hand_lock(p_account uuid) RETURNS SETOF convonet_admin.person
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings pg_catalog.text := {{settings_now}};
BEGIN
    {{as_hand}}
    BEGIN
        RETURN QUERY
        SELECT u.id::uuid, {{version}}, u.email::text, u.username::text, u.first_name::text, u.last_name::text,
               u.password_hash::text, u.voice_pin IS NOT NULL, u.is_active::boolean, u.is_verified::boolean,
               u.updated_at::timestamptz
        FROM {{users}} u WHERE u.id = p_account FOR NO KEY UPDATE;
        {{settings_kept}}
    EXCEPTION
        {{without_text}}
    END;
END
$$;

-- An account as it is, without a lock; all NULL where there is none.
CREATE OR REPLACE FUNCTION convonet_admin.hand_read(
    p_account uuid, OUT id uuid, OUT version text, OUT email text, OUT username text, OUT first_name text,
    OUT last_name text, OUT password_hash text, OUT has_voice_pin boolean, OUT is_active boolean, OUT is_verified boolean,
    OUT updated_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    {{as_hand}}
    {{look}}
        SELECT u.id::uuid, {{version}}, u.email::text, u.username::text, u.first_name::text, u.last_name::text,
               u.password_hash::text, u.voice_pin IS NOT NULL, u.is_active::boolean, u.is_verified::boolean,
               u.updated_at::timestamptz
        INTO hand_read.id, hand_read.version, hand_read.email, hand_read.username, hand_read.first_name,
             hand_read.last_name, hand_read.password_hash, hand_read.has_voice_pin, hand_read.is_active,
             hand_read.is_verified, hand_read.updated_at
        FROM {{users}} u WHERE u.id = p_account;
        {{undo}}
END
$$;

-- The transaction that locked an account last, for one that could not be locked.
CREATE OR REPLACE FUNCTION convonet_admin.hand_locker(p_account uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.text;
BEGIN
    {{as_hand}}
    {{look}}
        SELECT u.xmax::text INTO answer FROM {{users}} u WHERE u.id = p_account;
        {{undo}}
    RETURN answer;
END
$$;

-- The version that each of these accounts has now.
CREATE OR REPLACE FUNCTION convonet_admin.hand_versions(p_accounts uuid[]) RETURNS TABLE (account_id uuid, version text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    ids      pg_catalog._uuid;
    versions pg_catalog._text;
BEGIN
    {{as_hand}}
    {{look}}
        SELECT array_agg(u.id::uuid), array_agg({{version}}) INTO ids, versions
        FROM {{users}} u WHERE u.id = ANY (p_accounts);
        {{undo}}
    RETURN QUERY SELECT * FROM unnest(ids, versions);
END
$$;

-- Writes a column that changes may write, and reads it back, with the version that the account has then; and what stood there
-- before. NULL in `state`, or the SQLSTATE of what went wrong, with everything undone. Of an error nothing else is kept but the
-- constraint's name: its text can hold a hash or a PIN.
CREATE OR REPLACE FUNCTION convonet_admin.hand_write(
    p_account uuid, p_column text, p_value text, OUT updated_at timestamptz, OUT version text, OUT replaced text,
    OUT state text, OUT constraint_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored  pg_catalog.text;
    written pg_catalog.int8;
    found   pg_catalog.int8;
    settings pg_catalog.text := {{settings_now}};
BEGIN
    {{as_hand}}
    BEGIN
        -- The settings are looked at behind each step, before anything else is looked up along a path that the application's
        -- code may have left.
        FOR step IN 1..3 LOOP
            IF step = 1 THEN
                SELECT CASE p_column {{stored_column}} END INTO hand_write.replaced FROM {{users}} u WHERE u.id = p_account;
            ELSIF step = 2 THEN
                CASE p_column
                    {{column_updates}}
                END CASE;
                GET DIAGNOSTICS written = ROW_COUNT;
            ELSE
                -- What the application put off until the end of the transaction would run there with the caller's rights.
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
            {{settings_kept}}
        END LOOP;
        -- Read again and not RETURNING, which does not see what an AFTER trigger of the application did. What its code writes
        -- while we read is undone.
        {{look}}
            SELECT CASE p_column {{stored_column}} END, u.updated_at::timestamptz, {{version}}, count(*) OVER ()
            INTO stored, hand_write.updated_at, hand_write.version, found FROM {{users}} u WHERE u.id = p_account;
            {{undo}}
        -- Also where the row is gone or has another id by now, or there are two of that id.
        IF (written = 1 AND found = 1) IS NOT TRUE OR stored IS DISTINCT FROM p_value THEN
            RAISE EXCEPTION 'a trigger changed the value' USING ERRCODE = 'CA001';
        END IF;
    EXCEPTION
        WHEN query_canceled THEN
            {{forget_prepared}}
            RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
        -- An ASSERT is none of OTHERS.
        WHEN OTHERS OR assert_failure THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME;
            {{forget_prepared}}
    END;
END
$$;

-- Runs what the application has put off, for the last time: nothing is written here, so nothing is put off again until the
-- commit, where it would run with the caller's rights. Whatever writes, of whichever kind, needs a number of its own for the
-- transaction or the part of it that it writes in, and holds a lock on it; so the locks are counted. That nothing may be
-- written is said besides, for code of the application's that tries: before PostgreSQL 16 it can take that back.
CREATE OR REPLACE FUNCTION convonet_admin.hand_run_deferred() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before  pg_catalog.int8;
    numbers pg_catalog.int8;
    settings pg_catalog.text := {{settings_now}};
BEGIN
    {{as_hand}}
    -- A subtransaction, which has no number before it writes, and keeps the one that it gets until its end.
    BEGIN
        -- Until the end of this block, which ends what is set here, too.
        PERFORM pg_catalog.set_config('transaction_read_only', 'on', true);
        -- Counted before and after by one statement, which is read once.
        LOOP
            numbers := {{own_numbers}};
            EXIT WHEN before IS NOT NULL;
            before := numbers;
            SET CONSTRAINTS ALL IMMEDIATE;
            {{settings_kept}}
        END LOOP;
        IF numbers OPERATOR(pg_catalog.<>) before THEN
            RAISE EXCEPTION 'something was written at the end' USING ERRCODE = 'CA009';
        END IF;
        {{nothing_else_owned}}
    EXCEPTION
        WHEN read_only_sql_transaction THEN
            {{forget_prepared}}
            RAISE EXCEPTION 'something was written at the end' USING ERRCODE = 'CA009';
        {{without_text}}
    END;
END
$$;

-- Whether somebody has this PIN, by the index: for one that was drawn.
CREATE OR REPLACE FUNCTION convonet_admin.hand_has_pin(p_pin text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    {{as_hand}}
    {{look}}
        SELECT EXISTS (SELECT FROM {{users}} u WHERE u.voice_pin = p_pin) INTO answer;
        {{undo}}
    RETURN answer;
END
$$;

-- The same by a look at every row, whatever the PIN: the server's statistics, which everybody may read, tell a look-up in
-- an index that finds from one that does not.
CREATE OR REPLACE FUNCTION convonet_admin.hand_has_pin_anywhere(p_pin text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer pg_catalog.bool;
BEGIN
    {{as_hand}}
    {{look}}
        SELECT coalesce(bool_or(u.voice_pin = p_pin), false) INTO answer FROM {{users}} u;
        {{undo}}
    RETURN answer;
END
$$;

-- Who has these addresses, each in two spellings, by its place among them: as they are written first, by the index that the
-- application has; and where that is asked for, all that are left by one walk through the table, in any case. Places that nobody
-- has, or several, are absent.
CREATE OR REPLACE FUNCTION convonet_admin.hand_addressees(p_addresses text[], p_others text[], p_walks boolean)
RETURNS TABLE (place integer, account_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    places pg_catalog._int4 := '{}';
    ids    pg_catalog._uuid := '{}';
    more   record;
BEGIN
    {{as_hand}}
    {{look}}
        WITH spelt AS (
            SELECT w.place::integer AS place, s.spelling, s.is_exact
            FROM unnest(p_addresses, p_others) WITH ORDINALITY AS w (address, other, place)
            CROSS JOIN LATERAL (VALUES (w.address, true), (w.other, true), ({{lower:w.address}}, false),
                                       ({{lower:w.other}}, false)) AS s (spelling, is_exact)
            WHERE s.spelling IS NOT NULL),
        found AS (
            -- The column's own collation may take different letters for the same.
            SELECT s.place, u.id::uuid AS id, bool_or(s.is_exact AND u.email::text COLLATE "C" = s.spelling) AS is_exact
            FROM spelt s JOIN {{users}} u ON u.email = s.spelling AND {{lower:u.email}} = {{lower:s.spelling}}
            GROUP BY s.place, u.id),
        counted AS (
            SELECT f.place, count(*) AS people, count(*) FILTER (WHERE f.is_exact) AS exact,
                   (array_agg(f.id ORDER BY f.is_exact DESC))[1] AS id
            FROM found f GROUP BY f.place)
        SELECT coalesce(array_agg(c.place), '{}'),
               coalesce(array_agg(CASE WHEN c.people = 1 OR c.exact = 1 THEN c.id END), '{}')
        INTO places, ids FROM counted c;
        {{undo}}
    IF p_walks AND cardinality(places) < cardinality(p_addresses) THEN
        {{look}}
            -- Once for all of them, however many: it may be a walk through the table.
            WITH spelt AS (
                SELECT DISTINCT w.place::integer AS place, {{lower:s.spelling}} AS spelling
                FROM unnest(p_addresses, p_others) WITH ORDINALITY AS w (address, other, place)
                CROSS JOIN LATERAL (VALUES (w.address), (w.other)) AS s (spelling)
                WHERE s.spelling IS NOT NULL AND w.place::integer <> ALL (places)),
            found AS (
                SELECT s.place, array_agg(DISTINCT u.id::uuid) AS ids
                FROM spelt s JOIN {{users}} u ON {{lower:u.email}} = s.spelling GROUP BY s.place)
            SELECT array_agg(f.place) AS places, array_agg(f.ids[1]) AS ids
            INTO more FROM found f WHERE cardinality(f.ids) = 1;
            {{undo}}
        places := places || more.places;
        ids := ids || more.ids;
    END IF;
    RETURN QUERY SELECT f.place, f.id FROM unnest(places, ids) AS f (place, id) WHERE f.id IS NOT NULL;
END
$$;
