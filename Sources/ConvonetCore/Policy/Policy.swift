import PostgresClient

/// The rules that the database keeps for everybody: its one row of policy.
public struct Policy: Equatable, Sendable {
    /// What a password is held to.
    public var password: PasswordPolicy
    /// Passwords that the organisation refuses, besides the commonest.
    public var blockedPasswords: [String]
    /// The lengths that a typed PIN may have.
    public var pinLengths: ClosedRange<Int>
    /// The digits of an issued PIN.
    public var issuedPINLength: Int
    /// How many typed PINs of one operator may be refused as unavailable within an hour.
    public var typedPINLimit: Int
    /// The share of PINs, in thousandths, that are refused as if somebody had them.
    public var decoysPerThousand: Int
    /// Whether a change needs a reason.
    public var requiresReason: Bool
    /// Whether a change needs a ticket.
    public var requiresTicket: Bool
    /// The ways in which a caller may be verified; where there are any, one must be named.
    public var verificationMethods: [VerificationMethod]
    /// The regular expression that a ticket must match as a whole, as PostgreSQL reads it; empty: any.
    public var ticketPattern: String
    /// Whose accounts need a second person for every change.
    public var protection: AccountProtection
    /// How long a request waits for a second person, and an approval for its use.
    public var approvalMinutes: Int
    /// How many credentials one operator may reset within an hour; 0: any number.
    public var resetsPerOperatorHour: Int
    /// How many times one account's credentials may be reset within a day; 0: any number.
    public var resetsPerAccountDay: Int
    /// How many states of accounts one operator may set within an hour; 0: any number.
    public var statesPerOperatorHour = 0
    /// How many answers about PINs, issued, taken or refused, one database user gets within an hour.
    public var pinAnswersPerHour = 60
    /// How many refusals of one operator are recorded within an hour; more are an error.
    public var refusalsPerOperatorHour = 200
    /// The most changes that one operator makes within an hour, of whatever kind.
    public var eventsPerOperatorHour = 10_000
    /// Whether an operator may type a new password or PIN; otherwise they are generated or issued.
    public var allowsTyped: Bool
    /// What people may do for themselves.
    public var selfService: SelfServiceRules

    /// The policy after installation.
    public static let standard = Policy(
        password: .standard, blockedPasswords: [], pinLengths: 4...6, issuedPINLength: 6, typedPINLimit: 3,
        decoysPerThousand: 100, requiresReason: false, requiresTicket: false, verificationMethods: [],
        ticketPattern: "", protection: AccountProtection(), approvalMinutes: 15, resetsPerOperatorHour: 0,
        resetsPerAccountDay: 0, allowsTyped: true)

    static let columns: Statement = """
        p.minimum_length, p.minimum_score, p.require_uppercase, p.require_lowercase, p.require_digit, \
        p.require_symbol, p.allow_weak, p.context_words, p.bcrypt_cost, p.blocked_passwords, p.pin_minimum_length, \
        p.pin_maximum_length, p.issued_pin_length, p.typed_pin_limit, p.decoys_per_thousand, p.require_reason, \
        p.require_ticket, p.verification_methods, p.ticket_pattern, p.protected_domains, p.protected_accounts, \
        p.protected_team_roles, p.approval_minutes, p.resets_per_operator_hour, p.resets_per_account_day, p.allow_typed, \
        p.states_per_operator_hour, p.pin_answers_per_hour, p.refusals_per_operator_hour, \
        p.events_per_operator_hour, \
        \(SelfServiceRules.columns)
        """

    /// Reads a row that begins with `columns` at `first`.
    init(_ row: Row, from first: Int) throws {
        password = try PasswordPolicy(
            minimumLength: try row.int(first), minimumScore: try row.int(first + 1),
            requiresUppercase: try row.bool(first + 2), requiresLowercase: try row.bool(first + 3),
            requiresDigit: try row.bool(first + 4), requiresSymbol: try row.bool(first + 5),
            allowsWeak: try row.bool(first + 6), contextWords: try row.texts(first + 7),
            bcryptCost: try row.int(first + 8))
        blockedPasswords = try row.texts(first + 9)
        let shortestPIN = try row.int(first + 10)
        pinLengths = shortestPIN...max(shortestPIN, try row.int(first + 11))
        issuedPINLength = try row.int(first + 12)
        typedPINLimit = try row.int(first + 13)
        decoysPerThousand = try row.int(first + 14)
        requiresReason = try row.bool(first + 15)
        requiresTicket = try row.bool(first + 16)
        verificationMethods = try row.texts(first + 17).map(VerificationMethod.init(parsing:))
        ticketPattern = try row.text(first + 18)
        protection = AccountProtection(
            domains: try row.texts(first + 19), accounts: try row.texts(first + 20),
            teamRoles: try row.texts(first + 21))
        approvalMinutes = try row.int(first + 22)
        resetsPerOperatorHour = try row.int(first + 23)
        resetsPerAccountDay = try row.int(first + 24)
        allowsTyped = try row.bool(first + 25)
        statesPerOperatorHour = try row.int(first + 26)
        pinAnswersPerHour = try row.int(first + 27)
        refusalsPerOperatorHour = try row.int(first + 28)
        eventsPerOperatorHour = try row.int(first + 29)
        selfService = try SelfServiceRules(row, from: first + 30)
    }

    init(
        password: PasswordPolicy, blockedPasswords: [String], pinLengths: ClosedRange<Int>, issuedPINLength: Int,
        typedPINLimit: Int, decoysPerThousand: Int, requiresReason: Bool, requiresTicket: Bool,
        verificationMethods: [VerificationMethod], ticketPattern: String, protection: AccountProtection,
        approvalMinutes: Int, resetsPerOperatorHour: Int, resetsPerAccountDay: Int, allowsTyped: Bool,
        selfService: SelfServiceRules = SelfServiceRules()
    ) {
        self.password = password
        self.blockedPasswords = blockedPasswords
        self.pinLengths = pinLengths
        self.issuedPINLength = issuedPINLength
        self.typedPINLimit = typedPINLimit
        self.decoysPerThousand = decoysPerThousand
        self.requiresReason = requiresReason
        self.requiresTicket = requiresTicket
        self.verificationMethods = verificationMethods
        self.ticketPattern = ticketPattern
        self.protection = protection
        self.approvalMinutes = approvalMinutes
        self.resetsPerOperatorHour = resetsPerOperatorHour
        self.resetsPerAccountDay = resetsPerAccountDay
        self.allowsTyped = allowsTyped
        self.selfService = selfService
    }
}
