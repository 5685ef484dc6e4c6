/// The columns of the users' table that the trigger on it looks at.
package enum WatchedColumns {
    /// The columns that the trigger reads and whose types are the application's own, so that it does not: each as text. A domain
    /// counts as what it is made of, and citext is a base type, which only a superuser can make.
    package static func unread(of table: String) -> String {
        """
        SELECT format('%s of the type %s', a.attname, format_type(a.atttypid, NULL))
            FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
            WHERE a.attrelid = \(table) AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attname IN ('id', 'email', 'username', 'password_hash', 'voice_pin', 'is_active')
              AND NOT (t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('uuid', 'text', 'varchar', 'bpchar', 'bool'))
              AND NOT (t.typname = 'citext' AND t.typtype = 'b')
        """
    }
}
