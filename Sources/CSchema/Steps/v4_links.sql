-- What was asked for, in the other spelling of its domain; NULL where there is one spelling.
ALTER TABLE convonet_admin.mail_queue ADD COLUMN other_address text;

-- When a program that sends mail last asked for some. Not in the write-ahead log: after a crash of the server it is asked
-- again within seconds.
CREATE UNLOGGED TABLE convonet_admin.mail_program (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    asked_at timestamptz NOT NULL
);
