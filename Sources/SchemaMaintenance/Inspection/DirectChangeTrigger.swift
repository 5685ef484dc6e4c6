import ConvonetDatabase
import PostgresClient

/// The trigger on the users' table that notes what was changed past our functions.
enum DirectChangeTrigger {
    static let name = "convonet_admin_direct_change"
    /// Those that note that rows are gone; with the name of the first in theirs, by which a list of a restore leaves them out.
    private static let onDelete = "\(name)_delete"
    private static let onTruncate = "\(name)_truncate"
    /// The names in SQL, as a list.
    static let names = [name, onDelete, onTruncate].map(QualifiedName.literal).joined(separator: ", ")

    /// Makes it anew, as the table's owner. On a partitioned table it comes before the change: where a row moves to another
    /// partition, what comes after it sees a row that was deleted, and one that was inserted. For the same reason nothing notes
    /// there that rows are gone. Always, so that it notes what a subscription applies as well, and what comes of a session that says it
    /// were one (session_replication_role).
    static func create(on users: UsersTableInspection) -> String {
        let enabled = (users.isPartitioned ? [name] : [name, onDelete, onTruncate]).map {
            "ALTER TABLE \(users.name.quoted) ENABLE ALWAYS TRIGGER \($0);"
        }
        let gone = """
            CREATE TRIGGER \(onDelete) AFTER DELETE ON \(users.name.quoted) FOR EACH ROW
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            CREATE TRIGGER \(onTruncate) AFTER TRUNCATE ON \(users.name.quoted) FOR EACH STATEMENT
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            """
        return """
            \(drop(from: users.name))
            CREATE TRIGGER \(name) \(users.isPartitioned ? "BEFORE" : "AFTER") UPDATE ON \(users.name.quoted) FOR EACH ROW
            WHEN ((OLD.password_hash)::text COLLATE "C" IS DISTINCT FROM (NEW.password_hash)::text
                  OR (OLD.voice_pin)::text COLLATE "C" IS DISTINCT FROM (NEW.voice_pin)::text
                  OR OLD.is_active IS DISTINCT FROM NEW.is_active OR OLD.id IS DISTINCT FROM NEW.id)
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            \(users.isPartitioned ? "" : gone)
            \(enabled.joined(separator: "\n"))
            """
    }

    /// Gives the right to call its function to whoever owns the users' table, where it `isWanted`, and to nobody else: without,
    /// PostgreSQL lets nobody make a partition of a table that has it. To be run by the function's owner.
    static func rights(on users: QualifiedName, isWanted: Bool) -> String {
        let grant = """
                SELECT pg_get_userbyid(c.relowner) INTO grantee FROM pg_class c, pg_proc p
                WHERE c.oid = \(users.number) AND p.oid = note AND c.relowner <> p.proowner;
                IF FOUND THEN
                    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', note, grantee);
                END IF;
            """
        return """
            DO $$
            DECLARE
                note    regprocedure := 'convonet_admin.note_direct_change()'::regprocedure;
                grantee text;
            BEGIN
                FOR grantee IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                               FROM pg_proc p, aclexplode(p.proacl) a WHERE p.oid = note AND a.grantee <> p.proowner LOOP
                    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', note, grantee);
                END LOOP;
            \(isWanted ? grant : "")
            END
            $$;
            """
    }

    /// True in SQL where it is there and always on, in each partition: it, and not another of its name; and the table's owner, who may
    /// be another by now, can make more of these. 17 is after the update of each row, 19 before it, 9 after the deletion of each, 32
    /// after TRUNCATE (pg_trigger.h).
    static func isThere(on users: QualifiedName) -> Statement {
        """
        EXISTS (SELECT FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
                JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_namespace s ON s.oid = f.pronamespace
                WHERE g.tgrelid = \(users.catalogued) AND g.tgname = \(name) AND g.tgenabled = 'A'
                AND s.nspname = 'convonet_admin' AND f.proname = 'note_direct_change'
                AND (c.relowner = f.proowner OR EXISTS (
                    SELECT FROM aclexplode(f.proacl) a WHERE (a.grantee, a.privilege_type) = (c.relowner, 'EXECUTE')))
                AND g.tgtype = CASE c.relkind WHEN 'p' THEN 19 ELSE 17 END AND g.tgattr::text = '' AND g.tgqual IS NOT NULL
                AND (c.relkind = 'p' OR 2 = (
                    SELECT count(*) FROM pg_trigger l WHERE l.tgrelid = c.oid AND l.tgfoid = g.tgfoid
                        AND (l.tgname, l.tgtype) IN ((\(onDelete), 9), (\(onTruncate), 32)) AND l.tgqual IS NULL
                        AND l.tgenabled = 'A'))
                AND NOT EXISTS (SELECT FROM pg_partition_tree(g.tgrelid) p WHERE p.isleaf AND p.relid <> g.tgrelid
                    AND NOT EXISTS (SELECT FROM pg_trigger l WHERE l.tgrelid = p.relid AND l.tgparentid <> 0
                                    AND l.tgfoid = g.tgfoid AND l.tgtype = g.tgtype AND l.tgenabled = 'A')))
        """
    }

    /// What it is, as a line of `InstalledState`: whoever owns the table can make one of this name that notes less.
    static func line(on users: QualifiedName) -> String {
        """
        SELECT format('trigger on %s.%s: %s', n.nspname, c.relname, pg_get_triggerdef(g.oid))
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = \(QualifiedName.literal(users.schema)) AND c.relname = \(QualifiedName.literal(users.table))
            AND g.tgname IN (\(names))
        """
    }

    static func drop(from users: QualifiedName) -> String {
        [name, onDelete, onTruncate].map { "DROP TRIGGER IF EXISTS \($0) ON \(users.quoted);" }.joined(separator: "\n")
    }
}
