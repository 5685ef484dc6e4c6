import Glibc

/// The system user that the server runs as.
struct ServerUser: Equatable, Sendable {
    var name: String
    var uid: uid_t
    var gid: gid_t
    /// Whether it is another user than ours, which only root can arrange.
    var isAnother: Bool

    /// Ourselves; as root, which PostgreSQL refuses to run as, `postgres` or else `nobody`.
    static func current() throws(ClusterFailure) -> ServerUser {
        let uid = geteuid()
        guard uid == 0 else { return ServerUser(name: "user \(uid)", uid: uid, gid: getegid(), isAnother: false) }
        for name in ["postgres", "nobody"] {
            if let user = named(name), user.uid != 0 { return user }
        }
        throw .noUnprivilegedUser
    }

    /// The words that make a command run as this user, and die with its parent if `deathSignal` is given.
    func launcher(deathSignal: String? = nil) -> [String] {
        var words = ["setpriv"]
        if isAnother { words += ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"] }
        if let deathSignal { words += ["--pdeathsig", deathSignal] }
        return words.count == 1 ? [] : words + ["--"]
    }

    private static func named(_ name: String) -> ServerUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var strings = [CChar](repeating: 0, count: 16384)
        guard getpwnam_r(name, &entry, &strings, strings.count, &found) == 0, found != nil else { return nil }
        return ServerUser(name: name, uid: entry.pw_uid, gid: entry.pw_gid, isAnother: true)
    }
}
