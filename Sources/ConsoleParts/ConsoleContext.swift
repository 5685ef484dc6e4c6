public import AccountDisplay
public import AccountPolicy
public import ConvonetCore
import ConvonetDatabase
public import Credentials
import PostgresClient
public import TerminalKit

/// What the console knows of where it runs; of it only the policy is read anew.
public struct ConsoleContext: Sendable {
    /// What the environment is called, such as production, and its colour.
    public var environment: EnvironmentLabel?
    /// The database, and where it is: `convonet on db.example.org`.
    public var place: String
    /// What must be known about the connection, such as that the server is not verified.
    public var warning: String?
    /// Who looks.
    public var viewer: Viewer
    /// The operator's rights in a word or two.
    public var rightsName: String
    /// Why no change is offered; nil where changes are.
    public var readOnlyReason: String?
    /// Since when only a standby answers; nil where there is a primary.
    package var standby: Standby?
    /// Whether it was a standby that answered on connecting.
    var beginsOnStandby = false
    /// Whether the whole log may be read.
    public var mayReadLog = true
    /// Whether searches have their index, and need not read the whole table.
    public var hasSearchIndex = true
    /// Why requests for a second person are not shown; nil where they are.
    public var approvalsReason: String?
    /// Whether such requests may be decided.
    public var mayDecide = false
    /// Whether Ctrl-Z may suspend the console; not where there must be no way to a shell.
    public var allowsSuspend = true
    /// Whether the terminal's bell rings where something came in for a second person, or was decided.
    public var ringsBell = false
    /// Whether what is shown is said line by line: nothing there becomes old before one's eyes, so nothing is read anew unasked.
    public var isLinear = false
    /// What happens when nobody presses a key.
    public var idleTime = IdleTime()
    /// The words by which a new secret is read out.
    public var alphabet = SpellingAlphabet.icao
    /// The rules in force.
    public var policy: Policy
    /// What the rules say of a password for a person; pure.
    public var assess: @Sendable (Secret, Account) -> PasswordAssessment
    /// The databases that one can go over to.
    public var environments = Environments.none
    /// Whether colours are seen, or have to be said in words.
    package var showsColours = true
    /// The most bytes that the terminal's clipboard takes; 0 where it takes none.
    package var clipboardLimit = 8192
    /// Keeps which columns of the list are shown, for the next time, and returns why that could not be done.
    package var keepColumns: @Sendable ([String]) -> String? = { _ in nil }
}

extension ConsoleContext {
    /// The context of a session.
    public init(
        _ session: AdminSession, environment: EnvironmentLabel?, readOnly: Bool, allowsSuspend: Bool = true,
        ringsBell: Bool = false, isLinear: Bool = false, idleTime: IdleTime = IdleTime(),
        alphabet: SpellingAlphabet = .icao
    ) {
        let connection = session.connection
        let isSocket = connection.host.isEmpty || connection.host.hasPrefix("/")
        let isSafe = !connection.isRemote || connection.isEncrypted && connection.isServerVerified
        let warning = isSafe ? nil : connection.isEncrypted ? "server not verified" : "NOT ENCRYPTED"
        let rights = session.rights
        let reason = rights.mayChange ? nil : AdminError.notPermitted(.changeCredentials).inConsole
        var approvalsReason: String?
        if !rights.hasRoles {
            approvalsReason = "This installation works without roles, so nobody can be told from a second person."
        } else if !rights.mayChange, !rights.mayReadLog, !rights.mayDecide {
            approvalsReason = AdminError.notPermitted(.decideApprovals).inConsole
        }
        let changes = session.changes
        self.init(
            environment: environment, place: connection.database + (isSocket ? "" : " on \(connection.host)"),
            warning: warning,
            viewer: Viewer(databaseUser: connection.user, systemUser: session.operatorIdentity.name),
            rightsName: readOnly ? "read only" : session.rights.name,
            readOnlyReason: readOnly ? "The console was started with --read-only." : reason,
            mayReadLog: rights.mayReadLog, hasSearchIndex: session.accounts.hasSearchIndex,
            approvalsReason: approvalsReason, mayDecide: rights.mayDecide && !readOnly,
            allowsSuspend: allowsSuspend, ringsBell: ringsBell, isLinear: isLinear, idleTime: idleTime,
            alphabet: alphabet,
            policy: session.policy,
            assess: { changes.assess($0, for: $1) })
        beginsOnStandby = connection.isStandby
    }
}
