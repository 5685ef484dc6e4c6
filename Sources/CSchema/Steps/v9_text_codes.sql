-- Callers' codes that go to a telephone: what is proven by each way is told apart.
ALTER TABLE convonet_admin.caller_code
    ADD COLUMN way    text NOT NULL DEFAULT 'mail_code' CHECK (way IN ('mail_code', 'text_code')),
    ADD COLUMN number text,              -- to which it goes; as for the address, another one ends it
    ADD CONSTRAINT caller_code_number_check CHECK ((way = 'text_code') = (number IS NOT NULL));
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (
        kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code', 'approval_request', 'text_code'));
-- When nobody was found by the address of a request for a link as it is written.
ALTER TABLE convonet_admin.mail_queue ADD COLUMN looked_up_at timestamptz;
-- When a program that sends to telephones last asked for some.
ALTER TABLE convonet_admin.mail_program ADD COLUMN texts_asked_at timestamptz;
-- The number that counted when the attempt began.
ALTER TYPE convonet_admin.attempt ADD ATTRIBUTE number text;
-- By which ways the points were proven.
ALTER TABLE convonet_admin.approval ADD COLUMN ways text;
