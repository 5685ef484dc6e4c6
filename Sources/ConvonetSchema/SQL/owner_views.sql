-- The events with which the application's tokens from before end, but for those that were taken back later.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
{{token_ends}};

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;

-- For the application: who has a password that staff gave them for a time, and has to set another before then. Whoever has none
-- is not there.
CREATE OR REPLACE VIEW convonet_admin.password_state WITH (security_barrier) AS
SELECT a.account_id, true AS must_change, s.until
FROM (SELECT DISTINCT t.account_id FROM convonet_admin.temporary_password t WHERE t.expired_at IS NULL) a
CROSS JOIN LATERAL convonet_admin.temporary_password_state(a.account_id) s
WHERE s.until IS NOT NULL AND s.expired_at IS NULL;

-- For staff: whose account nobody changes for now. Why, `account_obstacles` says to those who may change or audit it.
CREATE OR REPLACE VIEW convonet_admin.frozen_accounts AS
SELECT f.account_id,
       -- The person said that something was not them, and nobody has lifted it since.
       EXISTS (SELECT FROM convonet_admin.audit_event e
               WHERE e.account_id = f.account_id AND e.action = 'report_not_me' AND e.outcome = 'done'
                 AND NOT EXISTS (SELECT FROM convonet_admin.audit_event u
                                 WHERE u.account_id = e.account_id AND u.action = 'unfreeze' AND u.outcome = 'done'
                                   AND u.sequence > e.sequence)) AS is_reported
FROM convonet_admin.account_freeze f;
