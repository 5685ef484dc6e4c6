-- Whether what a row of the users' table holds can be read without running a cast of the application's: the trigger reads it
-- with our own rights.
CREATE OR REPLACE FUNCTION convonet_admin.has_plain_types(p_table oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS ({{unread_columns}})
$$;

-- Whether a table is the users' table or a part of it: the one that our view reads, whatever it is called by now. Whoever owns it
-- may call the trigger below, to make partitions, and could put it on another table of theirs, and give that its name.
CREATE OR REPLACE FUNCTION convonet_admin.is_users_table(p_table oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (SELECT p_table UNION SELECT a.relid FROM pg_partition_ancestors(p_table) a) AS t (oid)
        WHERE t.oid IN (
            SELECT d.refobjid FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
            WHERE v.relnamespace = 'convonet_admin'::regnamespace AND v.relname = 'accounts' AND d.refobjid <> v.oid))
$$;

-- Announces a change of ours to the trigger below, by a row that only we can write, and that nobody else sees before it is
-- gone again; its number. NULL where nobody watches, or what is changed is not watched.
CREATE OR REPLACE FUNCTION convonet_admin.announce_change(p_account uuid, p_column text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    announced bigint;
BEGIN
    IF (SELECT i.watches_direct_changes FROM convonet_admin.installation i) AND p_column <> 'is_verified' THEN
        INSERT INTO convonet_admin.direct_change (noted_at, account_id, columns, db_user)
        VALUES (clock_timestamp(), p_account, 'ours:' || p_column, session_user) RETURNING id INTO announced;
        PERFORM set_config('convonet_admin.announced', announced::text, true);
    END IF;
    RETURN announced;
END
$$;

-- Whether a change is the one that was announced, which it uses up. Which row that is a setting says, as anybody could: the
-- row has to be there.
CREATE OR REPLACE FUNCTION convonet_admin.is_announced(p_account uuid, p_columns text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    announced text := current_setting('convonet_admin.announced', true);
BEGIN
    IF announced ~ '^[0-9]{1,19}$' THEN
        DELETE FROM convonet_admin.direct_change d
        WHERE d.id = announced::bigint AND d.account_id = p_account AND d.columns = 'ours:' || p_columns;
        RETURN FOUND;
    END IF;
    RETURN false;
END
$$;

-- For the triggers on the users' table that `migrate --watch-direct-changes` makes: notes which columns were changed past
-- us, or that rows are gone, which could come again with other credentials, and by whom. What we change is known by its
-- announcement and not by its role: code of the application's runs within our changes as the hand, too. The application's
-- statement must neither wait for it nor fail for what somebody else did: so it takes only what is free at once, and what goes
-- wrong here is said in the server's log alone. But not what whoever changes the row can bring about, such as a stack that is
-- full, a transaction that only reads or cannot be serialized, a row without an id: that fails, or it would go unseen.
CREATE OR REPLACE FUNCTION convonet_admin.note_direct_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    state    text;
    changed  text;
    -- Of all rows at once nobody is named. No row of a table's type: to know it would wait for the table.
    account  uuid := '00000000-0000-0000-0000-000000000000';
    email    text;
    username text;
BEGIN
    IF TG_OP = 'INSERT' OR NOT convonet_admin.is_users_table(TG_RELID) THEN
        RAISE EXCEPTION 'not the users'' table' USING ERRCODE = 'wrong_object_type';
    ELSIF NOT convonet_admin.has_plain_types(TG_RELID) THEN
        RAISE EXCEPTION 'a column has a type of the application' USING ERRCODE = 'wrong_object_type';
    END IF;
    LOCK TABLE convonet_admin.direct_change IN ROW EXCLUSIVE MODE NOWAIT;
    IF TG_OP <> 'UPDATE' THEN
        IF TG_OP = 'DELETE' THEN
            account := OLD.id;
            email := left(OLD.email::text, 400);
            username := left(OLD.username::text, 400);
        END IF;
        INSERT INTO convonet_admin.direct_change (
            noted_at, account_id, account_email, account_username, columns, db_user, application, client_address)
        VALUES (
            clock_timestamp(), account, email, username, 'gone:' || lower(TG_OP),
            session_user, current_setting('application_name', true), host(inet_client_addr()));
        RETURN NULL;
    END IF;
    changed := concat_ws(',', CASE WHEN NEW.password_hash::text COLLATE "C" IS DISTINCT FROM OLD.password_hash::text THEN 'password_hash' END,
                              CASE WHEN NEW.voice_pin::text COLLATE "C" IS DISTINCT FROM OLD.voice_pin::text THEN 'voice_pin' END,
                              CASE WHEN NEW.is_active IS DISTINCT FROM OLD.is_active THEN 'is_active' END,
                              -- Or two people could change places.
                              CASE WHEN NEW.id IS DISTINCT FROM OLD.id THEN 'id' END);
    IF changed <> '' AND NOT convonet_admin.is_announced(OLD.id, changed) THEN
        INSERT INTO convonet_admin.direct_change (
            noted_at, account_id, account_email, account_username, columns, db_user, application, client_address)
        VALUES (
            clock_timestamp(), OLD.id, left(OLD.email::text, 400), left(OLD.username::text, 400), changed, session_user,
            current_setting('application_name', true), host(inet_client_addr()));
    END IF;
    RETURN NEW;
EXCEPTION
    WHEN program_limit_exceeded OR out_of_memory OR configuration_limit_exceeded OR read_only_sql_transaction
        OR not_null_violation OR serialization_failure OR deadlock_detected OR numeric_value_out_of_range
        -- That its numbers are used up is nobody's doing who may not do more, and would go unseen for ever.
        OR sequence_generator_limit_exceeded THEN
        RAISE;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
        RAISE LOG 'convonet_admin: a direct change could not be noted (SQLSTATE %)', state;
        RETURN NEW;
END
$$;

-- What was noted, as an event. Its time is that of the log; when it happened stands in the detail.
CREATE OR REPLACE FUNCTION convonet_admin.direct_change_event(p_noted convonet_admin.direct_change)
RETURNS convonet_admin.audit_event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event;
BEGIN
    event.actor_kind := 'outside';
    event.action := CASE WHEN p_noted.columns LIKE 'gone:%' THEN 'direct_delete' ELSE 'direct_change' END;
    event.outcome := 'done';
    IF p_noted.columns <> 'gone:truncate' AND p_noted.columns NOT LIKE 'dropped:%' THEN
        event := convonet_admin.about_person(event, p_noted.account_id, p_noted.account_email, p_noted.account_username);
    END IF;
    event.db_user := p_noted.db_user;
    event.client_address := p_noted.client_address;
    event.application := convonet_admin.claimed(jsonb_build_object('application', p_noted.application)) ->> 'application';
    event.detail := concat_ws(' ',
        CASE WHEN p_noted.columns = 'gone:truncate' THEN 'rows=all'
             WHEN p_noted.columns LIKE 'dropped:%' THEN replace(p_noted.columns, ':', '=')
             WHEN p_noted.columns <> 'gone:delete' THEN 'columns=' || p_noted.columns END,
        'at=' || to_char(p_noted.noted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    RETURN event;
END
$$;
