import ConvonetDatabase
import ConvonetSchema
import PostgresClient

/// What the schema's owner, the hand or the reader has where `migrate` makes nothing: a function of theirs elsewhere runs with their
/// rights, whoever calls it.
enum StrayObjects {
    /// A description of each in this database, as pg_catalog gives it; default privileges are no objects. What was moved out of our
    /// schema holds our rows, and so is named with the statement that brings it back.
    static func inspect(_ connection: PostgresConnection, _ roles: RoleNames) async throws -> [String] {
        try await connection.query(
            """
            WITH owned AS (
                SELECT d.classid, d.objid, d.objsubid, r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
                    AND r.rolname = ANY (\(roles.owning))
                    AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())),
            ours AS (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'convonet_admin')
            SELECT pg_describe_object(o.classid, o.objid, o.objsubid) || ' of ' || o.rolname || coalesce((
                SELECT format(' (ours: ALTER %s %s SET SCHEMA convonet_admin;)',
                              CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
                FROM pg_class c WHERE o.classid = 'pg_class'::regclass AND c.oid = o.objid AND c.relkind IN ('r', 'S')
                    AND c.relname = ANY (\(TableDefinitions.names)) AND NOT EXISTS (
                        SELECT FROM pg_class i JOIN ours ON i.relnamespace = ours.oid WHERE i.relname = c.relname)), '')
            FROM owned o
            WHERE CASE o.classid
                WHEN 'pg_default_acl'::regclass THEN false
                WHEN 'pg_namespace'::regclass THEN o.objid NOT IN (SELECT ours.oid FROM ours)
                WHEN 'pg_class'::regclass THEN EXISTS (
                    SELECT FROM pg_class c WHERE c.oid = o.objid AND c.relnamespace NOT IN (SELECT ours.oid FROM ours)
                        -- A column's sequence is where its table is.
                        AND NOT EXISTS (SELECT FROM pg_depend s WHERE s.classid = o.classid AND s.objid = c.oid
                                        AND c.relkind = 'S' AND s.refobjsubid > 0))
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
