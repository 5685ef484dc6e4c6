-- The events with which the application's tokens from before end, but for those that were taken back.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
SELECT e.account_id, e.occurred_at, e.sequence
FROM convonet_admin.audit_event e
WHERE {{ends_tokens}}
  AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u
                  WHERE u.account_id = e.account_id AND u.action = 'undo' AND u.outcome = 'done'
                    AND convonet_admin.undone_receipt(u.detail) = e.sequence);

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;
