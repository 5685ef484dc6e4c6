-- The queue of mail: whoever sends takes from it and says what became of each; who does so, and how much waits.

-- For how long whoever takes a mail has it: five minutes, and less than the time that it has left, so that another can
-- still send it in time.
CREATE OR REPLACE FUNCTION convonet_admin.mail_lease(p_give_up_at timestamptz) RETURNS interval
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT least(interval '5 minutes', greatest(interval '20 seconds', (p_give_up_at - clock_timestamp()) / 2))
$$;

-- Whether a program can send mail of a kind, by what it says of itself: those of before say nothing of what came after them.
CREATE OR REPLACE FUNCTION convonet_admin.can_send(p_kind text, p_claims jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim text := CASE p_kind WHEN 'caller_code' THEN 'sends_codes' WHEN 'pin_link' THEN 'sends_pin_links'
                              WHEN 'approval_request' THEN 'sends_approvals' WHEN 'text_code' THEN 'sends_texts' END;
BEGIN
    RETURN claim IS NULL OR coalesce(p_claims ->> claim = 'true', false);
END
$$;

-- Notes that a program asks for mail, and whether it sends to telephones, a few times a minute and without waiting for another that
-- notes the same.
CREATE OR REPLACE FUNCTION convonet_admin.note_mail_program(p_claims jsonb) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.mail_program p
    SET asked_at = clock_timestamp(),
        texts_asked_at = CASE WHEN convonet_admin.can_send('text_code', p_claims) THEN clock_timestamp() ELSE p.texts_asked_at END
    WHERE p.only_one IN (
        SELECT s.only_one FROM convonet_admin.mail_program s
        WHERE s.asked_at NOT BETWEEN clock_timestamp() - interval '20 seconds' AND clock_timestamp()
           OR convonet_admin.can_send('text_code', p_claims)
              AND (s.texts_asked_at BETWEEN clock_timestamp() - interval '20 seconds' AND clock_timestamp()) IS NOT TRUE
        FOR UPDATE SKIP LOCKED);
    INSERT INTO convonet_admin.mail_program (asked_at, texts_asked_at)
    SELECT clock_timestamp(), CASE WHEN convonet_admin.can_send('text_code', p_claims) THEN clock_timestamp() END
    WHERE NOT EXISTS (SELECT FROM convonet_admin.mail_program) ON CONFLICT DO NOTHING;
$$;

-- When a program that sends mail last asked for some, whether one does so now, and how much waits; how much of that could not be
-- sent yet, and why the newest of it could not; whether there is no room for more, and whether codes go to telephones. What
-- texts_are_sent says is written out, and mail_overflow is called only where as many wait as its limit: either is planned anew for each
-- session that looks at one account.
CREATE OR REPLACE FUNCTION convonet_admin.mail_state()
RETURNS TABLE (asked_at timestamptz, is_asking boolean, waiting bigint, failing bigint, last_error text, is_full boolean,
               sends_texts boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.asked_at, coalesce(p.asked_at > clock_timestamp() - interval '2 minutes', false), w.waiting, w.failing, w.last_error,
           -- Of what waits, some may not count.
           w.waiting >= 10000 AND convonet_admin.mail_overflow() IS NOT NULL, p.sends_texts
    FROM (SELECT max(m.asked_at) AS asked_at,
                 coalesce(bool_or(m.texts_asked_at BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp()), false)
                     AS sends_texts
          FROM convonet_admin.mail_program m) p
    CROSS JOIN (SELECT count(*) AS waiting, count(q.last_error) AS failing,
                       substr(max(lpad(q.id::text, 20, '0') || q.last_error), 21) AS last_error
                FROM convonet_admin.mail_queue q WHERE q.state IN ('waiting', 'sending')) w
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.mail_state() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};

-- The same for the metrics of self-service, in numbers alone: why a mail could not be sent is for staff. What was given up is that of
-- the last day, and the ages are those of the oldest which are not done: one address that takes no mail must not look like a queue that
-- stands still.
CREATE OR REPLACE FUNCTION convonet_admin.self_mail_state()
RETURNS TABLE (is_sending boolean, sends_texts boolean, is_full boolean, waiting bigint, sending bigint, failed bigint,
               untried_seconds bigint, tried_seconds bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.is_asking, m.sends_texts, m.is_full, w.waiting, w.sending, f.failed,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - w.untried), 0))::bigint,
           greatest(0, coalesce(extract(epoch FROM clock_timestamp() - w.tried), 0))::bigint
    FROM convonet_admin.mail_state() m
    CROSS JOIN (SELECT count(*) FILTER (WHERE q.state = 'waiting') AS waiting, count(*) FILTER (WHERE q.state = 'sending') AS sending,
                       min(q.created_at) FILTER (WHERE q.attempts = 0) AS untried,
                       min(q.created_at) FILTER (WHERE q.attempts > 0) AS tried
                FROM convonet_admin.mail_queue q WHERE q.state IN ('waiting', 'sending')) w
    CROSS JOIN (SELECT count(*) AS failed FROM convonet_admin.mail_queue q
                WHERE q.state = 'failed' AND q.ended_at > clock_timestamp() - interval '24 hours') f
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_mail_state() TO {{selfservice}};

-- Makes mail ready that is to be sent now: with state failed or void where it is not to be; without an id where there is to be looked
-- again. Its link's token becomes that of the given hash. What staff may hold by an open transaction is not waited for; and what
-- somebody may need is held only once the application's and the site's code have been run, which may take its time.
CREATE OR REPLACE FUNCTION convonet_admin.prepared_mail(p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb)
RETURNS convonet_admin.mail_queue
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mail   convonet_admin.mail_queue := p_mail;
    token  convonet_admin.reset_token;
    person convonet_admin.person;
    code   convonet_admin.caller_code;
    number text;
    fault  text;
BEGIN
    IF mail.give_up_at <= clock_timestamp() THEN
        mail.state := 'failed';
        mail.last_error := coalesce(mail.last_error, 'too late');
    ELSIF mail.kind = 'link_request' AND mail.account_id IS NULL THEN
        mail.id := NULL;
        mail.last_error := convonet_admin.look_up_addresses(mail.looked_up_at IS NOT NULL);
    ELSIF mail.kind = 'link_request' THEN
        mail := convonet_admin.resolve_link_request(mail, p_token_hash, p_claims);
    ELSIF mail.kind IN ('reset_link', 'pin_link') THEN
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        IF person.id IS NULL THEN
            PERFORM convonet_admin.require_visible_people();
        END IF;
        SELECT t.* INTO token FROM convonet_admin.reset_token t WHERE t.id = mail.token_id FOR UPDATE NOWAIT;
        IF person.is_active IS NOT TRUE OR convonet_admin.link_fault(token, person.password_hash, person.email)
                IN ('link_used', 'link_void', 'link_outdated') THEN
            mail.state := 'void';
        ELSE
            UPDATE convonet_admin.reset_token t
            SET token_hash = p_token_hash,
                expires_at = clock_timestamp() + make_interval(mins => (SELECT p.reset_link_minutes FROM convonet_admin.policy p))
            WHERE t.id = token.id;
        END IF;
    ELSIF mail.kind = 'notice' AND convonet_admin.is_needless(mail) THEN
        mail.state := 'void';
    ELSIF mail.kind = 'approval_request' AND NOT EXISTS (
            SELECT FROM convonet_admin.approval a WHERE a.id = mail.approval_id AND convonet_admin.is_undecided(a)) THEN
        mail.state := 'void';
    ELSIF mail.kind IN ('caller_code', 'text_code') THEN
        -- The code itself is stored once the sender has made it.
        SELECT * INTO person FROM convonet_admin.hand_read(mail.account_id);
        IF person.id IS NULL THEN
            PERFORM convonet_admin.require_visible_people();
        END IF;
        number := (SELECT convonet_admin.number_of(c) FROM convonet_admin.caller_code c WHERE c.id = mail.code_id);
        SELECT c.* INTO code FROM convonet_admin.caller_code c WHERE c.id = mail.code_id FOR UPDATE NOWAIT;
        fault := convonet_admin.code_fault(code, person.email, number);
        IF code.number IS NOT NULL AND number = '?' THEN
            RAISE EXCEPTION 'the telephone number cannot be read now' USING ERRCODE = 'lock_not_available';
        ELSIF fault NOT IN ('code_not_sent', 'code_expired', 'code_tries') THEN
            mail.state := 'void';
        END IF;
        IF fault = 'code_outdated' THEN
            PERFORM convonet_admin.end_outdated_code(code);
        END IF;
    END IF;
    RETURN mail;
END
$$;

-- What a mail calls somebody; NULL where that cannot be read now. Where it took too long, only a mail that needs nothing else of the
-- account goes out all the same: a statement's time is over only once.
CREATE OR REPLACE FUNCTION convonet_admin.name_for_mail(p_mail convonet_admin.mail_queue) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT u.first_name FROM convonet_admin.hand_read(p_mail.account_id) u);
EXCEPTION
    WHEN query_canceled THEN
        IF p_mail.kind IN ('notice', 'approval_request') THEN
            RETURN NULL;
        END IF;
        RAISE;
    WHEN OTHERS OR assert_failure THEN
        RETURN NULL;
END
$$;

-- The same for whoever takes from the queue, with what the mail calls somebody, read before anything is locked. What somebody holds, or cannot be read, is looked at again a little later, and with it
-- all that needs the same: the account, or the log's head. So nobody else's mail waits behind it. Without an id, and the SQLSTATE in
-- `last_error`, where it was put off.
CREATE OR REPLACE FUNCTION convonet_admin.prepared_or_put_off(
    p_mail convonet_admin.mail_queue, p_token_hash bytea, p_claims jsonb, OUT mail convonet_admin.mail_queue, OUT first_name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    error   text;
    held    text;
    is_held boolean;
BEGIN
    -- Of what is too late nothing is read, nor where nobody is known yet.
    IF p_mail.account_id IS NOT NULL AND p_mail.give_up_at > clock_timestamp() THEN
        first_name := convonet_admin.name_for_mail(p_mail);
    END IF;
    mail := convonet_admin.prepared_mail(p_mail, p_token_hash, p_claims);
EXCEPTION
    -- Also where it took too long, or the application's code says so.
    WHEN OTHERS OR assert_failure OR query_canceled THEN
        GET STACKED DIAGNOSTICS error = RETURNED_SQLSTATE, held = TABLE_NAME;
        is_held := error IN ('55P03', '40P01', 'P0002');
        UPDATE convonet_admin.mail_queue q
        SET next_try_at = clock_timestamp() + CASE WHEN is_held THEN interval '5 seconds' ELSE interval '1 minute' END,
            last_error = CASE WHEN is_held THEN q.last_error ELSE 'SQLSTATE ' || error END
        WHERE q.id IN (SELECT o.id FROM convonet_admin.mail_queue o
                       WHERE o.id = p_mail.id OR o.state = 'waiting' AND o.kind = p_mail.kind
                             AND (o.account_id = p_mail.account_id OR is_held AND held = 'log'
                                  -- The site's view of numbers is as slow for everybody.
                                  OR error = '57014' AND o.kind = 'text_code')
                       FOR UPDATE SKIP LOCKED);
        mail := jsonb_populate_record(NULL::convonet_admin.mail_queue, jsonb_build_object('last_error', error));
END
$$;

-- Ends a mail that is not sent. A request for a link leaves nothing: what somebody typed is nobody's.
CREATE OR REPLACE FUNCTION convonet_admin.discard_mail(p_mail convonet_admin.mail_queue) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM convonet_admin.mail_queue q WHERE q.id = p_mail.id AND p_mail.kind = 'link_request';
    UPDATE convonet_admin.mail_queue q
    SET state = p_mail.state, last_error = p_mail.last_error, ended_at = clock_timestamp() WHERE q.id = p_mail.id
$$;

-- The mail that is due longest and that a program with these claims can send; all NULL where there is none that nobody else has.
CREATE OR REPLACE FUNCTION convonet_admin.due_mail(p_claims jsonb) RETURNS convonet_admin.mail_queue
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT q.* FROM convonet_admin.mail_queue q
    WHERE q.state IN ('waiting', 'sending')
      AND convonet_admin.can_send(q.kind, p_claims)
      -- The longest pause is an hour: what is further away was put there by a clock that was wrong.
      AND (q.next_try_at <= clock_timestamp() OR q.next_try_at > clock_timestamp() + interval '61 minutes')
    -- Whom somebody is on the phone with first; then what must be heard of in time before links, and what staff send before
    -- what anybody can ask for: by some minutes, so that none keeps another waiting for good.
    ORDER BY q.next_try_at + CASE q.kind WHEN 'caller_code' THEN interval '-3 minutes' WHEN 'text_code' THEN interval '-3 minutes'
                                         WHEN 'notice' THEN interval '-1 minute' WHEN 'link_request' THEN interval '1 minute' ELSE interval '0' END, q.id
    LIMIT 1 FOR UPDATE SKIP LOCKED
$$;

-- Takes the mail that is due longest, for a while (mail_lease): whoever has not ended it by then is taken to be gone, and
-- `patience` is how many seconds the mail program may take. The caller brings the hash of a new token, which becomes the
-- link's if the mail carries one; of a token that was sent before, or lost with the program that held it, nothing is left.
-- For a code it brings none: it gets the key of who asked for one, and makes and stores the code itself. No row where nothing is
-- due; one without an id where more may be, and there was no time to go on.
CREATE OR REPLACE FUNCTION convonet_admin.self_take_mail(p_token_hash bytea, p_claims jsonb)
RETURNS TABLE (id bigint, attempt integer, kind text, address text, first_name text, action text, actor_kind text,
               occurred_at timestamptz, expires_at timestamptz, patience integer, asker_key bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
#variable_conflict use_column
DECLARE
    mail     convonet_admin.mail_queue;
    prepared record;
    lease    interval;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_take_mail');
    PERFORM convonet_admin.forbid_preparing();
    IF octet_length(p_token_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a token has a SHA-256' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM convonet_admin.note_mail_program(p_claims);
    FOR mails IN 1..50 LOOP
        -- Looking for addresses that nobody has may walk through the table: what was done so far must be kept, and not be
        -- lost to a time limit.
        EXIT WHEN clock_timestamp() > statement_timestamp() + interval '1 second';
        mail := convonet_admin.due_mail(p_claims);
        IF mail.id IS NULL THEN
            PERFORM convonet_admin.finish_without_receipt();
            RETURN;
        END IF;
        SELECT * INTO prepared FROM convonet_admin.prepared_or_put_off(mail, p_token_hash, p_claims);
        mail := prepared.mail;
        -- A statement's time is over only once: what comes now would have none.
        EXIT WHEN mail.id IS NULL AND mail.last_error = '57014';
        CONTINUE WHEN mail.id IS NULL;
        IF mail.state IN ('failed', 'void') THEN
            -- The log's head and somebody's row may be locked now: no other mail is prepared under that.
            PERFORM convonet_admin.discard_mail(mail);
            EXIT;
        END IF;
        lease := convonet_admin.mail_lease(mail.give_up_at);
        UPDATE convonet_admin.mail_queue q
        SET kind = mail.kind, address = mail.address, account_id = mail.account_id, token_id = mail.token_id,
            state = 'sending', attempts = q.attempts + 1, next_try_at = clock_timestamp() + lease, report_hash = p_token_hash
        WHERE q.id = mail.id;
        RETURN QUERY
        SELECT mail.id, mail.attempts + 1, mail.kind, mail.address, prepared.first_name, mail.action,
               mail.actor_kind, mail.created_at,
               convonet_admin.told_end(mail),
               least(60, extract(epoch FROM lease)::integer - 10),
               (SELECT c.asker_key FROM convonet_admin.caller_code c WHERE c.id = mail.code_id);
        PERFORM convonet_admin.finish_without_receipt();
        RETURN;
    END LOOP;
    RETURN QUERY SELECT NULL::bigint, NULL::integer, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text,
                        NULL::timestamptz, NULL::timestamptz, NULL::integer, NULL::bytea;
    PERFORM convonet_admin.finish_without_receipt();
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_take_mail(bytea, jsonb) TO {{selfservice}};

-- Says what became of mail that was taken: sent, failed for good, or to be tried again after a pause that grows from
-- fifteen seconds to an hour. Only the one who took it last may.
CREATE OR REPLACE FUNCTION convonet_admin.self_end_mail(p_id bigint, p_attempt integer, p_outcome text, p_error text)
RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.forbid_preparing();
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
GRANT EXECUTE ON FUNCTION convonet_admin.self_end_mail(bigint, integer, text, text) TO {{selfservice}};

-- Forgets what nobody needs any more: mail and codes after a month, links after three, and what can no longer be taken back. What
-- somebody holds is left for the next time, and so is a link or a code whose mail is still there, which would go with it, or be
-- locked: it can be reported for a week.
CREATE OR REPLACE FUNCTION convonet_admin.forget_what_is_over() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.forbid_preparing();
    DELETE FROM convonet_admin.mail_queue d WHERE d.id IN (
        SELECT q.id FROM convonet_admin.mail_queue q
        WHERE coalesce(q.ended_at, q.give_up_at) < clock_timestamp() - interval '30 days' FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.reset_token d WHERE d.id IN (
        SELECT t.id FROM convonet_admin.reset_token t
        WHERE t.created_at < clock_timestamp() - interval '90 days'
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_queue q WHERE q.token_id = t.id) FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.caller_code d WHERE d.id IN (
        SELECT c.id FROM convonet_admin.caller_code c
        WHERE c.created_at < clock_timestamp() - interval '1 day'
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_queue q WHERE q.code_id = c.id) FOR UPDATE SKIP LOCKED);
    SELECT convonet_admin.forget_replaced();
    DELETE FROM convonet_admin.temporary_password d WHERE (d.account_id, d.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.expired_at < clock_timestamp() - interval '90 days' FOR UPDATE SKIP LOCKED);
$$;

CREATE OR REPLACE FUNCTION convonet_admin.tidy() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    PERFORM convonet_admin.require_plain_session('tidy');
    PERFORM convonet_admin.forget_what_is_over();
    PERFORM convonet_admin.finish_without_receipt();
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.tidy() TO {{operator}}, {{supervisor}}, {{scheduler}};

-- The same, and the counters of self-service: nobody else may hold these, for whoever asks for something waits for them.
CREATE OR REPLACE FUNCTION convonet_admin.self_tidy() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    PERFORM convonet_admin.require_plain_session('self_tidy');
    PERFORM convonet_admin.forget_what_is_over();
    DELETE FROM convonet_admin.request_counter d WHERE d.key IN (
        SELECT c.key FROM convonet_admin.request_counter c
        WHERE c.began_at NOT BETWEEN clock_timestamp() - interval '24 hours' AND clock_timestamp() + interval '1 minute'
        FOR UPDATE SKIP LOCKED);
    DELETE FROM convonet_admin.wrong_password d WHERE d.account_id IN (
        SELECT w.account_id FROM convonet_admin.wrong_password w
        WHERE w.last_at < clock_timestamp() - interval '2 days' FOR UPDATE SKIP LOCKED);
    PERFORM convonet_admin.finish_without_receipt();
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_tidy() TO {{selfservice}};
