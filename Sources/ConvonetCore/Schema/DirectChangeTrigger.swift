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
            WHEN ((OLD.password_hash IS DISTINCT FROM NEW.password_hash OR OLD.voice_pin IS DISTINCT FROM NEW.voice_pin
                   OR OLD.is_active IS DISTINCT FROM NEW.is_active) AND NOT (\(isOurs)))
            EXECUTE FUNCTION convonet_admin.note_direct_change();
            """
    }

    static func drop(from users: QualifiedName) -> String {
        "DROP TRIGGER IF EXISTS \(name) ON \(users.quoted);"
    }
}
