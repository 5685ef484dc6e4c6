-- Temporary passwords: what staff type or have generated, where the policy says so. If the person has not set another when their
-- time is over, the hash is replaced by one that fits nothing.

-- Until when the password that an event tells of works, unless the person changes it; NULL where it is not temporary.
CREATE OR REPLACE FUNCTION convonet_admin.temporary_until(p_event convonet_admin.audit_event) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(p_event.detail FROM '(?:^| )temporary_until=([0-9TZ:-]{20})(?: |$)')::timestamptz
    WHERE p_event.action = 'reset_password' AND p_event.actor_kind = 'operator' AND p_event.outcome = 'done'
$$;

-- Until when what a mail tells of is good: its link, or the password that staff gave somebody; NULL where neither ends.
CREATE OR REPLACE FUNCTION convonet_admin.told_end(p_mail convonet_admin.mail_queue) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.expires_at FROM convonet_admin.reset_token t WHERE t.id = p_mail.token_id
    UNION ALL
    SELECT convonet_admin.temporary_until(e) FROM convonet_admin.audit_event e
    WHERE p_mail.kind = 'notice' AND e.request_id = p_mail.request_id AND e.outcome = 'done' AND e.account_id = p_mail.account_id
    LIMIT 1
$$;

-- Whether an undo could still bring a password back.
CREATE OR REPLACE FUNCTION convonet_admin.may_come_back(p_password convonet_admin.temporary_password) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM convonet_admin.replaced_credential r
        WHERE r.account_id = p_password.account_id AND r.column_name = 'password_hash' AND r.expires_at > clock_timestamp()
          AND convonet_admin.password_fingerprint(r.value) = p_password.password_fingerprint)
$$;

-- Makes a password temporary that staff gave somebody: what is promised now stays, whatever the policy says later.
CREATE OR REPLACE FUNCTION convonet_admin.with_temporary_password(
    p_attempt convonet_admin.attempt, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    hours   integer := (SELECT p.temporary_password_hours FROM convonet_admin.policy p);
    made    convonet_admin.temporary_password;
BEGIN
    IF event.outcome <> 'done' OR hours = 0 THEN
        RETURN attempt;
    END IF;
    made.issued_at := clock_timestamp();
    -- What the account had before and does not get back is over, or some thousand of one account would keep those of others valid.
    -- What somebody holds is left for the next time.
    DELETE FROM convonet_admin.temporary_password d WHERE (d.account_id, d.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.account_id = event.account_id
          AND t.password_fingerprint IS DISTINCT FROM convonet_admin.password_fingerprint(attempt.replaced)
          AND NOT convonet_admin.may_come_back(t) FOR UPDATE SKIP LOCKED);
    -- To the second, as it is told. Whoever gives the same hash again gives it no more time.
    INSERT INTO convonet_admin.temporary_password AS t (account_id, password_fingerprint, issued_at, expires_at)
    VALUES (event.account_id, convonet_admin.password_fingerprint(p_hash), made.issued_at,
            date_trunc('second', made.issued_at) + make_interval(hours => hours))
    ON CONFLICT (account_id, password_fingerprint) DO UPDATE SET next_try_at = NULL
    RETURNING t.* INTO made;
    event.detail := concat_ws(' ', event.detail,
        'temporary_until=' || to_char(made.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Until when the password that an account has now works, and since when it does not any more; both NULL where it is not temporary.
-- By the index first, which spares most the reading of the account.
CREATE OR REPLACE FUNCTION convonet_admin.temporary_password_state(
    p_account uuid, OUT until timestamptz, OUT expired_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM convonet_admin.temporary_password t WHERE t.account_id = p_account) THEN
        SELECT t.expires_at, t.expired_at INTO temporary_password_state.until, temporary_password_state.expired_at
        FROM convonet_admin.hand_read(p_account) u
        JOIN convonet_admin.temporary_password t ON t.account_id = u.id
            AND t.password_fingerprint = convonet_admin.password_fingerprint(u.password_hash);
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.temporary_password_state(uuid) TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
GRANT EXECUTE ON FUNCTION convonet_admin.temporary_password_state(uuid) TO {{application}};

-- The same for staff, who look at one account in a session that often ends then: where there is none, nothing in PL/pgSQL is called,
-- whose library the session would have to load first.
CREATE OR REPLACE FUNCTION convonet_admin.account_temporary_password(p_account uuid)
RETURNS TABLE (until timestamptz, expired_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.until, s.expired_at FROM convonet_admin.temporary_password_state(p_account) s
    WHERE EXISTS (SELECT FROM convonet_admin.temporary_password t WHERE t.account_id = p_account)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_temporary_password(uuid) TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};

-- A well-formed bcrypt hash of nothing that anybody knows, so that the application's check says no, and does not fail. Of the last
-- letters of salt and hash only some bits count, and libraries look at the others.
CREATE OR REPLACE FUNCTION convonet_admin.hash_that_fits_nothing() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('$2b$%s$', p.bcrypt_cost) || (
        SELECT string_agg(
            substr('./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
                   (get_byte(r.bytes, i) & CASE i WHEN 21 THEN 48 WHEN 52 THEN 60 ELSE 63 END) + 1, 1), '' ORDER BY i)
        FROM (SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
                  || sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')) AS bytes) r,
             generate_series(0, 52) AS i)
    FROM convonet_admin.policy p
$$;

-- Sends a link to whoever's temporary password has run out, so that they get in by themselves; or says in the event why none goes.
CREATE OR REPLACE FUNCTION convonet_admin.with_link_instead(
    p_attempt convonet_admin.attempt, p_hash text) RETURNS convonet_admin.attempt
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt convonet_admin.attempt := p_attempt;
    event   convonet_admin.audit_event := p_attempt.event;
    token   convonet_admin.reset_token;
    fault   text := coalesce(
        CASE convonet_admin.link_refusal(attempt.person, '{}') WHEN 'address_unusable' THEN 'no_address'
                                                               WHEN 'link_to_inactive' THEN 'inactive' END,
        CASE WHEN NOT EXISTS (SELECT FROM convonet_admin.mail_program) THEN 'no_mail' END);
BEGIN
    IF fault IS NULL THEN
        token := convonet_admin.new_link(attempt, p_hash, NULL);
        -- Nobody waits for it at their screen: as long as a notice.
        PERFORM convonet_admin.queue_link(token, event, token.created_at + interval '3 days');
    END IF;
    event.detail := concat_ws(' ', event.detail, coalesce('no_link=' || fault, 'link=' || token.id));
    attempt.event := event;
    RETURN attempt;
END
$$;

-- Ends a temporary password whose time is over, if the account still has it. That a supervisor froze the account, or the policy is
-- another by now, keeps nothing that staff know valid.
CREATE OR REPLACE FUNCTION convonet_admin.expire_password(p_due convonet_admin.temporary_password) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    attempt  convonet_admin.attempt;
    event    convonet_admin.audit_event;
    person   convonet_admin.person := convonet_admin.lock_person(p_due.account_id);
    new_hash text := convonet_admin.hash_that_fits_nothing();
BEGIN
    IF convonet_admin.password_fingerprint(person.password_hash) IS DISTINCT FROM p_due.password_fingerprint THEN
        PERFORM convonet_admin.forget_temporary(p_due);
        RETURN;
    END IF;
    event.request_id := gen_random_uuid();
    event.actor_kind := 'schedule';
    event.action := 'expire_password';
    event.db_user := session_user;
    event := convonet_admin.about_person(event, person.id, person.email, person.username);
    attempt.event := event;
    attempt.person := person;
    attempt.replayed := false;
    attempt := convonet_admin.with_written_or_failed(attempt, 'password_hash', new_hash);
    IF (attempt.event).outcome = 'done' THEN
        UPDATE convonet_admin.temporary_password t
        SET password_fingerprint = convonet_admin.password_fingerprint(new_hash), expired_at = clock_timestamp()
        WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint);
        -- Nobody set another password: links and codes that the person has stay good.
        UPDATE convonet_admin.reset_token t SET password_fingerprint = convonet_admin.password_fingerprint(new_hash)
        WHERE t.account_id = p_due.account_id AND t.password_fingerprint = p_due.password_fingerprint
          -- Older ones are over for good, and tidying may have locked them.
          AND t.used_at IS NULL AND t.void_at IS NULL AND t.created_at > clock_timestamp() - interval '89 days';
        attempt := convonet_admin.with_link_instead(attempt, new_hash);
    ELSE
        -- What the application only held for a moment is free soon.
        PERFORM convonet_admin.put_off_expiry(p_due, CASE WHEN (attempt.event).detail ~ 'sqlstate=(55P03|40001|40P01)'
                                                          THEN interval '5 minutes' ELSE interval '1 hour' END);
    END IF;
    PERFORM convonet_admin.finish_attempt(attempt);
END
$$;

-- Forgets one that the account has no longer, unless a reset that took its place can still be taken back.
CREATE OR REPLACE FUNCTION convonet_admin.forget_temporary(p_due convonet_admin.temporary_password) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF convonet_admin.may_come_back(p_due) THEN
        PERFORM convonet_admin.put_off_expiry(p_due, interval '1 minute');
    ELSE
        DELETE FROM convonet_admin.temporary_password t
        WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION convonet_admin.put_off_expiry(p_due convonet_admin.temporary_password, p_pause interval) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE convonet_admin.temporary_password t SET next_try_at = clock_timestamp() + p_pause, taken_until = NULL
    WHERE (t.account_id, t.password_fingerprint) = (p_due.account_id, p_due.password_fingerprint)
$$;

-- The account of one whose time is over, which is left to the caller for five minutes; NULL where there is none that nobody else has.
-- To be committed before it is ended: then code of the application's that hangs keeps nobody else's password valid. What is put off
-- further than an hour was put off by a clock that was wrong.
CREATE OR REPLACE FUNCTION convonet_admin.take_due_password() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    due convonet_admin.temporary_password;
BEGIN
    PERFORM convonet_admin.require_plain_session('take_due_password');
    PERFORM convonet_admin.forbid_preparing();
    -- What a clock that was ahead issued lasts as long as it was to last, from now on.
    UPDATE convonet_admin.temporary_password w
    SET issued_at = clock_timestamp(), expires_at = clock_timestamp() + (w.expires_at - w.issued_at)
    WHERE (w.account_id, w.password_fingerprint) IN (
        SELECT t.account_id, t.password_fingerprint FROM convonet_admin.temporary_password t
        WHERE t.expired_at IS NULL AND t.issued_at > clock_timestamp() + interval '1 minute' FOR UPDATE SKIP LOCKED);
    -- By itself: within an UPDATE it may be run once for each row, and take another each time.
    SELECT t.* INTO due FROM convonet_admin.temporary_password t
    WHERE t.expired_at IS NULL AND t.expires_at <= clock_timestamp()
      AND (t.next_try_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '61 minutes') IS NOT TRUE
    ORDER BY coalesce(t.next_try_at, t.expires_at) LIMIT 1 FOR UPDATE SKIP LOCKED;
    UPDATE convonet_admin.temporary_password t
    SET next_try_at = clock_timestamp() + interval '5 minutes', taken_until = clock_timestamp() + interval '5 minutes'
    WHERE (t.account_id, t.password_fingerprint) = (due.account_id, due.password_fingerprint);
    RETURN due.account_id;
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.take_due_password() TO {{selfservice}}, {{scheduler}};

-- Ends the temporary passwords of an account whose time is over and that were taken for it, each time once: so nobody fills the log
-- with what cannot be ended. What cannot be ended now is put off: by a minute while somebody holds
-- the account, by an hour where the application's code is in the way.
CREATE OR REPLACE FUNCTION convonet_admin.end_due_passwords(p_account uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    due   convonet_admin.temporary_password;
    state text;
BEGIN
    PERFORM convonet_admin.require_plain_session('end_due_passwords');
    PERFORM convonet_admin.forbid_preparing();
    FOR due IN SELECT t.* FROM convonet_admin.temporary_password t
               WHERE t.account_id = p_account AND t.expired_at IS NULL AND t.expires_at <= clock_timestamp()
                 AND t.taken_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '6 minutes' LOOP
        BEGIN
            PERFORM convonet_admin.expire_password(due);
        EXCEPTION
            WHEN no_data_found THEN
                -- The account was deleted.
                PERFORM convonet_admin.forget_temporary(due);
            WHEN OTHERS OR assert_failure OR query_canceled THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
                RAISE LOG 'convonet_admin: the temporary password of account % could not be ended (SQLSTATE %)', p_account, state;
                PERFORM convonet_admin.put_off_expiry(due, CASE WHEN state IN ('55P03', '40001', '40P01') THEN interval '1 minute'
                                                                ELSE interval '1 hour' END);
                -- A statement's time is over only once.
                EXIT WHEN state = '57014';
        END;
    END LOOP;
    PERFORM convonet_admin.finish_without_receipt();
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.end_due_passwords(uuid) TO {{selfservice}}, {{scheduler}};

-- How many temporary passwords should have been ended a quarter of an hour ago: for doctor.
CREATE OR REPLACE FUNCTION convonet_admin.overdue_passwords() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM convonet_admin.temporary_password t
    WHERE t.expired_at IS NULL AND t.expires_at < clock_timestamp() - interval '15 minutes'
      AND (NOT convonet_admin.may_come_back(t) OR t.expires_at = (convonet_admin.temporary_password_state(t.account_id)).until)
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.overdue_passwords() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
