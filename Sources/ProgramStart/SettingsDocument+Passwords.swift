extension SettingsDocument {
    /// The file of leaked passwords that both programs hold typed ones against; nil where none is named.
    public func breachedPasswords() throws(SettingsError) -> String? {
        guard let path = try text("breached_passwords", in: "passwords") else { return nil }
        // A console may be started anywhere.
        guard path.hasPrefix("/") else {
            throw wrong(
                "breached_passwords", in: "passwords", "must be a full path, such as \"/var/lib/breached.filter\"")
        }
        return path
    }
}
