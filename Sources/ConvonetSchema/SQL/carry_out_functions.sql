-- What is written within a subtransaction of the caller's could be undone alone; called once the event is written.
CREATE OR REPLACE FUNCTION convonet_admin.require_whole_transaction(p_attempt convonet_admin.attempt) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT p_attempt.replayed AND EXISTS (
            SELECT FROM convonet_admin.audit_head h WHERE h.xmin <> pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'within a subtransaction' USING ERRCODE = 'CA005';
    END IF;
END
$$;

-- Carries a change out: the one way of all changes by staff. The account's lock is kept only by what is done. Whatever else
-- comes of it, all that was locked and written on the way is undone, and only the event is left: else whoever asks, and
-- leaves the transaction open, would keep the person from signing in.
CREATE OR REPLACE FUNCTION convonet_admin.carry_out(
    p_action text, p_account uuid, p_version text, p_value text, p_request uuid, p_claims jsonb, p_detail text DEFAULT NULL)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    action  record;
    attempt convonet_admin.attempt;
    receipt convonet_admin.receipt;
BEGIN
    SELECT * INTO action FROM convonet_admin.actions() a WHERE a.name = p_action;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such action' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.require_plain_session(action.entry);
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims, p_detail);
        IF attempt.proceeds THEN
            EXECUTE format('SELECT * FROM convonet_admin.%I($1, $2, $3)', action.applies)
            INTO attempt USING attempt, p_value, p_claims;
        END IF;
        IF (attempt.event).outcome <> 'done' OR attempt.replayed THEN
            RAISE EXCEPTION 'undo' USING ERRCODE = 'CA003';
        END IF;
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        -- What a variable was given inside the block it keeps.
        NULL;
    END;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    -- The application's code may have set these for the session and hidden it behind a value for the transaction. The last
    -- act here, for nothing of ours may be looked up after it.
    {{forget_settings}}
    RETURN receipt;
END
$$;

-- The rule that would stand in the way of a change now, as far as it does not depend on the new value; NULL where none
-- would. An action of budget `state` that writes no column is carried out, too. All that was written and locked is undone,
-- and nobody is waited for for long.
CREATE OR REPLACE FUNCTION convonet_admin.rehearse_change(
    p_action text, p_account uuid, p_version text, p_request uuid, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms' AS $$
DECLARE
    action  record;
    attempt convonet_admin.attempt;
BEGIN
    SELECT * INTO action FROM convonet_admin.actions() a WHERE a.name = p_action AND NOT starts_with(a.entry, 'self_');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such action' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Who may not do it may not try it either.
    PERFORM convonet_admin.require_plain_session(action.entry);
    BEGIN
        attempt := convonet_admin.begin_attempt(p_action, p_account, p_version, p_request, p_claims);
        IF attempt.proceeds AND action.budget = 'state' AND action.column_name IS NULL THEN
            EXECUTE format('SELECT * FROM convonet_admin.%I($1, NULL, $2)', action.applies) INTO attempt USING attempt, p_claims;
        END IF;
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'CA003';
    EXCEPTION WHEN SQLSTATE 'CA003' THEN
        IF attempt.version IS NULL THEN
            RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA012';
        END IF;
        RETURN (attempt.event).rule;
    END;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.rehearse_change(text, uuid, text, uuid, jsonb) TO {{operator}}, {{supervisor}};

-- Writes the event and makes the receipt; what is done uses its approval up, and what needs one is asked for.
CREATE OR REPLACE FUNCTION convonet_admin.finish_attempt(p_attempt convonet_admin.attempt) RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event;
    receipt convonet_admin.receipt;
BEGIN
    -- The application's code can raise whatever error it likes, and so end an attempt before there is anything to log.
    IF (attempt.event).outcome IS NULL THEN
        RAISE EXCEPTION 'an attempt without an outcome' USING ERRCODE = 'CA012';
    END IF;
    PERFORM convonet_admin.run_deferred();
    IF NOT attempt.replayed THEN
        IF (attempt.event).rule = 'approval_required' AND attempt.approval IS NULL THEN
            attempt := convonet_admin.ask_approval(attempt);
        END IF;
        event := attempt.event;
        IF event.outcome = 'done' AND attempt.approval IS NOT NULL AND event.action NOT IN ('approve', 'deny') THEN
            PERFORM convonet_admin.use_approval(attempt.approval);
        END IF;
        event := convonet_admin.record_event(event);
        PERFORM convonet_admin.keep_replaced(attempt, event);
        IF event.outcome = 'done' AND (SELECT p.notify_changes FROM convonet_admin.policy p) THEN
            PERFORM convonet_admin.queue_notice(event);
        END IF;
    ELSE
        event := attempt.event;
    END IF;
    receipt.outcome := event.outcome;
    receipt.rule := event.rule;
    receipt.event_id := event.event_id;
    receipt.sequence := event.sequence;
    receipt.hash := event.hash;
    receipt.occurred_at := event.occurred_at;
    receipt.replayed := attempt.replayed;
    receipt.updated_at := attempt.updated_at;
    receipt.approval := attempt.approval;
    IF event.action = 'reset_password' THEN
        receipt.temporary_until := convonet_admin.temporary_until(event);
    END IF;
    IF event.outcome = 'done' AND NOT attempt.replayed THEN
        receipt.voice_pin := attempt.voice_pin;
    END IF;
    RETURN receipt;
END
$$;

-- The name as it may be logged of a constraint or unique index of the users' table or a part of it; NULL where there is none
-- of that name: whoever raises an error in a trigger gives it what name they like.
CREATE OR REPLACE FUNCTION convonet_admin.constraint_on_people(p_name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH people AS (
        SELECT t.oid FROM {{users_number}} AS t (oid)
        UNION SELECT p.relid FROM {{users_number}} AS t (oid), pg_partition_tree(t.oid) p)
    SELECT quote_ident(p_name) WHERE EXISTS (
        SELECT FROM people JOIN pg_constraint c ON c.conrelid = people.oid WHERE c.conname = p_name
        UNION ALL SELECT FROM people JOIN pg_index x ON x.indrelid = people.oid JOIN pg_class c ON c.oid = x.indexrelid
        WHERE c.relname = p_name)
$$;

-- Has the hand write one column, and makes of an error what the log may say: its code and constraint. What another try
-- may mend is raised again, and undoes everything.
CREATE OR REPLACE FUNCTION convonet_admin.with_written(
    p_attempt convonet_admin.attempt, p_column text, p_value text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    written record;
    announced bigint := convonet_admin.announce_change(event.account_id, p_column);
BEGIN
    SELECT * INTO written FROM convonet_admin.hand_write(event.account_id, p_column, p_value);
    -- Whatever became of it, nothing more is ours.
    IF announced IS NOT NULL THEN
        DELETE FROM convonet_admin.direct_change d WHERE d.id = announced;
    END IF;
    IF written.state IS NULL THEN
        attempt.updated_at := written.updated_at;
        attempt.version := written.version;
        attempt.written := p_column;
        attempt.replaced := written.replaced;
        RETURN convonet_admin.with_outcome(attempt, 'done');
    ELSIF written.state IN ('55P03', '40001', '40P01') THEN
        RAISE EXCEPTION 'busy' USING ERRCODE = written.state;
    END IF;
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || written.state,
        'constraint=' || convonet_admin.constraint_on_people(written.constraint_name));
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'failed', CASE written.state
        WHEN 'CA001' THEN 'overridden_by_trigger' WHEN 'CA004' THEN 'settings_changed_by_trigger'
        WHEN '23505' THEN CASE p_column {{taken}} ELSE 'database_error' END
        ELSE 'database_error' END);
END
$$;

-- The same where the account is locked, and there is more to do whatever comes of it: nothing of the application's ends it, nor
-- what it has put off.
CREATE OR REPLACE FUNCTION convonet_admin.with_written_or_failed(
    p_attempt convonet_admin.attempt, p_column text, p_value text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
BEGIN
    attempt := convonet_admin.with_written(p_attempt, p_column, p_value);
    PERFORM convonet_admin.run_deferred();
    RETURN attempt;
EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
    event.detail := concat_ws(' ', event.detail, 'sqlstate=' || SQLSTATE);
    attempt := p_attempt;
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'failed', 'database_error');
END
$$;
