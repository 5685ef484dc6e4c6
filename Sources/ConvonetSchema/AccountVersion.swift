/// What stands for an account as somebody saw it, as SQL over the columns of the users' table `u`.
///
/// Seven parts are what the view shows, each by itself so that a refusal can say which changed; the last is the number of the
/// transaction that wrote the row, by which the log knows what staff did to a hash or PIN since. Viewers read it: there is
/// nothing in it of what they may not see.
enum AccountVersion {
    static let sql = """
        concat_ws('-', \(digest("u.email")), \(digest("u.username")), \
        \(digest("concat(u.first_name, chr(31), u.last_name)")), \(digest("concat(\(signIn), ' ', \(externalMarker))")), \
        CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END, CASE WHEN u.is_active THEN 'y' ELSE 'n' END, \
        CASE WHEN u.is_verified THEN 'y' ELSE 'n' END, u.xmin::text)
        """

    static let signIn = #"""
        CASE WHEN length(u.password_hash) = 60 AND (u.password_hash)::text COLLATE "C" ~ '^\$2[aby]\$\d\d\$[./A-Za-z0-9]+$' \#
        THEN 'password' ELSE 'external' END
        """#

    static let externalMarker = """
        CASE WHEN (u.password_hash)::text COLLATE "C" ~ '^[A-Z][A-Z0-9_]{2,63}$' THEN u.password_hash::text END
        """

    /// Long enough that nobody finds a second name of the same digest; SHA-256, since some servers have no MD5.
    private static func digest(_ text: String) -> String {
        "left(encode(sha256(convert_to(coalesce((\(text))::text, ''), 'UTF8')), 'hex'), 24)"
    }
}
