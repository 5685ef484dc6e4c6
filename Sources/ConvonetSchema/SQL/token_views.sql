-- The events with which the application's tokens from before end, but for those that were taken back later. Both kinds are put
-- together by their number and nothing is joined: this is asked while the log's head is held, and of an account where thousands
-- were taken back a join of each with each would hold up everybody.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
SELECT l.account_id, max(l.occurred_at) AS occurred_at, l.sequence
FROM (
    SELECT e.account_id, e.occurred_at, e.sequence, false AS is_undone
    FROM convonet_admin.audit_event e
    WHERE {{ends_tokens}}
    UNION ALL
    SELECT u.account_id, NULL, convonet_admin.undone_receipt(u.detail), true
    FROM convonet_admin.audit_event u
    WHERE u.action = 'undo' AND u.outcome = 'done' AND u.account_id IS NOT NULL
      AND convonet_admin.undone_receipt(u.detail) < u.sequence) l
GROUP BY l.account_id, l.sequence
HAVING NOT bool_or(l.is_undone);

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;
