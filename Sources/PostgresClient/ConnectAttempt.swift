/// One try to connect: host after host, and of each host address after address.
struct ConnectAttempt {
    let parameters: ConnectionParameters
    let end: Deadline?
    let interruption: WaitInterruption
    /// How the addresses of a host are found.
    var addresses: (String?, Deadline, WaitInterruption) throws -> [String]? = HostAddresses.of

    /// The first connection that can be had; else throws what was wrong with each of the hosts.
    func run() throws -> ConnectionHandle {
        var failures: [ConnectFailure] = []
        for candidate in parameters.candidates {
            if !failures.isEmpty, end?.remaining == 0 { break }
            let limit = Deadline(in: .seconds(parameters.connectTimeout)).orSooner(end)
            do {
                return try open(candidate, until: limit)
            } catch let failure as ConnectFailure {
                failures.append(failure)
            }
        }
        guard var failure = ConnectFailure(failures) else { throw PostgresError.connectionLost(afterSending: false) }
        failure.openPasswordFile = parameters.openPasswordFile
        throw PostgresError.cannotConnect(failure)
    }

    /// Each address has its share of the time that is left, so that a silent one does not take that of the others.
    private func open(_ values: [String: String], until limit: Deadline) throws -> ConnectionHandle {
        var addresses: [String?] = [nil]
        let place = "\(values["host"] ?? "the server"), port \(values["port"] ?? "5432")"
        if values["hostaddr"] == nil {
            do {
                addresses = try self.addresses(values["host"], limit, interruption) ?? [nil]
            } catch PostgresError.timedOut {
                addresses = []
            }
            guard !addresses.isEmpty else { throw ConnectFailure(cause: .hostUnknown, place: place) }
        }
        var failure: ConnectFailure?
        for (index, address) in addresses.enumerated() {
            var values = values
            if let address { values["hostaddr"] = address }
            let share = limit.remaining / (addresses.count - index)
            do {
                let handle = try ConnectionHandle(starting: values)
                try handle.finishConnecting(until: Deadline(in: .milliseconds(share)), interruption)
                return handle
            } catch PostgresError.cannotConnect(let found) {
                failure = found
                // Somebody who answers at one address is not sought at another.
                if found.sqlState != nil { break }
            }
        }
        throw failure ?? ConnectFailure(cause: .timedOut, place: place)
    }
}
