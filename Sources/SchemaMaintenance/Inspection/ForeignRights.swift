import ConvonetDatabase
import PostgresClient

/// A right of the owner's or the reader's on what is none of theirs. `migrate` gives them none: a role of that name was there before,
/// or somebody gave it away. What runs as the reader may be anybody's code, so it must not be able to do more than read teams and numbers.
struct ForeignRights: Equatable, Sendable {
    let role: String
    /// What it has a right on, in words.
    let object: String
    /// The statement that takes it, or names what has to go.
    let revocation: String

    static func inspect(
        _ connection: PostgresConnection, _ users: QualifiedName, _ roles: RoleNames
    ) async throws -> [ForeignRights] {
        try await connection.query(
            """
            SELECT r.rolname::text, pg_describe_object(s.classid, s.objid, s.objsubid),
                   CASE WHEN s.classid = 'pg_class'::regclass
                       THEN format('REVOKE ALL ON %s FROM %I;', s.objid::regclass, r.rolname)
                       ELSE format('ALTER DEFAULT PRIVILEGES %s… REVOKE … FROM %I;', (
                           SELECT format('FOR ROLE %I ', pg_get_userbyid(d.defaclrole)) FROM pg_default_acl d WHERE d.oid = s.objid),
                           r.rolname) END
            FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
            WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'a' AND r.rolname IN (\(roles.owner), \(roles.reader))
                AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                AND s.classid IN ('pg_class'::regclass, 'pg_default_acl'::regclass)
                AND NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                WHERE c.oid = s.objid AND n.nspname = 'convonet_admin')
                AND NOT (r.rolname = \(roles.reader) AND s.objid = ANY (ARRAY[
                    \(users.teams.catalogued), \(users.memberships.catalogued), \(users.phoneNumbers.catalogued)]::oid[]) IS TRUE)
            ORDER BY 1, 2
            """, limit: .seconds(30)
        ).map { ForeignRights(role: try $0.text(0), object: try $0.text(1), revocation: try $0.text(2)) }
    }
}
