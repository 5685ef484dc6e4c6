-- The reset of the same column that came after: what this one replaced comes back only once that is taken back.
ALTER TABLE convonet_admin.replaced_credential ADD COLUMN covered_by bigint;
