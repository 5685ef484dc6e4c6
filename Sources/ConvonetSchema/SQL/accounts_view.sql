-- What staff may see of an account: no hash, no PIN. No security_barrier: it would forbid index use, and there is no
-- row to hide. That a bcrypt hash ends after 53 letters its length says: a pattern that counts them takes five times longer.
CREATE OR REPLACE VIEW convonet_admin.accounts AS
SELECT u.id,
       u.email::text AS email,
       u.username::text AS username,
       u.first_name::text AS first_name,
       u.last_name::text AS last_name,
       {{sign_in}} AS sign_in,
       {{external_marker}} AS external_marker,
       u.voice_pin IS NOT NULL AS has_voice_pin,
       u.is_active,
       u.is_verified,
       u.created_at,
       u.updated_at,
       u.last_login_at,
       {{version}} AS version
FROM {{users}} u;
