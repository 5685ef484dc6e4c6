internal import CGlibc
internal import Glibc
package import OperatingSystem

/// What a process gives up for good that sshd forces on somebody who is to get no further.
public enum Confinement {
    /// The variables that still count, all of them of sshd's or of the terminal: no other can lead to a database, a file or a
    /// library that the system's administrator did not name.
    static let variables = [
        "TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "NO_COLOR", "HOME", "USER", "LOGNAME", "PATH", "SSH_CONNECTION",
        "SSH_USER_AUTH", "KRB5CCNAME",
    ]

    /// From now on no other variable is set, no file is opened by a name that somebody gives but `files`, and no other program
    /// can be started, whatever happens. To be called before there is a second thread.
    package static func begin(files: [String]) throws(SystemCallFailure) {
        // A zone by its name; one by a path would be a file that somebody names.
        let zone = getenv("TZ").map { String(cString: $0) } ?? ""
        let isPath = zone.hasPrefix(":") || zone.hasPrefix("/") || zone.contains("..")
        let names = variables.filter { !(isPath && $0 == "TZ") }.map { strdup($0) }
        defer { for name in names { free(name) } }
        var list: [UnsafePointer<CChar>?] = names.map { UnsafePointer($0) } + [nil]
        guard cg_keep_variables(&list) == 0 else { throw SystemCallFailure("setenv", "the environment") }
        NamedFiles.permitOnly(files)
        guard cg_forbid_programs() == 0 else { throw SystemCallFailure("seccomp", "execve") }
    }

    /// Whether this process gave that up.
    public static var isInForce: Bool { NamedFiles.isRestricted }
}
