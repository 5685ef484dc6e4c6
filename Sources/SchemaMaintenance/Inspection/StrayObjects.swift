import ConvonetDatabase
import PostgresClient

/// What the schema's owner or the hand has where `migrate` makes nothing: a function of theirs elsewhere runs with their
/// rights, whoever calls it.
enum StrayObjects {
    /// A description of each in this database, as pg_catalog gives it; default privileges are no objects.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [String] {
        try await connection.query(
            """
            WITH owned AS (
                SELECT d.classid, d.objid, d.objsubid, r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
                    AND r.rolname = ANY (\([roles.owner, roles.hand]))
                    AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())),
            ours AS (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'convonet_admin')
            SELECT pg_describe_object(o.classid, o.objid, o.objsubid) || ' of ' || o.rolname FROM owned o
            WHERE CASE o.classid
                WHEN 'pg_default_acl'::regclass THEN false
                WHEN 'pg_namespace'::regclass THEN o.objid NOT IN (SELECT ours.oid FROM ours)
                WHEN 'pg_class'::regclass THEN EXISTS (
                    SELECT FROM pg_class c WHERE c.oid = o.objid AND c.relnamespace NOT IN (SELECT ours.oid FROM ours))
                WHEN 'pg_proc'::regclass THEN EXISTS (
                    SELECT FROM pg_proc p WHERE p.oid = o.objid AND p.pronamespace NOT IN (SELECT ours.oid FROM ours))
                WHEN 'pg_type'::regclass THEN EXISTS (
                    SELECT FROM pg_type t WHERE t.oid = o.objid AND t.typnamespace NOT IN (SELECT ours.oid FROM ours))
                ELSE true END
            ORDER BY 1
            """, limit: .seconds(30)
        ).map { try $0.text(0) }
    }
}
