-- What search runs on, beside each account. A view of its own, since its long expressions would slow down the first
-- statement of every session.
CREATE VIEW convonet_admin.account_search AS
SELECT a.*,
       {{search_key}} AS search_key,
       {{search_pieces}} AS search_pieces
FROM convonet_admin.accounts a;
