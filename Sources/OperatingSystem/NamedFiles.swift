internal import Synchronization

/// Which files are opened by a name that somebody gives: all, unless the process gave that up.
public enum NamedFiles {
    private static let permitted = Mutex<Set<String>?>(nil)

    /// From now on only these, and none is made.
    public static func permitOnly(_ paths: [String]) { permitted.withLock { $0 = Set(paths) } }

    /// Whether some are refused.
    public static var isRestricted: Bool { permitted.withLock { $0 != nil } }

    static func check(_ path: String) throws(FileProblem) {
        guard permitted.withLock({ $0?.contains(path) ?? true }) else { throw .restricted }
    }
}
