import ConvonetCore
import ConvonetDatabase

/// Rows that only say again what the log tells of accounts, so that nobody has to look for it there: since when tokens count, and
/// who is frozen. Made of tables and of the server's own functions alone: whoever had the owner's rights could have made others.
package enum ToldRows {
    /// What is read for it.
    package static let tables = ["audit_event", "token_cutoff", "account_freeze"]

    /// Whether the application's tokens from before an event `e` end with it.
    static let endsTokens = """
        e.outcome = 'done' AND e.account_id IS NOT NULL
          AND (e.action IN (\(ActionRules.endingSessions.map(QualifiedName.literal).joined(separator: ", ")))
               OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
        """

    /// From when on tokens are good after an event `e` that ends those from before. What staff do is seen by the application when it
    /// is committed, a round trip after the event's time: until then the old password gives tokens.
    static let tokensCountFrom = """
        e.occurred_at + CASE WHEN e.actor_kind IN ('operator', 'schedule') THEN interval '2 seconds' ELSE interval '0' END
        """

    /// The events with which tokens from before end, but for those that were taken back later. Both kinds are put together by their
    /// number and nothing is joined: this is asked while the log's head is held, and of an account where thousands were taken back a
    /// join of each with each would hold up everybody.
    static let tokenEnds = """
        SELECT l.account_id, max(l.not_before) AS not_before, l.sequence
        FROM (
            SELECT e.account_id, \(tokensCountFrom) AS not_before, e.sequence, false AS is_undone
            FROM convonet_admin.audit_event e
            WHERE \(endsTokens)
            UNION ALL
            SELECT u.account_id, NULL, \(UndoableChange.receiptSQL(ofDetail: "u.detail")), true
            FROM convonet_admin.audit_event u
            WHERE u.action = 'undo' AND u.outcome = 'done' AND u.account_id IS NOT NULL
              AND \(UndoableChange.receiptSQL(ofDetail: "u.detail")) < u.sequence) l
        GROUP BY l.account_id, l.sequence
        HAVING NOT bool_or(l.is_undone)
        """

    private static let cutoffs = """
        SELECT t.account_id, max(t.not_before) AS not_before FROM (\(tokenEnds)) t GROUP BY t.account_id
        """

    private static let freezes = """
        SELECT l.account_id, l.occurred_at AS frozen_at, l.db_user, l.reason AS note
        FROM (SELECT DISTINCT ON (e.account_id) e.* FROM convonet_admin.audit_event e
              LEFT JOIN (SELECT u.account_id, max(u.sequence) AS sequence FROM convonet_admin.audit_event u
                         WHERE u.action = 'unfreeze' AND u.outcome = 'done' GROUP BY 1) u ON u.account_id = e.account_id
              WHERE e.action IN ('freeze', 'report_not_me') AND e.outcome = 'done' AND e.account_id IS NOT NULL
                AND e.sequence > coalesce(u.sequence, 0) AND e.reason IS NOT NULL
              -- The first of them: the next does not take its place.
              ORDER BY e.account_id, e.sequence) l
        """

    /// Makes them anew; for the schema's owner.
    package static let renewal = """
        DELETE FROM convonet_admin.token_cutoff;
        INSERT INTO convonet_admin.token_cutoff (account_id, not_before)
        \(cutoffs);
        DELETE FROM convonet_admin.account_freeze;
        INSERT INTO convonet_admin.account_freeze (account_id, frozen_at, db_user, note)
        \(freezes);
        """

    /// A query for how many accounts have another cutoff than the log tells, and how many another note that freezes them.
    package static let differences = """
        SELECT (SELECT count(*) FROM (\(cutoffs)) l
                FULL JOIN convonet_admin.token_cutoff c ON c.account_id = l.account_id
                WHERE c.not_before IS DISTINCT FROM l.not_before) AS cutoffs,
               (SELECT count(*) FROM (\(freezes)) l
                FULL JOIN convonet_admin.account_freeze f ON f.account_id = l.account_id
                WHERE (f.db_user, f.note) IS DISTINCT FROM (l.db_user, l.note)) AS freezes
        """
}
