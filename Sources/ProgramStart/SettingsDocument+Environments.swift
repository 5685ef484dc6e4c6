internal import TOMLKit

/// Several databases in one file: `[environments.NAME]` has the tables that belong to a database, and what they do not say
/// is as at the top of the file.
extension SettingsDocument {
    /// The tables of which each environment may have its own.
    public static let environmentTables = ["database", "schema"]

    /// The names of the environments, in the order of the alphabet.
    public var environmentNames: [String] { (root["environments"]?.table?.keys ?? []).sorted() }

    /// What stands under `[environments.NAME]`: its tables are called as those of the file. Empty where nothing does.
    public func environment(_ name: String) -> SettingsDocument {
        SettingsDocument(
            root["environments"]?.table?[name]?.table ?? TOMLTable(), at: ["environments", name], of: self)
    }

    /// The environment that is used where none is named; nil where the file's own database is.
    public func usualEnvironment() throws(SettingsError) -> String? {
        guard saysUsualEnvironment, let name = try text("environment", in: nil) else { return nil }
        guard environmentNames.contains(name) else {
            throw wrong(
                "environment", in: nil, "must be one of \(SettingsError.list(environmentNames, or: "no environments"))")
        }
        return name
    }

    /// Whether one of the environments is the usual one, so that the tables at the top are only what they have in common.
    var saysUsualEnvironment: Bool { root["environment"]?.string != nil }

    /// Whether these tables name a database of their own, and not only what others have in common.
    public func namesDatabase() throws(SettingsError) -> Bool {
        for key in ["url", "host", "name"] where try text(key, in: "database") != nil { return true }
        return false
    }

    /// The database's address as the file says it, by one URL or in parts; nil where it says nothing.
    public func databaseAddress() throws(SettingsError) -> String? { try addressParts().address }

    /// The address of an environment. Its URL stands for itself; its parts are completed by those at the top of the file.
    public func databaseAddress(of name: String) throws(SettingsError) -> String {
        let own = environment(name)
        let (parts, common) = (try own.addressParts(), try addressParts())
        let isNamed = try own.namesDatabase() ? true : namesDatabase()
        var whole = try parts.completed(by: common, in: own)
        // One that has its own way to a password needs no other.
        if try own.saysPasswordCommand() { whole.password = parts.password }
        guard isNamed, let address = whole.address else {
            throw .malformed(
                path: path, line: own.line(of: nil, in: nil),
                reason: "the environment “\(name)” names no database: give it url, or host and name, under "
                    + "[environments.\(name).database]")
        }
        return address
    }

    /// What `[database]` says of the place.
    private struct AddressParts {
        var url: String?
        var host: String?
        var port: String?
        var name: String?
        var user: String?
        var password: String?

        var hasParts: Bool { [host, port, name, user, password].contains { $0 != nil } }

        var address: String? {
            if let url { return url }
            guard hasParts else { return nil }
            return DatabaseAddress.keywords(host: host, port: port, name: name, user: user, password: password)
        }

        func completed(
            by common: AddressParts, in document: SettingsDocument
        ) throws(SettingsError) -> AddressParts {
            if url != nil { return self }
            guard hasParts else { return common }
            guard common.url == nil else {
                let key = [("host", host), ("port", port), ("name", name), ("user", user)].first { $0.1 != nil }?.0
                throw document.wrong(
                    key ?? "password", in: "database",
                    "cannot complete the url at the top of the file: give this environment a url of its own")
            }
            var whole = self
            // A password is for one person at one server: no other server is ever sent it.
            if host == nil, port == nil, user == nil { whole.password = password ?? common.password }
            (whole.host, whole.port) = (host ?? common.host, port ?? common.port)
            (whole.name, whole.user) = (name ?? common.name, user ?? common.user)
            return whole
        }
    }

    private func addressParts() throws(SettingsError) -> AddressParts {
        let parts = AddressParts(
            url: try text("url", in: "database"), host: try text("host", in: "database"),
            port: try integer("port", in: "database", 1...65535, "a port number").map { String($0) },
            name: try text("name", in: "database"), user: try text("user", in: "database"),
            password: try text("password", in: "database"))
        guard parts.url == nil || !parts.hasParts else {
            throw wrong("url", in: "database", "cannot be combined with host, port, name, user or password")
        }
        return parts
    }
}
