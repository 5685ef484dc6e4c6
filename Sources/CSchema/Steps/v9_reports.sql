-- The hash of what a mail carries, by which whoever gets it can say that this was not them.
ALTER TABLE convonet_admin.mail_queue
    ADD COLUMN report_hash bytea CHECK (octet_length(report_hash) = 32),
    ADD COLUMN reported_at timestamptz;
CREATE UNIQUE INDEX mail_queue_report ON convonet_admin.mail_queue (report_hash);
