-- Mail: links and notices. It is queued in the transaction of what it tells of, and sent after it by whichever instance
-- of the self-service program takes it first.

-- Makes a link for an account that the caller has locked. It stands beside those that are there until one of them is used
-- or the password changes: nobody takes a link from somebody by asking for another.
CREATE OR REPLACE FUNCTION convonet_admin.new_link(
    p_attempt convonet_admin.attempt, p_hash text, p_token_hash bytea, p_purpose text DEFAULT 'password')
RETURNS convonet_admin.reset_token
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event convonet_admin.audit_event := p_attempt.event;
    token convonet_admin.reset_token;
BEGIN
    INSERT INTO convonet_admin.reset_token
        (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, purpose, expires_at)
    SELECT event.account_id, (p_attempt.person).email, event.actor_kind, event.db_user,
           convonet_admin.password_fingerprint(p_hash), clock_timestamp(), p_token_hash, p_purpose,
           CASE WHEN p_token_hash IS NOT NULL
                THEN clock_timestamp() + make_interval(mins => p.reset_link_minutes) END
    FROM convonet_admin.policy p
    RETURNING * INTO token;
    RETURN token;
END
$$;

-- Why no more mail is queued; NULL where there is room. What strangers ask for is bounded by how often they may, and takes no place
-- here; nor does what is given up, where nobody clears it away.
CREATE OR REPLACE FUNCTION convonet_admin.mail_overflow() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN count(*) = 10000 THEN 'the mail queue was full' END
    FROM (SELECT FROM convonet_admin.mail_queue q
          WHERE q.state IN ('waiting', 'sending') AND q.kind <> 'link_request' AND (q.kind <> 'reset_link' OR q.action IS NOT NULL)
            AND q.give_up_at > clock_timestamp()
          LIMIT 10000) waiting
$$;

-- Queues the mail of a link, which tells of an event and is given up then.
CREATE OR REPLACE FUNCTION convonet_admin.queue_link(
    p_token convonet_admin.reset_token, p_event convonet_admin.audit_event, p_give_up_at timestamptz) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, token_id, action, request_id, created_at, give_up_at, next_try_at, state, last_error, ended_at)
    SELECT CASE p_token.purpose WHEN 'voice_pin' THEN 'pin_link' ELSE 'reset_link' END, p_token.address, p_token.account_id,
           p_token.id, p_event.action, p_event.request_id, p_token.created_at, p_give_up_at, p_token.created_at,
           CASE WHEN o IS NULL THEN 'waiting' ELSE 'failed' END, o, CASE WHEN o IS NOT NULL THEN p_token.created_at END
    FROM convonet_admin.mail_overflow() o
$$;

-- Why a link or a code would be of no use to somebody; NULL where it is.
CREATE OR REPLACE FUNCTION convonet_admin.link_refusal(p_person convonet_admin.person, p_claims jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_person.is_active IS NOT TRUE THEN 'link_to_inactive'
                WHEN p_person.email IS NULL THEN 'address_unusable'
                WHEN NOT convonet_admin.is_bcrypt(p_person.password_hash)
                    AND (p_claims ->> 'local_password') IS DISTINCT FROM 'true' THEN 'external_sign_in' END
$$;

-- Makes and queues a link for this purpose, by which whoever gets it sets a password, or is given a voice PIN.
CREATE OR REPLACE FUNCTION convonet_admin.with_link(
    p_attempt convonet_admin.attempt, p_purpose text, p_claims jsonb)
RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    token   convonet_admin.reset_token;
    person  convonet_admin.person := p_attempt.person;
    rule    text := coalesce(
        -- A PIN is of use however somebody signs in.
        nullif(convonet_admin.link_refusal(p_attempt.person, p_claims),
               CASE p_purpose WHEN 'voice_pin' THEN 'external_sign_in' END),
        -- Or one account's mail keeps all others waiting, and fills its owner's box.
        CASE WHEN (SELECT count(*) FROM convonet_admin.reset_token t
                   WHERE t.account_id = (p_attempt.event).account_id AND t.db_user = (p_attempt.event).db_user
                     AND t.requested_by = 'operator' AND t.code_hash IS NULL
                     AND t.created_at > clock_timestamp() - interval '1 hour') >= 10 THEN 'links_sent' END,
        CASE WHEN convonet_admin.mail_overflow() IS NOT NULL THEN 'mail_queue_full' END);
BEGIN
    IF rule IS NOT NULL THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', rule);
    END IF;
    token := convonet_admin.new_link(attempt, person.password_hash, NULL, p_purpose);
    PERFORM convonet_admin.queue_link(token, event, (
        SELECT token.created_at + make_interval(mins => p.reset_link_minutes) FROM convonet_admin.policy p));
    event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_link(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.with_link(p_attempt, 'password', p_claims)
$$;

-- Sends somebody a link by which they set their password themselves: nobody else ever knows it.
CREATE OR REPLACE FUNCTION convonet_admin.send_reset_link(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('send_reset_link', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_reset_link(uuid, text, uuid, jsonb) TO {{operator}};

-- Makes the links and codes of an account void, and says how many. Among them are outdated ones, which work again if the password or
-- the address comes back, and expired ones whose mail waits, which get a new time when it is sent. Those that are over for good are
-- not: tidying may have locked them.
CREATE OR REPLACE FUNCTION convonet_admin.revoked_links(p_account uuid) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    WITH revoked AS (
        UPDATE convonet_admin.reset_token t SET void_at = clock_timestamp(), void_reason = 'revoked'
        WHERE t.account_id = p_account AND t.used_at IS NULL AND t.void_at IS NULL
          AND t.created_at > clock_timestamp() - interval '89 days'
          AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp()
               OR EXISTS (SELECT FROM convonet_admin.mail_queue q
                          WHERE q.token_id = t.id AND q.state IN ('waiting', 'sending') AND q.give_up_at > clock_timestamp()))
        RETURNING 1)
    SELECT count(*)::integer FROM revoked
$$;

CREATE OR REPLACE FUNCTION convonet_admin.apply_revoked_links(
    p_attempt convonet_admin.attempt, p_value text, p_claims jsonb) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    revoked integer := convonet_admin.revoked_links(event.account_id);
BEGIN
    IF revoked = 0 THEN
        RETURN convonet_admin.with_outcome(attempt, 'refused', 'no_reset_link');
    END IF;
    event.detail := concat_ws(' ', event.detail, 'links=' || revoked);
    attempt.event := event;
    RETURN convonet_admin.with_outcome(attempt, 'done');
END
$$;

-- Makes every link and code of an account void that is good, or could be again.
CREATE OR REPLACE FUNCTION convonet_admin.revoke_reset_links(p_account uuid, p_version text, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.carry_out('revoke_reset_links', p_account, p_version, NULL, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.revoke_reset_links(uuid, text, uuid, jsonb) TO {{operator}};

-- The links of one account, newest first: to whom, what for, until when, and what became of each.
CREATE OR REPLACE FUNCTION convonet_admin.links_of(p_account uuid, p_limit integer)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz, purpose text, mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.address, t.requested_by, t.db_user, t.created_at, t.expires_at,
           CASE WHEN m.state IN ('waiting', 'sending', 'failed')
                     AND (fault = 'link_expired' OR fault IS NULL AND m.give_up_at <= clock_timestamp()) THEN 'undelivered'
                WHEN fault IS NOT NULL AND fault <> 'link_void' THEN substr(fault, 6)
                WHEN fault IS NOT NULL THEN CASE t.void_reason WHEN 'newer' THEN 'replaced' ELSE t.void_reason END
                WHEN m.state = 'failed' THEN 'undelivered'
                WHEN m.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(t.used_at, t.void_at, m.ended_at), t.purpose, m.last_error, m.attempts
    FROM convonet_admin.reset_token t
    CROSS JOIN convonet_admin.hand_read(p_account) u
    LEFT JOIN LATERAL (SELECT q.state, q.ended_at, q.give_up_at, q.last_error, q.attempts
                       FROM convonet_admin.mail_queue q WHERE q.token_id = t.id ORDER BY q.id DESC LIMIT 1) m ON true
    CROSS JOIN LATERAL convonet_admin.link_fault(t, u.password_hash, u.email) AS fault
    WHERE t.account_id = p_account AND t.code_hash IS NULL AND u.id IS NOT NULL
    ORDER BY t.created_at DESC
    LIMIT least(greatest(p_limit, 1), 200)
$$;

-- The same for staff. Most people have none, and then a new session need not plan how to find out what became of them.
CREATE OR REPLACE FUNCTION convonet_admin.reset_links(p_account uuid, p_limit integer DEFAULT 20)
RETURNS TABLE (id uuid, address text, requested_by text, db_user text, created_at timestamptz, expires_at timestamptz,
               state text, state_at timestamptz, purpose text, mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.* FROM convonet_admin.links_of(p_account, p_limit) l
    WHERE EXISTS (SELECT FROM convonet_admin.reset_token t WHERE t.account_id = p_account AND t.code_hash IS NULL)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.reset_links(uuid, integer) TO {{operator}}, {{auditor}};

-- Tells the person of a change of their password or PIN, at the address as it was before. Where the queue is full that keeps nobody
-- from the change: it is noted as not sent.
CREATE OR REPLACE FUNCTION convonet_admin.queue_notice(p_event convonet_admin.audit_event) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, account_id, action, actor_kind, request_id, created_at, give_up_at, next_try_at, state, last_error, ended_at)
    SELECT 'notice', p_event.account_email, p_event.account_id, p_event.action, p_event.actor_kind, p_event.request_id,
           p_event.occurred_at, p_event.occurred_at + interval '3 days', p_event.occurred_at,
           CASE WHEN o IS NULL THEN 'waiting' ELSE 'failed' END, o, CASE WHEN o IS NOT NULL THEN p_event.occurred_at END
    FROM convonet_admin.mail_overflow() o, convonet_admin.actions() a WHERE a.name = p_event.action AND a.is_notified
      -- One that the log had to cut could be somebody else's.
      AND length(p_event.account_email) < 400
      -- Of the end of a change nobody needs to hear who does not hear of the change.
      AND (p_event.action <> 'undo' OR EXISTS (
          SELECT FROM convonet_admin.audit_event e JOIN convonet_admin.mail_queue q ON q.request_id = e.request_id
          WHERE e.sequence = convonet_admin.undone_receipt(p_event.detail) AND q.kind = 'notice'))
$$;

-- Whether nobody has to hear of a change: it was taken back, and less than a minute has passed since it was made. That counts until
-- now, and not until the undo's own time: what is taken back in a transaction that stays open lasts until its commit.
CREATE OR REPLACE FUNCTION convonet_admin.was_a_moment(p_notice convonet_admin.mail_queue) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT clock_timestamp() BETWEEN p_notice.created_at AND p_notice.created_at + interval '1 minute'
       AND EXISTS (
           SELECT FROM convonet_admin.audit_event e
           JOIN convonet_admin.audit_event u ON u.account_id = e.account_id AND u.sequence > e.sequence
           WHERE e.request_id = p_notice.request_id AND e.account_id = p_notice.account_id AND e.outcome = 'done'
             AND u.action = 'undo' AND u.outcome = 'done' AND convonet_admin.undone_receipt(u.detail) = e.sequence)
$$;

-- Whether a notice is not to be sent. That of a change is not, where the change was a moment and no mail program has had it. That
-- of an undo goes by what became of the change's, and so waits for nobody who takes that now.
CREATE OR REPLACE FUNCTION convonet_admin.is_needless(p_notice convonet_admin.mail_queue) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text;
BEGIN
    IF p_notice.action <> 'undo' THEN
        RETURN p_notice.attempts = 0 AND convonet_admin.was_a_moment(p_notice);
    END IF;
    SELECT q.state INTO told
    FROM convonet_admin.audit_event u
    JOIN convonet_admin.audit_event e
        ON e.account_id = u.account_id AND e.sequence = convonet_admin.undone_receipt(u.detail)
    JOIN convonet_admin.mail_queue q ON q.request_id = e.request_id AND q.kind = 'notice'
    WHERE u.request_id = p_notice.request_id AND u.action = 'undo' AND u.outcome = 'done'
    FOR UPDATE OF q NOWAIT;
    RETURN coalesce(told IN ('void', 'failed'), true);
END
$$;

-- Puts requests for links off that cannot be answered now.
CREATE OR REPLACE FUNCTION convonet_admin.put_off_requests(p_ids bigint[], p_pause interval, p_state text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.mail_queue q
    SET next_try_at = clock_timestamp() + p_pause, last_error = coalesce('SQLSTATE ' || p_state, q.last_error) WHERE q.id = ANY (p_ids)
$$;

-- Finds out whose these addresses are, as far as the index tells. Where somebody cannot be read, by halves, until it is known who
-- that is: their requests wait for a minute. For about a second: then one half waits for some seconds, and the other is looked up by
-- the next call, so that each gets further however long it takes. Returns the SQLSTATE of what ended it.
CREATE OR REPLACE FUNCTION convonet_admin.look_up_exactly(p_ids bigint[], p_addresses text[], p_others text[]) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state  text;
    middle text;
    half   record;
    is_over boolean;
BEGIN
    BEGIN
        UPDATE convonet_admin.mail_queue q SET account_id = f.account_id
        FROM convonet_admin.hand_addressees(p_addresses, p_others, false) f WHERE q.id = p_ids[f.place];
        UPDATE convonet_admin.mail_queue q SET looked_up_at = clock_timestamp() WHERE q.id = ANY (p_ids);
        RETURN NULL;
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        state := SQLSTATE;
    END;
    -- A statement's time is over only once: what comes now would have none.
    is_over := state = '57014' OR clock_timestamp() > statement_timestamp() + interval '1 second';
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a) INTO middle FROM unnest(p_addresses) a
    WHERE a < (SELECT max(b) FROM unnest(p_addresses) b);
    IF middle IS NULL THEN
        PERFORM convonet_admin.put_off_requests(p_ids, interval '1 minute', state);
        RETURN CASE WHEN state = '57014' THEN state END;
    END IF;
    FOR half IN SELECT r.address > middle AS is_second, array_agg(r.id) AS ids, array_agg(r.address) AS addresses,
                       array_agg(r.other) AS others
                FROM unnest(p_ids, p_addresses, p_others) AS r (id, address, other) GROUP BY 1 ORDER BY 1 LOOP
        IF half.is_second AND is_over THEN
            PERFORM convonet_admin.put_off_requests(half.ids, interval '5 seconds', NULL);
        ELSIF half.is_second THEN
            RETURN convonet_admin.look_up_exactly(half.ids, half.addresses, half.others);
        ELSIF NOT is_over THEN
            is_over := convonet_admin.look_up_exactly(half.ids, half.addresses, half.others) IS NOT NULL;
        END IF;
    END LOOP;
    RETURN state;
END
$$;

-- Finds out whose the addresses are by which links were asked for, all at once: by the index first, and where nobody was found so,
-- by a walk through the table; each call does one of the two. An address that nobody has is forgotten. Returns the SQLSTATE of what
-- went wrong.
CREATE OR REPLACE FUNCTION convonet_admin.look_up_addresses(p_walks boolean) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids       bigint[];
    addresses text[];
    others    text[];
    state     text;
BEGIN
    SELECT array_agg(w.id), array_agg(w.address), array_agg(w.other_address) INTO ids, addresses, others
    FROM (SELECT q.id, q.address, q.other_address FROM convonet_admin.mail_queue q
          WHERE q.kind = 'link_request' AND q.state IN ('waiting', 'sending') AND q.account_id IS NULL
            AND (q.looked_up_at IS NOT NULL) = p_walks
            AND (q.next_try_at <= clock_timestamp() OR q.next_try_at > clock_timestamp() + interval '61 minutes')
          ORDER BY q.next_try_at, q.id LIMIT 5000 FOR UPDATE SKIP LOCKED) w;
    IF NOT p_walks THEN
        RETURN convonet_admin.look_up_exactly(ids, addresses, others);
    END IF;
    BEGIN
        UPDATE convonet_admin.mail_queue q SET account_id = f.account_id
        FROM convonet_admin.hand_addressees(addresses, others, true) f WHERE q.id = ids[f.place];
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        PERFORM convonet_admin.put_off_requests(ids, interval '1 minute', SQLSTATE);
        RETURN SQLSTATE;
    END;
    ids := ARRAY(SELECT q.id FROM convonet_admin.mail_queue q WHERE q.id = ANY (ids) AND q.account_id IS NULL);
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    -- Apart from what was found, which stays found.
    BEGIN
        PERFORM convonet_admin.require_visible_people();
        DELETE FROM convonet_admin.mail_queue q WHERE q.id = ANY (ids);
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        state := SQLSTATE;
        PERFORM convonet_admin.put_off_requests(ids, interval '1 minute', state);
    END;
    RETURN state;
END
$$;

-- Whether the person has asked for as many links as they may within the hour, and has one that they can use or that is on its way:
-- then they are sent no other. Without such a link nobody is turned away, whoever made the requests.
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
    -- The account's row is the application's, which may hold many; the log's head is soon free.
    PERFORM set_config('lock_timeout', '50ms', true);
    attempt := convonet_admin.begin_self_attempt('send_reset_link', mail.account_id, mail.request_id,
        p_claims || jsonb_build_object('client_address', mail.client_address));
    SELECT a.password_hash INTO stored FROM convonet_admin.hand_read(mail.account_id) a;
    IF attempt.proceeds THEN
        event := attempt.event;
        IF NOT convonet_admin.is_bcrypt(stored) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'external_sign_in');
        ELSIF convonet_admin.has_enough_links(mail.account_id, stored, (attempt.person).email) THEN
            attempt := convonet_admin.with_outcome(attempt, 'refused', 'account_limit');
        ELSE
            token := convonet_admin.new_link(attempt, stored, p_token_hash);
            event.detail := concat_ws(' ', event.detail, 'link=' || token.id);
            attempt.event := event;
            attempt := convonet_admin.with_outcome(attempt, 'done');
        END IF;
    END IF;
    PERFORM set_config('lock_timeout', '1s', true);
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
