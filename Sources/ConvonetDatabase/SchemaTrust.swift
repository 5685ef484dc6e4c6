package import PostgresClient

/// Whether what stands under our schema's name may be read: pg_catalog is asked before anything in the schema is.
///
/// Whoever may make schemas could have made one of that name, with code of theirs in it. So it has to belong to a role that
/// nobody can act as, or to whoever asks; and what is read has to be plain tables, with nothing in their types, checks,
/// defaults, indexes and statistics that did not come with the server: such a table runs nobody's code when it is read.
package enum SchemaTrust: Equatable, Sendable {
    /// There is no schema of that name, or nothing in it that `migrate` made.
    case absent
    /// It is not what `migrate` makes; the reason is a sentence.
    case notOurs(String)
    /// It may be, but is not read with the rights of whoever asks; the reason is a sentence with who could.
    case notForAsker(String)
    /// It is, and so much of it may be read.
    case present(SchemaReading)

    /// By the catalogue alone; of what is found so, nothing may be read.
    package static func look(_ connection: PostgresConnection) async throws -> SchemaTrust {
        let rows = try await connection.query(statement, limit: .seconds(30))
        guard let row = rows.first else { return .absent }
        let (owner, odd, foreign) = (try row.text(0), try row.texts(1), try row.texts(2))
        if let fault = try row.optional(4, row.text) { return .notOurs(fault) }
        if let displaced = try row.texts(5).first { return .notOurs(displaced) }
        if let first = odd.first { return .notOurs("\(first) was not made by this program") }
        if let first = foreign.first {
            return .notOurs("convonet_admin.\(first) does not belong to the schema's owner, \(owner)")
        }
        return try row.bool(3) ? .present(SchemaReading(owner: owner, kept: [])) : .absent
    }

    /// What may be read; throws `AdminError` where it is not there, or not to be trusted.
    package func reading() throws(AdminError) -> SchemaReading {
        switch self {
        case .absent: throw .schemaMissing
        case .notOurs(let reason), .notForAsker(let reason): throw .schemaNotTrusted(reason)
        case .present(let reading): return reading
        }
    }

    /// What to do about what is not as we made it.
    package static let advice =
        "Find out who did that, and undo it alone: the schema may hold your log. Then run “convonet-admin migrate”."

    /// The functions that our tables' checks, defaults and indexes call.
    private static let functionsOfOurs = [
        "cardinality", "length", "octet_length", "clock_timestamp", "gen_random_uuid", "text",
    ]

    /// The tables that are read first.
    private static let readFirst = ["installation", "policy", "as_installed", "audit_event", "audit_head"]

    /// One row where the schema exists: its owner; what in it runs somebody's code, or is of a kind that we do not make; which
    /// of the tables that are read first are another's; whether the installation is there; why its owner is none to trust; which
    /// table of ours is elsewhere by now.
    ///
    /// The triggers that we make, and no other, are on the two tables of the log (`LogGuards`). Our tables have the server's own types, which
    /// are numbered below 16384; our own types have no casts. What an expression uses besides is a
    /// dependency in the catalogue: of a function by itself, or through an operator, a type, an operator class. Of the server's
    /// own functions some run SQL that they are given as text, on which nothing depends: only those that ours call may be
    /// called. A foreign key's checks run as our tables' owner, onto which another's table may refer.
    private static let statement: Statement = """
        WITH n AS (SELECT s.oid, s.nspowner FROM pg_namespace s WHERE s.nspname = 'convonet_admin'),
        c AS (SELECT r.* FROM pg_class r, n WHERE r.relnamespace = n.oid)
        SELECT pg_get_userbyid(n.nspowner)::text,
               ARRAY(SELECT 'convonet_admin.' || c.relname FROM c
                     WHERE c.relkind NOT IN ('r', 'v', 'S', 'i', 'c', 't')
                     OR c.relname = ANY (\(readFirst))
                        AND c.relkind <> 'r'
                     UNION ALL SELECT 'the rule ' || w.rulename || ' of ' || c.relname FROM pg_rewrite w
                     JOIN c ON c.oid = w.ev_class WHERE c.relkind <> 'v' OR w.rulename <> '_RETURN'
                     UNION ALL SELECT 'the policy ' || y.polname FROM pg_policy y JOIN c ON c.oid = y.polrelid
                     UNION ALL SELECT 'the inheritance of ' || c.relname FROM pg_inherits h
                     JOIN c ON c.oid IN (h.inhrelid, h.inhparent) WHERE c.relkind = 'r'
                     UNION ALL SELECT 'the trigger ' || t.tgname FROM pg_trigger t JOIN c ON c.oid = t.tgrelid
                     JOIN pg_proc p ON p.oid = t.tgfoid JOIN n ON true
                     WHERE NOT t.tgisinternal AND ((c.relname, t.tgname, p.proname, t.tgtype) NOT IN (\(LogGuards.all))
                         OR p.pronamespace <> n.oid OR t.tgqual IS NOT NULL OR t.tgnargs <> 0)
                     UNION ALL SELECT 'the type of ' || c.relname || '.' || a.attname FROM pg_attribute a
                     JOIN c ON c.oid = a.attrelid
                     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r' AND a.atttypid >= 16384
                     UNION ALL SELECT pg_describe_object('pg_cast'::regclass, k.oid, 0) FROM pg_cast k, n
                     WHERE n.oid IN (SELECT y.typnamespace FROM pg_type y WHERE y.oid IN (k.castsource, k.casttarget))
                     UNION ALL SELECT 'the statistics ' || x.stxname FROM pg_statistic_ext x JOIN c ON c.oid = x.stxrelid
                     UNION ALL SELECT pg_describe_object(d.refclassid, d.refobjid, 0) || ' in ' || u.what || ' of ' || c.relname
                     FROM (SELECT 'a check', 'pg_constraint'::regclass, k.oid, k.conrelid FROM pg_constraint k
                           UNION ALL SELECT 'a default', 'pg_attrdef'::regclass, f.oid, f.adrelid FROM pg_attrdef f
                           UNION ALL SELECT 'an index', 'pg_class'::regclass, x.indexrelid, x.indrelid FROM pg_index x
                          ) AS u (what, class, oid, relation)
                     JOIN c ON c.oid = u.relation JOIN pg_depend d ON d.classid = u.class AND d.objid = u.oid
                     WHERE d.refobjid >= 16384
                         AND d.refclassid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_namespace'::regclass)
                     UNION ALL SELECT p.proname || ' in ' || u.what || ' of ' || c.relname
                     FROM (SELECT 'a check', k.conrelid, k.conbin::text FROM pg_constraint k
                           UNION ALL SELECT 'a default', f.adrelid, f.adbin::text FROM pg_attrdef f
                           UNION ALL SELECT 'an index', x.indrelid, concat(x.indexprs::text, x.indpred::text) FROM pg_index x
                          ) AS u (what, relation, tree)
                     JOIN c ON c.oid = u.relation CROSS JOIN LATERAL regexp_matches(u.tree, ':funcid (\\d+)', 'g') AS m
                     JOIN pg_proc p ON p.oid = m[1]::oid WHERE p.proname <> ALL (\(functionsOfOurs))
                     UNION ALL SELECT 'the foreign key ' || k.conname || ' between ' || k.conrelid::regclass || ' and '
                                      || k.confrelid::regclass
                     FROM pg_constraint k WHERE k.contype = 'f'
                         AND (k.conrelid IN (SELECT c.oid FROM c)) <> (k.confrelid IN (SELECT c.oid FROM c))),
               ARRAY(SELECT c.relname::text FROM c
                     WHERE c.relname = ANY (\(readFirst))
                     AND c.relowner <> n.nspowner),
               EXISTS (SELECT FROM c WHERE c.relname = 'installation'),
               \(ownerFault), \(DisplacedTables.statement)
        FROM n
        """
}
