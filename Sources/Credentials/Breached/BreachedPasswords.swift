internal import OperatingSystem
internal import Synchronization

/// Leaked passwords, as this machine's settings name their list: opened when it is first asked for, and again where the policy
/// requires another one by then.
public final class BreachedPasswords: Sendable {
    /// The file; nil where the settings name none.
    public let path: String?
    private let opened = Mutex<BreachedList?>(nil)

    /// A machine without a list.
    public static let none = BreachedPasswords(path: nil)

    /// Nothing is opened yet.
    public init(path: String?) {
        self.path = path
    }

    /// Why a password cannot be looked up.
    public enum Unavailable: Error, Equatable, Sendable {
        /// The settings name no list.
        case notSet
        /// The list cannot be used.
        case unusable(path: String, BreachedListProblem)
        /// The list is not the one that the policy requires.
        case other(path: String, fingerprint: String)

        /// What is wrong.
        public var reason: String {
            switch self {
            case .notSet: "This machine has no list of leaked passwords."
            case .unusable(let path, let problem): "The list of leaked passwords \(path) \(problem)."
            case .other(let path, let fingerprint):
                "The list of leaked passwords \(path) is another one (\(fingerprint))."
            }
        }

        /// How to get the list that the policy requires.
        public static func next(required: String) -> String {
            "Under [passwords] in the settings, set breached_passwords to a copy of the list that the policy requires (\(required))."
        }
    }

    /// Whether a password is on the list of this fingerprint.
    public func contains(_ password: Secret, inListOf fingerprint: String) throws(Unavailable) -> Bool {
        let list = try list(of: fingerprint)
        do { return try list.contains(password) } catch { throw .unusable(path: path ?? "", error) }
    }

    /// The list of this fingerprint.
    public func list(of fingerprint: String) throws(Unavailable) -> BreachedList {
        guard let path else { throw .notSet }
        if let list = opened.withLock({ $0 }), list.fingerprint == fingerprint, list.isStill(at: path) {
            return list
        }
        let list: BreachedList
        do { list = try BreachedList(opening: path, of: .settings) } catch { throw .unusable(path: path, error) }
        guard list.fingerprint == fingerprint else { throw .other(path: path, fingerprint: list.fingerprint) }
        opened.withLock { $0 = list }
        return list
    }
}
