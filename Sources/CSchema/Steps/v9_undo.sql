-- The reset of the same column that came after: what this one replaced comes back only once that is taken back.
ALTER TABLE convonet_admin.replaced_credential ADD COLUMN covered_by bigint;

-- It is made anew, and goes by no function any more: one whose columns change could not be dropped under it.
DROP VIEW IF EXISTS convonet_admin.token_end;
