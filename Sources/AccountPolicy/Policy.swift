public import Credentials

/// The rules that the database keeps for everybody: its one row of policy. Each default is the rule after installation.
///
/// Which settings there are, and how each is read and written, says ``PolicySetting/all``.
public struct Policy: Equatable, Sendable {
    /// What a password is held to.
    public var password = PasswordPolicy.standard
    /// Passwords that the organisation refuses, besides the commonest.
    public var blockedPasswords: [String] = []
    /// The least digits of a typed PIN.
    var shortestPIN = 4
    /// The most digits of a typed PIN.
    var longestPIN = 6
    /// The lengths that a typed PIN may have.
    public var pinLengths: ClosedRange<Int> { shortestPIN...max(shortestPIN, longestPIN) }
    /// The digits of an issued PIN.
    public var issuedPINLength = 6
    /// How many typed PINs of one operator may be refused as unavailable within an hour.
    public var typedPINLimit = 3
    /// The share of PINs, in thousandths, that are refused as if somebody had them.
    public var decoysPerThousand = 100
    /// Whether a change needs a reason.
    public var requiresReason = false
    /// Whether a change needs a ticket.
    public var requiresTicket = false
    /// The ways in which a caller may be verified; where there are any, one must be named.
    public var verificationMethods: [VerificationMethod] = []
    /// The points that a caller has to prove before a change; 0: none.
    public var verificationPoints = 0
    /// The same for protected accounts, where it is more.
    public var verificationPointsProtected = 0
    /// The points that a code is worth which a caller reads back from a mail.
    public var mailCodePoints = 3
    /// The same for a code that was sent to their telephone.
    public var textCodePoints = 2
    /// How long what was proven counts.
    public var verificationMinutes = 10
    /// Minutes for which a reset can be taken back; 0 for never.
    public var undoMinutes = 15
    /// Hours for which a password works that staff give somebody; 0: until it is changed.
    public var temporaryPasswordHours = 0
    /// Minutes for which a code that is read out is good.
    public var resetCodeMinutes = 15
    /// The regular expression that a ticket must match as a whole, as PostgreSQL reads it; empty: any.
    public var ticketPattern = ""
    /// Whose accounts need a second person for every change.
    public var protection = AccountProtection()
    /// How long a request waits for a second person, and an approval for its use.
    public var approvalMinutes = 15
    /// To whom a request for a second person is mailed.
    public var approverAddresses: [String] = []
    /// How many credentials one operator may reset within an hour; 0: any number.
    public var resetsPerOperatorHour = 0
    /// How many times one account's credentials may be reset within a day; 0: any number.
    public var resetsPerAccountDay = 0
    /// How many states of accounts one operator may set within an hour; 0: any number.
    public var statesPerOperatorHour = 0
    /// How many answers about PINs, issued, taken or refused, one database user gets within an hour.
    public var pinAnswersPerHour = 60
    /// How many refusals of one operator are recorded within an hour; more are an error.
    public var refusalsPerOperatorHour = 200
    /// The most changes that one operator makes within an hour, of whatever kind.
    public var eventsPerOperatorHour = 10_000
    /// Whether an operator may type a new password or PIN; otherwise they are generated or issued.
    public var allowsTyped = true
    /// What people may do for themselves.
    public var selfService = SelfServiceRules()

    /// The policy after installation.
    public static let standard = Policy()

    /// The ways in which a caller may be verified, as the setting has them.
    var verificationTexts: [String] {
        get { verificationMethods.map(\.text) }
        set { verificationMethods = newValue.map(VerificationMethod.init(parsing:)) }
    }
}
