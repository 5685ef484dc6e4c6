import PostgresClient

/// The words for what goes wrong between this program and PostgreSQL; a part of `AdminError`'s.
enum DatabaseErrorText {
    static func text(of error: PostgresError) -> String {
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
        case .server(let refusal) where refusal.sqlState == .readOnlyTransaction:
            "This server only reads: it is a standby, or was set so. Nothing was changed. Name the one that writes, or all of "
                + "them with target_session_attrs=read-write, in the database's address."
        case .server(let refusal) where refusal.sqlState == "25000":
            "This database user's transactions are not READ COMMITTED, so nothing was changed. "
                + "Its owner can mend that with ALTER ROLE … RESET default_transaction_isolation."
        case .server(let refusal) where refusal.sqlState == "CA002":
            "This session of the database has temporary tables or cursors that outlive a transaction, by which other "
                + "people's code could act for you, so nothing was changed. Connect anew; a pooler has to clear sessions between its clients (DISCARD ALL)."
        case .server(let refusal) where refusal.sqlState == "CA009":
            "A trigger of the application that can be deferred (CREATE CONSTRAINT TRIGGER … DEFERRABLE) took part in the change, "
                + "and before PostgreSQL 16 nothing keeps it from running later with your rights. Nothing was changed. Ask the "
                + "application's team to make it NOT DEFERRABLE."
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
        case .commitUnanswered:
            "The database did not confirm the change in time, as where a standby that it waits for is away. It is not known "
                + "whether it will last."
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
        let place = failure.place
        return switch failure.cause {
        case .hostUnknown: "The host's name cannot be found: \(place). Check the database's address."
        case .refused: "Nobody answers at \(place). Is PostgreSQL running there? Check host and port."
        case .timedOut: "No answer from \(place) in time. Check the address, the network and the firewall."
        case .authentication:
            "The server does not accept this user and password\(code). Check them (\(place))."
                + (failure.openPasswordFile.map {
                    " The passwords in \($0) were not read, since it is open to others or no file: chmod 600 \($0)."
                } ?? "")
        case .databaseMissing: "The server has no database of that name\(code). Check it (\(place))."
        case .notAdmitted:
            "The server does not let this user in from here\(code): no such role, no right to connect, or pg_hba.conf "
                + "forbids it (\(place)). Ask its administrator."
        case .tlsUnsupported:
            "The server at \(place) offers no TLS. Turn it on there, or, if the network is safe, add "
                + "sslmode=prefer to the address and allow_unencrypted = true to the settings."
        case .tlsNotVerified:
            "The certificate of \(place) cannot be verified. Give its CA with sslrootcert=FILE in the address, "
                + "or use the name that it was made for."
        case .unavailable: "The server at \(place) has no connection to spare or is starting\(code). Try again."
        case .databaseClosed:
            "The database takes no connections at present\(code) (\(place)). Its administrator can let them in again: "
                + "ALTER DATABASE … ALLOW_CONNECTIONS true."
        case .refusedByServer:
            "The server, or a pooler before it, was reached at \(place) and refused the connection\(code). Its log says why: "
                + "often a pooler that does not know the user or the database, has no place left, or finds no server."
        case .hungUp:
            "Somebody answered at \(place) and hung up, as a server that is stopping does, or one that is no PostgreSQL. "
                + "Check host and port, and the server's log."
        case .wrongRole:
            "The server at \(place) is not of the kind that target_session_attrs in the address asks for, such as a standby "
                + "where one is wanted that writes."
        case .serviceUnknown:
            "No service file has the service that is asked for, or it cannot be read. Check its name (service, PGSERVICE) and "
                + "the files: ~/.pg_service.conf or PGSERVICEFILE."
        case .userUnnamed:
            "This process runs under a user id that has no name on this machine, so the database user must be named: in the "
                + "address, or with PGUSER."
        case .invalidParameter:
            "A parameter of the address has a value that libpq does not take, such as of sslmode or connect_timeout. Check "
                + "them (\(place))."
        case .severalHosts:
            "None of the hosts can be used. "
                + failure.hosts.map { "\($0.place): \(short($0))" }.joined(separator: "; ")
                + "."
        case .other: "No connection to \(place)\(code). Check the database's address and the server's log."
        }
    }

    /// A few words for each of several hosts.
    private static func short(_ failure: ConnectFailure) -> String {
        let code = failure.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return switch failure.cause {
        case .hostUnknown: "the name cannot be found"
        case .refused: "nobody answers"
        case .timedOut: "no answer in time"
        case .authentication: "user and password are not accepted\(code)"
        case .databaseMissing: "no such database\(code)"
        case .notAdmitted: "this user is not let in\(code)"
        case .tlsUnsupported: "no TLS"
        case .tlsNotVerified: "the certificate cannot be verified"
        case .unavailable: "no connection to spare, or starting\(code)"
        case .databaseClosed: "takes no connections\(code)"
        case .hungUp: "hung up"
        case .wrongRole: "only reads, or only writes, where the other is asked for"
        case .refusedByServer, .serviceUnknown, .userUnnamed, .invalidParameter, .severalHosts, .other: "refused\(code)"
        }
    }
}
