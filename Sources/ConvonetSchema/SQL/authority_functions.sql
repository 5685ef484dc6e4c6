-- Whether the user of the session is in a role. Before PostgreSQL 15 whoever signs in can make others members of themselves, so what
-- comes by way of a role that signs in does not count there.
CREATE OR REPLACE FUNCTION convonet_admin.session_belongs_to(p_role oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role(session_user, p_role, 'MEMBER') THEN
        RETURN false;
    ELSIF current_setting('server_version_num')::integer >= 150000 THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        WITH RECURSIVE members (oid) AS (
            SELECT p_role
            UNION SELECT b.member FROM members m JOIN pg_roles g ON g.oid = m.oid AND NOT g.rolcanlogin
            JOIN pg_auth_members b ON b.roleid = g.oid)
        SELECT FROM pg_roles r WHERE r.rolname = session_user AND (r.rolsuper OR r.oid IN (SELECT m.oid FROM members m)));
END
$$;

-- Whether the user of the session has a right of their own to call one of our functions.
CREATE OR REPLACE FUNCTION convonet_admin.session_may_call(p_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
                   WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.proname = p_name AND a.privilege_type = 'EXECUTE'
                     AND (a.grantee = 0 OR convonet_admin.session_belongs_to(a.grantee)))
$$;

-- What a session must be like for a change to go on, and who may have begun it: the user of the session, whom limits, the
-- log and the word of a second person go by, has to be one who may call the function that was entered. Else somebody with
-- that right could lend it out, in a function of theirs, and be another person for each user who calls that.
CREATE OR REPLACE FUNCTION convonet_admin.require_plain_session(p_entry text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT convonet_admin.session_may_call(p_entry) THEN
        IF EXISTS (SELECT FROM convonet_admin.installation i WHERE i.role_prefix IS NOT NULL) THEN
            RAISE EXCEPTION 'the user of this session may not call it' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    -- An older snapshot would not see what was set, counted or decided since.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'only READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    -- One change is one transaction. What the caller wrote before could have put triggers of their own off, which would
    -- run within ours; and a loop that undoes each of its turns could ask for PINs without end.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'not first in its transaction' USING ERRCODE = 'CA005';
    END IF;
    -- A trigger of the application may name a table that the caller's temporary one would take the place of.
    {{no_temporary_objects}}
END
$$;

-- Lets nothing of the application's code run later than now: put off to the commit it would run with the caller's rights,
-- as a trigger or as the query of a cursor that outlives its transaction.
CREATE OR REPLACE FUNCTION convonet_admin.run_deferred() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convonet_admin.hand_run_deferred();
    IF EXISTS (SELECT FROM pg_cursor() c WHERE c.is_holdable) THEN
        RAISE EXCEPTION 'a cursor that outlives the transaction' USING ERRCODE = 'CA002';
    END IF;
END
$$;

-- An e-mail address's domain in lower case, without the dots and blanks that say nothing.
CREATE OR REPLACE FUNCTION convonet_admin.domain_of(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace({{lower:substring(p_email FROM '@([^@]*)$')}},
        '^[\s.\u00A0\u00AD\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF]+|[\s.\u00A0\u00AD\u1680\u2000-\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF]+$',
        '', 'g')
$$;

-- Whether a change of this account needs a second person. A domain protects its subdomains too. Where the policy names
-- roles in teams, and these cannot be read any more, everybody is protected: to guess otherwise would open a door.
CREATE OR REPLACE FUNCTION convonet_admin.is_protected(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    domain text := convonet_admin.domain_of(p_email);
BEGIN
    IF EXISTS (SELECT FROM unnest(p_policy.protected_domains) p, convonet_admin.domain_of('@' || ltrim(btrim(p), '@')) AS d
               WHERE domain = d OR right(domain, length(d) + 1) = '.' || d)
        OR EXISTS (SELECT FROM unnest(p_policy.protected_accounts) p
                   WHERE {{lower:btrim(p)}} IN ({{lower:btrim(p_email)}}, {{lower:btrim(p_username)}}, p_account::text)) THEN
        RETURN true;
    END IF;
    IF cardinality(p_policy.protected_team_roles) = 0 THEN
        RETURN false;
    END IF;
    RETURN coalesce(convonet_admin.reader_has_team_role(p_account, p_policy.protected_team_roles), true);
END
$$;

-- Whether a change of this account needs a second person, for whoever is about to ask; NULL where there is no such account.
CREATE OR REPLACE FUNCTION convonet_admin.account_is_protected(p_account uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.is_protected(a.id, a.email, a.username, p)
    FROM convonet_admin.hand_read(p_account) a, convonet_admin.policy p WHERE a.id IS NOT NULL
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.account_is_protected(uuid) TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};

-- The budget that a change would overdraw, or NULL; called under the account's lock, which makes the account's count
-- exact; the operator's own lock does that for theirs. Only what is done counts, so whoever rolls back gains nothing.
CREATE OR REPLACE FUNCTION convonet_admin.exceeded_limit(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_budget text, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_credential boolean := p_budget = 'credential';
    budget  integer := CASE WHEN is_credential THEN p_policy.resets_per_operator_hour
                            ELSE p_policy.states_per_operator_hour END;
    counted text[];
    used    bigint;
BEGIN
    IF budget = 0 AND NOT (is_credential AND p_policy.resets_per_account_day > 0) THEN
        RETURN NULL;
    END IF;
    counted := ARRAY(SELECT a.name FROM convonet_admin.actions() a WHERE a.budget = p_budget);
    IF budget > 0 AND convonet_admin.operator_events(p_event, p_claims, counted) >= budget THEN
        RETURN CASE WHEN is_credential THEN 'operator_budget' ELSE 'state_budget' END;
    END IF;
    IF is_credential AND p_policy.resets_per_account_day > 0 THEN
        SELECT count(*) INTO used FROM convonet_admin.audit_event e
        WHERE e.account_id = p_event.account_id AND e.occurred_at BETWEEN clock_timestamp() - interval '24 hours' AND clock_timestamp()
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (counted);
        IF used >= p_policy.resets_per_account_day THEN
            RETURN 'account_budget';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- How many of these actions the operator of an event did within the hour; locks their slot, so that what they do at once is
-- counted one after the other.
CREATE OR REPLACE FUNCTION convonet_admin.operator_events(
    p_event convonet_admin.audit_event, p_claims jsonb, p_actions text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used bigint;
BEGIN
    PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = (SELECT convonet_admin.operator_slot_of(p_claims)) FOR UPDATE;
    SELECT count(*) INTO used
    FROM convonet_admin.audit_event e, convonet_admin.installation i
    WHERE e.occurred_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp() AND e.db_user = p_event.db_user
      AND (i.role_prefix IS NOT NULL OR e.uid IS NOT DISTINCT FROM p_event.uid)
      AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (p_actions);
    RETURN used;
END
$$;
