-- A code that was read out: the person gets a link's token for it, by which they set their password.
ALTER TABLE convonet_admin.reset_token
    ADD COLUMN username    text,         -- of the account as it was: entered with the code, or its address is
    ADD COLUMN code_hash   text,         -- bcrypt; NULL for a link
    ADD COLUMN code_number bigint,
    ADD COLUMN slot        integer,      -- whose counter counts the tries
    ADD COLUMN entered_at  timestamptz,
    ADD CONSTRAINT reset_token_code_check CHECK (
        (code_hash IS NULL) = (code_number IS NULL) AND (code_hash IS NULL) = (slot IS NULL)
        AND (code_hash IS NOT NULL OR entered_at IS NULL));
CREATE INDEX reset_token_slot ON convonet_admin.reset_token (slot, code_number DESC) WHERE code_hash IS NOT NULL;

CREATE SEQUENCE convonet_admin.reset_code_number;

-- Tries are counted in sequences, which no rollback undoes. A value is the code's number times 2^20, plus its tries.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.reset_code_tries_%s', slot);
    END LOOP;
END
$$;
