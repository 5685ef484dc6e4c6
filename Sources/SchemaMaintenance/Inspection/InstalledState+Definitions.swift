extension InstalledState {
    /// The definition of what `migrate` makes anew, as the server itself would write it down, so that nothing of it is left out.
    static let definitions = """
        SELECT 'definitions of PostgreSQL ' || current_setting('server_version_num')::integer / 10000
        UNION ALL SELECT format('function %s: owner %s, %s, %s, definition %s', p.oid::regprocedure, pg_get_userbyid(p.proowner),
                      CASE WHEN p.prosecdef THEN 'with its owner''s rights' ELSE 'with its caller''s rights' END,
                      array_to_string(ARRAY(SELECT s FROM unnest(p.proconfig) s ORDER BY s), ', '),
                      \(digest("CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END")))
        FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
        UNION ALL SELECT format('view %s: definition %s', c.relname,
                      \(digest("pg_get_viewdef(c.oid) || coalesce(array_to_string(c.reloptions, ' '), '')")))
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'v'
        UNION ALL SELECT format('rule %s on %s: definition %s', w.rulename, c.relname, \(digest("pg_get_ruledef(w.oid)")))
        FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND w.rulename <> '_RETURN'
        UNION ALL SELECT format('trigger on %s: %s, %s', c.relname, pg_get_triggerdef(t.oid),
                      CASE t.tgenabled WHEN 'A' THEN 'always' WHEN 'O' THEN 'on' WHEN 'R' THEN 'on a replica alone' ELSE 'off' END)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND NOT t.tgisinternal
        """

    /// What holds data, in full, since somebody has to put it back by hand; each line begins with "in". Every version of the
    /// server writes these alike: 13 to 18 know nothing of a table of ours that they would call otherwise.
    static let tables = """
        SELECT format('in %s: column %s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                      (SELECT format(' COLLATE %s', a.attcollation::regcollation) FROM pg_type t
                       WHERE t.oid = a.atttypid AND t.typcollation <> a.attcollation),
                      CASE WHEN a.attnotnull THEN ' NOT NULL' END,
                      CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text END,
                      CASE a.attgenerated WHEN '' THEN ' DEFAULT ' ELSE ' GENERATED ' END || pg_get_expr(f.adbin, f.adrelid))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'c')
        UNION ALL SELECT format('in %s: constraint %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND k.contype <> 'n'
        UNION ALL SELECT format('in %s: %s%s', c.relname, pg_get_indexdef(x.indexrelid), CASE WHEN NOT x.indisvalid THEN ', not valid' END)
        FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
        UNION ALL SELECT format('in %s: sequence AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s', c.relname,
                      format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                      CASE WHEN s.seqcycle THEN ' CYCLE' END)
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace
        UNION ALL \(kept)
        """

    /// What decides whether the rows outlive a crash, a replica's and an extension's owner, and the owner of a type or another
    /// thing with which they would be dropped: `migrate` does not mend that, since
    /// rows may be lost already.
    private static let kept = """
        SELECT format('in %s: is %s', c.relname, CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'temporary' END)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'S') AND c.relpersistence <> 'p'
        UNION ALL SELECT format('in %s: is replicated by %s', c.relname, CASE c.relreplident WHEN 'n' THEN 'nothing'
                                WHEN 'f' THEN 'whole rows' ELSE 'an index' END)
        FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relreplident <> 'd'
        UNION ALL SELECT format('in %s: is dropped with %s', c.relname, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid))
        FROM pg_depend d JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'S', 'i', 'c') AND d.refobjid >= 16384
            AND d.refclassid NOT IN ('pg_namespace'::regclass, 'pg_extension'::regclass, 'pg_constraint'::regclass)
            AND NOT EXISTS (SELECT FROM pg_class r WHERE d.refclassid = 'pg_class'::regclass AND r.oid = d.refobjid
                            AND r.relnamespace = c.relnamespace)
            AND NOT EXISTS (SELECT FROM pg_type t WHERE d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
                            AND t.typnamespace = c.relnamespace)
        UNION ALL SELECT format('in %s: is dropped with the extension %s', pg_describe_object(d.classid, d.objid, 0), e.extname)
        FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype IN ('e', 'x') AND 'convonet_admin'::regnamespace IN (
            SELECT c.relnamespace FROM pg_class c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid
            UNION ALL SELECT p.pronamespace FROM pg_proc p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
            UNION ALL SELECT t.typnamespace FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
            UNION ALL SELECT n.oid FROM pg_namespace n WHERE d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
            UNION ALL SELECT c.relnamespace FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE d.classid = 'pg_trigger'::regclass AND t.oid = d.objid)
        """

    /// Whether a line of these says which server wrote the others.
    static func isServerVersion(_ line: String) -> Bool { line.hasPrefix("definitions of PostgreSQL ") }

    /// Whether a line is one of these, which another version of the server may write otherwise.
    static func isDefinition(_ line: String) -> Bool {
        line.hasPrefix("trigger on ") || line.contains(" definition ")
    }

    /// Some servers have no MD5.
    private static func digest(_ text: String) -> String {
        "left(encode(sha256(convert_to(\(text), 'UTF8')), 'hex'), 20)"
    }
}
