import PostgresClient

extension SettingsDocument {
    /// The command that says the password of what was chosen; nil where there is none.
    ///
    /// As a password, it is for one user at one server: where a variable or an environment names another, it is not asked.
    public func passwordCommand(of choice: DatabaseChoice) throws(SettingsError) -> PasswordCommand? {
        guard let address = try address(of: choice) else {
            return choice == .top ? try ownPasswordCommand() : nil
        }
        var document = self
        if case .environment(let name) = choice {
            let own = environment(name)
            if try own.saysPasswordCommand() ? true : own.namesServer() { document = own }
        }
        guard let command = try document.ownPasswordCommand() else { return nil }
        // What is no address is told once it is used.
        if let place = try? DatabasePlace(address), place.saysPassword {
            throw document.wrong(
                PasswordCommand.key, in: "database",
                "cannot be combined with a password or passfile in the address: remove one of them")
        }
        return command
    }

    /// Whether these tables have one of their own.
    func saysPasswordCommand() throws(SettingsError) -> Bool {
        try texts(PasswordCommand.key, in: "database") != nil
    }

    /// Whether these tables name another server or user than the top of the file does, or a password.
    private func namesServer() throws(SettingsError) -> Bool {
        if try integer("port", in: "database", 1...65535, "a port number") != nil { return true }
        for key in ["url", "host", "user", "password"] where try text(key, in: "database") != nil { return true }
        return false
    }

    private func ownPasswordCommand() throws(SettingsError) -> PasswordCommand? {
        guard let command = try texts(PasswordCommand.key, in: "database") else { return nil }
        guard command.first?.hasPrefix("/") == true else {
            throw wrong(
                PasswordCommand.key, in: "database",
                "must be a program's full path and its arguments, each a text of its own")
        }
        try requireSure(PasswordCommand.key, in: "database")
        return PasswordCommand(arguments: command, setting: "\(PasswordCommand.key) under [\(path(of: "database"))]")
    }

    /// Refuses what names a program where others can change the file: they could have those run anything who use it.
    public func requireSure(_ key: String, in table: String) throws(SettingsError) {
        guard isOpenToChanges else { return }
        throw wrong(
            key, in: table,
            "is taken only from a file that belongs to you or to root and that nobody else can change: chown and chmod "
                + "go-w it, or remove \(key)")
    }
}
