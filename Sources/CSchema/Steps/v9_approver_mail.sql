-- To whom a request for approval is mailed; nobody until it is set.
ALTER TABLE convonet_admin.policy
    ADD COLUMN approver_addresses text[] NOT NULL DEFAULT '{}' CHECK (cardinality(approver_addresses) <= 20);
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (
        kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code', 'approval_request')),
    ADD COLUMN approval_id bigint;       -- the request that it tells of, to somebody who is no account
-- What is open is looked for every second.
CREATE INDEX approval_open ON convonet_admin.approval (expires_at) WHERE state IN ('requested', 'approved');
CREATE INDEX mail_queue_approval ON convonet_admin.mail_queue (approval_id) WHERE approval_id IS NOT NULL;
