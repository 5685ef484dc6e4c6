-- Mail to whoever may decide: that somebody asks for approval. It says how to decide, and decides nothing.

-- Queues a mail to each address of the policy about a request that was just made. Of one operator's requests each address hears
-- three times an hour, so that whoever asks again and again fills nobody's box. It is given up when the request is over,
-- and left out where the queue is full.
CREATE OR REPLACE FUNCTION convonet_admin.queue_approver_mail(p_asked convonet_admin.approval) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO convonet_admin.mail_queue
        (kind, address, approval_id, action, request_id, created_at, give_up_at, next_try_at)
    SELECT 'approval_request', a.address, p_asked.id, p_asked.action, gen_random_uuid(), p_asked.requested_at, p_asked.expires_at,
           p_asked.requested_at
    FROM (SELECT DISTINCT unnest(p.approver_addresses) AS address FROM convonet_admin.policy p) a
    WHERE (SELECT count(*) FROM convonet_admin.approval o JOIN convonet_admin.mail_queue q ON q.approval_id = o.id
           WHERE o.requested_by = p_asked.requested_by AND o.requested_at > p_asked.requested_at - interval '1 hour'
             AND q.address = a.address) < 3
      AND convonet_admin.mail_overflow() IS NULL
$$;

-- Whether a request still waits for a second person.
CREATE OR REPLACE FUNCTION convonet_admin.is_undecided(p_asked convonet_admin.approval) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(p_asked.state = 'requested' AND p_asked.expires_at > clock_timestamp(), false)
$$;

-- What such a mail says, for whoever has taken it: of the requester also how many of their requests wait. No row where that mail
-- is no longer theirs to send.
CREATE OR REPLACE FUNCTION convonet_admin.self_approver_mail(p_mail bigint, p_attempt integer)
RETURNS TABLE (action text, account_id uuid, account_email text, requested_by text, operator text, expires_at timestamptz,
               waiting bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.action, a.account_id, a.account_email, a.requested_by, a.operator, a.expires_at,
           (SELECT count(*) FROM convonet_admin.approval o
            WHERE o.requested_by = a.requested_by AND convonet_admin.is_undecided(o))
    FROM convonet_admin.mail_queue q JOIN convonet_admin.approval a ON a.id = q.approval_id
    WHERE q.id = p_mail AND q.attempts = p_attempt AND q.state = 'sending'
$$;
GRANT EXECUTE ON FUNCTION convonet_admin.self_approver_mail(bigint, integer) TO {{selfservice}};
