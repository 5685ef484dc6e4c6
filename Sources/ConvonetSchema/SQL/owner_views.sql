-- The events with which the application's tokens from before end, but for those that were taken back later.
CREATE OR REPLACE VIEW convonet_admin.token_end WITH (security_barrier) AS
{{token_ends}};

-- For the application: no token of these people that was issued before is good.
CREATE OR REPLACE VIEW convonet_admin.tokens_not_before WITH (security_barrier) AS
SELECT c.account_id, c.not_before FROM convonet_admin.token_cutoff c;

-- The same by its earlier name, for applications that read that.
CREATE OR REPLACE VIEW convonet_admin.password_changes WITH (security_barrier) AS
SELECT c.account_id, c.not_before AS password_changed_at FROM convonet_admin.token_cutoff c;

-- For staff: whose account nobody changes for now. Why, `account_obstacles` says to those who may change or audit it.
CREATE OR REPLACE VIEW convonet_admin.frozen_accounts AS
SELECT f.account_id FROM convonet_admin.account_freeze f;
