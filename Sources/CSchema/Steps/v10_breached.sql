-- By its fingerprint the list of leaked passwords that typed ones must not be on; empty: none.
ALTER TABLE convonet_admin.policy
    ADD COLUMN breached_passwords text NOT NULL DEFAULT '' CHECK (breached_passwords ~ '^([0-9a-f]{32})?$');
