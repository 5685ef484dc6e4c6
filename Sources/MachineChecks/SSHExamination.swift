internal import Glibc
internal import SSHAccess
package import SchemaMaintenance

/// Looks at what sshd says of this run, and at what the settings let it run.
package struct SSHExamination {
    /// The commands that the settings allow; nil where there are no settings.
    package var commands: [String]?
    /// Where they are from.
    package var settingsFile: String?
    /// The process's variables.
    package var environment: [String: String]

    /// Looks at a run with these settings.
    package init(commands: [String]?, settingsFile: String?, environment: [String: String]) {
        (self.commands, self.settingsFile, self.environment) = (commands, settingsFile, environment)
    }

    /// What is found.
    package func findings() -> [Finding] { [allowed(), signIn()].compactMap { $0 } }

    private func allowed() -> Finding? {
        guard let commands, Confinement.isInForce || !commands.isEmpty else { return nil }
        if Confinement.isInForce, let settingsFile, Self.belongsToUser(settingsFile) {
            return Finding(
                "ssh-commands", .problem,
                "\(settingsFile) belongs to this user, who could allow themselves more by any other way to it.",
                mend: "chown root \(settingsFile)")
        }
        let names = commands.map { "“\($0)”" }.joined(separator: ", ")
        return Finding(
            "ssh-commands",
            "Where sshd forces “convonet-admin forced-command”, "
                + (names.isEmpty ? "there is only the console." : "these can be run: \(names)."))
    }

    private func signIn() -> Finding? {
        guard let origin = SSHOrigin(environment: environment) else { return nil }
        if let signIn = origin.signIn {
            let words = signIn.fields.map { "\($0.label) \($0.text)" }.joined(separator: "; ")
            return Finding("ssh-key", "The log names what was signed in with on SSH: \(words).")
        }
        guard environment["SSH_USER_AUTH"] != nil else {
            return Finding(
                "ssh-key", .warning, "sshd does not say by which key somebody signed in, so the log cannot name it.",
                mend: "Set “ExposeAuthInfo yes” in sshd_config; after sudo it is not known anyway.")
        }
        return Finding(
            "ssh-key", .warning,
            "What sshd says of the key (SSH_USER_AUTH) cannot be read, so the log does not name it.",
            mend: "Run the program as the user who signed in.")
    }

    private static func belongsToUser(_ path: String) -> Bool {
        var state = stat()
        return getuid() != 0 && stat(path, &state) == 0 && (state.st_uid == getuid() || access(path, W_OK) == 0)
    }
}
