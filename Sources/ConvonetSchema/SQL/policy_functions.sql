-- A setting before and after. Of a long list only what came and what went is said, so that nothing hides behind its
-- length; of refused passwords only how many there are.
CREATE OR REPLACE FUNCTION convonet_admin.setting_change(p_name text, p_old jsonb, p_new jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    came text;
    went text;
BEGIN
    IF jsonb_typeof(p_old) IS DISTINCT FROM 'array' OR jsonb_typeof(p_new) IS DISTINCT FROM 'array' THEN
        RETURN format('%s: %s -> %s', p_name, CASE WHEN p_name = 'blocked_passwords' THEN '(a list)' ELSE p_old::text END,
                      CASE WHEN p_name = 'blocked_passwords' THEN '(no list)' ELSE p_new::text END);
    ELSIF p_name <> 'blocked_passwords' AND jsonb_array_length(p_old) + jsonb_array_length(p_new) <= 20 THEN
        RETURN format('%s: %s -> %s', p_name, p_old, p_new);
    END IF;
    IF p_name <> 'blocked_passwords' THEN
        SELECT string_agg('+' || e, ' ' ORDER BY e) INTO came
        FROM jsonb_array_elements_text(p_new) e WHERE NOT p_old ? e;
        SELECT string_agg('-' || e, ' ' ORDER BY e) INTO went
        FROM jsonb_array_elements_text(p_old) e WHERE NOT p_new ? e;
    END IF;
    RETURN format('%s: %s entries -> %s entries', p_name, jsonb_array_length(p_old), jsonb_array_length(p_new))
        || coalesce(' ' || nullif(concat_ws(' ', went, came), ''), '');
END
$$;

-- The policy with settings changed: an object of column names and new values. Raises data_exception for values that are out of
-- range.
CREATE OR REPLACE FUNCTION convonet_admin.policy_with(p_old convonet_admin.policy, p_changes jsonb) RETURNS convonet_admin.policy
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed convonet_admin.policy;
BEGIN
    IF EXISTS (SELECT FROM jsonb_each(p_changes) c WHERE octet_length(c.value::text)
                   > CASE c.key WHEN 'blocked_passwords' THEN 4000000 ELSE 400000 END) THEN
        RAISE EXCEPTION 'too long' USING ERRCODE = 'data_exception';
    ELSIF EXISTS (SELECT FROM jsonb_each(p_changes) c,
                      jsonb_array_elements(CASE jsonb_typeof(c.value) WHEN 'array' THEN c.value ELSE '[]' END) e
                  WHERE jsonb_typeof(e) IN ('array', 'object')) THEN
        RAISE EXCEPTION 'a list in a list' USING ERRCODE = 'data_exception';
    END IF;
    changed := jsonb_populate_record(p_old, p_changes);
    -- A pattern that is none is an error here rather than in the next reset.
    PERFORM '' ~ ('^(?:' || changed.ticket_pattern || ')$');
    IF array_position(changed.context_words || changed.blocked_passwords || changed.verification_methods || changed.protected_domains
                      || changed.protected_accounts || changed.protected_team_roles || changed.approver_addresses, NULL) IS NOT NULL
            OR EXISTS (SELECT FROM unnest(changed.context_words || changed.blocked_passwords || changed.verification_methods
                                  || changed.protected_domains || changed.protected_accounts
                                  || changed.protected_team_roles || changed.approver_addresses) e WHERE length(e) > 320)
            OR EXISTS (SELECT FROM unnest(changed.approver_addresses) a
                       WHERE a ~ '[][<>(),;:"\\[:cntrl:]]' OR a !~ '^[^@[:space:]]+@[^@.*[:space:]]+(\.[^@.*[:space:]]+)+$')
            -- A domain that could never be anybody's would protect nobody, and nobody would notice.
            OR EXISTS (SELECT FROM unnest(changed.protected_domains) d
                       WHERE btrim(d) !~ '^@?[^@.*[:space:]]+(\.[^@.*[:space:]]+)*$') THEN
        RAISE EXCEPTION 'out of range' USING ERRCODE = 'data_exception';
    END IF;
    RETURN changed;
END
$$;

-- Changes settings of the policy: an object of column names and new values. Logged with the values before and after.
CREATE OR REPLACE FUNCTION convonet_admin.set_policy(p_changes jsonb, p_request uuid, p_claims jsonb)
RETURNS convonet_admin.receipt
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    attempt convonet_admin.attempt;
    event   convonet_admin.audit_event := convonet_admin.new_event('set_policy', p_request, p_claims);
    old     convonet_admin.policy;
    changed convonet_admin.policy;
    reads_teams boolean;
BEGIN
    PERFORM convonet_admin.require_plain_session('set_policy');
    IF p_request IS NULL THEN
        RAISE EXCEPTION 'no request id' USING ERRCODE = 'invalid_parameter_value';
    ELSIF jsonb_typeof(p_changes) IS DISTINCT FROM 'object' OR p_changes = '{}' THEN
        RAISE EXCEPTION 'no setting given' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Before anything is locked, also for a call that was carried out earlier.
    PERFORM convonet_admin.forbid_preparing();
    -- The application's tables, too, where they matter.
    reads_teams := CASE WHEN p_changes ? 'protected_team_roles' THEN convonet_admin.reader_sees_teams() END;
    -- The row is replaced as a whole, so two at once must stand in line; readers need not wait.
    LOCK TABLE convonet_admin.policy IN SHARE ROW EXCLUSIVE MODE;
    attempt.replayed := false;
    -- By these words the same request is known: what it changed from is not so any more.
    event.detail := 'settings=' || left(encode(sha256(convert_to(p_changes::text, 'UTF8')), 'hex'), 20);
    attempt.event := event;
    attempt := convonet_admin.with_earlier_request(attempt);
    IF (attempt.event).outcome IS NOT NULL THEN
        RETURN convonet_admin.finish_attempt(attempt);
    END IF;
    SELECT * INTO STRICT old FROM convonet_admin.policy;
    IF EXISTS (SELECT FROM jsonb_object_keys(p_changes) k WHERE NOT to_jsonb(old) ? k OR k = 'only_row') THEN
        RAISE EXCEPTION 'unknown setting' USING ERRCODE = 'undefined_column';
    END IF;
    event.outcome := 'refused';
    BEGIN
        changed := convonet_admin.policy_with(old, p_changes);
        IF cardinality(changed.protected_team_roles) > 0 AND NOT reads_teams THEN
            event.rule := 'teams_unavailable';
        ELSE
            DELETE FROM convonet_admin.policy;
            INSERT INTO convonet_admin.policy VALUES (changed.*);
            PERFORM convonet_admin.keep_no_longer_than(changed.undo_minutes);
            event.outcome := 'done';
        END IF;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
        event.rule := 'setting_out_of_range';
    END;
    -- Of what was done in full: what is cut could be what mattered.
    SELECT event.detail || '; '
        || string_agg(CASE WHEN event.outcome = 'done' OR k = 'blocked_passwords'
                           THEN convonet_admin.setting_change(k, to_jsonb(old) -> k, p_changes -> k)
                           ELSE format('%s: %s -> %s', k, left((to_jsonb(old) -> k)::text, 200), left((p_changes -> k)::text, 200))
                      END, '; ' ORDER BY k)
    INTO event.detail FROM jsonb_object_keys(p_changes) k;
    attempt.event := event;
    RETURN convonet_admin.finish_attempt(attempt);
END
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.set_policy(jsonb, uuid, jsonb) TO {{supervisor}};
