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

    /// Lets the head follow the events to the newest, each of which has to follow from the one before it; for the schema's owner.
    /// In one step, as its guard would have it go event by event, past everything that it was before.
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
                               lag(e.hash, 1, behind.hash) OVER w AS hash_before
                        FROM convonet_admin.audit_event e WHERE e.sequence > behind.sequence WINDOW w AS (ORDER BY e.sequence)) f
                    WHERE (f.sequence, f.previous_hash) <> (f.before + 1, f.hash_before)) THEN
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
