-- Who is in which of the application's teams, and as what.
CREATE OR REPLACE VIEW convonet_admin.account_teams AS
SELECT m.user_id AS account_id, t.name::text AS team, m.role::text AS role, t.is_active
FROM {{memberships}} m JOIN {{teams}} t ON t.id = m.team_id;
