public import ConvonetCore
import PostgresClient

/// What the console knows of where it runs; of it only the policy is read anew.
public struct ConsoleContext: Sendable {
    /// What the environment is called, such as production.
    public var environmentName: String?
    /// The database, and where it is: `convonet on db.example.org`.
    public var place: String
    /// What must be known about the connection, such as that the server is not verified.
    public var warning: String?
    /// The database user, whom the log names.
    public var operatorName: String
    /// The operator's rights in a word or two.
    public var rightsName: String
    /// Why no change is offered; nil where changes are.
    public var readOnlyReason: String?
    /// Whether the whole log may be read.
    public var mayReadLog: Bool
    /// Whether searches have their index, and need not read the whole table.
    public var hasSearchIndex: Bool
    /// Why requests for a second person are not shown; nil where they are.
    public var approvalsReason: String?
    /// Whether such requests may be decided.
    public var mayDecide: Bool
    /// Whether Ctrl-Z may suspend the console; not where there must be no way to a shell.
    public var allowsSuspend: Bool
    /// What happens when nobody presses a key.
    public var quietTime: QuietTime
    /// The words by which a new secret is read out.
    public var alphabet: SpellingAlphabet
    /// The rules in force.
    public var policy: Policy
    /// What the rules say of a password for a person; pure.
    public var assess: @Sendable (Secret, Account) -> PasswordAssessment

    /// A context with all its parts.
    public init(
        environmentName: String? = nil, place: String, warning: String? = nil, operatorName: String,
        rightsName: String, readOnlyReason: String? = nil, mayReadLog: Bool = true, hasSearchIndex: Bool = true,
        approvalsReason: String? = nil, mayDecide: Bool = false,
        allowsSuspend: Bool = true, quietTime: QuietTime = QuietTime(), alphabet: SpellingAlphabet = .icao,
        policy: Policy,
        assess: @escaping @Sendable (Secret, Account) -> PasswordAssessment
    ) {
        self.environmentName = environmentName
        self.place = place
        self.warning = warning
        self.operatorName = operatorName
        self.rightsName = rightsName
        self.readOnlyReason = readOnlyReason
        self.mayReadLog = mayReadLog
        self.hasSearchIndex = hasSearchIndex
        self.approvalsReason = approvalsReason
        self.mayDecide = mayDecide
        self.allowsSuspend = allowsSuspend
        self.quietTime = quietTime
        self.alphabet = alphabet
        self.policy = policy
        self.assess = assess
    }

    /// The context of a session.
    public init(
        _ session: AdminSession, environmentName: String?, readOnly: Bool, allowsSuspend: Bool = true,
        quietTime: QuietTime = QuietTime(), alphabet: SpellingAlphabet = .icao
    ) {
        let connection = session.connection
        let isSocket = connection.host.isEmpty || connection.host.hasPrefix("/")
        var warning: String?
        if connection.isRemote, !connection.isEncrypted {
            warning = "NOT ENCRYPTED"
        } else if connection.isRemote, !connection.isServerVerified {
            warning = "server not verified"
        }
        var reason: String?
        if readOnly {
            reason = "The console was started with --read-only."
        } else if !session.rights.mayChange {
            reason = AdminError.notPermitted(.changeCredentials).description
        }
        let rights = session.rights
        var approvalsReason: String?
        if !rights.hasRoles {
            approvalsReason = "This installation works without roles, so nobody can be told from a second person."
        } else if !rights.mayChange, !rights.mayReadLog, !rights.mayDecide {
            approvalsReason = AdminError.notPermitted(.decideApprovals).description
        }
        let desk = session.changes
        self.init(
            environmentName: environmentName, place: connection.database + (isSocket ? "" : " on \(connection.host)"),
            warning: warning, operatorName: connection.user,
            rightsName: readOnly ? "read only" : session.rights.name, readOnlyReason: reason,
            mayReadLog: rights.mayReadLog, hasSearchIndex: session.accounts.hasSearchIndex,
            approvalsReason: approvalsReason, mayDecide: rights.mayDecide && !readOnly,
            allowsSuspend: allowsSuspend, quietTime: quietTime, alphabet: alphabet,
            policy: session.policy,
            assess: { desk.assess($0, for: $1) })
    }
}
