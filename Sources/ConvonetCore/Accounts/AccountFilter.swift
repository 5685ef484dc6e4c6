import PostgresClient

extension AccountSelection {
    /// A state that a list can be limited to.
    public enum Filter: Equatable, Sendable {
        /// Not active.
        case inactive
        /// E-mail address not verified.
        case unverified
        /// No voice PIN set.
        case noPIN
        /// Frozen by a supervisor.
        case frozen
        /// Signs in elsewhere.
        case external
        /// Has never signed in.
        case neverSignedIn
        /// Has not signed in for so many days, or never.
        case notSignedIn(days: Int)
        /// The account was made within so many days.
        case created(days: Int)
        /// A credential was changed by us within so many days; operators and auditors may ask for it.
        case changedByUs(days: Int)

        /// One filter of each kind, with a usual number of days.
        public static let examples: [Filter] = [
            .inactive, .unverified, .noPIN, .external, .neverSignedIn, .notSignedIn(days: 90), .created(days: 30),
            .changedByUs(days: 7), .frozen,
        ]

        /// How the filters are written on a command line.
        public static let spellings = examples.map(\.spelling).joined(separator: ", ")

        /// Reads a filter as `spelling` writes it; nil for anything else.
        public init?(parsing text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard var filter = Self.examples.first(where: { $0.name == parts[0] }) else { return nil }
            if parts.count == 2 {
                guard filter.days != nil, let days = Int(parts[1]), (1...36500).contains(days) else { return nil }
                filter.days = days
            }
            self = filter
        }

        /// The filter as a command line has it, such as `not-signed-in=90`.
        public var spelling: String { days.map { "\(name)=\($0)" } ?? name }

        /// The filter in words.
        public var words: String {
            switch self {
            case .inactive: "inactive"
            case .unverified: "unverified"
            case .frozen: "frozen"
            case .noPIN: "no voice PIN"
            case .external: "signs in with SSO"
            case .neverSignedIn: "never signed in"
            case .notSignedIn(let days): "not signed in for \(Self.count(days))"
            case .created(let days): "created in the last \(Self.count(days))"
            case .changedByUs(let days): "changed by support in the last \(Self.count(days))"
            }
        }

        private static func count(_ days: Int) -> String { days == 1 ? "1 day" : "\(days) days" }

        /// The number of days of those that look back.
        public var days: Int? {
            get {
                switch self {
                case .notSignedIn(let days), .created(let days), .changedByUs(let days): days
                default: nil
                }
            }
            set {
                guard let newValue else { return }
                switch self {
                case .notSignedIn: self = .notSignedIn(days: newValue)
                case .created: self = .created(days: newValue)
                case .changedByUs: self = .changedByUs(days: newValue)
                default: break
                }
            }
        }

        /// Whether both are the same but for the days.
        public func hasSameKind(as other: Filter) -> Bool { name == other.name }

        private var name: String {
            switch self {
            case .inactive: "inactive"
            case .unverified: "unverified"
            case .frozen: "frozen"
            case .noPIN: "no-pin"
            case .external: "external"
            case .neverSignedIn: "never-signed-in"
            case .notSignedIn: "not-signed-in"
            case .created: "created"
            case .changedByUs: "changed-by-us"
            }
        }

        var condition: Statement {
            switch self {
            case .inactive: "NOT is_active"
            case .unverified: "NOT is_verified"
            case .frozen: "id IN (SELECT f.account_id FROM convonet_admin.frozen_accounts f)"
            case .noPIN: "NOT has_voice_pin"
            case .external: "sign_in = 'external'"
            case .neverSignedIn: "last_login_at IS NULL"
            case .notSignedIn(let days):
                "coalesce(last_login_at, '-infinity') < now() - make_interval(days => \(days)::integer)"
            case .created(let days): "created_at >= now() - make_interval(days => \(days)::integer)"
            case .changedByUs(let days): "id IN (SELECT convonet_admin.accounts_changed_within(\(days)::integer))"
            }
        }
    }
}
