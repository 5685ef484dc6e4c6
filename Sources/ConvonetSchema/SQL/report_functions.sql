-- "That was not me": whoever gets a mail of ours about something that they know nothing of ends what could come of it.

-- The event by which an account has what is stored in a column now, as far as is known: what was taken back set nothing. NULL where
-- the application changed it since, and the log does not have that yet.
CREATE OR REPLACE FUNCTION convonet_admin.standing_event(p_account uuid, p_column text) RETURNS convonet_admin.audit_event
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.* FROM convonet_admin.audit_event e LEFT JOIN convonet_admin.actions() a ON a.name = e.action
    -- A range, as in account_history.
    WHERE e.account_id BETWEEN p_account AND p_account AND e.outcome = 'done'
      AND (a.column_name = p_column AND NOT EXISTS (
               SELECT FROM convonet_admin.audit_event u
               WHERE u.account_id = e.account_id AND u.sequence > e.sequence AND u.action = 'undo' AND u.outcome = 'done'
                 AND convonet_admin.undone_receipt(u.detail) = e.sequence)
           OR e.action = 'direct_change' AND e.detail ~ ('^columns=[a-z_,]*' || p_column))
      AND NOT EXISTS (SELECT FROM convonet_admin.direct_change d
                      WHERE d.account_id = p_account AND d.columns ~ ('^[a-z_,]*' || p_column))
    ORDER BY e.account_id, e.sequence DESC LIMIT 1
$$;

-- Ends the password or PIN that a mail told of, or that its link or code was used for, unless something came after it: whoever set
-- it, saw it or got it read out is not the person who has the mail.
CREATE OR REPLACE FUNCTION convonet_admin.with_told_value_ended(
    p_attempt convonet_admin.attempt, p_request uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    told    record;
BEGIN
    SELECT e.sequence, a.column_name INTO told
    FROM convonet_admin.audit_event m
    JOIN convonet_admin.audit_event e ON e.account_id = m.account_id AND (
        e.sequence = m.sequence
        OR e.actor_kind = 'self' AND substring(e.detail FROM 'link=[0-9a-f-]{36}') = substring(m.detail FROM 'link=[0-9a-f-]{36}'))
    JOIN convonet_admin.actions() a ON a.name = e.action
    WHERE m.request_id = p_request AND m.account_id = event.account_id AND m.outcome = 'done'
      AND e.outcome = 'done' AND e.actor_kind IN ('operator', 'self') AND a.column_name IN ('password_hash', 'voice_pin')
    ORDER BY e.sequence DESC LIMIT 1;
    IF told.sequence IS NULL OR told.sequence IS DISTINCT FROM (
            convonet_admin.standing_event(event.account_id, told.column_name)).sequence THEN
        RETURN attempt;
    END IF;
    attempt := convonet_admin.with_written_or_failed(attempt, told.column_name,
        CASE told.column_name WHEN 'password_hash' THEN convonet_admin.hash_that_fits_nothing() END);
    -- The rest of the report holds, whatever the application's code says to this.
    event.detail := concat_ws(' ', (attempt.event).detail,
        CASE WHEN (attempt.event).outcome = 'done' THEN 'ended=' ELSE 'kept=' END || told.sequence);
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Ends links, codes, what callers have proven, and what the mail told of; and freezes the account until a supervisor has looked
-- into it. The event ends the application's tokens. A note that stops already stays.
CREATE OR REPLACE FUNCTION convonet_admin.apply_report(
    p_attempt convonet_admin.attempt, p_request uuid) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
BEGIN
    event.reason := {{report_note}};
    attempt.event := event;
    attempt := convonet_admin.with_told_value_ended(attempt, p_request);
    PERFORM convonet_admin.revoked_links(event.account_id);
    -- What was asked for or approved knew the caller as proven.
    PERFORM convonet_admin.end_approvals(event.account_id, false);
    -- Whoever looks at a caller's code has the head first, too.
    PERFORM convonet_admin.lock_head();
    -- Those that were asked for while this one waited.
    PERFORM convonet_admin.end_approvals(event.account_id, true);
    -- Those of the day: older ones prove nothing, and tidying may have locked them.
    PERFORM convonet_admin.end_outdated_code(c) FROM convonet_admin.caller_code c
    WHERE c.account_id = event.account_id AND c.created_at > clock_timestamp() - interval '23 hours';
    UPDATE convonet_admin.caller_code c SET proven_at = NULL, points = NULL
    WHERE c.account_id = event.account_id AND c.created_at > clock_timestamp() - interval '23 hours';
    INSERT INTO convonet_admin.account_freeze (account_id, frozen_at, db_user, note)
    VALUES (event.account_id, clock_timestamp(), event.db_user, event.reason) ON CONFLICT (account_id) DO NOTHING;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Takes the report of whoever has what a mail of the last week carried, once. No row where there is no such mail.
CREATE OR REPLACE FUNCTION convonet_admin.self_report(p_token_hash bytea, p_request uuid, p_claims jsonb)
RETURNS SETOF convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    mail    convonet_admin.mail_queue;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_report');
    SELECT q.* INTO mail FROM convonet_admin.mail_queue q
    WHERE q.report_hash = p_token_hash AND q.created_at > clock_timestamp() - interval '7 days';
    attempt := convonet_admin.begin_holders_attempt('report_not_me', mail.account_id, p_request, p_claims, 'mail=' || mail.id);
    IF (attempt.person).id IS NULL THEN
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END IF;
    IF attempt.proceeds THEN
        -- Another that came at the same time has used it up.
        PERFORM FROM convonet_admin.mail_queue q
        WHERE q.id = mail.id AND q.report_hash = p_token_hash AND q.reported_at IS NULL FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        attempt := convonet_admin.apply_report(attempt, mail.request_id);
        -- Where what it told of could not be ended now, it can be reported again.
        UPDATE convonet_admin.mail_queue q SET reported_at = clock_timestamp()
        WHERE q.id = mail.id AND (attempt.event).detail !~ ' kept=';
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_report(bytea, uuid, jsonb) TO {{selfservice}};
