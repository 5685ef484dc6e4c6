package import PostgresClient

/// The application's table of people, as far as this program needs it.
package enum UsersTable {
    /// The columns that are needed, and the types that each may have; citext and domains count as what they are made of.
    package static let columns: [(name: String, types: [String])] = [
        ("id", ["uuid"]), ("email", texts), ("username", texts), ("password_hash", texts), ("first_name", texts),
        ("last_name", texts), ("voice_pin", texts), ("is_active", ["boolean"]), ("is_verified", ["boolean"]),
        ("created_at", times), ("updated_at", times), ("last_login_at", times),
    ]
    private static let texts = ["text", "character varying", "character", "citext"]
    private static let times = ["timestamp with time zone", "timestamp without time zone"]
}

extension QualifiedName {
    /// The table's number in SQL, found by its catalogue entry, which everybody may read; NULL where there is none.
    package var catalogued: Statement {
        """
        (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = \(schema) AND c.relname = \(table))
        """
    }

    /// The same as a subquery in the text of a function: no row where there is none.
    package var number: String {
        "(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = "
            + "\(Self.literal(schema)) AND c.relname = \(Self.literal(table)))"
    }
}
