internal import Synchronization

/// Which files are opened by a name that somebody gives: all, unless the process gave that up.
public enum NamedFiles {
    /// Who named a file.
    public enum Origin: Sendable {
        /// Somebody at the keyboard, by an option, an argument or `@FILE`.
        case somebody
        /// The settings, or the program itself.
        case settings
    }

    private static let permitted = Mutex<Set<String>?>(nil)

    /// From now on only these, where the settings name them, and none is made.
    public static func permitOnly(_ paths: [String]) { permitted.withLock { $0 = Set(paths) } }

    /// Whether some are refused.
    public static var isRestricted: Bool { permitted.withLock { $0 != nil } }

    static func check(_ path: String, of origin: Origin = .somebody) throws(FileProblem) {
        guard permitted.withLock({ $0.map { origin == .settings && $0.contains(path) } ?? true }) else {
            throw .restricted
        }
    }
}
