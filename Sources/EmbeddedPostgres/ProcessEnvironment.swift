import Glibc
import OperatingSystem

/// What is read from our environment, and the little that children get of it.
enum ProcessEnvironment {
    static func value(_ name: String) -> String? {
        guard let text = getenv(name) else { return nil }
        return String(cString: text)
    }

    /// Where programs are looked for by name; PATH is whatever the caller made of it.
    static var programDirectories: [String] {
        ProgramPath.directories.split(separator: ":").map(String.init)
    }

    /// A child's whole environment: no PG* variable of the caller's may change where it connects or how it behaves.
    static var forChildren: [String] {
        ["PATH=\(programDirectories.joined(separator: ":"))", "LC_ALL=C.UTF-8", "PGCLIENTENCODING=UTF8"]
    }
}
