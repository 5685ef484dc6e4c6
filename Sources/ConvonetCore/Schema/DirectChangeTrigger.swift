import PostgresClient

/// The trigger on the users' table that notes what was changed past our functions.
enum DirectChangeTrigger {
    static let name = "convonet_admin_direct_change"

    /// Makes it anew, as the table's owner.
    ///
    /// Our functions change the table as the hand, which nobody can become, so `current_user` tells their changes from
    /// others. Without roles there is nothing that somebody with the same database user could not forge.
    static func create(on users: QualifiedName, roles: RoleNames?) -> String {
        let isOurs =
            roles.map { "current_user = \(QualifiedName.literal($0.hand))" }
            ?? "coalesce(current_setting('convonet_admin.acting', true), '') = 'yes'"
        return """
            \(drop(from: users))
            CREATE TRIGGER \(name) AFTER UPDATE ON \(users.quoted) FOR EACH ROW
            WHEN (((OLD.password_hash)::text COLLATE "C" IS DISTINCT FROM (NEW.password_hash)::text
                   OR (OLD.voice_pin)::text COLLATE "C" IS DISTINCT FROM (NEW.voice_pin)::text
                   OR OLD.is_active IS DISTINCT FROM NEW.is_active) AND NOT (\(isOurs)))
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            """
    }

    /// True in SQL where it is there and on: it, and not another of its name.
    static func isThere(on users: QualifiedName) -> Statement {
        """
        EXISTS (SELECT FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_namespace s ON s.oid = f.pronamespace
                WHERE g.tgrelid = \(users.catalogued) AND g.tgname = \(name) AND g.tgenabled IN ('O', 'A')
                AND s.nspname = 'convonet_admin' AND f.proname = 'note_direct_change')
        """
    }

    /// What it is, as a line of `InstalledState`: whoever owns the table can make one of this name that notes less.
    static func line(on users: QualifiedName) -> String {
        """
        SELECT format('trigger on %s.%s: %s', n.nspname, c.relname, pg_get_triggerdef(g.oid))
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = \(QualifiedName.literal(users.schema)) AND c.relname = \(QualifiedName.literal(users.table))
            AND g.tgname = '\(name)'
        """
    }

    static func drop(from users: QualifiedName) -> String {
        "DROP TRIGGER IF EXISTS \(name) ON \(users.quoted);"
    }
}
