-- Mail: links and notices. It is queued in the transaction of what it tells of, and sent after it by whichever instance
-- of the self-service program takes it first.

-- Makes a link for an account that the caller has locked, voids the older ones, and queues its mail.
CREATE OR REPLACE FUNCTION convonet_admin.new_link(
    p_event convonet_admin.audit_event, p_hash text, p_token_hash bytea) RETURNS convonet_admin.reset_token
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token convonet_admin.reset_token;
BEGIN
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'newer'
    WHERE t.account_id = p_event.account_id AND t.used_at IS NULL AND t.void_at IS NULL;
    INSERT INTO convonet_admin.reset_token
        (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at)
    SELECT p_event.account_id, p_event.account_email, p_event.actor_kind, p_event.db_user,
           convonet_admin.password_fingerprint(p_hash), clock_timestamp(), p_token_hash,
           CASE WHEN p_token_hash IS NOT NULL
                THEN clock_timestamp() + make_interval(mins => p.reset_link_minutes) END
    FROM convonet_admin.policy p
    RETURNING * INTO token;
    RETURN token;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_link(p_attempt convonet_admin.attempt, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    token   convonet_admin.reset_token;
    person  convonet_admin.person := p_attempt.person;
    rule    text;
BEGIN
    rule := CASE WHEN person.is_active IS NOT TRUE THEN 'link_to_inactive'
                 WHEN NOT convonet_admin.is_bcrypt(person.password_hash)
                     AND (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN 'external_sign_in' END;
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', rule);
    END IF;
    token := convonet_admin.new_link(event, person.password_hash, NULL);
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, token_id, request_id, created_at, give_up_at, next_try_at)
    SELECT 'reset_link', token.address, token.account_id, token.id, event.request_id, token.created_at,
           token.created_at + make_interval(mins => p.reset_link_minutes), token.created_at
    FROM convonet_admin.policy p;
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Sends somebody a link by which they set their password themselves: nobody else ever knows it.
CREATE OR REPLACE FUNCTION convonet_admin.send_reset_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('send_reset_link', p_account, p_version, NULL, p_request, p_claims)
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_no_links(p_attempt convonet_admin.attempt) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    person  convonet_admin.person := p_attempt.person;
    revoked integer;
BEGIN
    UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
    WHERE t.account_id = event.account_id
      AND convonet_admin.link_fault(t, person.password_hash, person.email) IS NULL;
    GET DIAGNOSTICS revoked = ROW_COUNT;
    IF revoked = 0 THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'no_reset_link');
    END IF;
    event.detail := concat_ws(' ', event.detail, 'links=' || revoked);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Makes every link of an account that is still open void.
CREATE OR REPLACE FUNCTION convonet_admin.revoke_reset_links(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('revoke_reset_links', p_account, p_version, NULL, p_request, p_claims)
$$;

-- The links of one account, newest first: to whom, until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.reset_links(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.address, t.requested_by, t.db_user, t.created_at, t.expires_at,
           CASE WHEN fault IS NOT NULL AND fault <> 'link_void' THEN substr(fault, 6)
                WHEN fault IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN m.state = 'failed' THEN 'undelivered'
                WHEN m.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(t.used_at, t.void_at, m.ended_at)
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    LEFT JOIN LATERAL (SELECT q.state, q.ended_at FROM convonet_admin.mail_queue q WHERE q.token_id = t.id
                       ORDER BY q.id DESC LIMIT 1) m ON true
    CROSS JOIN LATERAL convonet_admin.link_fault(t, u.password_hash, u.email) AS fault
    WHERE t.account_id = p_account
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- Tells the person of a change of their password or PIN, at the address as it was before, where the policy wants it.
CREATE OR REPLACE FUNCTION convonet_admin.queue_notice(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, action, actor_kind, request_id, created_at, give_up_at, next_try_at)
    SELECT 'notice', p_event.account_email, p_event.account_id, p_event.action, p_event.actor_kind, p_event.request_id,
           p_event.occurred_at, p_event.occurred_at + interval '3 days', p_event.occurred_at
    FROM convonet_admin.policy p
    WHERE p.notify_changes AND p_event.outcome = 'done'
      AND p_event.action IN ('reset_password', 'change_password', 'issue_voice_pin', 'set_voice_pin', 'clear_voice_pin')
$$;

-- Turns what somebody asked for by an address into a link of the account that has it, with an event; an address that
-- nobody has is forgotten. The token's hash is kept only where there is a link.
CREATE OR REPLACE FUNCTION convonet_admin.resolve_link_request(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail    convonet_admin.mail_queue := p_mail;
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    found_ids uuid[];
    stored  text;
    policy  convonet_admin.policy;
BEGIN
    found_ids := convonet_admin.hand_addressees(mail.address);
    IF cardinality(found_ids) IS DISTINCT FROM 1 THEN
        mail.state := 'void';
        RETURN mail;
    END IF;
    attempt := convonet_admin.begin_self_attempt('send_reset_link', found_ids[1], mail.request_id,
        p_claims || jsonb_build_object('client_address', mail.client_address));
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(found_ids[1]) a;
    SELECT * INTO policy FROM convonet_admin.policy;
    IF attempt.proceeds THEN
        IF NOT convonet_admin.is_bcrypt(stored) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        ELSIF (SELECT count(*) FROM convonet_admin.reset_token t
               WHERE t.account_id = found_ids[1] AND t.requested_by = 'self'
                 AND t.created_at > clock_timestamp() - interval '1 hour') >= policy.self_service_account_limit THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'account_limit');
        ELSE
            event := attempt.event;
            token := convonet_admin.new_link(event, stored, p_token_hash);
            event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
            attempt.event := event;
            attempt := convonet_admin.with_outcome(attempt, 'done');
        END IF;
    END IF;
    PERFORM convonet_admin.finish_attempt(attempt);
    IF token.id IS NULL THEN
        mail.state := 'void';
    ELSE
        mail.kind := 'reset_link';
        mail.address := token.address;
        mail.account_id := token.account_id;
        mail.token_id := token.id;
    END IF;
    RETURN mail;
END
$$;

-- Takes the mail that is due longest, for five minutes: whoever has not ended it by then is taken to be gone. The caller
-- brings the hash of a new token, which becomes the link's if the mail carries one; of a token that was sent before, or
-- lost with the program that held it, nothing is left. No row where nothing is due.
CREATE OR REPLACE FUNCTION convonet_admin.self_take_mail(p_token_hash bytea, p_claims jsonb)
RETURNS TABLE (id bigint, attempt integer, kind text, address text, first_name text, action text, actor_kind text,
               occurred_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
#variable_conflict use_column
DECLARE
    mail   convonet_admin.mail_queue;
    token  convonet_admin.reset_token;
    person convonet_admin.person;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a token has a SHA-256' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR turn IN 1..50 LOOP
        -- Looking for an address that nobody has may walk through the table: what was done so far must be kept, and not
        -- be lost to a time limit.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
        SELECT q.* INTO mail FROM convonet_admin.mail_queue q
        WHERE q.state IN ('waiting', 'sending') AND q.next_try_at <= clock_timestamp()
        ORDER BY q.kind = 'link_request', q.next_try_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF mail.give_up_at <= clock_timestamp() THEN
            mail.state := 'failed';
            mail.last_error := coalesce(mail.last_error, 'too late');
        ELSIF mail.kind = 'link_request' THEN
            BEGIN
                mail := convonet_admin.resolve_link_request(mail, p_token_hash, p_claims);
            EXCEPTION WHEN lock_not_available OR deadlock_detected OR no_data_found THEN
                UPDATE convonet_admin.mail_queue q SET next_try_at = clock_timestamp() + interval '5 seconds'
                WHERE q.id = mail.id;
                CONTINUE;
            END;
        ELSIF mail.kind = 'reset_link' THEN
            SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = mail.token_id FOR UPDATE;
            SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
            IF person.is_active IS NOT TRUE OR token.used_at IS NOT NULL OR token.void_at IS NOT NULL
                    OR token.address IS DISTINCT FROM person.email
                    OR token.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(person.password_hash) THEN
                mail.state := 'void';
            ELSE
                UPDATE convonet_admin.reset_token t
                SET token_hash = p_token_hash,
                    expires_at = clock_timestamp() + make_interval(mins => (SELECT p.reset_link_minutes FROM convonet_admin.policy p))
                WHERE t.id = token.id;
            END IF;
        END IF;
        IF mail.state IN ('failed', 'void') THEN
            IF mail.kind = 'link_request' THEN
                DELETE FROM convonet_admin.mail_queue q WHERE q.id = mail.id;
            ELSE
                UPDATE convonet_admin.mail_queue q
                SET state = mail.state, last_error = mail.last_error, ended_at = clock_timestamp() WHERE q.id = mail.id;
            END IF;
            CONTINUE;
        END IF;
        UPDATE convonet_admin.mail_queue q
        SET kind = mail.kind, address = mail.address, account_id = mail.account_id, token_id = mail.token_id,
            state = 'sending', attempts = q.attempts + 1, next_try_at = clock_timestamp() + interval '5 minutes'
        WHERE q.id = mail.id;
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        PERFORM convonet_admin.settle();
        RETURN QUERY
        SELECT mail.id, mail.attempts + 1, mail.kind, mail.address, person.first_name, mail.action, mail.actor_kind, mail.created_at,
               (SELECT t.expires_at FROM convonet_admin.reset_token t WHERE t.id = mail.token_id);
        RETURN;
    END LOOP;
END
$$;

-- Says what became of mail that was taken: sent, failed for good, or to be tried again after a pause that grows from
-- fifteen seconds to an hour. Only the one who took it last may.
CREATE OR REPLACE FUNCTION convonet_admin.self_end_mail(p_id bigint, p_attempt integer, p_outcome text, p_error text)
RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    UPDATE convonet_admin.mail_queue q
    SET state = CASE WHEN p_outcome IN ('sent', 'failed') THEN p_outcome
                     WHEN next.at >= q.give_up_at THEN 'failed' ELSE 'waiting' END,
        ended_at = CASE WHEN p_outcome IN ('sent', 'failed') OR next.at >= q.give_up_at THEN clock_timestamp() END,
        next_try_at = next.at,
        last_error = left(p_error, 200)
    FROM (SELECT clock_timestamp() + make_interval(secs => least(3600, 15 * 4 ^ least(p_attempt - 1, 5))) AS at) AS next
    WHERE q.id = p_id AND q.attempts = p_attempt AND q.state = 'sending'
    RETURNING q.state
$$;

-- Forgets what nobody needs any more: mail after a month, links after three, counters after a day.
CREATE OR REPLACE FUNCTION convonet_admin.self_tidy() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    DELETE FROM convonet_admin.mail_queue q WHERE q.ended_at < clock_timestamp() - interval '30 days';
    DELETE FROM convonet_admin.reset_token t WHERE t.created_at < clock_timestamp() - interval '90 days';
    DELETE FROM convonet_admin.request_counter c WHERE c.began_at < clock_timestamp() - interval '24 hours';
    DELETE FROM convonet_admin.wrong_password w WHERE w.last_at < clock_timestamp() - interval '2 days';
$$;
