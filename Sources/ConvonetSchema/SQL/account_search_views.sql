-- What search compares with the words, and what its index is made of, beside each account. Views of their own, since to
-- take such long expressions into a plan takes time, used or not.
CREATE OR REPLACE VIEW convonet_admin.account_search AS
SELECT a.*, {{search_key}} AS search_key
FROM convonet_admin.accounts a;

CREATE OR REPLACE VIEW convonet_admin.account_pieces AS
SELECT a.*, {{search_pieces}} AS search_pieces
FROM convonet_admin.accounts a;
