-- The mail that was begun last, where a rollback does not reach; not called where it was done with.
CREATE SEQUENCE convonet_admin.mail_begun;
