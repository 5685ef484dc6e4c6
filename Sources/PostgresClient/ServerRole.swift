internal import CLibpq

/// Which of several servers a connection is for.
enum ServerRole: Equatable {
    /// One that takes changes; a standby where there is none.
    case primary
    /// One that only reads; a primary where there is none.
    case standby

    /// What `target_session_attrs` asks for that libpq cannot do itself, since it is given one host at a time; nil where it can.
    init?(wanted attributes: String?) {
        switch attributes {
        case nil: self = .primary
        case "prefer-standby": self = .standby
        default: return nil
        }
    }
}

/// Where a server was found, to be looked for there first.
struct ServerPlace: Equatable {
    private let host: String?
    private let port: String?
    private let address: String?

    /// The place in a set of parameters for one host.
    init(_ values: [String: String]) {
        (host, port, address) = (values["host"], values["port"], values["hostaddr"])
    }

    /// The sets of parameters, those of its host first.
    func first(of candidates: [[String: String]]) -> [[String: String]] {
        let isHere: ([String: String]) -> Bool = { $0["host"] == host && $0["port"] == port }
        return candidates.filter(isHere) + candidates.filter { !isHere($0) }
    }

    /// The addresses, its own first.
    func first(of addresses: [String?]) -> [String?] {
        addresses.filter { $0 == address } + addresses.filter { $0 != address }
    }
}

extension ConnectionHandle {
    /// Asks the server whether it is a standby, where that has to be known for certain or it did not say.
    ///
    /// Before PostgreSQL 14 it does not say; a pooler may repeat what a server said long ago.
    func findRole(isChoice: Bool, until deadline: Deadline, _ interruption: WaitInterruption) throws {
        let said = saidRole
        guard isChoice || said == true || said == nil && PQserverVersion(connection) < 140_000 else { return }
        do {
            let exchange = Exchange(handle: self, wake: interruption.wake, flag: interruption.flag)
            let answer = try exchange.perform(
                ["SELECT pg_catalog.pg_is_in_recovery()"], limit: deadline.timeLeft, mayCancel: false)
            note(isStandby: try answer[0][0].bool(0))
        } catch PostgresError.connectionLost(_, let ending) {
            try interruption.check()
            let cause = ending.map { ConnectFailure.Cause(serverSaid: $0.sqlState) }
            let silence: ConnectFailure.Cause = deadline.remaining == 0 ? .timedOut : .hungUp
            throw PostgresError.cannotConnect(
                ConnectFailure(cause: cause ?? silence, sqlState: ending?.sqlState, place: place))
        } catch PostgresError.server(let refusal) {
            throw PostgresError.cannotConnect(
                ConnectFailure(cause: .init(serverSaid: refusal.sqlState), sqlState: refusal.sqlState, place: place))
        }
    }
}
