/// The roles that the schema's rights hang on. They belong to the whole cluster, so their prefix can be chosen.
public struct RoleNames: Equatable, Sendable {
    /// The groups that people are put into.
    public enum Kind: String, CaseIterable, Sendable {
        /// May see accounts.
        case viewer
        /// May also change credentials.
        case `operator`
        /// May see accounts and the whole log.
        case auditor
        /// May change the policy and decide requests for approval.
        case supervisor
        /// May carry out what people do for themselves, and nothing else: the role of the self-service program.
        case selfservice
        /// May read when passwords were changed, and nothing else: the application, to refuse older access tokens.
        case application
        /// May end what is over, and nothing else: the role of a timer where no self-service runs.
        case scheduler

        /// Whether its members see accounts.
        public var seesAccounts: Bool {
            switch self {
            case .viewer, .operator, .auditor, .supervisor: true
            case .selfservice, .application, .scheduler: false
            }
        }
    }

    /// What every name begins with.
    public let prefix: String

    /// The prefix unless told otherwise.
    public static let standardPrefix = "convonet_admin_"

    /// Names with a prefix of letters, digits and underscores; throws `AdminError.cannotMigrate` for another.
    public init(prefix: String = standardPrefix) throws(AdminError) {
        let isFit =
            prefix.utf8.count <= 40
            && prefix.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
        guard isFit, !prefix.isEmpty, !prefix.hasPrefix("pg_") else {
            throw .cannotMigrate(
                "A role prefix must be at most 40 lower-case letters, digits and underscores, and not start with pg_.")
        }
        self.prefix = prefix
    }

    /// The role that schema, log and functions belong to. It has no right on the application's tables.
    public var owner: String { prefix + "owner" }

    /// The role that reads and changes the application's table, and owns only the functions and views that do.
    public var hand: String { prefix + "hand" }

    /// The role that reads what lies beside that table, teams and telephone numbers, and owns only what does. It has no right on
    /// the table itself: code of others, which a view may call, learns nothing of people by it.
    public var reader: String { prefix + "reader" }

    /// Those that own something. Nobody is a member of them.
    package var owning: [String] { [owner, hand, reader] }

    /// All of them.
    package var all: [String] { owning + Kind.allCases.map(name) }

    /// The role of a group.
    public func name(_ kind: Kind) -> String { prefix + kind.rawValue }
}
