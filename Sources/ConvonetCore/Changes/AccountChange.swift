public import FoundationEssentials

/// A change of one account, of a credential or a state, as an operator submits it.
public struct AccountChange: Equatable, Sendable {
    /// What is to be done.
    public enum Action: Equatable, Sendable {
        /// A password that the program makes up.
        case generatePassword
        /// A password that somebody typed; `allowWeak` lets one through that is only weak or short.
        case setPassword(Secret, allowWeak: Bool)
        /// A voice PIN that the database draws.
        case issuePIN
        /// A voice PIN that somebody typed.
        case setPIN(Secret)
        /// No voice PIN any more.
        case clearPIN
        /// A link to the account's address, by which the person sets a password themselves.
        case sendResetLink
        /// Whatever links are open become void.
        case revokeResetLinks
        /// May sign in, or may not.
        case setActive(Bool)
        /// Marked as verified, or not.
        case setVerified(Bool)

        /// The log's name of the action.
        public var name: String {
            switch self {
            case .generatePassword, .setPassword: "reset_password"
            case .issuePIN: "issue_voice_pin"
            case .setPIN: "set_voice_pin"
            case .clearPIN: "clear_voice_pin"
            case .sendResetLink: "send_reset_link"
            case .revokeResetLinks: "revoke_reset_links"
            case .setActive(let isActive): isActive ? "activate" : "deactivate"
            case .setVerified(let isVerified): isVerified ? "verify" : "unverify"
            }
        }

        /// The log's word for how the new value comes about; nil where there is none.
        var method: String? {
            switch self {
            case .generatePassword: "generated"
            case .setPassword, .setPIN: "typed"
            case .issuePIN: "issued"
            case .clearPIN: "cleared"
            case .sendResetLink, .revokeResetLinks, .setActive, .setVerified: nil
            }
        }
    }

    /// The account as the operator saw it; if it has changed since, nothing is done.
    public var account: Account
    /// What is to be done.
    public var action: Action
    /// Why.
    public var context: ChangeContext
    /// Makes a repetition safe: the same id is carried out at most once.
    public let requestID: UUID
    /// Whether the id was made for this change, so that nothing can have been done under it before.
    public let isNewRequest: Bool

    /// A change; `requestID` is that of an earlier call whose outcome is unknown, and made anew where there is none.
    public init(
        account: Account, action: Action, context: ChangeContext = ChangeContext(), requestID: UUID? = nil
    ) {
        self.account = account
        self.action = action
        self.context = context
        self.requestID = requestID ?? UUID()
        isNewRequest = requestID == nil
    }
}

/// How a submitted change ended.
public struct ChangeResult: Equatable, Sendable {
    /// How it ended.
    public enum Outcome: String, Equatable, Sendable {
        /// It is done and logged.
        case done
        /// A rule refused it, which is logged; nothing changed.
        case refused
        /// The account changed since the operator saw it; nothing was done, which is logged.
        case conflict
        /// The database could not write it; nothing changed.
        case failed
        /// The connection was lost after sending, and it could not be found out what became of it.
        case unknown
        /// It was only tried whether it could be done.
        case wouldDo = "would do"
    }

    /// How it ended.
    public var outcome: Outcome
    /// Which rule refused it.
    public var rule: String?
    /// Where it was not done: why, and the next step.
    public var message: String?
    /// The account: as it is now, where the database was asked.
    public var account: Account
    /// The change's request id.
    public var requestID: UUID
    /// The log's row.
    public var receipt: Receipt?
    /// A generated password or an issued PIN; only where it was done just now.
    public var newSecret: Secret?
    /// Whether this call made a new value that nobody has: the database drew it, and the answer was lost on the way.
    public var isSecretLost = false
    /// Whether every standby that the server waits for has it, where it waits for any.
    public var isReplicated = true

    /// A result with what is known.
    public init(
        outcome: Outcome, rule: String? = nil, message: String? = nil, account: Account, requestID: UUID,
        receipt: Receipt? = nil, newSecret: Secret? = nil
    ) {
        self.outcome = outcome
        self.rule = rule
        self.message = message
        self.account = account
        self.requestID = requestID
        self.receipt = receipt
        self.newSecret = newSecret
    }
}

extension Account {
    /// What a change that is done makes of the account, as far as it can be seen.
    mutating func apply(_ action: AccountChange.Action) {
        switch action {
        case .issuePIN, .setPIN: hasVoicePIN = true
        case .clearPIN: hasVoicePIN = false
        case .generatePassword, .setPassword:
            signIn = .password
            externalMarker = nil
        case .sendResetLink, .revokeResetLinks: break
        case .setActive(let isActive): self.isActive = isActive
        case .setVerified(let isVerified): self.isVerified = isVerified
        }
    }
}
