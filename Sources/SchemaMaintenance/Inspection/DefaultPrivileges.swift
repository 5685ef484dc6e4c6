import ConvonetDatabase
import PostgresClient

/// Rights that the roles that own something would give away with whatever they make next (ALTER DEFAULT PRIVILEGES): the hand can be made to do
/// so by a trigger of the application's, which runs as it.
enum DefaultPrivileges {
    /// A description of each in this database, as pg_catalog gives it.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [String] {
        try await connection.query(
            """
            SELECT pg_describe_object('pg_default_acl'::regclass, d.oid, 0)
            FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole
            WHERE r.rolname = ANY (\(roles.owning)) ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }

    /// Takes back all of the current role's, so that what the server gives by itself is left.
    static let takeBack = """
        DO $$
        DECLARE
            given record;
            kind  text;
            place text;
            named record;
        BEGIN
            FOR given IN SELECT d.*, n.nspname FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
                         WHERE d.defaclrole = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) LOOP
                kind := CASE given.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                             WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END;
                place := CASE WHEN given.nspname IS NULL THEN '' ELSE format('IN SCHEMA %I', given.nspname) END;
                FOR named IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
                             FROM aclexplode(given.defaclacl) a LOOP
                    EXECUTE format('ALTER DEFAULT PRIVILEGES %s REVOKE ALL ON %s FROM %s', place, kind, named.who);
                END LOOP;
                CONTINUE WHEN given.defaclnamespace <> 0;
                FOR named IN SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
                             FROM aclexplode(acldefault(CASE given.defaclobjtype WHEN 'S' THEN 's' ELSE given.defaclobjtype END,
                                                        given.defaclrole)) a LOOP
                    EXECUTE format('ALTER DEFAULT PRIVILEGES GRANT %s ON %s TO %s', named.privilege_type, kind, named.who);
                END LOOP;
            END LOOP;
        END
        $$;
        """
}
