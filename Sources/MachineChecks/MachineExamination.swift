internal import Glibc
package import SchemaMaintenance

/// Looks at the terminal, the locale, libpq's password file and the limits of this process, as `doctor` does.
package struct MachineExamination {
    /// Its variables.
    package var environment: [String: String]
    /// Where the system's log listens.
    package var logSocket: String

    /// Looks as a process with this environment.
    package init(environment: [String: String], logSocket: String = "/dev/log") {
        (self.environment, self.logSocket) = (environment, logSocket)
    }

    /// What is found.
    package func findings() -> [Finding] {
        [passwordFile()].compactMap { $0 } + [terminal(), locale(), lockedMemory(), systemLog()]
    }

    /// libpq ignores its password file where others have a right on it (its manual, 34.16).
    private func passwordFile() -> Finding? {
        let named = environment["PGPASSFILE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? environment["HOME"].map({ $0 + "/.pgpass" }) else { return nil }
        guard let mode = Self.mode(of: path) else {
            return named == nil
                ? nil
                : Finding(
                    "pgpass", .warning, "PGPASSFILE names \(path), which does not exist.", mend: "Correct or unset it.")
        }
        guard mode & 0o077 != 0 else { return Finding("pgpass", "Only you can read \(path).") }
        return Finding(
            "pgpass", .warning, "Others can read \(path), so libpq ignores it.",
            mend: "chmod 600 \(path)")
    }

    private static func mode(of path: String) -> mode_t? {
        var state = stat()
        return stat(path, &state) == 0 ? state.st_mode : nil
    }

    private func terminal() -> Finding {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 || isatty(STDERR_FILENO) == 1 else {
            return Finding("terminal", "Not on a terminal. Commands work without one; the console does not.")
        }
        switch environment["TERM"] ?? "" {
        case "", "dumb", "unknown":
            return Finding(
                "terminal", .warning, "TERM is not set to a terminal type, so the console cannot start.",
                mend: "export TERM=xterm-256color, or your terminal's type.")
        case let type where !isDescribed(type):
            return Finding(
                "terminal", .warning,
                "This machine does not know the terminal type \(type), so the console cannot start.",
                mend: "Install ncurses-term, or export TERM=xterm-256color.")
        case let type: return Finding("terminal", "Terminal type \(type).")
        }
    }

    /// Whether terminfo has an entry, where ncurses looks for it (terminfo(5), "Fetching Compiled Descriptions").
    private func isDescribed(_ type: String) -> Bool {
        let directories =
            [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }].compactMap { $0 }
            + (environment["TERMINFO_DIRS"]?.split(separator: ":").map(String.init) ?? [])
            + ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
        guard let first = type.first, !type.contains("/") else { return false }
        return directories.contains { access("\($0)/\(first)/\(type)", R_OK) == 0 }
    }

    /// The first of the three that is set decides (locale(7)).
    private func locale() -> Finding {
        let value = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = value.lowercased()
        if name.contains("utf-8") || name.contains("utf8") { return Finding("locale", "\(value).") }
        return Finding(
            "locale", .warning,
            "The locale \(value.isEmpty ? "is not set" : "\(value) is not UTF-8"); names may be garbled.",
            mend: "export LANG=C.UTF-8, and set the terminal to UTF-8.")
    }

    /// A page for each password in memory; a console holds a few at a time.
    private func lockedMemory() -> Finding {
        let wanted: rlim_t = 65536
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return Finding("locked-memory", "Passwords in memory cannot be swapped out.")
        }
        return Finding(
            "locked-memory", .warning,
            "Only \(limit.rlim_cur / 1024) KiB of memory may be locked (RLIMIT_MEMLOCK): passwords could be swapped out.",
            mend: "Raise memlock to 64 KiB or more in /etc/security/limits.conf.")
    }

    private func systemLog() -> Finding {
        if access(logSocket, W_OK) == 0 {
            return Finding("syslog", "Each new head of the audit log also goes to the system log (authpriv).")
        }
        return Finding(
            "syslog", .warning,
            "Nothing listens at \(logSocket): the audit log's heads are kept only in the database.",
            mend:
                "Run rsyslog or systemd-journald here, or make signed checkpoints: “convonet-admin audit checkpoint”.")
    }
}
