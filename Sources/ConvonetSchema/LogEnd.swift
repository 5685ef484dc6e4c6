/// The end of the log, which is told twice: by its head, and by its newest event.
package enum LogEnd {
    /// A query for both numbers (0 where there is no event), whether they and the hashes are the same, and whether the head is
    /// further back on the way to the newest event, as one that was restored from an older backup.
    package static let query = """
        SELECT h.sequence AS head, n.sequence AS newest,
               h.sequence = n.sequence AND (
                   h.sequence = 0 AND h.hash = decode(repeat('00', 32), 'hex')
                   OR EXISTS (SELECT FROM convonet_admin.audit_event e WHERE (e.sequence, e.hash) = (h.sequence, h.hash))) AS is_whole,
               h.sequence < n.sequence AND EXISTS (
                   SELECT FROM convonet_admin.audit_event e
                   WHERE (e.sequence, e.previous_hash) = (h.sequence + 1, h.hash)) AS is_behind
        FROM convonet_admin.audit_head h
        CROSS JOIN (SELECT coalesce(max(e.sequence), 0) AS sequence FROM convonet_admin.audit_event e) n
        """

    /// The hash of an event `e`, as an expression of the server's own functions alone: whoever has the owner's rights could have
    /// made another of the schema's.
    package static let hash = """
        (SELECT sha256(string_agg(
                int4send(coalesce(octet_length(convert_to(field, 'UTF8')), -1)) || coalesce(convert_to(field, 'UTF8'), ''::bytea),
                ''::bytea ORDER BY position))
            FROM unnest(ARRAY[
                e.format::text, e.sequence::text, e.event_id::text, e.request_id::text,
                round(extract(epoch FROM e.occurred_at) * 1000000)::bigint::text,
                e.actor_kind, e.action, e.outcome, e.rule,
                e.account_id::text, e.account_email, e.account_username,
                e.operator, e.db_user, e.uid::text, e.login_uid::text, e.host, e.tty, e.ssh_origin, e.client_address,
                e.reason, e.ticket, e.verified_by, e.application, e.detail,
                encode(e.previous_hash, 'hex')]) WITH ORDINALITY AS fields (field, position))
        """

    /// Lets the head follow the events to the newest, each of which has to be what its hash says and to follow from the one before
    /// it; for the schema's owner. In one step, as its guard would have it go event by event, past everything that it was before.
    package static let follow = """
        DO $$
        DECLARE
            behind convonet_admin.audit_head;
        BEGIN
            LOCK TABLE convonet_admin.audit_head IN ACCESS EXCLUSIVE MODE;
            SELECT * INTO STRICT behind FROM convonet_admin.audit_head;
            IF EXISTS (
                    SELECT FROM (
                        SELECT e.sequence, e.previous_hash, lag(e.sequence, 1, behind.sequence) OVER w AS before,
                               lag(e.hash, 1, behind.hash) OVER w AS hash_before,
                               e.hash = \(hash) AS is_whole
                        FROM convonet_admin.audit_event e WHERE e.sequence > behind.sequence WINDOW w AS (ORDER BY e.sequence)) f
                    WHERE (f.sequence, f.previous_hash, f.is_whole) <> (f.before + 1, f.hash_before, true)) THEN
                RAISE EXCEPTION 'the events do not follow from one another' USING ERRCODE = 'CA014';
            END IF;
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER moves_on;
            UPDATE convonet_admin.audit_head h SET sequence = e.sequence, hash = e.hash
            FROM (SELECT n.sequence, n.hash FROM convonet_admin.audit_event n ORDER BY n.sequence DESC LIMIT 1) e;
            ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on;
        END
        $$;
        """
}
