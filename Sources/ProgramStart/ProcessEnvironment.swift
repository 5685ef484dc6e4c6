import Glibc

/// The variables of the environment that this program looks at; no other is read.
public enum ProcessEnvironment {
    private static let names = [
        "CONVONET_ADMIN_CONFIG", "CONVONET_ADMIN_ENVIRONMENT", "CONVONET_DB_URI", "DATABASE_URL", "DB_URI", "DB_USER",
        "DB_PASSWORD", "DB_HOST",
        "DB_PORT", "DB_NAME", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGCONNECT_TIMEOUT", "PGSERVICE",
        "PGSSLMODE",
        "PGSSLROOTCERT", "PGPASSFILE", "PGPASSWORD", "HOME",
        "XDG_CONFIG_HOME", "XDG_STATE_HOME", "JWT_SECRET_KEY", "SSH_CONNECTION", "SSH_USER_AUTH",
        "SSH_ORIGINAL_COMMAND", "NO_COLOR", "TERM", "TERMINFO",
        "TERMINFO_DIRS", "LANG",
        "LC_ALL", "LC_CTYPE",
    ]

    /// The variables that are set.
    public static func current() -> [String: String] {
        var values: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { values[name] = String(cString: value) }
        }
        return values
    }

    /// Sets a variable; to be called before there is a second thread.
    public static func set(_ name: String, _ value: String) { setenv(name, value, 1) }
}
