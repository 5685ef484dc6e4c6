/// What stands for an account as somebody saw it, as SQL over the columns of the users' table `u`.
///
/// Its parts are what the view shows, each by itself so that a refusal can say which changed; after them comes the number of
/// the transaction that wrote the row, by which the log knows what staff did to a hash or PIN since. Viewers read it: there is
/// nothing in it of what they may not see.
enum AccountVersion {
    /// Each by the name that a refusal says.
    private static let parts: [(name: String, sql: String)] = [
        ("email", digest("u.email")), ("username", digest("u.username")),
        ("name", digest("concat(u.first_name, chr(31), u.last_name)")),
        ("sign_in", digest("concat(\(signIn), ' ', \(externalMarker))")),
        ("voice_pin", "CASE WHEN u.voice_pin IS NULL THEN 'n' ELSE 'y' END"),
        ("is_active", "CASE WHEN u.is_active THEN 'y' ELSE 'n' END"),
        ("is_verified", "CASE WHEN u.is_verified THEN 'y' ELSE 'n' END"),
    ]

    static let sql = "concat_ws('-', \(parts.map(\.sql).joined(separator: ", ")), u.xmin::text)"
    /// The names of the parts, as an array in SQL.
    static let names = "'{\(parts.map(\.name).joined(separator: ","))}'::text[]"

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
