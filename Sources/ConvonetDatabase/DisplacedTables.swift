package import PostgresClient

/// Tables of ours that somebody renamed, or moved out of our schema, as far as what hangs on them tells. Whoever took the guard of
/// such a table for somebody else's trigger, or its foreign key for somebody else's, would be told to undo that.
package enum DisplacedTables {
    /// Our foreign keys, each with the table that has it and the one that it refers to, as a list of rows in SQL.
    package static let foreignKeys: Statement = """
        ('mail_queue_code_id_fkey', 'mail_queue', 'caller_code'), ('mail_queue_token_id_fkey', 'mail_queue', 'reset_token')
        """

    /// An array of sentences without an end, each with the statements that bring the table back to the schema `n`, unless something
    /// else has its place by now.
    static let statement: Statement = """
        ARRAY(SELECT DISTINCT format('the table %s of this program is now %s', d.name, r.oid::regclass)
                  || CASE WHEN EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = n.oid AND o.oid <> r.oid
                                       AND o.relname IN (d.name, r.relname))
                     THEN format(', and something else is called %s. Drop neither: one of them is ours', d.name)
                     ELSE '. As a superuser: '
                         || CASE r.relnamespace WHEN n.oid THEN ''
                            ELSE format('ALTER TABLE %s SET SCHEMA convonet_admin; ', r.oid::regclass) END
                         || CASE r.relname WHEN d.name THEN ''
                            ELSE format('ALTER TABLE convonet_admin.%I RENAME TO %I; ', r.relname, d.name) END
                         || 'and then verify the log (audit verify)' END
              FROM (\(known)) AS d (name, oid) JOIN pg_class r ON r.oid = d.oid
              WHERE (r.relnamespace, r.relname) <> (n.oid, d.name) ORDER BY 1)
        """

    /// What each table should be called: those with a guard of the log, while no other has it, and those that our foreign key joins.
    private static let known: Statement = """
        SELECT g.name, t.tgrelid FROM (VALUES \(LogGuards.all)) AS g (name, trigger, function, kind)
        JOIN pg_trigger t ON (t.tgname, t.tgtype) = (g.trigger, g.kind)
        JOIN pg_proc p ON p.oid = t.tgfoid AND p.proname = g.function AND p.pronamespace = n.oid
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger o JOIN pg_class w ON w.oid = o.tgrelid
            WHERE (w.relnamespace, w.relname, o.tgname, o.tgtype) = (n.oid, g.name, t.tgname, t.tgtype))
        UNION ALL SELECT t.name, t.oid FROM (VALUES \(foreignKeys)) AS f (name, owning, referred)
        JOIN pg_constraint k ON k.conname = f.name JOIN pg_class m ON m.oid = k.conrelid JOIN pg_class l ON l.oid = k.confrelid
        CROSS JOIN LATERAL (VALUES (f.owning, m.oid), (f.referred, l.oid)) AS t (name, oid)
        WHERE n.oid IN (m.relnamespace, l.relnamespace)
            AND n.nspowner = ALL (ARRAY[m.relowner, l.relowner])
        """
}
