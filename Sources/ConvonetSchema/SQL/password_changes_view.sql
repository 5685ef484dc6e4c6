-- When a password was last changed through us: with it the application can refuse access tokens issued before.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT e.account_id, max(e.occurred_at) AS password_changed_at
FROM convonet_admin.audit_event e
WHERE e.outcome = 'done' AND e.account_id IS NOT NULL
  AND (e.action IN ('reset_password', 'change_password')
       OR e.action = 'direct_change' AND e.detail ~ '^columns=[a-z_,]*password_hash')
GROUP BY e.account_id;
