import ConvonetDatabase
import ConvonetSchema

/// The rows of the schema for whoever believes none that somebody with the owner's rights could have written.
package enum RebuiltRows {
    /// What is kept: the log, which shows by itself what was done to it; the policy, which is read by whoever asks for this; what is
    /// written anew besides; and the row about the installation, of which one can tell only so much.
    package static let kept: Set = [
        "audit_event", "audit_head", "policy", "installation", "as_installed", "refused_pin",
    ]

    /// What is emptied: all the rest, with whatever a later version adds.
    package static let emptied = SchemaSource.tables(upTo: SchemaVersion.current).filter { !kept.contains($0) }

    /// More than anybody ever has of anything; beyond it a number was planted, to leave none for those that follow.
    private static let mostNumbers = 1_000_000_000_000

    /// Empties the tables, makes anew what has to be in them or the log tells of, and lets counters begin anew; for the schema's
    /// owner, once functions and views are made. Numbers go on where the log and their sequences are, so that none in the log means
    /// two things.
    ///
    /// What was changed outside and is not in the log yet cannot be told from what was planted, so a note for the log says how
    /// much of it there was. ALTER SEQUENCE is undone if the rest is, other than setval.
    package static let statement = """
        DO $$
        DECLARE
            dropped bigint;
            counter record;
        BEGIN
            SELECT count(*) INTO dropped FROM convonet_admin.direct_change d WHERE d.columns NOT LIKE 'ours:%';
        \(emptied.map { "    DELETE FROM convonet_admin.\($0);" }.joined(separator: "\n"))
            FOR counter IN
                SELECT c.oid::regclass AS name, t.oid IS NOT NULL AS numbers_rows,
                       greatest(
                           (SELECT l.value FROM pg_sequence_last_value(c.oid) AS l (value) WHERE l.value < \(mostNumbers)),
                           CASE WHEN w.word IS NOT NULL THEN (
                               SELECT max(m[1]::bigint) FROM convonet_admin.audit_event e
                               CROSS JOIN LATERAL regexp_matches(
                                   e.detail, '(?:^| )' || w.word || '=([0-9]{1,12})(?![^ ])', 'g') AS m) END, 0) AS last
                FROM pg_class c LEFT JOIN pg_depend d
                    ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i' AND d.refclassid = d.classid
                LEFT JOIN pg_class t ON t.oid = d.refobjid
                LEFT JOIN (VALUES ('approval', 'approval'), ('caller_code', 'code')) AS w (name, word) ON w.name = t.relname
                WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'S'
            LOOP
                EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', counter.name,
                               CASE WHEN counter.numbers_rows THEN counter.last + 1 ELSE 1 END);
            END LOOP;
            INSERT INTO convonet_admin.pin_decoy_key (key)
            VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
            -- What the log tells is there again.
        \(ToldRows.renewal)
            IF dropped > 0 THEN
                INSERT INTO convonet_admin.direct_change (noted_at, account_id, columns, db_user, application)
                VALUES (clock_timestamp(), '00000000-0000-0000-0000-000000000000', 'dropped:' || dropped, session_user,
                        'convonet-admin migrate --rebuild');
            END IF;
            UPDATE convonet_admin.installation i
            SET told_refusals = 0, serves_from = \(SchemaVersion.servesFrom), installed_by = session_user,
                installed_at = CASE WHEN isfinite(i.installed_at) AND i.installed_at <= f.at THEN i.installed_at ELSE f.at END
            FROM (SELECT coalesce(min(e.occurred_at), clock_timestamp()) AS at FROM convonet_admin.audit_event e) f;
        END $$;
        \(GivenRows.operatorSlots)
        """
}
