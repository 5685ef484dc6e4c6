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
    /// What people may do for themselves.
    public var selfService: SelfServiceRules

    /// The policy after installation.
    public static let standard = Policy(
        password: .standard, blockedPasswords: [], pinLengths: 4...6, issuedPINLength: 6, typedPINLimit: 3,
        decoysPerThousand: 100, requiresReason: false, requiresTicket: false, verificationMethods: [], ticketPattern: ""
    )

    static let columns: Statement = """
        p.minimum_length, p.minimum_score, p.require_uppercase, p.require_lowercase, p.require_digit, \
        p.require_symbol, p.allow_weak, p.context_words, p.bcrypt_cost, p.blocked_passwords, p.pin_minimum_length, \
        p.pin_maximum_length, p.issued_pin_length, p.typed_pin_limit, p.decoys_per_thousand, p.require_reason, \
        p.require_ticket, p.verification_methods, p.ticket_pattern, \(SelfServiceRules.columns)
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
        pinLengths = try row.int(first + 10)...(try row.int(first + 11))
        issuedPINLength = try row.int(first + 12)
        typedPINLimit = try row.int(first + 13)
        decoysPerThousand = try row.int(first + 14)
        requiresReason = try row.bool(first + 15)
        requiresTicket = try row.bool(first + 16)
        verificationMethods = try row.texts(first + 17).map(VerificationMethod.init(parsing:))
        ticketPattern = try row.text(first + 18)
        selfService = try SelfServiceRules(row, from: first + 19)
    }

    init(
        password: PasswordPolicy, blockedPasswords: [String], pinLengths: ClosedRange<Int>, issuedPINLength: Int,
        typedPINLimit: Int, decoysPerThousand: Int, requiresReason: Bool, requiresTicket: Bool,
        verificationMethods: [VerificationMethod], ticketPattern: String,
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
        self.selfService = selfService
    }
}
