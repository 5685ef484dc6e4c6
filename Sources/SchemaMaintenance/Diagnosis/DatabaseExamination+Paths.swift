import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Functions of the application's that whoever calls them first in a session can make mean something else.
    ///
    /// PL/pgSQL looks the types of variables up once in a session, along the path of the first caller; nothing takes that back. Where
    /// code of the application's runs in our functions, and calls such a one, somebody's own domain called “text” runs its check there.
    ///
    /// Who calls is everybody, a role that a member of our groups can act as, or the reader. A search_path is none that looks into the
    /// caller's schema first, or into another before pg_catalog.
    static func paths(
        _ connection: PostgresConnection, _ users: QualifiedName, _ roles: RoleNames?
    ) async throws -> [Finding] {
        let groups = roles.map { roles in roles.all.filter { !roles.owning.contains($0) } } ?? []
        let rows = try await connection.query(
            """
            \(TableParts.walk(from: users)),
            code AS (
                SELECT f.oid FROM part p JOIN pg_proc f ON p.class = 'pg_proc'::regclass AND f.oid = p.id
                JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
                -- What is compiled, as a type's or an identifier's default, calls no function of the application's.
                WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'convonet_admin') AND l.lanname NOT IN ('internal', 'c'))
            SELECT f.oid::regprocedure::text, quote_ident(n.nspname), (SELECT min(c.oid::regprocedure::text) FROM code c)
            FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang
            WHERE EXISTS (SELECT FROM code) AND l.lanname = 'plpgsql'
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'convonet_admin')
              -- A trigger's function is not called by anybody, and kept apart for each trigger.
              AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
              AND NOT EXISTS (SELECT FROM unnest(f.proconfig) s WHERE s LIKE 'search_path=%' AND strpos(s, '$user') = 0
                                  AND (strpos(s, 'pg_catalog') = 0 OR s ~ '^search_path="?pg_catalog'))
              AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
                          WHERE a.grantee = 0 OR pg_get_userbyid(a.grantee) = \(roles?.reader ?? "") OR EXISTS (
                              SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles o ON o.oid = m.member
                              WHERE g.rolname = ANY (\(groups)) AND NOT o.rolsuper AND pg_has_role(m.member, a.grantee, 'MEMBER')
                                  AND a.grantee <> f.proowner))
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
            ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in (function: try row.text(0), schema: try row.text(1), code: try row.text(2)) }
        guard let first = rows.first else { return [] }
        return [
            Finding(
                "paths", .problem,
                "\(users) runs \(first.code) and what that calls, also where our functions read or write it. Operators and viewers may call "
                    + "\(Self.list(rows.map(\.function))), which look up types along the path of whoever calls them first in a session. "
                    + "If the one calls the other, whoever can create a type can have code of theirs read hashes and PINs.",
                mend:
                    "For each: ALTER FUNCTION \(first.function) SET search_path = pg_catalog, \(first.schema), pg_temp; or take it from "
                    + "them (REVOKE EXECUTE … FROM PUBLIC) and give it to the application and to what runs it here: GRANT EXECUTE ON FUNCTION "
                    + "\(first.function) TO \(roles.map { QualifiedName.quote($0.hand) } ?? "the schema's owner");")
        ]
    }

    /// The first ten of what may be many.
    static func list(_ names: [String]) -> String {
        names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}
