/// Why no connection could be made, and to where.
public struct ConnectFailure: Error, Equatable, Sendable {
    /// The causes that call for different next steps.
    public enum Cause: Equatable, Sendable {
        /// The name of the host cannot be resolved.
        case hostUnknown
        /// Nobody listens there, or no such socket, or no way there.
        case refused
        /// No answer within the time limit.
        case timedOut
        /// Wrong password, or none given.
        case authentication
        /// The server knows no such database.
        case databaseMissing
        /// The server does not let this user in from here (pg_hba.conf), or knows no such role, or it may not connect.
        case notAdmitted
        /// The server does not take the user's certificate, or there is no ticket of Kerberos for it.
        case identityUnproven
        /// TLS was asked for and the server has none.
        case tlsUnsupported
        /// The server's certificate cannot be verified, or is for another name.
        case tlsNotVerified
        /// The server has no connection to spare, or is starting or stopping.
        case unavailable
        /// The database takes no connections at present (ALLOW_CONNECTIONS).
        case databaseClosed
        /// It was reached, and refused for a reason that only its own log says; often a pooler.
        case refusedByServer
        /// Somebody answered and hung up.
        case hungUp
        /// It reads only and one that writes is asked for, or the other way round (target_session_attrs).
        case wrongRole
        /// No service file has the service that is named.
        case serviceUnknown
        /// The user id of this process has no name on this machine, and the address names no user.
        case userUnnamed
        /// libpq does not take the value of one of the parameters.
        case invalidParameter
        /// What answers speaks the protocol and is another product, by its name: it lacks what a change rests on, such as a row's `xmin`,
        /// LOCK TABLE, or settings of one transaction.
        case otherProduct(String)
        /// The command that says the password did not.
        case noPassword(PasswordFault)
        /// Several hosts, each for a reason of its own.
        case severalHosts
        /// Anything else.
        case other
    }

    /// The cause.
    public var cause: Cause
    /// The server's code, where a server answered.
    public var sqlState: SQLState?
    /// Where the connection was to go: `db.example.org port 5432` or a socket's directory; all of them where there are
    /// several.
    public var place: String
    /// The failures one by one where there were several hosts.
    public var hosts: [ConnectFailure] = []
    /// The file of passwords that was not read, since it is open to others.
    public var openPasswordFile: String?

    /// A failure with its cause.
    public init(cause: Cause, sqlState: SQLState? = nil, place: String) {
        self.cause = cause
        self.sqlState = sqlState
        self.place = place
    }

    /// What several hosts have in common, and each of them; nil for none.
    init?(_ failures: [ConnectFailure]) {
        // Several addresses of one host are one host, of which the last one says what is the matter.
        var hosts: [ConnectFailure] = []
        for failure in failures {
            if let index = hosts.firstIndex(where: { $0.place == failure.place }) {
                hosts[index] = failure
            } else {
                hosts.append(failure)
            }
        }
        guard let first = hosts.first else { return nil }
        self = first
        guard hosts.count > 1 else { return }
        place = hosts.map(\.place).joined(separator: "; ")
        guard hosts.contains(where: { $0.cause != first.cause }) else { return }
        cause = .severalHosts
        sqlState = nil
        self.hosts = hosts
    }
}

extension ConnectFailure.Cause {
    init(serverSaid state: SQLState) {
        switch state {
        case "28P01": self = .authentication
        case "28000", .insufficientPrivilege: self = .notAdmitted
        case "3D000": self = .databaseMissing
        case "55000": self = .databaseClosed
        // insufficient_resources, operator_intervention
        case _ where state.isShortage || state.code.hasPrefix("57P"): self = .unavailable
        default: self = .refusedByServer
        }
    }

    /// libpq has no codes for its own failures; its texts (fe-connect.c, fe-auth.c, fe-secure-openssl.c) are in English,
    /// since the program sets no LC_MESSAGES.
    init(libpqSaid message: String) {
        let signs: [(String, ConnectFailure.Cause)] = [
            ("alert unknown ca", .identityUnproven), ("alert certificate", .identityUnproven),
            ("alert bad certificate", .identityUnproven), ("GSSAPI", .identityUnproven),
            ("definition of service", .serviceUnknown), ("service file", .serviceUnknown),
            ("could not look up local user", .userUnnamed), ("local user with ID", .userUnnamed),
            ("could not translate host name", .hostUnknown), ("Connection refused", .refused),
            ("No such file or directory", .refused), ("Network is unreachable", .refused),
            ("No route to host", .refused), ("no password supplied", .authentication),
            ("does not support SSL", .tlsUnsupported), ("certificate", .tlsNotVerified),
            ("timed out", .timedOut), ("timeout expired", .timedOut),
            ("received invalid response", .hungUp), ("expected authentication request", .hungUp),
            ("session is read-only", .wrongRole), ("session is not read-only", .wrongRole),
            ("hot standby", .wrongRole), ("invalid ", .invalidParameter),
            ("server closed the connection", .hungUp), ("SSL SYSCALL", .hungUp), ("Connection reset", .hungUp),
        ]
        self = signs.first { message.contains($0.0) }?.1 ?? .other
    }
}

extension ConnectFailure {
    /// The server's code in what libpq says, which is asked to say no more of a server's words; nil where no server spoke.
    /// Behind it there may be lines of libpq's own, such as which file the password is from.
    static func serversState(in message: String) -> SQLState? {
        let words = message.split(whereSeparator: \.isNewline).filter { $0.contains(":  ") }.compactMap { line in
            line.split(whereSeparator: \.isWhitespace).last.map(String.init)
        }
        return words.last { word in
            word.count == 5 && word.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
        }.map { SQLState($0) }
    }

    /// The product that says this of itself on connecting; nil for PostgreSQL. CockroachDB has a parameter of its own, YugabyteDB its mark
    /// in the version: 11.2-YB-2.20.0.0-b0.
    static func otherProduct(version: String?, cockroach: String?) -> String? {
        if cockroach != nil { return "CockroachDB" }
        return version?.contains("-YB-") == true ? "YugabyteDB" : nil
    }
}
