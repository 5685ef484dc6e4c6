/// Why a private cluster could not be started or used; `description` ends with what to do next.
public enum ClusterFailure: Error, Equatable, Sendable {
    /// No directory looked at holds `initdb`, `postgres` and `psql`.
    case serverMissing(searched: [String])
    /// Only servers older than `ServerBinaries.oldestVersion` were found; the newest of them is named.
    case serverTooOld(version: Int, directory: String)
    /// The kept data need the server of another major version, which is not installed.
    case dataOfAnotherVersion(needed: Int, directory: String)
    /// The process runs as root and the system has no unprivileged user to give the server to.
    case noUnprivilegedUser
    /// A server is already running on the kept directory.
    case directoryInUse(String)
    /// The directory to keep data in holds something else.
    case notACluster(String)
    /// Somebody else owns the directory to keep data in, or one above it, or may write to it.
    case directoryOfOthers(String)
    /// The unprivileged user that the server runs as cannot enter the directory.
    case directoryOutOfReach(String, user: String)
    /// A name or setting holds what cannot be passed on, such as a NUL or a line end.
    case badOption(String)
    /// `initdb` or the server ended before it was ready; `log` is the end of what it said.
    case didNotStart(log: String)
    /// The server was alive but not ready in time; `log` is the end of what it said.
    case notReady(seconds: Int, log: String)
    /// `psql` refused the SQL it was given; `message` is what it said.
    case sql(message: String)
    /// A system call failed.
    case system(call: String, subject: String, errno: Int32)
}

extension ClusterFailure: CustomStringConvertible {
    /// The failure and the next step, in one or two sentences.
    public var description: String {
        switch self {
        case .serverMissing(let searched):
            "No PostgreSQL server was found (looked in \(searched.joined(separator: ", "))). "
                + "Install Debian's package postgresql (postgresql-15 on Debian 12), "
                + "or name the directory of initdb and postgres in CONVONET_PG_BINDIR."
        case .serverTooOld(let version, let directory):
            "PostgreSQL \(version) in \(directory) is too old: version \(ServerBinaries.oldestVersion) or newer is needed. "
                + "Install Debian's package postgresql, or name another directory in CONVONET_PG_BINDIR."
        case .dataOfAnotherVersion(let needed, let directory):
            "The data in \(directory) is for PostgreSQL \(needed), which is not installed. "
                + "Install postgresql-\(needed), or use another directory."
        case .noUnprivilegedUser:
            "PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as. "
                + "Start this as an ordinary user."
        case .directoryInUse(let path):
            "A private PostgreSQL is already running on \(path). Stop the program that started it, or use another directory."
        case .notACluster(let path):
            "\(path) is not empty and not from an earlier demo, so it was not touched. Use an empty or new directory."
        case .directoryOfOthers(let path):
            "\(path) belongs to another user, or others can write to it and replace its files. "
                + "Use a directory of your own, or remove their right: chmod go-w \(path)"
        case .directoryOutOfReach(let path, let user):
            "PostgreSQL runs as \(user), who cannot access \(path). "
                + "Use a directory that \(user) can reach, such as one under /var/tmp."
        case .badOption(let reason):
            reason
        case .didNotStart(let log):
            "The private PostgreSQL did not start. It said:\n\(log)"
        case .notReady(let seconds, let log):
            "The private PostgreSQL was not ready after \(seconds) seconds; try again. It said:\n\(log)"
        case .sql(let message):
            "The private PostgreSQL refused: \(message)"
        case .system(let call, let subject, let code):
            "\(call) failed for \(subject): \(SystemError.text(code))."
        }
    }
}
