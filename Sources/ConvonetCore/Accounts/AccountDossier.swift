public import AccountPolicy
public import ConvonetDatabase
public import FoundationEssentials
import PostgresClient

/// Everything that a person's page shows, as far as this database user may see it.
public struct AccountDossier: Sendable {
    /// The account as it is now, or nil where it is gone.
    public var account: Result<Account?, AdminError>
    /// The teams by name; none where the application has no team tables, or had none at migration.
    public var teams: Result<[TeamMembership], AdminError>
    /// What was done to the account, newest first, at most 50.
    public var history: Result<[HistoryEntry], AdminError>
    /// The links to set a password that were sent, newest first, at most 20.
    public var links: Result<[ResetLink], AdminError>
    /// The codes that were read out, newest first, at most 20.
    public var codes: Result<[IssuedCode], AdminError>
    /// Whether mail that is queued will be sent; nil where that was not asked.
    public var mailState: Result<MailState, AdminError>?
    /// Whether every change of it needs a second person.
    public var isProtected: Result<Bool, AdminError>
    /// What was asked of a second person for it and can still be decided or used, newest first: one's own requests, or
    /// everybody's for who may decide them or read the log.
    public var approvals: Result<[ApprovalRequest], AdminError>
    /// What the caller has proven, and the code that was sent to them.
    public var caller: Result<CallerState, AdminError>
    /// What this operator could take back now, newest first.
    public var undoable: Result<[UndoableChange], AdminError>
    /// What holds up the caller.
    public var obstacles: Result<AccountObstacles, AdminError>
    /// The temporary password that staff gave; nil where the password is the account's own.
    public var temporaryPassword: Result<TemporaryPassword?, AdminError>
    /// The policy as it is now, by which the session judges from here on.
    public var policy: Result<Policy, AdminError>

    /// A dossier with all its parts.
    public init(
        account: Result<Account?, AdminError>, teams: Result<[TeamMembership], AdminError>,
        history: Result<[HistoryEntry], AdminError>, links: Result<[ResetLink], AdminError>,
        codes: Result<[IssuedCode], AdminError>, mailState: Result<MailState, AdminError>?,
        isProtected: Result<Bool, AdminError>,
        approvals: Result<[ApprovalRequest], AdminError>, caller: Result<CallerState, AdminError>,
        undoable: Result<[UndoableChange], AdminError>, obstacles: Result<AccountObstacles, AdminError>,
        temporaryPassword: Result<TemporaryPassword?, AdminError>, policy: Result<Policy, AdminError>
    ) {
        self.account = account
        self.teams = teams
        self.history = history
        self.links = links
        self.codes = codes
        self.mailState = mailState
        self.isProtected = isProtected
        self.approvals = approvals
        self.caller = caller
        self.undoable = undoable
        self.obstacles = obstacles
        self.temporaryPassword = temporaryPassword
        self.policy = policy
    }

    /// A dossier of which nothing could be read.
    public init(failure: AdminError) {
        self.init(
            account: .failure(failure), teams: .failure(failure), history: .failure(failure),
            links: .failure(failure), codes: .failure(failure), mailState: .failure(failure),
            isProtected: .failure(failure),
            approvals: .failure(failure), caller: .failure(failure),
            undoable: .failure(failure), obstacles: .failure(failure), temporaryPassword: .failure(failure),
            policy: .failure(failure))
    }
}

extension AccountDirectory {
    /// An account with its teams and its history, in one round trip; what may not be seen fails alone.
    public func dossier(of id: UUID) async -> AccountDossier {
        let asked = Self.dossierStatements(id, claims)
        do {
            let now = [Self.accountStatement(id), PolicyReading.statement, MailState.statement]
            return try await dossier(from: database.pool.queries(asked.everybody + asked.seldom + now))
        } catch {
            return AccountDossier(failure: AdminError(of: error, during: .viewAccounts))
        }
    }

    /// The same of an account that was read just now: that is not read again, nor what a page needs that stays open, the policy and
    /// whether mail is sent.
    public func dossier(of account: Account) async -> AccountDossier {
        do {
            let asked = Self.dossierStatements(account.id, claims)
            return try await dossier(from: database.pool.queries(asked.everybody + asked.seldom), knowing: account)
        } catch {
            return AccountDossier(failure: AdminError(of: error, during: .viewAccounts))
        }
    }

    /// What is asked of an account that is known, for ``dossier(from:knowing:)``: what there is of everybody, and, in the order of
    /// ``AccountMarks``, what most accounts have none of.
    static func dossierStatements(_ id: UUID, _ claims: Claims) -> (everybody: [Statement], seldom: [Statement]) {
        let claimed = claims.parameter(ChangeContext())
        return (
            [
                teamsStatement(id), historyStatement(id), protectionStatement(id), CallerState.statement(id, claimed),
                AccountObstacles.statement(id),
            ],
            [
                ResetLink.statement(id), ApprovalRequest.statement(of: id), UndoableChange.statement(id, claimed),
                IssuedCode.statement(id), TemporaryPassword.statement(id),
            ]
        )
    }

    /// The dossier that these answers make, behind which those about account, policy and mail stand where no account is known.
    func dossier(
        from results: [Result<QueryResult, PostgresError>], knowing account: Account? = nil
    ) async -> AccountDossier {
        func read<Value>(
            _ index: Int, _ operation: AdminError.Operation, _ body: (QueryResult) throws -> Value
        ) -> Result<Value, AdminError> {
            Result { try body(results[index].get()) }.mapError { AdminError(of: $0, during: operation) }
        }
        var dossier = AccountDossier(
            account: account.map { .success($0) } ?? read(10, .viewAccounts) { try $0.first.map { try Account($0) } },
            teams: read(0, .viewAccounts) { try $0.map { try TeamMembership($0) } },
            history: read(1, .changeCredentials) { try $0.map { try HistoryEntry($0) } },
            links: read(5, .changeCredentials) { try $0.map { try ResetLink($0) } },
            codes: read(8, .changeCredentials) { try $0.map { try IssuedCode($0) } },
            mailState: account == nil ? read(12, .viewAccounts) { try MailState(of: $0) } : nil,
            isProtected: read(2, .viewAccounts) { try $0.first?.bool(0) ?? false },
            approvals: read(6, .changeCredentials) { try $0.map { try ApprovalRequest($0) } },
            caller: read(3, .changeCredentials) {
                guard let row = $0.first else {
                    throw AdminError.database(.unexpectedResult("no row about the caller"))
                }
                return try CallerState(row)
            },
            undoable: read(7, .changeCredentials) { try $0.map { try UndoableChange($0) } },
            obstacles: read(4, .changeCredentials) {
                guard let row = $0.first else {
                    throw AdminError.database(.unexpectedResult("no row about what holds the caller up"))
                }
                return try AccountObstacles(row)
            },
            temporaryPassword: read(9, .viewAccounts) { try TemporaryPassword.read($0) },
            policy: account != nil
                ? .success(rules.current.policy)
                : read(11, .viewAccounts) {
                    guard let row = $0.first else { throw AdminError.schemaMissing }
                    return try rules.take(row)
                })
        if case .failure(.schemaMissing) = dossier.teams { dossier.teams = .success([]) }
        if account == nil, case .failure(let error) = results[10], case .failure(let known) = dossier.account {
            dossier.account = .failure(await database.explained(known, error))
        }
        if case .success(nil) = dossier.account {
            do { try await requireVisiblePeople() } catch {
                dossier.account = .failure(AdminError(of: error, during: .viewAccounts))
            }
        }
        return dossier
    }

    /// Whether every change of an account needs a second person: only the database knows. Where nobody is protected, the function is
    /// not called: to a new session it costs 3 ms.
    static func protectionStatement(_ id: UUID) -> Statement {
        """
        SELECT coalesce(CASE WHEN cardinality(protected_domains || protected_accounts || protected_team_roles) > 0 \
        THEN convonet_admin.account_is_protected(\(id)) END, false) FROM convonet_admin.policy
        """
    }
}
