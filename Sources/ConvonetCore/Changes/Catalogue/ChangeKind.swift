public import AccountPolicy

/// What staff can change of an account, as a dialog offers it: one action, or several ways to a new value.
public struct ChangeKind: Sendable, Equatable {
    /// What is changed, by which dialogs are told apart.
    public let id: String
    /// What is done, as a heading.
    public let title: String
    /// What a new value is called; nil where there is none.
    public let noun: String?
    /// What such changes are called where they are counted; nil where they are not named.
    public let counted: String?
    /// What it means for the person; nil where the form says it.
    public let meaning: String?
    /// The actions to choose from, the likeliest first.
    public let actions: [AccountAction]
    /// What of the account is shown beside the form, in words: label and value.
    public let shows: @Sendable (Account) -> (label: String, value: String)?
    /// Why there is nothing to do for an account, and the next step; nil where there is.
    public let reasonWithoutEffect: @Sendable (Account) -> String?
    /// Whether there is nothing to do where no link of the person is open.
    public let needsOpenLink: Bool
    /// The rules by which nothing but it is refused.
    let refusals: [RefusalRule]
    /// Other changes that have to do with it, by the log's names; the own ones are among them.
    public let related: [String]

    init(
        _ id: String, title: String, noun: String? = nil, counted: String? = nil, meaning: String? = nil,
        needsOpenLink: Bool = false,
        related: [String] = [], actions: [AccountAction], refusals: [RefusalRule] = [],
        shows: @escaping @Sendable (Account) -> (label: String, value: String)? = { _ in nil },
        reasonWithoutEffect: @escaping @Sendable (Account) -> String? = { _ in nil }
    ) {
        self.id = id
        self.title = title
        self.noun = noun
        self.counted = counted
        self.meaning = meaning
        self.needsOpenLink = needsOpenLink
        self.actions = actions
        self.refusals = refusals
        self.related = actions.map(\.name) + related
        self.shows = shows
        self.reasonWithoutEffect = reasonWithoutEffect
    }

    /// The catalogue. A change that is not here does not exist.
    public static let all: [ChangeKind] = [
        password, voicePIN, activation, deactivation, verification, unverification, link, revocation,
        signOut, unblocking, undo, freeze, unfreeze,
    ]

    /// The kind of an action of the log; nil where no change by staff is called so.
    public static func of(action name: String) -> ChangeKind? {
        all.first { $0.actions.contains { $0.name == name } }
    }

    /// Whether two are the same.
    public static func == (one: ChangeKind, other: ChangeKind) -> Bool { one.id == other.id }

    /// The actions that a policy allows: none that is refused because nothing may be typed.
    public func actions(under policy: Policy) -> [AccountAction] {
        actions.filter { policy.allowsTyped || !$0.value.isTyped || $0.rules.typing == nil }
    }
}
