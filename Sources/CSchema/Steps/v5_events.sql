-- What an operator makes the log grow by is counted where a rollback does not reach, as PINs are.
DO $$
BEGIN
    FOR slot IN 0..63 LOOP
        EXECUTE format('CREATE SEQUENCE convonet_admin.done_events_%s', slot);
        EXECUTE format('CREATE SEQUENCE convonet_admin.refused_events_%s', slot);
        -- Whose slot it is: the number of a role.
        EXECUTE format('CREATE SEQUENCE convonet_admin.slot_role_%s', slot);
    END LOOP;
END
$$;

ALTER TABLE convonet_admin.policy
    ADD COLUMN events_per_operator_hour integer NOT NULL DEFAULT 10000
        CHECK (events_per_operator_hour BETWEEN 100 AND 1000000);

-- What is published to replicas can only be deleted by a key.
ALTER TABLE convonet_admin.as_installed ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;

-- The oldest program, by the version of the schema that it needs, that works on this one.
ALTER TABLE convonet_admin.installation ADD COLUMN serves_from integer NOT NULL DEFAULT 5;
