import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Functions of the application's that whoever calls them first in a session can make mean something else.
    ///
    /// PL/pgSQL looks the types of variables up once in a session, along the path of the first caller; nothing takes that back. Where
    /// code of the application's runs in our functions, and calls such a one, somebody's own domain called “text” runs its check there.
    static func paths(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> [Finding] {
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
              AND NOT EXISTS (SELECT FROM unnest(f.proconfig) s WHERE s LIKE 'search_path=%' AND strpos(s, '$user') = 0)
              AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0)
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
            ORDER BY 1
            """, limit: .seconds(10)
        ).map { row in (function: try row.text(0), schema: try row.text(1), code: try row.text(2)) }
        guard let first = rows.first else { return [] }
        return [
            Finding(
                "paths", .problem,
                "\(users) runs \(first.code) and what that calls, also where our functions read or write it. Everybody may call "
                    + "\(Self.list(rows.map(\.function))), which look up types along the path of whoever calls them first in a session. "
                    + "If the one calls the other, whoever can create a type can have code of theirs read hashes and PINs.",
                mend:
                    "For each: ALTER FUNCTION \(first.function) SET search_path = pg_catalog, \(first.schema), pg_temp; or take it from "
                    + "PUBLIC (REVOKE EXECUTE) and give it to the application.")
        ]
    }

    /// The first ten of what may be many.
    static func list(_ names: [String]) -> String {
        names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
    }
}
