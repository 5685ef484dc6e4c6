public import Credentials
public import FoundationEssentials

/// A change of one account, of a credential or a state, as an operator submits it.
public struct AccountChange: Equatable, Sendable {
    /// What is to be done, with the value that somebody typed.
    public struct Action: Equatable, Sendable {
        /// Which of the catalogue's it is.
        public let kind: AccountAction
        /// What was typed, where something has to be.
        let secret: Secret?
        /// Whether a password is let through that is only weak or short.
        let allowsWeak: Bool
        /// The receipt of what is taken back.
        let receipt: Int?

        init(
            _ kind: AccountAction, _ secret: Secret? = nil, allowsWeak: Bool = false, receipt: Int? = nil
        ) {
            self.kind = kind
            self.secret = secret
            self.allowsWeak = allowsWeak
            self.receipt = receipt
        }

        /// An action with what was typed for it; nothing where it takes nothing.
        public init(_ kind: AccountAction, typed secret: Secret, allowWeak: Bool = false) {
            self.init(kind, kind.value.isTyped ? secret : nil, allowsWeak: allowWeak && kind.value == .typedPassword)
        }

        /// A password that the program makes up.
        public static let generatePassword = Action(AccountAction.generatePassword)
        /// A password that somebody typed; `allowWeak` lets one through that is only weak or short.
        public static func setPassword(_ secret: Secret, allowWeak: Bool) -> Action {
            Action(.setPassword, typed: secret, allowWeak: allowWeak)
        }
        /// A code by which the person sets a password themselves.
        public static let issueResetCode = Action(AccountAction.issueResetCode)
        /// A voice PIN that the database draws.
        public static let issuePIN = Action(AccountAction.issuePIN)
        /// A voice PIN that somebody typed.
        public static func setPIN(_ secret: Secret) -> Action { Action(.setPIN, typed: secret) }
        /// No voice PIN any more.
        public static let clearPIN = Action(AccountAction.clearPIN)
        /// A link to the account's address, by which the person sets a password themselves.
        public static let sendResetLink = Action(AccountAction.sendResetLink)
        /// A link to the account's address, by which the person gets a voice PIN.
        public static let sendPINLink = Action(AccountAction.sendPINLink)
        /// Whatever links are open become void.
        public static let revokeResetLinks = Action(AccountAction.revokeResetLinks)
        /// The application's tokens from before end.
        public static let signOut = Action(AccountAction.signOut)
        /// What a reset replaced comes back.
        public static func undo(receipt: Int) -> Action { Action(AccountAction.undo, receipt: receipt) }
        /// Nobody changes the account, or somebody does again.
        public static func setFrozen(_ isFrozen: Bool) -> Action { Action(isFrozen ? .freeze : .unfreeze) }
        /// Wrong old passwords are forgotten.
        public static let unblock = Action(AccountAction.unblock)
        /// May sign in, or may not.
        public static func setActive(_ isActive: Bool) -> Action { Action(isActive ? .activate : .deactivate) }
        /// Marked as verified, or not.
        public static func setVerified(_ isVerified: Bool) -> Action { Action(isVerified ? .verify : .unverify) }

        /// The log's name of the action.
        public var name: String { kind.name }
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
    /// Where it was not done: why, and the next step; where it was or would be, what to know of it.
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
