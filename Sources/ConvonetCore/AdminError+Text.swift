import PostgresClient

extension AdminError: CustomStringConvertible {
    /// What happened and what to do next, as a person reads it; one or two sentences, never with a secret in them.
    public var description: String {
        switch self {
        case .invalidTableName(let name):
            "“\(name)” is no table name. Write it as table or schema.table."
        case .database(let error):
            Self.text(of: error)
        case .usersTableMissing(let name, let columns) where columns.isEmpty:
            "This database has no table \(name). Check the database's name, or set users_table in the settings."
        case .usersTableMissing(let name, let columns):
            "The table \(name) lacks the column\(columns.count > 1 ? "s" : "") \(columns.joined(separator: ", ")), which the "
                + "application's table of people has. Check the database's name, or set users_table in the settings."
        case .schemaNotTrusted(let reason):
            "The schema convonet_admin in this database is not used: \(reason). Sign in as an ordinary user, or have it mended "
                + "by “convonet-admin migrate”."
        case .schemaMissing:
            "This database is not set up for convonet-admin. Run “convonet-admin migrate” as the database's owner."
        case .schemaDetached:
            "The console's view was taken away with “migrate --detach”. Run “convonet-admin migrate” to put it back."
        case .schemaOlder(let found, let needed):
            "The schema convonet_admin in this database has version \(found); this program needs \(needed). "
                + "Run “convonet-admin migrate”."
        case .schemaNewer(let found, let known):
            "The schema convonet_admin in this database has version \(found); this program knows only \(known). "
                + "Install the newer convonet-admin."
        case .serverTooOld(let version):
            "The server is PostgreSQL \(version / 10000); convonet-admin needs 13 or newer."
        case .notPermitted(let operation):
            Self.text(of: operation)
        case .accountUnknown(let key):
            "Nobody has the e-mail address, username or id “\(key)”. Try “convonet-admin search”."
        case .accountAmbiguous(let accounts):
            "That names more than one person: "
                + accounts.map { "\($0.fullName) <\($0.email)>, username \($0.username), id \($0.idText)" }
                .joined(separator: "; ") + ". Use the id."
        case .eventUnknown(let number):
            "The log ends before \(number.map { "event \($0)" } ?? "that time"). See “convonet-admin audit list --limit 1”."
        case .approvalUnknown(let number):
            "There is no request \(number). See “convonet-admin approvals --all”."
        case .invalidPolicy(let setting, let reason):
            "The policy's setting “\(setting)”: \(reason)"
        case .outcomeUnknown(let operation):
            "The connection was lost after the change was sent, and it is not known whether it was made. Look with "
                + "“\(Self.lookUp(operation))”."
        case .cannotMigrate(let reason):
            reason
        case .credential(let failure):
            failure.message
        }
    }

    /// The command that shows whether an operation was carried out.
    private static func lookUp(_ operation: Operation) -> String {
        switch operation {
        case .setPolicy: "convonet-admin policy show"
        case .decideApprovals: "convonet-admin approvals --all"
        default: "convonet-admin migrate --print"
        }
    }

    private static func text(of operation: Operation) -> String {
        switch operation {
        case .viewAccounts:
            "This database user may not use convonet-admin. "
                + "Ask the database's owner for “convonet-admin migrate --grant-operator NAME” (or --grant-viewer)."
        case .changeCredentials:
            "This database user may look, but not change anything. "
                + "Ask the database's owner for “convonet-admin migrate --grant-operator NAME”."
        case .readLog:
            "This database user may not read the whole log. "
                + "Ask the database's owner for “convonet-admin migrate --grant-auditor NAME”."
        case .setPolicy:
            "This database user may not change the policy. "
                + "Ask the database's owner for “convonet-admin migrate --grant-supervisor NAME”."
        case .decideApprovals:
            "This database user may not decide what others ask for. "
                + "Ask the database's owner for “convonet-admin migrate --grant-supervisor NAME”."
        case .migrate:
            "This database user may not install or change the schema. Run migrate as the database's owner."
        case .serveSelfService:
            "This database user may not serve self-service. "
                + "Ask the database's owner for “convonet-admin migrate --grant-selfservice NAME”."
        }
    }

    private static func text(of error: PostgresError) -> String {
        switch error {
        case .invalidConnectionString(let reason):
            "The database's address cannot be read: \(reason)."
        case .insecureConnection(let mode):
            "sslmode=\(mode) could send passwords over the network unencrypted. Use sslmode=verify-full, "
                + "or set allow_unencrypted = true under [database] if you know that the network is safe."
        case .cannotConnect(let failure):
            text(of: failure)
        case .server(let refusal) where refusal.sqlState.isTransient:
            busy(refusal.holder) + " Nothing was changed; try again."
        case .server(let refusal) where refusal.sqlState == "25000":
            "This database user's transactions are not READ COMMITTED, so nothing was changed. "
                + "Its owner can mend that with ALTER ROLE … RESET default_transaction_isolation."
        case .server(let refusal) where refusal.sqlState == "CA002":
            "This session of the database has temporary tables or cursors that outlive a transaction, by which other "
                + "people's code could act for you, so nothing was changed. Connect anew; a pooler has to clear sessions between its clients (DISCARD ALL)."
        case .server(let refusal) where refusal.sqlState == "CA004":
            "Code of the application's table changed a setting of this session and left it so. Nothing was changed. Ask the "
                + "application's team: its trigger's function needs a SET clause of its own."
        case .server(let refusal) where refusal.sqlState == "CA005":
            "A change has to be the first thing in its transaction, and no part of another. Nothing was changed."
        case .server(let refusal) where refusal.sqlState == "CA006":
            "Too many refusals of yours were recorded within the hour (refusals_per_operator_hour in the policy)."
        case .server(let refusal):
            "The database refused the request (SQLSTATE \(refusal.sqlState)"
                + (refusal.constraint.map { ", constraint \($0)" } ?? "")
                + "). Nothing was changed. The server's log says more."
        case .connectionLost:
            "The connection to the database was lost. Check the server and the network, then try again."
        case .cancelled:
            "Cancelled."
        case .notReplicated:
            "It was made on this server, but the standby that should have it does not confirm that, so it is lost if that "
                + "standby takes this server's place. Tell the database's administrator."
        case .timedOut:
            "The database did not answer in time, and the request was cancelled. Nothing was changed; try again."
        case .unexpectedResult(let what):
            "The database's answer is not what this program expects (\(what)). "
                + "Is the schema of another version? Run “convonet-admin migrate”."
        }
    }

    private static func busy(_ holder: LockHolder?) -> String {
        guard let holder else { return "Somebody else is changing the same account, or the database is busy." }
        let what = holder.held == "log" ? "The log" : "This account"
        return switch holder.who {
        case .session(let pid, let user):
            "\(what) is held by an open transaction of the database user \(user) (process \(pid); “convonet-admin doctor” says "
                + "how to end it)."
        case .prepared(let user):
            "\(what) is held by a prepared transaction of the database user \(user); “convonet-admin doctor” says how to end it."
        case .unknown: "\(what) is held by somebody else's transaction."
        }
    }

    private static func text(of failure: ConnectFailure) -> String {
        let code = failure.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return switch failure.cause {
        case .hostUnknown: "The host's name cannot be found: \(failure.place). Check the database's address."
        case .refused: "Nobody answers at \(failure.place). Is PostgreSQL running there? Check host and port."
        case .timedOut: "No answer from \(failure.place) in time. Check the address, the network and the firewall."
        case .authentication: "The server does not accept this user and password\(code). Check them (\(failure.place))."
        case .databaseMissing: "The server has no database of that name\(code). Check it (\(failure.place))."
        case .notAdmitted:
            "The server does not let this user in from here\(code): no such role, or pg_hba.conf forbids it "
                + "(\(failure.place)). Ask its administrator."
        case .tlsUnsupported:
            "The server at \(failure.place) offers no TLS. Turn it on there, or, if the network is safe, add "
                + "sslmode=prefer to the address and allow_unencrypted = true to the settings."
        case .tlsNotVerified:
            "The certificate of \(failure.place) cannot be verified. Give its CA with sslrootcert=FILE in the address, "
                + "or use the name that it was made for."
        case .unavailable: "The server at \(failure.place) has no connection to spare or is starting\(code). Try again."
        case .other: "No connection to \(failure.place)\(code). Check the database's address and the server's log."
        }
    }
}
