-- Mail: links and notices. It is queued in the transaction of what it tells of, and sent after it by whichever instance
-- of the self-service program takes it first.

-- Makes a link for an account that the caller has locked. It stands beside those that are there until one of them is used
-- or the password changes: nobody takes a link from somebody by asking for another.
CREATE OR REPLACE FUNCTION convonet_admin.new_link(
    p_event convonet_admin.audit_event, p_hash text, p_token_hash bytea) RETURNS convonet_admin.reset_token
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token convonet_admin.reset_token;
BEGIN
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
           CASE WHEN m.state IN ('waiting', 'sending', 'failed')
                     AND (fault = 'link_expired' OR fault IS NULL AND m.give_up_at <= clock_timestamp()) THEN 'undelivered'
                WHEN fault IS NOT NULL AND fault <> 'link_void' THEN substr(fault, 6)
                WHEN fault IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN m.state = 'failed' THEN 'undelivered'
                WHEN m.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(t.used_at, t.void_at, m.ended_at)
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    LEFT JOIN LATERAL (SELECT q.state, q.ended_at, q.give_up_at FROM convonet_admin.mail_queue q WHERE q.token_id = t.id
                       ORDER BY q.id DESC LIMIT 1) m ON true
    CROSS JOIN LATERAL convonet_admin.link_fault(t, u.password_hash, u.email) AS fault
    WHERE t.account_id = p_account AND u.id IS NOT NULL
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

-- Finds out whose the addresses are by which links were asked for and nobody has looked up: all at once. An address that
-- nobody has is forgotten.
CREATE OR REPLACE FUNCTION convonet_admin.look_addresses_up() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids       bigint[];
    addresses text[];
    others    text[];
BEGIN
    SELECT array_agg(w.id), array_agg(w.address), array_agg(w.other_address) INTO ids, addresses, others
    FROM (SELECT q.id, q.address, q.other_address FROM convonet_admin.mail_queue q
          WHERE q.kind = 'link_request' AND q.state IN ('waiting', 'sending') AND q.account_id IS NULL
          ORDER BY q.next_try_at, q.id LIMIT 5000 FOR UPDATE SKIP LOCKED) w;
    IF ids IS NULL THEN
        RETURN;
    END IF;
    UPDATE convonet_admin.mail_queue q SET account_id = f.account_id
    FROM convonet_admin.hand_addressees(addresses, others) f WHERE q.id = ids[f.place];
    DELETE FROM convonet_admin.mail_queue q WHERE q.id = ANY (ids) AND q.account_id IS NULL;
END
$$;

-- Whether somebody who asked as often as they may has a link that they can use, or that is on its way: then they are sent
-- no other. Without one nobody is turned away, whoever used the number up: links are good for five minutes at least.
CREATE OR REPLACE FUNCTION convonet_admin.has_enough_links(p_account uuid, p_hash text, p_email text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT count(*) FROM convonet_admin.reset_token t
            WHERE t.account_id = p_account AND t.requested_by = 'self'
              AND t.created_at > clock_timestamp() - interval '1 hour') >= p.self_service_account_limit
       AND EXISTS (SELECT FROM convonet_admin.reset_token t JOIN convonet_admin.mail_queue q ON q.token_id = t.id
                   WHERE t.account_id = p_account AND t.requested_by = 'self'
                     AND convonet_admin.link_fault(t, p_hash, p_email) IS NULL
                     AND (q.state = 'sent' OR q.state IN ('waiting', 'sending') AND q.give_up_at > clock_timestamp()))
    FROM convonet_admin.policy p
$$;

-- Turns what somebody asked for by an address into a link of the account that has it, with an event. The token's hash is
-- kept only where there is a link.
CREATE OR REPLACE FUNCTION convonet_admin.resolve_link_request(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail    convonet_admin.mail_queue := p_mail;
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    token   convonet_admin.reset_token;
    stored  text;
BEGIN
    attempt := convonet_admin.begin_self_attempt('send_reset_link', mail.account_id, mail.request_id,
        p_claims || jsonb_build_object('client_address', mail.client_address));
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(mail.account_id) a;
    IF attempt.proceeds THEN
        event := attempt.event;
        IF NOT convonet_admin.is_bcrypt(stored) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        ELSIF convonet_admin.has_enough_links(mail.account_id, stored, event.account_email) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'account_limit');
        ELSE
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
        mail.token_id := token.id;
    END IF;
    RETURN mail;
END
$$;

-- For how long whoever takes a mail has it: five minutes, and less than the time that it has left, so that another can
-- still send it in time.
CREATE OR REPLACE FUNCTION convonet_admin.mail_hold(p_give_up_at timestamptz) RETURNS interval
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(interval '5 minutes', greatest(interval '20 seconds', (p_give_up_at - clock_timestamp()) / 2))
$$;

-- Notes that a program asks for mail, a few times a minute and without waiting for another that notes the same.
CREATE OR REPLACE FUNCTION convonet_admin.note_mail_program() RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.mail_program p SET asked_at = clock_timestamp()
    WHERE p.only_one IN (
        SELECT s.only_one FROM convonet_admin.mail_program s
        WHERE s.asked_at NOT BETWEEN clock_timestamp() - interval '20 seconds' AND clock_timestamp()
        FOR UPDATE SKIP LOCKED);
    INSERT INTO convonet_admin.mail_program (asked_at)
    SELECT clock_timestamp() WHERE NOT EXISTS (SELECT FROM convonet_admin.mail_program) ON CONFLICT DO NOTHING;
$$;

-- When a program that sends mail last asked for some, whether one does so now, and how much waits.
CREATE OR REPLACE FUNCTION convonet_admin.mail_state() RETURNS TABLE (asked_at timestamptz, is_asking boolean, waiting bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.asked_at, coalesce(p.asked_at > clock_timestamp() - interval '2 minutes', false),
           (SELECT count(*) FROM convonet_admin.mail_queue q WHERE q.state IN ('waiting', 'sending'))
    FROM (SELECT max(m.asked_at) AS asked_at FROM convonet_admin.mail_program m) p
$$;

-- Takes the mail that is due longest, for a while (mail_hold): whoever has not ended it by then is taken to be gone, and
-- `patience` is how many seconds the mail program may take. The caller brings the hash of a new token, which becomes the
-- link's if the mail carries one; of a token that was sent before, or lost with the program that held it, nothing is left.
-- No row where nothing is due; one without an id where more may be, and there was no time to go on.
CREATE OR REPLACE FUNCTION convonet_admin.self_take_mail(p_token_hash bytea, p_claims jsonb)
RETURNS TABLE (id bigint, attempt integer, kind text, address text, first_name text, action text, actor_kind text,
               occurred_at timestamptz, expires_at timestamptz, patience integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
#variable_conflict use_column
DECLARE
    mail   convonet_admin.mail_queue;
    token  convonet_admin.reset_token;
    person convonet_admin.person;
    hold   interval;
BEGIN
    PERFORM convonet_admin.require_plain_session();
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a token has a SHA-256' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.note_mail_program();
    FOR turn IN 1..50 LOOP
        -- Looking for addresses that nobody has may walk through the table: what was done so far must be kept, and not be
        -- lost to a time limit.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
        -- The longest pause is an hour: what is further away was put there by a clock that was wrong.
        SELECT q.* INTO mail FROM convonet_admin.mail_queue q
        WHERE q.state IN ('waiting', 'sending')
          AND (q.next_try_at <= clock_timestamp() OR q.next_try_at > clock_timestamp() + interval '61 minutes')
        ORDER BY q.kind = 'link_request', q.next_try_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            PERFORM convonet_admin.settle();
            RETURN;
        END IF;
        IF mail.give_up_at <= clock_timestamp() THEN
            mail.state := 'failed';
            mail.last_error := coalesce(mail.last_error, 'too late');
        ELSIF mail.kind = 'link_request' AND mail.account_id IS NULL THEN
            PERFORM convonet_admin.look_addresses_up();
            CONTINUE;
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
        hold := convonet_admin.mail_hold(mail.give_up_at);
        UPDATE convonet_admin.mail_queue q
        SET kind = mail.kind, address = mail.address, account_id = mail.account_id, token_id = mail.token_id,
            state = 'sending', attempts = q.attempts + 1, next_try_at = clock_timestamp() + hold
        WHERE q.id = mail.id;
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        PERFORM convonet_admin.settle();
        RETURN QUERY
        SELECT mail.id, mail.attempts + 1, mail.kind, mail.address, person.first_name, mail.action, mail.actor_kind, mail.created_at,
               (SELECT t.expires_at FROM convonet_admin.reset_token t WHERE t.id = mail.token_id),
               least(60, extract(epoch FROM hold)::integer - 10);
        RETURN;
    END LOOP;
    PERFORM convonet_admin.settle();
    RETURN QUERY SELECT NULL::bigint, NULL::integer, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
                        NULL::timestamptz, NULL::timestamptz, NULL::integer;
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
    DELETE FROM convonet_admin.request_counter c
    WHERE c.began_at NOT BETWEEN clock_timestamp() - interval '24 hours' AND clock_timestamp() + interval '1 minute';
    DELETE FROM convonet_admin.wrong_password w WHERE w.last_at < clock_timestamp() - interval '2 days';
$$;
