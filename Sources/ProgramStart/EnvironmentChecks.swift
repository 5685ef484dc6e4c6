import PostgresClient

extension SettingsDocument {
    /// Throws where two of the databases that can be chosen are the same: one of their names would be a lie. What cannot be
    /// read as an address is told once it is used.
    func checkDifferent() throws(SettingsError) {
        var known: [(name: String, place: DatabasePlace)] = []
        for (name, choice) in try choices() {
            let address = try address(of: choice) ?? ""
            guard let place = try? DatabasePlace(address) else { continue }
            if let twin = known.first(where: { $0.place == place }) {
                throw .sameDatabase(path: path, line: lineOfEnvironment(name), twin.name, name)
            }
            known.append((name, place))
        }
    }

    /// The address of what was chosen; nil where the file says nothing of it.
    public func address(of choice: DatabaseChoice) throws(SettingsError) -> String? {
        switch choice {
        case .variable: nil
        case .top: try databaseAddress()
        case .environment(let name): try databaseAddress(of: name)
        }
    }
}

extension DatabaseChoice {
    /// Throws where a variable of libpq would lead the address of an environment to somewhere else.
    public static func check(_ address: String, of name: String, _ environment: [String: String]) throws(SettingsError)
    {
        guard let place = try? DatabasePlace(address) else { return }
        for open in place.leftOpen where environment[open.variable]?.isEmpty == false {
            throw .leftOpen(environment: name, key: open.what, variable: open.variable)
        }
    }
}
