-- "That was not me": whoever gets a mail of ours about something that they know nothing of ends what could come of it.

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
    IF told.sequence IS NULL OR EXISTS (
            SELECT FROM convonet_admin.audit_event l LEFT JOIN convonet_admin.actions() a ON a.name = l.action
            WHERE l.account_id = event.account_id AND l.sequence > told.sequence AND l.outcome = 'done'
              AND (a.column_name = told.column_name OR l.action IN ('undo', 'direct_change'))) THEN
        RETURN attempt;
    END IF;
    attempt := convonet_admin.with_written(attempt, told.column_name,
        CASE told.column_name WHEN 'password_hash' THEN convonet_admin.hash_that_fits_nothing() END);
    -- The rest of the report holds, whatever the application's code says to this.
    event.detail := concat_ws(' ', event.detail,
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
    UPDATE convonet_admin.approval a SET expires_at = clock_timestamp()
    WHERE a.account_id = event.account_id AND a.state IN ('requested', 'approved') AND a.expires_at > clock_timestamp();
    -- Whoever looks at a caller's code has the head first, too.
    PERFORM convonet_admin.lock_head();
    PERFORM convonet_admin.end_outdated_code(c) FROM convonet_admin.caller_code c WHERE c.account_id = event.account_id;
    UPDATE convonet_admin.caller_code c SET proven_at = NULL, points = NULL WHERE c.account_id = event.account_id;
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
        UPDATE convonet_admin.mail_queue q SET report_hash = NULL WHERE q.id = mail.id AND q.report_hash = p_token_hash;
        IF NOT FOUND THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        attempt := convonet_admin.apply_report(attempt, mail.request_id);
    END IF;
    RETURN NEXT convonet_admin.finish_self_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_report(bytea, uuid, jsonb) TO {{selfservice}};
