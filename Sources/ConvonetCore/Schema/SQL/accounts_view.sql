-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide. That a bcrypt hash ends after 53 letters its length says: a pattern that counts them takes five times longer.
CREATE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       CASE WHEN length(u.password_hash) = 60 AND u.password_hash ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$'
           THEN 'password' ELSE 'external' END AS sign_in,
       CASE WHEN u.password_hash ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       u.xmin::text AS version
FROM {{users}} u;
