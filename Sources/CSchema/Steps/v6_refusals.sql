-- Refusals of self-service are counted where a rollback does not reach: those within the hour, and those that were no more than
-- counted.
CREATE SEQUENCE convonet_admin.self_refusals_0;
CREATE SEQUENCE convonet_admin.unwritten_refusals;

-- How many of the latter the log has told of.
ALTER TABLE convonet_admin.installation ADD COLUMN told_refusals bigint NOT NULL DEFAULT '0';
