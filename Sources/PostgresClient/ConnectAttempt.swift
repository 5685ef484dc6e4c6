/// One try to connect: host after host, and of each host address after address.
struct ConnectAttempt {
    let parameters: ConnectionParameters
    let end: Deadline?
    let interruption: WaitInterruption
    /// Where the last server was found.
    var last: ServerPlace?
    /// How the addresses of a host are found.
    var addresses: (String?, Deadline, WaitInterruption) throws -> [String]? = HostAddresses.of

    /// The first connection of the kind that is looked for; else the first that can be had, or throws what was wrong with each
    /// of the hosts. A source of passwords is asked once for all of them.
    func run() throws -> ConnectionHandle {
        guard let source = parameters.passwordSource else { return try run(password: nil) }
        do {
            return try source.lend(until: end, interruption) { try run(password: $0) }
        } catch let fault as PasswordFault {
            throw PostgresError.cannotConnect(ConnectFailure(cause: .noPassword(fault), place: parameters.place))
        }
    }

    private func run(password: UnsafePointer<CChar>?) throws -> ConnectionHandle {
        var failures: [ConnectFailure] = []
        var other: ConnectionHandle?
        let candidates = parameters.candidates
        for candidate in last?.first(of: candidates) ?? candidates {
            if !failures.isEmpty || other != nil, end?.remaining == 0 { break }
            let limit = Deadline(in: .seconds(parameters.connectTimeout)).orSooner(end)
            do {
                let isOneOfMany = candidates.count > 1
                if let handle = try open(candidate, password, isOneOfMany, until: limit, &other) { return handle }
            } catch let failure as ConnectFailure {
                failures.append(failure)
            }
        }
        if let other { return other }
        guard var failure = ConnectFailure(failures) else { throw PostgresError.connectionLost(afterSending: false) }
        failure.openPasswordFile = parameters.openPasswordFile
        throw PostgresError.cannotConnect(failure)
    }

    /// Each address has its share of the time that is left, so that a silent one does not take that of the others. nil where
    /// only servers of the other kind are there, of which the first is kept.
    private func open(
        _ values: [String: String], _ password: UnsafePointer<CChar>?, _ isOneOfMany: Bool, until limit: Deadline,
        _ other: inout ConnectionHandle?
    ) throws -> ConnectionHandle? {
        var addresses: [String?] = [nil]
        let place = ConnectionParameters.place(values)
        if values["hostaddr"] == nil {
            do {
                addresses = try self.addresses(values["host"], limit, interruption) ?? [nil]
            } catch PostgresError.timedOut {
                addresses = []
            }
            guard !addresses.isEmpty else { throw ConnectFailure(cause: .hostUnknown, place: place) }
        }
        var failure: ConnectFailure?
        let isChoice = parameters.preference != nil && (isOneOfMany || addresses.count > 1)
        for (index, address) in (last?.first(of: addresses) ?? addresses).enumerated() {
            var values = values
            if let address { values["hostaddr"] = address }
            let share = limit.remaining / (addresses.count - index)
            do {
                let handle = try ConnectionHandle(starting: values, password: password)
                let deadline = Deadline(in: .milliseconds(share))
                try handle.finishConnecting(until: deadline, interruption)
                try handle.findRole(isChoice: isChoice, until: deadline, interruption)
                guard isChoice, handle.isStandby == (parameters.preference == .primary) else { return handle }
                other = other ?? handle
            } catch PostgresError.cannotConnect(let found) {
                failure = found
                // Whom one server does not let in the others do not either; one that is starting or full says nothing of them.
                if found.sqlState != nil, found.cause != .unavailable { break }
            }
        }
        if let failure { throw failure }
        if other != nil { return nil }
        throw ConnectFailure(cause: .timedOut, place: place)
    }
}
