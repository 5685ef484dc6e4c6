-- Who is speaking. A code of six digits goes to the account's address or telephone, made when it is sent, and the operator who
-- asked for it enters what the caller reads back. What they entered is not sent here: only what their program makes of it with
-- the key that it made for this code, and that the sender's program made of it too. So whoever reads the tables cannot try the
-- million codes without that key; and whoever has the key cannot read the tables, and has five tries.

-- The code that this operator asked for last for an account, whatever became of it; NULL where there is none of today.
CREATE OR REPLACE FUNCTION convonet_admin.own_code(p_account uuid, p_uid bigint) RETURNS convonet_admin.caller_code
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.* FROM convonet_admin.caller_code c, convonet_admin.installation i
    WHERE c.account_id = p_account AND c.db_user = session_user
      AND (i.role_prefix IS NOT NULL OR c.uid IS NOT DISTINCT FROM p_uid)
      -- Older ones tidying may have locked.
      AND c.created_at > clock_timestamp() - interval '23 hours'
    ORDER BY c.id DESC LIMIT 1
$$;

-- How often a code was tried; NULL where it cannot be: its mail was not sent, or the operator asked for another since.
CREATE OR REPLACE FUNCTION convonet_admin.tries_of(p_code convonet_admin.caller_code) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN value / 1048576 = p_code.id THEN (value % 1048576)::integer END
    FROM coalesce(CASE WHEN p_code.slot IS NOT NULL
                       THEN pg_sequence_last_value(format('convonet_admin.caller_tries_%s', p_code.slot)::regclass) END, 0) AS value
$$;

-- The number that somebody has now, where a code goes by it. The site's view is read for it: before the log's head is locked.
CREATE OR REPLACE FUNCTION convonet_admin.number_of(p_code convonet_admin.caller_code) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN p_code.number IS NOT NULL THEN convonet_admin.phone_number(p_code.account_id) END;
END
$$;

-- Why nothing that a caller reads back can be this code, of an account with this address and number; NULL where it can.
CREATE OR REPLACE FUNCTION convonet_admin.code_fault(
    p_code convonet_admin.caller_code, p_email text, p_number text) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN p_code.id IS NULL THEN 'code_missing'
                WHEN p_code.proven_at IS NOT NULL THEN 'code_used'
                WHEN p_code.address IS DISTINCT FROM p_email OR p_code.expires_at = '-infinity' THEN 'code_outdated'
                -- Only where another number was read, or none: what cannot be read now ends no code.
                WHEN p_code.number IS NOT NULL AND p_number IS DISTINCT FROM '?' AND p_number IS DISTINCT FROM p_code.number
                    THEN 'code_outdated'
                WHEN EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.slot = p_code.slot AND c.id > p_code.id)
                    THEN 'code_replaced'
                WHEN p_code.sender_key IS NULL THEN 'code_not_sent'
                WHEN p_code.expires_at <= clock_timestamp() THEN 'code_expired'
                WHEN convonet_admin.tries_of(p_code) IS NULL THEN 'code_replaced'
                WHEN convonet_admin.tries_of(p_code) >= 5 THEN 'code_tries'
                WHEN p_code.number IS NOT NULL AND p_number = '?' THEN 'code_unchecked' END
$$;

-- Ends a code that was found to be outdated, so that it stays so where the address comes back. One without its sender's half
-- gets one that nobody has.
CREATE OR REPLACE FUNCTION convonet_admin.end_outdated_code(p_code convonet_admin.caller_code) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.caller_code c
    SET sender_key = coalesce(c.sender_key, sha256(c.asker_key)), expires_at = '-infinity',
        proof_hash = coalesce(c.proof_hash, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')))
    WHERE c.id = p_code.id
$$;

-- Begins a call about a caller; with the number that a code goes to, or went. The account is read and not locked, for nothing of it
-- changes; such calls stand in line at the log's head, where they all end. What is entered is entered for one code, and the request
-- is about that one.
CREATE OR REPLACE FUNCTION convonet_admin.begin_caller_attempt(
    p_entry text, p_account uuid, p_request uuid, p_claims jsonb, OUT attempt convonet_admin.attempt, OUT number text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event   convonet_admin.audit_event;
    person  convonet_admin.person;
    seen    convonet_admin.caller_code;
    code    convonet_admin.caller_code;
BEGIN
    PERFORM convonet_admin.require_plain_session(p_entry);
    PERFORM convonet_admin.forbid_preparing();
    person := convonet_admin.read_person(p_account);
    event := convonet_admin.about_person(
        convonet_admin.new_event(CASE p_entry WHEN 'verify_caller' THEN p_entry ELSE 'send_caller_code' END, p_request, p_claims),
        person.id, person.email, person.username);
    seen := convonet_admin.own_code(p_account, event.uid);
    number := CASE p_entry
        WHEN 'verify_caller' THEN convonet_admin.number_of(seen)
        WHEN 'send_caller_text' THEN CASE WHEN convonet_admin.texts_are_sent() THEN nullif(convonet_admin.phone_number(p_account), '?') END END;
    attempt.event := event;
    attempt.person := person;
    attempt.version := person.version;
    attempt.updated_at := person.updated_at;
    attempt.replayed := false;
    PERFORM convonet_admin.lock_head();
    IF p_entry = 'verify_caller' THEN
        code := convonet_admin.own_code(p_account, event.uid);
        -- Another was asked for since, whose number was not read.
        number := CASE WHEN code.id = seen.id THEN number ELSE '?' END;
        event.detail := 'code=' || code.id;
        attempt.event := event;
    END IF;
    attempt := convonet_admin.with_earlier_request(attempt);
    attempt.proceeds := (attempt.event).outcome IS NULL;
END
$$;

-- Queues a code, for the operator of this session, whose program keeps the other half of the key. At most three an account and
-- hour, whichever way they go; and of one operator the last alone can be used. None goes to another address than the operator saw;
-- programs before version 12 do not say which one that was.
CREATE OR REPLACE FUNCTION convonet_admin.queue_caller_code(
    p_entry text, p_way text, p_account uuid, p_address text, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    code    convonet_admin.caller_code;
    receipt convonet_admin.receipt;
    begun   record;
BEGIN
    IF octet_length(p_key) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a key has 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    begun := convonet_admin.begin_caller_attempt(p_entry, p_account, p_request, p_claims);
    attempt := begun.attempt;
    event := attempt.event;
    IF attempt.proceeds AND p_address <> (attempt.person).email THEN
        event.detail := concat_ws(' ', event.detail, 'changed=email');
        attempt.event := event;
        attempt := convonet_admin.with_outcome(attempt, 'conflict', 'account_changed');
    ELSIF attempt.proceeds AND (SELECT count(*) FROM convonet_admin.caller_code c
            WHERE c.account_id = p_account
              AND c.created_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp()) >= 3 THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'code_limit');
    ELSIF attempt.proceeds AND convonet_admin.mail_overflow() IS NOT NULL THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'mail_queue_full');
    ELSIF attempt.proceeds AND p_way = 'text_code' AND begun.number IS NULL THEN
        attempt := convonet_admin.with_outcome(attempt, 'refused', 'no_phone_number');
    ELSIF attempt.proceeds THEN
        INSERT INTO convonet_admin.caller_code (account_id, address, db_user, uid, slot, created_at, asker_key, way, number)
        VALUES (p_account, (attempt.person).email, event.db_user, event.uid, convonet_admin.operator_slot_of(p_claims),
                clock_timestamp(), p_key, p_way, begun.number)
        RETURNING * INTO code;
        INSERT INTO convonet_admin.mail_queue
            (kind, address, account_id, code_id, request_id, created_at, give_up_at, next_try_at)
        VALUES (CASE p_way WHEN 'mail_code' THEN 'caller_code' ELSE p_way END, coalesce(code.number, code.address), p_account,
                code.id, p_request, code.created_at, code.created_at + interval '10 minutes', code.created_at);
        event.detail := concat_ws(' ', 'code=' || code.id, CASE p_way WHEN 'text_code' THEN 'way=text_code' END);
        attempt.event := event;
        attempt := convonet_admin.with_outcome(attempt, 'done');
    END IF;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    {{forget_settings}}
    RETURN receipt;
END
$$;

-- Sends a code to the account's address, if it still is the one that the operator saw.
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_code(p_account uuid, p_address text, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.queue_caller_code('send_caller_code', 'mail_code', p_account, p_address, p_key, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_code(uuid, text, bytea, uuid, jsonb) TO {{operator}};

-- The same to the telephone whose number the site has of them.
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_text(p_account uuid, p_address text, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.queue_caller_code('send_caller_text', 'text_code', p_account, p_address, p_key, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_text(uuid, text, bytea, uuid, jsonb) TO {{operator}};

-- Both as programs before version 12 call them.
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_code(p_account uuid, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.send_caller_code(p_account, NULL, p_key, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_code(uuid, bytea, uuid, jsonb) TO {{operator}};
CREATE OR REPLACE FUNCTION convonet_admin.send_caller_text(p_account uuid, p_key bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
    SELECT convonet_admin.send_caller_text(p_account, NULL, p_key, p_request, p_claims)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.send_caller_text(uuid, bytea, uuid, jsonb) TO {{operator}};

-- Takes what the operator's program made of the code that the caller read back. It is counted before it is looked at, by the
-- counter itself, so that neither calls at once nor a rollback give another try.
CREATE OR REPLACE FUNCTION convonet_admin.verify_caller(p_account uuid, p_proof bytea, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event;
    code    convonet_admin.caller_code;
    receipt convonet_admin.receipt;
    counted bigint;
    fault   text;
    begun   record;
BEGIN
    begun := convonet_admin.begin_caller_attempt('verify_caller', p_account, p_request, p_claims);
    attempt := begun.attempt;
    IF attempt.proceeds THEN
        event := attempt.event;
        code := convonet_admin.own_code(p_account, event.uid);
        fault := convonet_admin.code_fault(code, (attempt.person).email, begun.number);
        IF fault IS NULL THEN
            counted := nextval(format('convonet_admin.caller_tries_%s', code.slot)::regclass);
            fault := CASE WHEN counted / 1048576 <> code.id THEN 'code_replaced'
                          WHEN counted % 1048576 > 5 THEN 'code_tries'
                          WHEN sha256(p_proof) IS DISTINCT FROM code.proof_hash THEN 'code_wrong' END;
        END IF;
        IF fault IS NULL THEN
            UPDATE convonet_admin.caller_code c
            SET proven_at = clock_timestamp(),
                points = CASE code.way WHEN 'text_code' THEN p.text_code_points ELSE p.mail_code_points END
            FROM convonet_admin.policy p WHERE c.id = code.id RETURNING c.* INTO code;
        END IF;
        IF fault IS NULL THEN
            event.detail := concat_ws(' ', event.detail, convonet_admin.caller_detail(code.points, code.way, NULL));
        ELSIF fault = 'code_outdated' THEN
            PERFORM convonet_admin.end_outdated_code(code);
        END IF;
        attempt.event := event;
        attempt := convonet_admin.with_outcome(attempt, CASE WHEN fault IS NULL THEN 'done' ELSE 'refused' END, fault);
    END IF;
    receipt := convonet_admin.finish_attempt(attempt);
    PERFORM convonet_admin.require_whole_transaction(attempt);
    {{forget_settings}}
    RETURN receipt;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.verify_caller(uuid, bytea, uuid, jsonb) TO {{operator}};

-- What this operator has to know of a caller: how many points a change needs, what is proven until when, what became of the last
-- code, and how the number ends to which one can go, too. Of a code `sender_key` is half of what it takes to check one; the
-- other is in the operator's program.
CREATE OR REPLACE FUNCTION convonet_admin.state_of_caller(p_account uuid, p_claims jsonb)
RETURNS TABLE (needed integer, points integer, proven_until timestamptz, codes_left integer, address text, state text,
               state_until timestamptz, tries_left integer, asker_key bytea, sender_key bytea, ways text, way text, phone text,
               mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.points_needed(u.id, u.email, u.username, p), proof.points, proof.until,
           greatest(0, 3 - (SELECT count(*) FROM convonet_admin.caller_code c
                            WHERE c.account_id = u.id
                              AND c.created_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp()))::integer,
           coalesce(convonet_admin.masked_number(code.number), code.address),
           CASE WHEN code.id IS NULL THEN NULL
                WHEN fault = 'code_not_sent' AND (q.state IN ('failed', 'void') OR q.give_up_at <= clock_timestamp())
                    THEN 'undelivered'
                WHEN fault = 'code_not_sent' THEN 'queued'
                WHEN fault <> 'code_unchecked' THEN substr(fault, 6)
                WHEN q.state = 'failed' THEN 'undelivered'
                WHEN q.state = 'sent' THEN 'sent'
                ELSE 'queued' END,
           coalesce(nullif(code.expires_at, '-infinity'), q.give_up_at), 5 - convonet_admin.tries_of(code), code.asker_key,
           code.sender_key, proof.ways, code.way,
           CASE WHEN convonet_admin.texts_are_sent() THEN convonet_admin.masked_number(n.number) END, q.last_error, q.attempts
    FROM convonet_admin.hand_read(p_account) u
    CROSS JOIN convonet_admin.policy p
    CROSS JOIN (SELECT convonet_admin.numeric_claim(p_claims, 'uid') AS uid) me
    CROSS JOIN LATERAL (SELECT convonet_admin.needed_number(u.id, true) AS number) n
    CROSS JOIN LATERAL convonet_admin.caller_proof(u.id, u.email, n.number, me.uid) proof
    CROSS JOIN LATERAL convonet_admin.own_code(u.id, me.uid) code
    CROSS JOIN LATERAL convonet_admin.code_fault(code, u.email, n.number) AS fault
    LEFT JOIN LATERAL (SELECT m.state, m.give_up_at, m.last_error, m.attempts FROM convonet_admin.mail_queue m
                       WHERE m.code_id = code.id ORDER BY m.id DESC LIMIT 1) q ON true
    WHERE u.id IS NOT NULL
$$;

-- The same for the operator. Mostly no caller has proven anything, and then none of it has to be looked up: not even whether there is
-- such an account. What texts_are_sent says is written out, as in mail_state.
CREATE OR REPLACE FUNCTION convonet_admin.caller_state(p_account uuid, p_claims jsonb)
RETURNS TABLE (needed integer, points integer, proven_until timestamptz, codes_left integer, address text, state text,
               state_until timestamptz, tries_left integer, asker_key bytea, sender_key bytea, ways text, way text, phone text,
               mail_error text, mail_tries integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH unproven AS MATERIALIZED (
        SELECT p.verification_points AS needed FROM convonet_admin.policy p
        WHERE p.verification_points_protected <= p.verification_points
          AND NOT EXISTS (SELECT FROM convonet_admin.caller_code c WHERE c.account_id = p_account)
          AND NOT EXISTS (SELECT FROM convonet_admin.mail_program m WHERE m.texts_asked_at
                          BETWEEN clock_timestamp() - interval '2 minutes' AND clock_timestamp()))
    SELECT u.needed, NULL, NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM unproven u
    UNION ALL
    SELECT s.* FROM convonet_admin.state_of_caller(p_account, p_claims) s WHERE NOT EXISTS (SELECT FROM unproven)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.caller_state(uuid, jsonb) TO {{operator}};

-- Keeps what the sender made of a code, just before the mail with it goes out, and gives the end of its time; NULL where the
-- mail is no longer theirs to send. A code that was made for an earlier try to send is none any more.
CREATE OR REPLACE FUNCTION convonet_admin.self_store_caller_code(
    p_mail bigint, p_attempt integer, p_key bytea, p_proof_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    code convonet_admin.caller_code;
BEGIN
    PERFORM convonet_admin.require_plain_session('self_store_caller_code');
    PERFORM convonet_admin.forbid_preparing();
    IF octet_length(p_key) IS DISTINCT FROM 32 OR octet_length(p_proof_hash) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'a key and a SHA-256 have 32 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE convonet_admin.caller_code c
    SET sender_key = p_key, proof_hash = p_proof_hash, expires_at = clock_timestamp() + interval '10 minutes'
    FROM convonet_admin.mail_queue q
    WHERE q.id = p_mail AND q.attempts = p_attempt AND q.state = 'sending' AND c.id = q.code_id AND c.proven_at IS NULL
      AND c.expires_at IS DISTINCT FROM '-infinity'
      -- Of one operator the last alone counts, and the counter belongs to it.
      AND NOT EXISTS (SELECT FROM convonet_admin.caller_code n WHERE n.slot = c.slot AND n.id > c.id)
    RETURNING c.* INTO code;
    IF FOUND AND convonet_admin.tries_of(code) IS NULL THEN
        PERFORM setval(format('convonet_admin.caller_tries_%s', code.slot)::regclass, code.id * 1048576);
    END IF;
    RETURN code.expires_at;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_store_caller_code(bigint, integer, bytea, bytea) TO {{selfservice}};
