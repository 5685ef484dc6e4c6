import PostgresClient

/// The words for what goes wrong between this program and PostgreSQL; a part of `AdminError`'s.
enum DatabaseErrorText {
    static func text(of error: PostgresError) -> String {
        switch error {
        case .invalidConnectionString(let reason):
            "The database address is not valid: \(reason)."
        case .insecureConnection(let mode):
            "sslmode=\(mode) may send passwords over the network unencrypted. Use sslmode=verify-full, or, if the network is "
                + "safe, set allow_unencrypted = true under [database] in the settings."
        case .cannotConnect(let failure):
            text(of: failure)
        case .server(let refusal):
            ServerRefusalText.text(of: refusal)
                ?? "The database refused the request (SQLSTATE \(refusal.sqlState)"
                + (refusal.constraint.map { ", constraint \($0)" } ?? "")
                + "). Nothing was changed. The server's log says why."
        case .connectionLost(let afterSending, let ending):
            ConnectionEndingText.text(ending, afterSending: afterSending)
        case .cancelled:
            "Cancelled."
        case .commitUnanswered:
            "The database did not confirm the change in time: a standby may be down. The change may or may not last; check later."
        case .notReplicated:
            "Made on this server, but its standby has not confirmed it: if the standby takes over now, the change is lost. Tell "
                + "the database's administrator."
        case .timedOut:
            "The database did not answer in time. Nothing was changed; try again."
        case .unexpectedResult(let what):
            "Unexpected answer from the database (\(what)). If the schema is from another version, run “convonet-admin migrate”."
        }
    }

    private static func text(of failure: ConnectFailure) -> String {
        let code = failure.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        let place = failure.place
        return switch failure.cause {
        case .hostUnknown: "Host not found: \(place). Check the database address."
        case .refused: "Nothing answers at \(place). Check host and port, and whether PostgreSQL is running there."
        case .timedOut: "No answer from \(place) in time. Check the address, the network and the firewall."
        case .authentication:
            "The server does not accept this user and password\(code). Check both (\(place))."
                + (failure.openPasswordFile.map {
                    " The password file \($0) was ignored, because others can read it or it is not a file: chmod 600 \($0)."
                } ?? "")
        case .databaseMissing: "There is no database of that name\(code). Check the name (\(place))."
        case .notAdmitted:
            "The server does not admit this user from here\(code): no such role, no right to connect, or not allowed by "
                + "pg_hba.conf (\(place)). Ask its administrator."
        case .identityUnproven:
            "The server at \(place) does not accept this user's certificate, or there is no ticket of Kerberos for it. "
                + "Check sslcert and sslkey in the address, or get a ticket with kinit."
        case .tlsUnsupported:
            "The server at \(place) does not offer TLS. Turn it on there, or, if the network is safe, add "
                + "sslmode=prefer to the address and allow_unencrypted = true to the settings."
        case .tlsNotVerified:
            "The certificate of \(place) cannot be verified. Name its CA with sslrootcert=FILE in the address, "
                + "or use the host name in the certificate."
        case .unavailable: "The server at \(place) has no free connection, or is still starting\(code). Try again."
        case .databaseClosed:
            "The database is closed to connections\(code) (\(place)). Its administrator can open it: "
                + "ALTER DATABASE … ALLOW_CONNECTIONS true."
        case .refusedByServer:
            "The server or connection pooler at \(place) refused the connection\(code). Its log says why: often a pooler that "
                + "does not know the user or database, is full, or cannot reach its server."
        case .hungUp:
            "The connection to \(place) was closed at once: the server is stopping, a proxy has no server to send to, or it is "
                + "not PostgreSQL. Try again; if this lasts, check host and port, and the server's log."
        case .wrongRole:
            "The server at \(place) does not match target_session_attrs in the address: it may be a standby. Check the address."
        case .serviceUnknown:
            "The service was not found in a service file, or the file cannot be read. Check its name (service, PGSERVICE) and "
                + "the file (~/.pg_service.conf, PGSERVICEFILE)."
        case .userUnnamed:
            "Your user id has no name on this machine. Name the database user in the address or with PGUSER."
        case .invalidParameter:
            "The address has an invalid value, such as for sslmode or connect_timeout. Check it (\(place))."
        case .otherProduct(let name):
            "\(place) is \(name), not PostgreSQL. It lacks what a change here rests on, such as row versions and table locks. "
                + "Nothing was done. Use PostgreSQL 13 or newer."
        case .noPassword(let fault): PasswordFaultText.text(of: fault)
        case .severalHosts:
            "None of the hosts can be reached. "
                + failure.hosts.map { "\($0.place): \(short($0))" }.joined(separator: "; ")
                + "."
        case .other: "Cannot connect to \(place)\(code). Check the database address and the server's log."
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
        case .identityUnproven: "the user's certificate or ticket is not accepted"
        case .tlsUnsupported: "no TLS"
        case .tlsNotVerified: "the certificate cannot be verified"
        case .unavailable: "no connection to spare, or starting\(code)"
        case .databaseClosed: "takes no connections\(code)"
        case .hungUp: "hung up"
        case .otherProduct(let name): "\(name), not PostgreSQL"
        case .wrongRole: "only reads, or only writes, where the other is asked for"
        case .noPassword: "no password"
        case .refusedByServer, .serviceUnknown, .userUnnamed, .invalidParameter, .severalHosts, .other: "refused\(code)"
        }
    }
}
