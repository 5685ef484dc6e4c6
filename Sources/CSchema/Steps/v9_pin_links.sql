-- A link by which the person gets a voice PIN that nobody else sees; what is for one purpose never serves the other.
ALTER TABLE convonet_admin.reset_token
    ADD COLUMN purpose text NOT NULL DEFAULT 'password' CHECK (purpose IN ('password', 'voice_pin')),
    ADD CONSTRAINT reset_token_code_purpose_check CHECK (code_hash IS NULL OR purpose = 'password');
ALTER TABLE convonet_admin.mail_queue
    DROP CONSTRAINT mail_queue_kind_check,
    ADD CONSTRAINT mail_queue_kind_check CHECK (kind IN ('link_request', 'reset_link', 'pin_link', 'notice', 'caller_code'));

-- PINs that were drawn by links, counted beside those of operators, and where a rollback does not reach.
CREATE SEQUENCE convonet_admin.link_pin_answers_0;
