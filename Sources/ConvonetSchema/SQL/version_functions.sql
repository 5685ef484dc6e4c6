-- What is no longer as somebody saw it, by the version that they saw and the one that is: names with commas between them,
-- NULL where nothing is. What the view does not show counts where staff or self-service changed it, which the log knows; what
-- the application touches with each sign-in does not. So nothing of a hash or a PIN is in a version, which viewers read.
CREATE OR REPLACE FUNCTION convonet_admin.changed_since(p_account uuid, p_seen text, p_now text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    names   text[] := {{version_names}};
    seen    text[] := string_to_array(p_seen, '-');
    now     text[] := string_to_array(p_now, '-');
    parts   integer := cardinality(names);
    wrote   text := seen[parts + 1];
    changed text;
BEGIN
    IF p_seen = p_now THEN
        RETURN NULL;
    ELSIF (cardinality(seen) = parts + 1 AND cardinality(now) = parts + 1
           AND wrote ~ '^[0-9]{1,9}$|^[1-4][0-9]{9}$') IS NOT TRUE THEN
        RETURN 'account';
    END IF;
    SELECT string_agg(names[i], ',' ORDER BY i) INTO changed
    FROM generate_series(1, parts) i WHERE seen[i] IS DISTINCT FROM now[i];
    -- Of an event the transaction is older than the one within it that wrote the account's row. Those of one day are
    -- compared: transaction numbers come round again.
    IF EXISTS (SELECT FROM convonet_admin.audit_event e
               WHERE e.account_id = p_account AND e.outcome = 'done'
                 AND (e.action IN (SELECT a.name FROM convonet_admin.actions() a WHERE a.replaces_credential)
                      OR e.action = 'report_not_me' AND e.detail ~ '(^| )ended=')
                 AND e.occurred_at > clock_timestamp() - interval '1 day'
                 AND (age(e.xmin) < age(wrote::xid) OR age(wrote::xid) < 0)) THEN
        changed := concat_ws(',', changed, 'credentials');
    END IF;
    RETURN changed;
END
$$;
