-- The actions that give somebody a new way in: what budgets count.
CREATE OR REPLACE FUNCTION convonet_admin.credential_actions() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '{reset_password,issue_voice_pin,set_voice_pin,clear_voice_pin,send_reset_link}'::text[]
$$;

-- All that changes an account.
CREATE OR REPLACE FUNCTION convonet_admin.change_actions() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT convonet_admin.credential_actions() || '{activate,deactivate,verify,unverify,change_password,revoke_reset_links}'::text[]
$$;

-- One of 64 rows that stands for an operator: with roles the session's user; without, staff share one, and the claimed
-- system user tells them apart.
CREATE OR REPLACE FUNCTION convonet_admin.operator_slot_of(p_claims jsonb) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT hashtext(session_user || CASE WHEN i.role_prefix IS NULL THEN ':' || coalesce(p_claims ->> 'uid', '') ELSE '' END)
           & 63
    FROM convonet_admin.installation i
$$;

-- What a session must be like for a change to go on. An older snapshot would not see what was set, counted or decided
-- since. A trigger of the application runs with the owner's rights, and may name a table that the caller's own temporary
-- one, with a trigger of theirs, would take the place of.
CREATE OR REPLACE FUNCTION convonet_admin.require_plain_session() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'only READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema())
            OR EXISTS (SELECT FROM pg_type t WHERE t.typnamespace = pg_my_temp_schema()) THEN
        RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
    END IF;
END
$$;

-- Whether a change of this account needs a second person. A domain protects its subdomains too. Where the policy names
-- roles in teams, and these cannot be read any more, everybody is protected: to guess otherwise would open a door.
CREATE OR REPLACE FUNCTION convonet_admin.is_protected(
    p_account uuid, p_email text, p_username text, p_policy convonet_admin.policy) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    domain text := lower(substring(p_email FROM '@([^@]*)$'));
BEGIN
    IF EXISTS (SELECT FROM unnest(p_policy.protected_domains) p, lower(ltrim(btrim(p), '@')) AS d
               WHERE domain = d OR right(domain, length(d) + 1) = '.' || d)
        OR EXISTS (SELECT FROM unnest(p_policy.protected_accounts) p
                   WHERE lower(btrim(p)) IN (lower(p_email), lower(p_username), p_account::text)) THEN
        RETURN true;
    END IF;
    IF cardinality(p_policy.protected_team_roles) = 0 THEN
        RETURN false;
    END IF;
    BEGIN
        RETURN EXISTS (SELECT FROM {{memberships}} m, unnest(p_policy.protected_team_roles) r
                       WHERE m.user_id = p_account AND lower(m.role::text) = lower(btrim(r)));
    EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
        RETURN true;
    END;
END
$$;

-- Whether the application's teams can be read here.
CREATE OR REPLACE FUNCTION convonet_admin.teams_are_readable() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM {{memberships}} m WHERE m.user_id IS NULL AND m.role IS NULL LIMIT 1;
    RETURN true;
EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
    RETURN false;
END
$$;

-- Whether a change of this account needs a second person, for whoever is about to ask; NULL where there is no such account.
CREATE OR REPLACE FUNCTION convonet_admin.account_is_protected(p_account uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    answer boolean;
BEGIN
    SELECT convonet_admin.is_protected(u.id, u.email, u.username, p) INTO answer
    FROM {{users}} u, convonet_admin.policy p WHERE u.id = p_account;
    RETURN answer;
END
$$;

-- The budget that a change would overdraw, or NULL; called under the account's lock, which makes the account's count
-- exact; the operator's own lock does that for theirs. Only what is done counts, so whoever rolls back gains nothing.
CREATE OR REPLACE FUNCTION convonet_admin.overdrawn_budget(
    p_event convonet_admin.audit_event, p_policy convonet_admin.policy, p_claims jsonb) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used bigint;
BEGIN
    IF p_event.action <> ALL (convonet_admin.credential_actions()) THEN
        RETURN NULL;
    END IF;
    IF p_policy.resets_per_operator_hour > 0 THEN
        PERFORM FROM convonet_admin.operator_slot s WHERE s.slot = convonet_admin.operator_slot_of(p_claims) FOR UPDATE;
        SELECT count(*) INTO used
        FROM convonet_admin.audit_event e, convonet_admin.installation i
        WHERE e.occurred_at > clock_timestamp() - interval '1 hour' AND e.db_user = p_event.db_user
          AND (i.role_prefix IS NOT NULL OR e.uid IS NOT DISTINCT FROM p_event.uid)
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (convonet_admin.credential_actions());
        IF used >= p_policy.resets_per_operator_hour THEN
            RETURN 'operator_budget';
        END IF;
    END IF;
    IF p_policy.resets_per_account_day > 0 THEN
        SELECT count(*) INTO used FROM convonet_admin.audit_event e
        WHERE e.account_id = p_event.account_id AND e.occurred_at > clock_timestamp() - interval '24 hours'
          AND e.outcome = 'done' AND e.actor_kind = 'operator' AND e.action = ANY (convonet_admin.credential_actions());
        IF used >= p_policy.resets_per_account_day THEN
            RETURN 'account_budget';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
