-- What was given up lately is counted every few seconds.
CREATE INDEX mail_queue_failed ON convonet_admin.mail_queue (ended_at) WHERE state = 'failed';
